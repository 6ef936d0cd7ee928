using Hybrid;

namespace Hybrid.Models.Losses;

/// <summary>
/// Normalised temperature-scaled cross-entropy: two views of each example are to be nearer to each other than to any view of another. Chen
/// et al. 2020 (SimCLR), eq. 1.
/// </summary>
[Loss(Dims = "B:batch, D")]
[Derive(Variant.Ensemble, Variant.Tangent)]
public partial class NtXent
{
    /// <summary>τ, as in the paper's table 5.</summary>
    public const double Temperature = 0.5;

    // A view is not compared with itself: its similarity is far below all others.
    private const double Never = -1e9;

    [Spec]
    internal static Sym Value([Shape("B, D")] Sym first, [Shape("B, D")] Sym second)
    {
        var (left, right) = (first.Normalize(), second.Normalize());
        var views = left.Cat(right, axis: 0); // (2 B, D)
        var similarities = (views.MatMul(views.Transpose()) / Temperature).AddDiagonal(Never);
        return similarities.LogSumExp(1).Mean() - ((left * right).Sum(1) / Temperature).Mean();
    }
}
