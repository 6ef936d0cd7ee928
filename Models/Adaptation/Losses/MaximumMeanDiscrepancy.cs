using Hybrid;

namespace Hybrid.Models.Adaptation;

/// <summary>
/// How far two sets of features lie apart: the squared maximum mean discrepancy mean k(s, s') + mean k(t, t') − 2 mean k(s, t), in which
/// every pair counts, also of a row with itself (Gretton et al. 2012, eq. 5). The kernel is the mean of five Gaussians exp(−d²/b), b being
/// 1/4, 1/2, 1, 2 and 4 times the mean squared distance of all rows, through which no gradient passes (Long et al. 2015, section 4.1).
/// At least 0; 0 for the same features.
/// </summary>
[Loss(Dims = "N:batch, M:batch, F")]
public partial class MaximumMeanDiscrepancy
{
    // Below any distance that means something; the same features have a mean distance of 0.
    private const double Tiny = 1e-12;

    [Spec]
    internal static Sym Value([Shape("N, F")] Sym source, [Shape("M, F")] Sym target)
    {
        var all = source.Cat(target, axis: 0); // (N + M, F)
        var width = Distances(all, all).Mean().Detach() + Tiny;
        return Kernel(Distances(source, source) / width).Mean() + Kernel(Distances(target, target) / width).Mean()
            - 2 * Kernel(Distances(source, target) / width).Mean();
    }

    /// <summary>|a − b|² of every row of one with every row of the other. Rounding may leave less than 0.</summary>
    [Block]
    private static Sym Distances(Sym a, Sym b)
    {
        var inner = a.MatMul(b.Transpose());
        var left = a.Square().Sum(1, keep: true).Broadcast();
        var right = b.Square().Sum(1, keep: true).Transpose().Broadcast();
        return (left + right - 2 * inner).Relu();
    }

    [Block]
    private static Sym Kernel(Sym d) => ((-4 * d).Exp() + (-2 * d).Exp() + (-1 * d).Exp() + (-0.5 * d).Exp() + (-0.25 * d).Exp()) / 5;
}
