using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Models.Evaluation;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>
/// A method's runs and the baseline's of the same folds and seeds: how much better it is, with an interval over galaxies. Images of a
/// galaxy are drawn again together, and the same ones for both.
/// </summary>
internal sealed class PairedRuns
{
    private readonly (Ranked Method, Ranked Baseline, int Start)[] _pairs;
    private readonly int[] _groups;

    public PairedRuns(IEnumerable<LensRun> method, IEnumerable<LensRun> baseline)
    {
        var others = baseline.ToDictionary(run => (run.Fold, run.Seed));
        var (starts, groups) = (new Dictionary<int, int>(), new List<int>());
        var pairs = new List<(Ranked, Ranked, int)>();
        foreach (var run in method)
        {
            if (!others.TryGetValue((run.Fold, run.Seed), out var other)) continue;
            if (other.Scores.Count != run.Scores.Count)
                throw new ArgumentException(
                    $"LensComparison: expected the {other.Scores.Count} test images of the baseline in fold {run.Fold}, "
                        + $"got {run.Scores.Count}.",
                    nameof(method));
            if (starts.TryAdd(run.Fold, groups.Count)) groups.AddRange(run.Scores.Galaxy);
            pairs.Add((new Ranked(run.Scores), new Ranked(other.Scores), starts[run.Fold]));
        }
        (_pairs, _groups) = ([.. pairs], [.. groups]);
    }

    public Bootstrapped? AucGain(int resamples) => Gain(resamples, (ranked, weights, start) => ranked.Auc(weights, start));

    public Bootstrapped? AccuracyGain(int resamples) => Gain(resamples, (ranked, weights, start) => ranked.Accuracy(weights, start));

    private Bootstrapped? Gain(int resamples, Func<Ranked, int[], int, double> value)
    {
        if (_pairs.Length == 0) return null;
        return GroupedBootstrap.Of(
            _groups,
            chosen =>
            {
                var weights = new int[_groups.Length];
                foreach (var i in chosen) weights[i]++;
                return _pairs.Average(pair => value(pair.Method, weights, pair.Start) - value(pair.Baseline, weights, pair.Start));
            },
            resamples);
    }

    /// <summary>Scores in ascending order, once for all resamples.</summary>
    private sealed class Ranked
    {
        private readonly int[] _order;
        private readonly double[] _score;
        private readonly bool[] _isLens;

        public Ranked(LensScores scores)
        {
            (_score, _isLens) = (scores.Score, scores.IsLens);
            _order = Enumerable.Range(0, scores.Count).OrderBy(i => _score[i]).ToArray();
        }

        /// <summary>Area under the characteristic of samples with multiplicities; NaN without one kind.</summary>
        public double Auc(int[] weights, int start)
        {
            var (below, right, lenses) = (0.0, 0.0, 0.0);
            for (var i = 0; i < _order.Length;)
            {
                var (tiedLenses, tiedOthers, j) = (0.0, 0.0, i);
                for (; j < _order.Length && _score[_order[j]] == _score[_order[i]]; j++)
                {
                    var weight = weights[start + _order[j]];
                    if (_isLens[_order[j]]) tiedLenses += weight;
                    else tiedOthers += weight;
                }
                right += tiedLenses * (below + (tiedOthers / 2));
                below += tiedOthers;
                lenses += tiedLenses;
                i = j;
            }
            return lenses == 0 || below == 0 ? double.NaN : right / (lenses * below);
        }

        /// <summary>Balanced accuracy at log odds of 0; NaN without one kind.</summary>
        public double Accuracy(int[] weights, int start)
        {
            var (lenses, found, others, rejected) = (0.0, 0.0, 0.0, 0.0);
            for (var i = 0; i < _score.Length; i++)
            {
                var weight = weights[start + i];
                if (_isLens[i])
                {
                    lenses += weight;
                    if (_score[i] >= 0) found += weight;
                }
                else
                {
                    others += weight;
                    if (_score[i] < 0) rejected += weight;
                }
            }
            return lenses == 0 || others == 0 ? double.NaN : 0.5 * ((found / lenses) + (rejected / others));
        }
    }
}
