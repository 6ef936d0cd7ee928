using System;
using System.Linq;

namespace Hybrid.Models.Inference;

/// <summary>A normal kernel over the cells of a histogram, mirrored at its ends, so that no mass is lost.</summary>
internal static class Smoothing
{
    public static double[] Along(double[] mass, double deviation)
    {
        if (!(deviation >= 0) || !double.IsFinite(deviation))
            throw new ArgumentOutOfRangeException(nameof(deviation), $"Marginals.Of: expected a smoothing ≥ 0 cells, got {deviation}.");
        if (deviation == 0) return mass;
        var reach = (int)Math.Ceiling(4 * deviation);
        var kernel = Enumerable.Range(-reach, (2 * reach) + 1).Select(i => Math.Exp(-i * i / (2 * deviation * deviation))).ToArray();
        var sum = kernel.Sum();
        var smooth = new double[mass.Length];
        for (var i = 0; i < mass.Length; i++)
        {
            if (mass[i] == 0) continue;
            for (var k = -reach; k <= reach; k++) smooth[Mirrored(i + k, mass.Length)] += mass[i] * kernel[k + reach] / sum;
        }
        return smooth;
    }

    public static double[][] Both(double[][] mass, double deviation)
    {
        if (deviation == 0) return mass;
        var rows = mass.Select(row => Along(row, deviation)).ToArray();
        var result = rows.Select(row => new double[row.Length]).ToArray();
        for (var column = 0; column < rows[0].Length; column++)
        {
            var along = Along(rows.Select(row => row[column]).ToArray(), deviation);
            for (var row = 0; row < along.Length; row++) result[row][column] = along[row];
        }
        return result;
    }

    private static int Mirrored(int place, int length)
    {
        var period = 2 * length;
        var folded = ((place % period) + period) % period;
        return folded < length ? folded : period - 1 - folded;
    }
}
