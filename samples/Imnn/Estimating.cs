using System;
using System.IO;
using System.Linq;
using Hybrid.Data.Formats;
using Hybrid.Models.Systems.Imnn;
using Hybrid.Samples.CommandLine;
using static TorchSharp.torch;

namespace Hybrid.Samples.Imnn;

/// <summary>./hybrid imnn estimate: parameters of data by a trained network, θ̂ = θ_fid + F⁻¹ (∂μ/∂θ)ᵀ C⁻¹ (f(d) − μ).</summary>
internal static class Estimating
{
    /// <summary>Estimates all data of an npy file, (D) or (n, D).</summary>
    /// <param name="run">Folder of a run: its options, weights.safetensors and statistics.json.</param>
    /// <param name="data">The file.</param>
    /// <param name="output">A CSV file for the estimates; null prints them.</param>
    public static void Run(string run, string data, string? output)
    {
        using var trained = TrainedRun.Open(run);
        var array = Npy.Read(data);
        var size = trained.Options.Inputs;
        if (array.Rank is not (1 or 2) || array.Shape[^1] != size)
        {
            throw new InvalidDataException(
                $"{data}: expected ({size}) or (n, {size}) as the network of {run} takes, got ({string.Join(", ", array.Shape)}).");
        }
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var rows = tensor(array.ToSingles(), [array.Rank == 1 ? 1 : array.Shape[0], size]);
        Write(trained.Statistics, trained.Statistics.Estimate(trained.Fiducial, trained.Network.forward(rows)), output);
    }

    private static void Write(FisherStatistics statistics, double[][] estimates, string? output)
    {
        var names = Enumerable.Range(1, estimates[0].Length).Select(number => $"theta{number}").ToArray();
        var columns = names.Select((_, place) => estimates.Select(row => row[place]).ToArray()).ToArray();
        if (output is null) Catalogue.Print(Console.Out, names, columns);
        else Catalogue.Write(output, names, columns);
        var errors = statistics.InverseFisher.Select((row, i) => FormattableString.Invariant($"{names[i]} {Math.Sqrt(row[i]):g3}"));
        Console.Error.WriteLine(
            $"{Plural.Of(estimates.Length, "estimate")}; errors √diag F⁻¹: {string.Join(", ", errors)}");
    }
}
