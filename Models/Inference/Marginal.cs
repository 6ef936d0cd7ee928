using System;
using System.Collections.Generic;
using System.Linq;

namespace Hybrid.Models.Inference;

/// <summary>The distribution of one parameter on a grid.</summary>
/// <param name="Values">Middles of the cells, of equal distance, rising.</param>
/// <param name="Density">At each, its integral 1.</param>
public sealed record Marginal(double[] Values, double[] Density)
{
    /// <summary>Distance of neighbouring values.</summary>
    public double Step => (Values[^1] - Values[0]) / (Values.Length - 1);

    /// <summary>P(θ ≤ value), linear inside a cell.</summary>
    public double Cumulative(double value)
    {
        var place = ((value - Values[0]) / Step) + 0.5; // cells from the lower end of the first
        if (place <= 0) return 0;
        if (place >= Values.Length) return 1;
        var whole = (int)place;
        var sum = 0.0;
        for (var i = 0; i < whole; i++) sum += Density[i];
        return Math.Min(1, (sum + (Density[whole] * (place - whole))) * Step);
    }

    /// <summary>Middles of the cells that cut a range into equal parts.</summary>
    /// <param name="range">Low &lt; high.</param>
    /// <param name="cells">At least 2.</param>
    public static double[] Grid((double Low, double High) range, int cells)
    {
        if (cells < 2) throw new ArgumentOutOfRangeException(nameof(cells), $"Marginal.Grid: expected at least 2 cells, got {cells}.");
        return Enumerable.Range(0, cells).Select(i => range.Low + ((range.High - range.Low) * (i + 0.5) / cells)).ToArray();
    }

    internal static Marginal Of(double[] values, double[] mass)
    {
        var scale = mass.Sum() * (values[^1] - values[0]) / (values.Length - 1);
        return new Marginal(values, mass.Select(one => one / scale).ToArray());
    }
}

/// <summary>The joint distribution of two parameters on a grid.</summary>
/// <param name="Rows">Values of the first parameter, (n).</param>
/// <param name="Columns">Values of the second, (m).</param>
/// <param name="Density">(n, m), its integral 1.</param>
public sealed record JointMarginal(double[] Rows, double[] Columns, double[][] Density)
{
    internal static JointMarginal Of(double[] rows, double[] columns, double[][] mass)
    {
        var cell = (rows[^1] - rows[0]) / (rows.Length - 1) * (columns[^1] - columns[0]) / (columns.Length - 1);
        var scale = mass.Sum(row => row.Sum()) * cell;
        return new JointMarginal(rows, columns, mass.Select(row => row.Select(one => one / scale).ToArray()).ToArray());
    }
}

