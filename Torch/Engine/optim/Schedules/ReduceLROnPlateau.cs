using System;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>Times factor after more than patience epochs without a better metric. Step it with the metric.</summary>
                public class ReduceLROnPlateau : LRScheduler
                {
                    private readonly bool _smallerIsBetter;
                    private readonly bool _relative;
                    private readonly double _factor;
                    private readonly int _patience;
                    private readonly double _threshold;
                    private readonly int _cooldown;
                    private readonly double[] _least;
                    private readonly double _epsilon;
                    private double _best;
                    private int _bad;
                    private int _cooling;

                    /// <param name="optimizer">The optimiser.</param>
                    /// <param name="mode">"min" or "max": which way the metric is better.</param>
                    /// <param name="factor">Below 1.</param>
                    /// <param name="patience">Epochs without a better metric that are tolerated.</param>
                    /// <param name="threshold">How much better counts.</param>
                    /// <param name="threshold_mode">"rel" (a share of the best) or "abs".</param>
                    /// <param name="cooldown">Epochs after a reduction in which nothing is counted.</param>
                    /// <param name="min_lr">Smallest rate of each group; one number serves all; 0 when null.</param>
                    /// <param name="eps">Smaller reductions are left out.</param>
                    /// <param name="verbose">Whether to print reductions.</param>
                    public ReduceLROnPlateau(Optimizer optimizer, string mode = "min", double factor = 0.1, int patience = 10, double threshold = 1e-4, string threshold_mode = "rel",
                        int cooldown = 0, IList<double>? min_lr = null, double eps = 1e-8, bool verbose = false)
                        : base(optimizer, -1, verbose)
                    {
                        if (factor >= 1) throw new ArgumentException($"ReduceLROnPlateau: expected factor below 1, got {factor}.", nameof(factor));
                        if (mode is not ("min" or "max")) throw new ArgumentException($"ReduceLROnPlateau: expected mode 'min' or 'max', got '{mode}'.", nameof(mode));
                        if (threshold_mode is not ("rel" or "abs"))
                            throw new ArgumentException($"ReduceLROnPlateau: expected threshold_mode 'rel' or 'abs', got '{threshold_mode}'.", nameof(threshold_mode));
                        (_smallerIsBetter, _relative, _factor, _patience) = (mode == "min", threshold_mode == "rel", factor, patience);
                        (_threshold, _cooldown, _epsilon) = (threshold, cooldown, eps);
                        _least = min_lr switch
                        {
                            null or { Count: 0 } => new double[Groups.Length],
                            { Count: 1 } => Enumerable.Repeat(min_lr[0], Groups.Length).ToArray(),
                            _ => PerGroup.Take(min_lr, Groups.Length, nameof(ReduceLROnPlateau), nameof(min_lr)),
                        };
                        _best = _smallerIsBetter ? double.PositiveInfinity : double.NegativeInfinity;
                        LastEpoch = 0;
                    }

                    public override void step() => throw NeedsMetric();

                    public override void step(int? epoch) => throw NeedsMetric();

                    private static InvalidOperationException NeedsMetric() => new("ReduceLROnPlateau.step: expected the metric to watch, as step(metric), got none.");

                    public override void step(double current, int? epoch = null)
                    {
                        _step_count++;
                        LastEpoch = epoch ?? LastEpoch + 1;
                        if (IsBetter(current)) (_best, _bad) = (current, 0);
                        else _bad++;
                        if (_cooling > 0)
                        {
                            _cooling--;
                            _bad = 0;
                        }
                        if (_bad > _patience)
                        {
                            Apply(Groups.Select((group, i) => Reduced(group.LearningRate, _least[i])).ToArray());
                            (_cooling, _bad) = (_cooldown, 0);
                        }
                        else
                        {
                            Apply(CurrentRates.ToArray());
                        }
                    }

                    private bool IsBetter(double metric)
                    {
                        var signed = _smallerIsBetter ? -_threshold : _threshold;
                        var bound = _relative ? _best * (1 + signed) : _best + signed;
                        return _smallerIsBetter ? metric < bound : metric > bound;
                    }

                    private double Reduced(double rate, double least)
                    {
                        var reduced = Math.Max(rate * _factor, least);
                        return rate - reduced > _epsilon ? reduced : rate;
                    }
                }
            }
        }
    }
}
