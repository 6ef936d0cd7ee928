using System;
using System.Collections.Generic;
using Hybrid.Models.Evaluation;

namespace Hybrid.Models.Systems.Blase;

/// <summary>An estimated peak.</summary>
/// <param name="LogFrequency">log10 of the peak frequency, Hz.</param>
/// <param name="Deviation">Standard deviation of it, dex.</param>
public readonly record struct PeakEstimate(double LogFrequency, double Deviation);

/// <summary>What each network of an ensemble says of some SEDs.</summary>
public sealed class PeakPredictions
{
    private readonly double[][] _means;
    private readonly double[][] _variances;
    private readonly int _membersPerBag;

    /// <param name="means">log10 Hz, one array a network (bag by bag), each with a number for every SED.</param>
    /// <param name="variances">dex², likewise.</param>
    /// <param name="membersPerBag">Networks of a bag.</param>
    public PeakPredictions(double[][] means, double[][] variances, int membersPerBag)
        => (_means, _variances, _membersPerBag) = (means, variances, membersPerBag);

    /// <summary>log10 Hz by network and SED.</summary>
    public IReadOnlyList<double[]> Means => _means;

    /// <summary>dex² by network and SED.</summary>
    public IReadOnlyList<double[]> Variances => _variances;

    /// <summary>
    /// The estimate of one SED: by the networks that did not see its bag, or by all for a source of no bag (a negative one).
    /// </summary>
    /// <param name="sed">Its place.</param>
    /// <param name="bag">Its bag, or −1.</param>
    public PeakEstimate Estimate(int sed, int bag)
    {
        var bags = _means.Length / _membersPerBag;
        if (bag >= bags)
            throw new ArgumentOutOfRangeException(
                nameof(bag), $"PeakPredictions: expected a bag below {bags}, or −1 for a source that is in none, got {bag}.");
        var (first, count) = bag < 0 ? (0, _means.Length) : (bag * _membersPerBag, _membersPerBag);
        Span<double> means = stackalloc double[count <= 256 ? count : 0];
        if (count > 256) means = new double[count];
        Span<double> variances = count <= 256 ? stackalloc double[count] : new double[count];
        for (var k = 0; k < count; k++) (means[k], variances[k]) = (_means[first + k][sed], _variances[first + k][sed]);
        var (mean, variance) = NormalMixture.Combine(means, variances);
        return new PeakEstimate(mean, Math.Sqrt(variance));
    }
}