/// <summary>Every parameter's and every pair's distribution: what a corner plot shows.</summary>
/// <param name="Single">(P).</param>
/// <param name="Pairs">Of parameters (i, j), i &gt; j: rows are j's values, columns i's.</param>
public sealed record Marginals(IReadOnlyList<Marginal> Single, IReadOnlyDictionary<(int Second, int First), JointMarginal> Pairs)
{
    /// <summary>Of weighted draws: histograms over the range, smoothed by a normal kernel.</summary>
    /// <param name="samples">The draws; those outside the range do not count.</param>
    /// <param name="range">Of each parameter.</param>
    /// <param name="cells">Of a parameter's grid.</param>
    /// <param name="smoothing">The kernel's deviation in cells; 0: none. At the range's ends it is folded back.</param>
    public static Marginals Of(
        WeightedSamples samples, IReadOnlyList<(double Low, double High)> range, int cells = 100, double smoothing = 0)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(range);
        if (range.Count != samples.Dimension)
            throw new ArgumentException(
                $"Marginals.Of: expected a range for each of {samples.Dimension} parameters, got {range.Count}.", nameof(range));
        var grids = range.Select(side => Marginal.Grid(side, cells)).ToArray();
        var places = samples.Parameters.Select(row => row.Select((value, p) => Place(value, range[p], cells)).ToArray()).ToArray();
        return new Marginals(
            grids.Select((grid, p) =>
            {
                var mass = new double[cells];
                for (var i = 0; i < places.Length; i++)
                {
                    if (places[i][p] >= 0) mass[places[i][p]] += samples.Weights[i];
                }
                Require(mass.Sum(), p, range[p]);
                return Marginal.Of(grid, Smoothing.Along(mass, smoothing));
            }).ToArray(),
            AllPairs(grids.Length).ToDictionary(pair => pair, pair =>
            {
                var mass = grids[pair.First].Select(_ => new double[cells]).ToArray();
                for (var i = 0; i < places.Length; i++)
                {
                    var (row, column) = (places[i][pair.First], places[i][pair.Second]);
                    if (row >= 0 && column >= 0) mass[row][column] += samples.Weights[i];
                }
                return JointMarginal.Of(grids[pair.First], grids[pair.Second], Smoothing.Both(mass, smoothing));
            }));
    }

    /// <summary>
    /// Of a density that is known up to a factor, by sums over the whole grid of one, two or three parameters.
    /// </summary>
    /// <param name="logDensity">ln p(θ) up to a constant; −∞ where it is zero.</param>
    /// <param name="range">Of each parameter.</param>
    /// <param name="cells">Of a parameter's grid.</param>
    /// <exception cref="ArgumentException">There are more than three parameters: draw from it instead.</exception>
    public static Marginals Of(Func<double[], double> logDensity, IReadOnlyList<(double Low, double High)> range, int cells = 100)
    {
        ArgumentNullException.ThrowIfNull(logDensity);
        ArgumentNullException.ThrowIfNull(range);
        if (range.Count is < 1 or > 3)
            throw new ArgumentException(
                $"Marginals.Of: expected one to three parameters on a grid, got {range.Count}. Draw from the density instead.",
                nameof(range));
        var grids = range.Select(side => Marginal.Grid(side, cells)).ToArray();
        var count = (int)Math.Pow(cells, grids.Length);
        var (logs, theta) = (new double[count], new double[grids.Length]);
        for (var i = 0; i < count; i++)
        {
            for (var (p, left) = (grids.Length - 1, i); p >= 0; p--, left /= cells) theta[p] = grids[p][left % cells];
            logs[i] = logDensity(theta);
        }
        var largest = logs.Max();
        if (!double.IsFinite(largest))
            throw new ArgumentException($"Marginals.Of: expected a density above 0 somewhere on the grid, its largest ln p is {largest}.");
        var single = grids.Select(_ => new double[cells]).ToArray();
        var joint = AllPairs(grids.Length).ToDictionary(pair => pair, _ => grids[0].Select(_ => new double[cells]).ToArray());
        for (var i = 0; i < count; i++)
        {
            var mass = Math.Exp(logs[i] - largest);
            var at = new int[grids.Length];
            for (var (p, left) = (grids.Length - 1, i); p >= 0; p--, left /= cells) at[p] = left % cells;
            for (var p = 0; p < at.Length; p++) single[p][at[p]] += mass;
            foreach (var (pair, cellsOf) in joint) cellsOf[at[pair.First]][at[pair.Second]] += mass;
        }
        return new Marginals(
            grids.Select((grid, p) => Marginal.Of(grid, single[p])).ToArray(),
            joint.ToDictionary(
                entry => entry.Key, entry => JointMarginal.Of(grids[entry.Key.First], grids[entry.Key.Second], entry.Value)));
    }

    private static IEnumerable<(int Second, int First)> AllPairs(int parameters)
        => Enumerable.Range(0, parameters).SelectMany(second => Enumerable.Range(0, second).Select(first => (second, first)));

    private static int Place(double value, (double Low, double High) side, int cells)
        => value < side.Low || value > side.High
            ? -1
            : Math.Min(cells - 1, (int)((value - side.Low) / (side.High - side.Low) * cells));

    private static void Require(double mass, int parameter, (double Low, double High) side)
    {
        if (!(mass > 0))
            throw new ArgumentException(
                FormattableString.Invariant($"Marginals.Of: expected draws of parameter {parameter + 1} in [{side.Low}, {side.High}], ")
                + "got none.");
    }
}
