using System;
using System.Linq;
using System.Threading.Tasks;
using Hybrid.Data.Statistics;

namespace Hybrid.Models.Evaluation;

/// <summary>A number from a sample and the interval that bootstrap gives it.</summary>
/// <param name="Value">Of the sample itself.</param>
/// <param name="Low">2.5th percentile over resamples.</param>
/// <param name="High">97.5th percentile over resamples.</param>
public sealed record Bootstrapped(double Value, double Low, double High)
{
    /// <summary>As a difference in a table: <c>+0.021 (−0.003 to +0.044)</c>, with hyphens as signs.</summary>
    public string AsDifference()
        => FormattableString.Invariant($"{Value:+0.000;-0.000;0.000} ({Low:+0.000;-0.000;0.000} to {High:+0.000;-0.000;0.000})");
}

/// <summary>Intervals of numbers that have no formula, by drawing the sample again with repetition. Efron 1979.</summary>
public static class Bootstrap
{
    /// <summary>A number that a sample gives, with its 95 % percentile interval.</summary>
    /// <param name="count">Members of the sample, ≥ 1.</param>
    /// <param name="statistic">The number, of members by their places in the sample, some several times. Called on several threads.</param>
    /// <param name="resamples">How often the sample is drawn again, ≥ 1.</param>
    /// <param name="seed">Of the draws; they do not depend on the number of threads.</param>
    /// <exception cref="ArgumentOutOfRangeException">The sample is empty, or there are no resamples.</exception>
    public static Bootstrapped Of(int count, Func<int[], double> statistic, int resamples = 1000, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(statistic);
        if (count < 1)
            throw new ArgumentOutOfRangeException(nameof(count), $"Bootstrap: expected a sample of at least one, got {count}.");
        if (resamples < 1)
            throw new ArgumentOutOfRangeException(nameof(resamples), $"Bootstrap: expected at least one resample, got {resamples}.");
        var draws = new double[resamples];
        Parallel.For(0, resamples, r => draws[r] = statistic(Draw(count, seed, r)));
        return new Bootstrapped(
            statistic([.. Enumerable.Range(0, count)]), Percentile.Of(draws, 2.5), Percentile.Of(draws, 97.5));
    }

    /// <summary>Places of a sample drawn again: of each resample the same in every call.</summary>
    internal static int[] Draw(int count, long seed, int resample)
    {
        var random = SeededRandom.For(seed, resample);
        var places = new int[count];
        for (var i = 0; i < count; i++) places[i] = random.Next(count);
        return places;
    }
}
