using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Data.Lensing;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>
/// How often a radius is met among a survey's lenses against a training set: training radii are spread widely, a survey's lie about 1.2″,
/// and features of the two that were made alike as they come would have to move what says the radius.
/// </summary>
public static class RadiusShare
{
    private const int Bins = 12;

    /// <summary>The share of labels ln θ_E, (B, 1) to (B): the density of radii that are known of real lenses
    /// (<see cref="EinsteinRadii.LikeReal"/>; no label of the images to adapt on is read) over that of the training set.</summary>
    /// <param name="training">Radii of the training set, arcsec.</param>
    public static Func<Tensor, Tensor> Of(IReadOnlyList<double> training)
    {
        ArgumentNullException.ThrowIfNull(training);
        var known = EinsteinRadii.LikeReal;
        var logs = training.Select(radius => Math.Log(radius)).ToArray();
        var (low, high) = (logs.Min(), Math.Max(logs.Max(), logs.Min() + 1e-6));
        var width = (high - low) / Bins;
        int Bin(double log) => Math.Clamp((int)((log - low) / width), 0, Bins - 1);
        var counts = new double[Bins];
        foreach (var log in logs) counts[Bin(log)]++;
        var shares = Enumerable.Range(0, Bins).Select(bin =>
        {
            var middle = low + ((bin + 0.5) * width);
            if (counts[bin] == 0 || Math.Exp(middle) < known.Least || Math.Exp(middle) > known.Largest) return 0;
            var off = (middle - Math.Log(known.Median)) / known.Spread;
            return Math.Exp(-off * off / 2) / counts[bin];
        }).ToArray();
        // A set of radii that no lens has is taken as it is.
        if (shares.All(share => share == 0)) shares = [.. Enumerable.Repeat(1.0, Bins)];
        var largest = shares.Max();
        var table = shares.Select(share => (float)(share / largest)).ToArray();
        return label =>
        {
            using var scope = NewDisposeScope();
            var bin = ((label.flatten() - low) / width).floor().clamp(0, Bins - 1).to(ScalarType.Int64);
            // A batch without a likely radius is taken as it is.
            return (tensor(table, device: label.device).index_select(0, bin) + 1e-6).MoveToOuterDisposeScope();
        };
    }
}
