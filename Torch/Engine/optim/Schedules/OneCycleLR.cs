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
                /// <summary>Up from max_lr/div_factor to max_lr and down to nearly nothing, momentum the other way round (Smith and Topin 2018). Step it after each batch.</summary>
                public class OneCycleLR : LRScheduler
                {
                    private readonly (int Rate, double End)[] _ends;
                    private readonly AnnealStrategy _anneal;
                    private readonly CycledMomentum? _momentum;
                    private readonly int _total;
                    private readonly (double Start, double Top, double Last)[] _rates;

                    public enum AnnealStrategy
                    {
                        Cos,
                        Linear,
                    }

                    public OneCycleLR(Optimizer optimizer, double max_lr, int total_steps = -1, int epochs = -1, int steps_per_epoch = -1, double pct_start = 0.3,
                        AnnealStrategy anneal_strategy = AnnealStrategy.Cos, bool cycle_momentum = true, double base_momentum = 0.85, double max_momentum = 0.95,
                        double div_factor = 25, double final_div_factor = 1e4, bool three_phase = false, int last_epoch = -1, bool verbose = false)
                        : this(optimizer, PerGroup.Same(max_lr, optimizer), total_steps, epochs, steps_per_epoch, pct_start, anneal_strategy, cycle_momentum,
                            PerGroup.Same(base_momentum, optimizer), PerGroup.Same(max_momentum, optimizer), div_factor, final_div_factor, three_phase, last_epoch, verbose)
                    {
                    }

                    /// <param name="optimizer">The optimiser.</param>
                    /// <param name="max_lr">Largest rate of each group.</param>
                    /// <param name="total_steps">Steps of the cycle; or give the next two.</param>
                    /// <param name="epochs">Epochs of the cycle.</param>
                    /// <param name="steps_per_epoch">Steps in an epoch.</param>
                    /// <param name="pct_start">Share of the cycle in which the rate rises.</param>
                    /// <param name="anneal_strategy">Half cosines or lines.</param>
                    /// <param name="cycle_momentum">Whether momentum (or Adam's beta1) moves the other way.</param>
                    /// <param name="base_momentum">Smallest momentum of each group; 0.85 when null.</param>
                    /// <param name="max_momentum">Largest momentum of each group; 0.95 when null.</param>
                    /// <param name="div_factor">Largest rate over the first.</param>
                    /// <param name="final_div_factor">First rate over the last.</param>
                    /// <param name="three_phase">Whether a third phase runs from the first rate to the last.</param>
                    /// <param name="last_epoch">Steps done, minus one.</param>
                    /// <param name="verbose">Whether to print changes.</param>
                    public OneCycleLR(Optimizer optimizer, IEnumerable<double> max_lr, int total_steps = -1, int epochs = -1, int steps_per_epoch = -1, double pct_start = 0.3,
                        AnnealStrategy anneal_strategy = AnnealStrategy.Cos, bool cycle_momentum = true, IEnumerable<double>? base_momentum = null, IEnumerable<double>? max_momentum = null,
                        double div_factor = 25, double final_div_factor = 1e4, bool three_phase = false, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        if (total_steps <= 0 && (epochs <= 0 || steps_per_epoch <= 0))
                            throw new ArgumentException("OneCycleLR: expected total_steps > 0, or epochs > 0 and steps_per_epoch > 0.", nameof(total_steps));
                        if (pct_start is < 0 or > 1) throw new ArgumentException($"OneCycleLR: expected pct_start in [0, 1], got {pct_start}.", nameof(pct_start));
                        _total = total_steps > 0 ? total_steps : epochs * steps_per_epoch;
                        _anneal = anneal_strategy;
                        var rise = pct_start * _total - 1;
                        // Each phase: which of a group's rates it ends at (1: the largest, 0: the first, 2: the last) and the step of its end.
                        (int Rate, double End)[] phases = three_phase ? [(1, rise), (0, 2 * pct_start * _total - 2), (2, _total - 1)] : [(1, rise), (2, _total - 1)];
                        _ends = phases;
                        _rates = PerGroup.Take(max_lr, Groups.Length, nameof(OneCycleLR), nameof(max_lr))
                            .Select(top => (top / div_factor, top, top / div_factor / final_div_factor)).ToArray();
                        if (last_epoch == -1)
                        {
                            for (var i = 0; i < Groups.Length; i++) Groups[i].InitialLearningRate = Groups[i].LearningRate = _rates[i].Start;
                            BaseRates = _rates.Select(rate => rate.Start).ToArray();
                        }
                        if (cycle_momentum) _momentum = new CycledMomentum(Groups, base_momentum, 0.85, max_momentum, 0.95, nameof(OneCycleLR));
                        step();
                    }

                    protected override IEnumerable<double> get_lr()
                    {
                        if (LastEpoch > _total)
                            throw new InvalidOperationException($"OneCycleLR: stepped {LastEpoch} times; the cycle has {_total} steps.");
                        var begin = 0.0;
                        var from = 0;
                        foreach (var (to, end) in _ends)
                        {
                            if (LastEpoch <= end || to == _ends[^1].Rate)
                            {
                                var progress = (LastEpoch - begin) / (end - begin);
                                // Momentum is largest where the rate is smallest.
                                _momentum?.Set(group => Between(from == 1 ? group.Least : group.Most, to == 1 ? group.Least : group.Most, progress));
                                return _rates.Select(rate => Between(Rate(rate, from), Rate(rate, to), progress)).ToArray();
                            }
                            (begin, from) = (end, to);
                        }
                        throw new InvalidOperationException($"OneCycleLR: no phase holds step {LastEpoch}.");
                    }

                    private static double Rate((double Start, double Top, double Last) rates, int which) => which switch { 0 => rates.Start, 1 => rates.Top, _ => rates.Last };

                    private double Between(double start, double end, double progress) => _anneal == AnnealStrategy.Cos
                        ? end + (start - end) / 2 * (1 + Math.Cos(Math.PI * progress))
                        : start + (end - start) * progress;
                }
            }
        }
    }
}
