using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Models.Inference;
using Hybrid.Samples.CommandLine;

namespace Hybrid.Samples.Imnn;

/// <summary>What ./hybrid imnn posterior was asked.</summary>
/// <param name="Run">Folder of the run whose network compresses.</param>
/// <param name="Data">An npy file; null: a simulation at the fiducial parameters.</param>
/// <param name="Datum">Which row of it, from 0.</param>
/// <param name="Methods">Of <see cref="AllMethods"/>.</param>
/// <param name="Prior">"low..high" or "mean±deviation" for each parameter.</param>
/// <param name="Tolerances">ε of abc, in units of the error that F allows.</param>
/// <param name="Accepted">Draws that the smallest ε shall accept.</param>
/// <param name="Simulations">For the flow.</param>
/// <param name="Trials">Of simulation-based calibration; 0: none.</param>
/// <param name="Seed">Of everything random.</param>
/// <param name="Threads">Of tensor operations.</param>
public sealed record PosteriorOptions(
    string Run, string? Data, int Datum, string[] Methods, string Prior, double[] Tolerances, int Accepted, int Simulations, int Trials,
    long Seed, int Threads)
{
    public const string Gaussian = "gaussian", Abc = "abc", Pmc = "pmc", Flow = "flow";

    public static string[] AllMethods => [Gaussian, Abc, Pmc, Flow];

    /// <summary>The prior of "--prior low..high,low..high": uniform ranges, or "mean±deviation" for normal ones.</summary>
    /// <exception cref="ArgumentException">It is something else.</exception>
    public static IPrior PriorOf(string text)
    {
        var parts = text.Split(',').Select(part => part.Trim()).ToArray();
        if (parts.All(part => part.Contains("..", StringComparison.Ordinal)))
            return new UniformPrior(parts.Select(part => Two(part, "..")).ToArray());
        if (parts.All(part => part.Contains('±') || part.Contains("+-", StringComparison.Ordinal)))
        {
            var pairs = parts.Select(part => Two(part.Replace("+-", "±", StringComparison.Ordinal), "±")).ToArray();
            return new NormalPrior(pairs.Select(pair => pair.Item1).ToArray(), pairs.Select(pair => pair.Item2).ToArray());
        }
        throw Fault(text);

        (double, double) Two(string part, string between)
        {
            var ends = part.Split(between);
            return ends.Length == 2 && Options.ParseNumber(ends[0]) is { } first && Options.ParseNumber(ends[1]) is { } second
                ? (first, second)
                : throw Fault(text);
        }
    }

    private static ArgumentException Fault(string text)
        => new(
            "--prior: expected a range such as -2..2 for each parameter, separated by commas, or mean+-deviation such as 0+-1, "
            + $"got '{text}'.");

    public void Check(int parameters)
    {
        var of = PriorOf(Prior).Range.Count;
        if (of != parameters)
            throw new ArgumentException($"--prior: expected {Plural.Of(parameters, "parameter")} as the run has, got {of} in '{Prior}'.");
        foreach (var method in Methods)
        {
            if (!AllMethods.Contains(method))
                throw new ArgumentException($"--method: expected {string.Join(", ", AllMethods)}, or several with commas, got '{method}'.");
        }
        if (Tolerances.Length == 0 || Tolerances.Any(one => !(one > 0)))
            throw new ArgumentException($"--tolerance: expected numbers > 0, got '{string.Join(",", Tolerances)}'.");
        Least("--datum", Datum, 0);
        Least("--accepted", Accepted, 10);
        Least("--simulations", Simulations, 100);
        if (Trials != 0) Least("--calibrate", Trials, 100);
    }

    private static void Least(string option, int value, int least)
    {
        if (value < least) throw new ArgumentException($"{option}: expected at least {least}, got {value}.");
    }
}

/// <summary>One method's posterior, as posterior.json has it.</summary>
/// <param name="Method">Of <see cref="PosteriorOptions.AllMethods"/>.</param>
/// <param name="Mean">(P).</param>
/// <param name="Deviation">(P).</param>
/// <param name="Median">(P).</param>
/// <param name="Low">16th percentile.</param>
/// <param name="High">84th percentile.</param>
/// <param name="Draws">In samples-METHOD.csv.</param>
/// <param name="Simulations">That it took.</param>
/// <param name="Seconds">That it took.</param>
/// <param name="Kolmogorov">Largest difference of each parameter's distribution from the analytic one; null where there is none.</param>
/// <param name="Note">What is to be known of it; empty: nothing.</param>
public sealed record PosteriorSummary(
    string Method, double[] Mean, double[] Deviation, double[] Median, double[] Low, double[] High, int Draws, long Simulations,
    double Seconds, double[]? Kolmogorov, string Note);

/// <summary>Of one parameter: whether the flow's posteriors are right on average.</summary>
/// <param name="ChiSquared">Of the ranks in 20 bins.</param>
/// <param name="Probability">Of one at least as large.</param>
public sealed record CalibrationSummary(double ChiSquared, double Probability);

/// <summary>posterior.json: what was asked and what came out.</summary>
public sealed record PosteriorReport(
    PosteriorOptions Options, double[] Estimate, double[] Errors, IReadOnlyList<PosteriorSummary> Methods,
    IReadOnlyList<CalibrationSummary>? Calibration);
