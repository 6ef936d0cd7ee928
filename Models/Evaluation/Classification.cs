using System;
using System.Collections.Generic;
using System.Linq;

namespace Hybrid.Models.Evaluation;

/// <summary>How good answers among several classes are.</summary>
/// <param name="Count">Samples.</param>
/// <param name="Accuracy">Share called by their class.</param>
/// <param name="BalancedAccuracy">Mean over the classes of the share of each called by it.</param>
/// <param name="Areas">Of each class against the others: the area under the characteristic; NaN of a class that is not there.</param>
/// <param name="MacroAuc">Mean of those there are.</param>
/// <param name="Confusion">Samples of each class (rows) called each class (columns).</param>
public sealed record Classification(
    int Count, double Accuracy, double BalancedAccuracy, IReadOnlyList<double> Areas, double MacroAuc,
    IReadOnlyList<IReadOnlyList<int>> Confusion)
{
    /// <summary>Judges answers.</summary>
    /// <param name="logProbability">Of each sample a value for each class, of which the largest is its answer.</param>
    /// <param name="label">The class of each sample.</param>
    /// <exception cref="ArgumentException">There are no samples, or numbers of values or labels do not fit.</exception>
    public static Classification Of(IReadOnlyList<double[]> logProbability, IReadOnlyList<int> label)
    {
        ArgumentNullException.ThrowIfNull(logProbability);
        ArgumentNullException.ThrowIfNull(label);
        if (label.Count == 0 || logProbability.Count != label.Count)
            throw new ArgumentException(
                $"Classification: expected a label for each of {logProbability.Count} samples, at least one, got {label.Count}.",
                nameof(label));
        var classes = logProbability[0].Length;
        var confusion = Enumerable.Range(0, classes).Select(_ => new int[classes]).ToArray();
        for (var i = 0; i < label.Count; i++)
        {
            if (logProbability[i].Length != classes || label[i] < 0 || label[i] >= classes)
                throw new ArgumentException(
                    $"Classification: expected {classes} values and a label in [0, {classes - 1}] of sample {i}, got "
                        + $"{logProbability[i].Length} and {label[i]}.",
                    nameof(label));
            confusion[label[i]][Answer(logProbability[i])]++;
        }
        var right = Enumerable.Range(0, classes).Sum(c => confusion[c][c]);
        var shares = Enumerable.Range(0, classes).Where(c => confusion[c].Sum() > 0)
            .Select(c => (double)confusion[c][c] / confusion[c].Sum()).ToArray();
        var areas = Enumerable.Range(0, classes).Select(c =>
        {
            var isOne = label.Select(value => value == c).ToArray();
            return isOne.Contains(true) && isOne.Contains(false)
                ? Roc.Area(logProbability.Select(values => values[c]).ToArray(), isOne).Auc
                : double.NaN;
        }).ToArray();
        var known = areas.Where(area => !double.IsNaN(area)).ToArray();
        return new Classification(
            label.Count, (double)right / label.Count, shares.Average(), areas, known.Length > 0 ? known.Average() : double.NaN, confusion);
    }

    /// <summary>The class of the largest value; the first of equal ones.</summary>
    public static int Answer(double[] logProbability)
    {
        ArgumentNullException.ThrowIfNull(logProbability);
        return Array.IndexOf(logProbability, logProbability.Max());
    }
}
