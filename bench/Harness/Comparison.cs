using System;
using System.Collections.Generic;
using System.Linq;

namespace Hybrid.Bench.Harness;

/// <summary>What a benchmark measured: one line of its table.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Ours">Ours, with unit, as printed.</param>
/// <param name="Peer">The peer's, with unit, as printed; empty where there is none.</param>
/// <param name="Ratio">Peer's time over ours, or whatever the target speaks of; NaN where there is none.</param>
/// <param name="Spread">Smallest and largest ratio of single rounds, as printed.</param>
/// <param name="Target">The figure to reach, as printed; empty where there is none.</param>
/// <param name="Reached">Whether it was reached; null where there is no target.</param>
public sealed record Measurement(string Name, string Ours, string Peer, double Ratio, string Spread, string Target, bool? Reached);

/// <summary>
/// Runs two contenders in turn (A B A B …) and compares them round by round: what slows the machine for a while slows both.
/// </summary>
public static class Comparison
{
    /// <param name="name">What is measured.</param>
    /// <param name="ours">Our side.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="rounds">Counted rounds; two more warm up both sides first.</param>
    /// <param name="target">The median ratio peer/ours to reach; NaN where there is none.</param>
    public static Measurement Run(string name, IContender ours, IContender peer, int rounds, double target = double.NaN)
    {
        for (var i = 0; i < 2; i++) { ours.RunBlock(); peer.RunBlock(); }
        var times = Enumerable.Range(0, rounds).Select(_ => (Ours: ours.RunBlock(), Peer: peer.RunBlock())).ToArray();
        var ratios = times.Select(t => t.Peer / t.Ours).Order().ToArray();
        var ratio = Median(ratios);
        return new Measurement(
            $"{name}\n{ours.Description} | {peer.Description}",
            Time(Median(times.Select(t => t.Ours))), Time(Median(times.Select(t => t.Peer))),
            ratio, FormattableString.Invariant($"{ratios[0]:0.00}–{ratios[^1]:0.00}"),
            double.IsNaN(target) ? "" : FormattableString.Invariant($"≥ {target:0.0#}×"), double.IsNaN(target) ? null : ratio >= target);
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0) throw new ArgumentException("expected at least one value", nameof(values));
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>A time with the unit that keeps it between 1 and 1000.</summary>
    public static string Time(double seconds) => seconds switch
    {
        < 1e-6 => FormattableString.Invariant($"{seconds * 1e9:0.0} ns"),
        < 1e-3 => FormattableString.Invariant($"{seconds * 1e6:0.00} µs"),
        < 1 => FormattableString.Invariant($"{seconds * 1e3:0.00} ms"),
        _ => FormattableString.Invariant($"{seconds:0.00} s"),
    };
}
