using System;
using System.Linq;
using System.Threading.Tasks;
using Hybrid.Data.Statistics;
using Hybrid.Models.Engine;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Inference;

/// <summary>Draws of a prior with simulations at them. Draw i depends on the seed and i alone.</summary>
internal static class Simulations
{
    public static double[][] FromPrior(IPrior prior, ulong seed, long first, int count)
    {
        var key = unchecked((long)Seeds.Derive(seed, "prior"));
        var draws = new double[count][];
        Parallel.For(0, count, i => draws[i] = prior.Sample(SeededRandom.For(key, first + i)));
        return draws;
    }

    /// <summary>Summaries (n, S) in float64 of rows of parameters; what the simulator returns is checked.</summary>
    public static Tensor At(SummarySimulator simulator, ulong seed, long batch, double[][] parameters)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var generator = new Generator(Seeds.Derive(seed, FormattableString.Invariant($"simulations {batch}")));
        var summaries = simulator(generator, Matrix(parameters));
        if (summaries.dim() != 2 || summaries.size(0) != parameters.Length)
            throw new ArgumentException(
                $"SummarySimulator: expected summaries ({parameters.Length}, S) of as many parameters, got {ShapeText.Of(summaries)}.");
        var values = summaries.to(ScalarType.Float64).cpu();
        if (!values.isfinite().all().ToBoolean())
        {
            var row = values.isfinite().all(1).logical_not().nonzero()[0].ToInt64();
            throw new ArgumentException(
                $"SummarySimulator: expected finite summaries, got {string.Join(", ", values[row].data<double>().ToArray())} at parameters "
                + $"[{string.Join(", ", parameters[row])}]. Narrow the prior to where the simulator works.");
        }
        return values.MoveToOuterDisposeScope();
    }

    public static Tensor Matrix(double[][] rows) => tensor(rows.SelectMany(row => row).ToArray(), [rows.Length, rows[0].Length]);

    public static double[][] Rows(Tensor matrix)
    {
        var (flat, width) = (matrix.contiguous().data<double>().ToArray(), (int)matrix.size(1));
        return Enumerable.Range(0, (int)matrix.size(0)).Select(i => flat[(i * width)..((i + 1) * width)]).ToArray();
    }
}
