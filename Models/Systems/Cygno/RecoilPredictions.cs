using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>What a network says of images, beside what they are; a value an image.</summary>
/// <param name="Nuclear">Whether it is a nuclear recoil.</param>
/// <param name="EnergyKeV">Its energy.</param>
/// <param name="Score">The logarithm of the odds that it is nuclear, any real number.</param>
/// <param name="EstimatedKeV">The estimate of its energy.</param>
public sealed record RecoilPredictions(bool[] Nuclear, double[] EnergyKeV, double[] Score, double[] EstimatedKeV)
{
    /// <summary>Images.</summary>
    public int Count => Nuclear.Length;

    /// <summary>The probability that each is nuclear, in [0, 1]: the classifier's response.</summary>
    public double[] Response => Score.Select(score => 1 / (1 + Math.Exp(-score))).ToArray();

    /// <summary>The images for which a condition holds.</summary>
    public RecoilPredictions Where(Func<int, bool> keeps)
    {
        var kept = Enumerable.Range(0, Count).Where(keeps).ToArray();
        return new(
            kept.Select(i => Nuclear[i]).ToArray(), kept.Select(i => EnergyKeV[i]).ToArray(), kept.Select(i => Score[i]).ToArray(),
            kept.Select(i => EstimatedKeV[i]).ToArray());
    }

    /// <summary>
    /// Scores by a trained network, averaged over the eight rotations and reflections of each image, which the detector does not
    /// distinguish.
    /// </summary>
    /// <param name="network">In evaluation mode.</param>
    /// <param name="isNuclear">Of each class of the network, whether it is a nuclear recoil's.</param>
    /// <param name="batches">Batches of <c>image</c> (B, 1, 128, 128), <c>nuclear</c> and <c>energy</c> (B), each row once.</param>
    /// <param name="device">Where the network is.</param>
    public static RecoilPredictions Of(RecoilNetwork network, IReadOnlyList<bool> isNuclear, IBatchSource batches, Device device)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(isNuclear);
        ArgumentNullException.ThrowIfNull(batches);
        if (!isNuclear.Contains(true) || !isNuclear.Contains(false))
            throw new ArgumentException("RecoilPredictions: expected classes of both kinds, got one kind alone.", nameof(isNuclear));
        var (nuclear, energy, scores, estimates) = (new List<bool>(), new List<double>(), new List<double>(), new List<double>());
        using var signal = tensor(Places(true), device: device);
        using var background = tensor(Places(false), device: device);
        using var _ = no_grad();
        foreach (var batch in batches.Epoch(0, 0))
        {
            using var scope = NewDisposeScope();
            var (score, estimate) = Predict(network, batch["image"].to(device), signal, background);
            nuclear.AddRange(batch["nuclear"].data<long>().Select(value => value == 1));
            energy.AddRange(batch["energy"].data<float>().Select(value => (double)value));
            scores.AddRange(score.cpu().to(ScalarType.Float64).data<double>());
            estimates.AddRange(estimate.cpu().to(ScalarType.Float64).data<double>());
        }
        return new([.. nuclear], [.. energy], [.. scores], [.. estimates]);

        long[] Places(bool kind) => Enumerable.Range(0, isNuclear.Count).Where(i => isNuclear[i] == kind).Select(i => (long)i).ToArray();
    }

    /// <summary>Log odds of a nuclear recoil, and energy in keV: (B) each.</summary>
    internal static (Tensor Score, Tensor EnergyKeV) Predict(RecoilNetwork network, Tensor image, Tensor signal, Tensor background)
    {
        Tensor? logProbabilities = null, energy = null;
        for (var turn = 0; turn < 8; turn++)
        {
            var (classes, share) = network.forward(Turned(image, turn));
            var these = classes.log_softmax(1);
            logProbabilities = logProbabilities is null ? these : logProbabilities + these;
            energy = energy is null ? share : energy + share;
        }
        logProbabilities = logProbabilities! / 8;
        var score = logProbabilities.index_select(1, signal).logsumexp(1) - logProbabilities.index_select(1, background).logsumexp(1);
        return (score, energy! * (RecoilTraining.EnergyScaleKeV / 8));
    }

    /// <summary>One of the eight rotations and reflections of images (B, C, H, H).</summary>
    /// <param name="image">The images.</param>
    /// <param name="turn">0 to 7: bit 0 reflects rows, bit 1 columns, bit 2 swaps the two.</param>
    internal static Tensor Turned(Tensor image, int turn)
    {
        if ((turn & 1) != 0) image = image.flip(2);
        if ((turn & 2) != 0) image = image.flip(3);
        return (turn & 4) != 0 ? image.transpose(2, 3).contiguous() : image;
    }
}
