using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Hybrid.Data.Statistics;

namespace Hybrid.Models.Evaluation;

/// <summary>
/// Intervals for samples that are not independent: images of one galaxy share its pixels, so whole galaxies are drawn again, not images.
/// </summary>
public static class GroupedBootstrap
{
    /// <summary>A statistic with its 95 % interval over resamples of whole groups.</summary>
    /// <param name="groups">The group of each sample: its galaxy.</param>
    /// <param name="statistic">Of samples by their places, which may repeat. NaN where it does not exist, such as an area without
    /// negatives: that resample is left out.</param>
    /// <param name="resamples">How many, ≥ 1.</param>
    /// <param name="seed">Of the resampling.</param>
    /// <exception cref="ArgumentException">There are fewer than two groups, or the statistic exists in less than half of the
    /// resamples.</exception>
    public static Bootstrapped Of(IReadOnlyList<int> groups, Func<int[], double> statistic, int resamples = 1000, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(statistic);
        if (resamples < 1)
            throw new ArgumentOutOfRangeException(
                nameof(resamples), $"GroupedBootstrap: expected at least one resample, got {resamples}.");
        var members = Enumerable.Range(0, groups.Count).GroupBy(i => groups[i]).OrderBy(group => group.Key)
            .Select(group => group.ToArray()).ToArray();
        if (members.Length < 2)
            throw new ArgumentException($"GroupedBootstrap: expected at least two groups, got {members.Length}.", nameof(groups));
        var draws = new double[resamples];
        Parallel.For(0, resamples, r =>
        {
            var random = SeededRandom.For(seed, r);
            var chosen = new List<int>(groups.Count);
            for (var g = 0; g < members.Length; g++) chosen.AddRange(members[random.Next(members.Length)]);
            draws[r] = statistic([.. chosen]);
        });
        var found = draws.Where(value => !double.IsNaN(value)).ToArray();
        if (found.Length < (resamples + 1) / 2)
            throw new ArgumentException(
                $"GroupedBootstrap: the statistic exists in {found.Length} of {resamples} resamples; expected at least half. "
                    + "Take more groups.",
                nameof(statistic));
        return new Bootstrapped(
            statistic([.. Enumerable.Range(0, groups.Count)]), Percentile.Of(found, 2.5), Percentile.Of(found, 97.5));
    }
}
