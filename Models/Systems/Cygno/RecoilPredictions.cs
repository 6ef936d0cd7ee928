using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>What a network says of images whose truth is known; all arrays are as long as there are images.</summary>
/// <param name="Nuclear">Whether each is a nuclear recoil.</param>
/// <param name="EnergyKeV">Its energy.</param>
/// <param name="Score">The logarithm of the odds that it is nuclear, any real number.</param>
/// <param name="EstimatedKeV">The estimate of its energy, by the energies that there are where they are few (<see
/// cref="RecoilReading"/>).</param>
/// <param name="RegressedKeV">The estimate that knows of no such list.</param>
/// <param name="ErrorKeV">The standard deviation that the network expects of it.</param>
public sealed record RecoilPredictions(
    bool[] Nuclear, double[] EnergyKeV, double[] Score, double[] EstimatedKeV, double[] RegressedKeV, double[] ErrorKeV)
{
    /// <summary>Images.</summary>
    public int Count => Nuclear.Length;

    /// <summary>The probability that each is nuclear, in [0, 1]: the classifier's response.</summary>
    public double[] Response => Score.Select(score => 1 / (1 + Math.Exp(-score))).ToArray();

    /// <summary>The images for which a condition holds.</summary>
    public RecoilPredictions Where(Func<int, bool> keeps)
    {
        var kept = Enumerable.Range(0, Count).Where(keeps).ToArray();
        return new(Of(Nuclear), Of(EnergyKeV), Of(Score), Of(EstimatedKeV), Of(RegressedKeV), Of(ErrorKeV));

        T[] Of<T>(T[] values) => kept.Select(i => values[i]).ToArray();
    }

    /// <summary>Reads every image once.</summary>
    /// <param name="reading">Of a network in evaluation mode.</param>
    /// <param name="batches">Batches of <c>image</c> (B, 1, 128, 128), <c>nuclear</c> and <c>energy</c> (B), each row once.</param>
    /// <param name="device">Where the network is.</param>
    public static RecoilPredictions Of(RecoilReading reading, IBatchSource batches, Device device)
    {
        ArgumentNullException.ThrowIfNull(reading);
        ArgumentNullException.ThrowIfNull(batches);
        var nuclear = new List<bool>();
        var columns = Enumerable.Range(0, 5).Select(_ => new List<double>()).ToArray();
        using var _ = no_grad();
        foreach (var batch in batches.Epoch(0, 0))
        {
            using var scope = NewDisposeScope();
            var read = reading.Read(batch["image"].to(device));
            nuclear.AddRange(batch["nuclear"].data<long>().Select(value => value == 1));
            Tensor[] values = [batch["energy"], read.Score, read.EstimatedKeV, read.RegressedKeV, read.ErrorKeV];
            for (var i = 0; i < values.Length; i++) columns[i].AddRange(values[i].cpu().to(ScalarType.Float64).data<double>());
        }
        return new([.. nuclear], [.. columns[0]], [.. columns[1]], [.. columns[2]], [.. columns[3]], [.. columns[4]]);
    }
}
