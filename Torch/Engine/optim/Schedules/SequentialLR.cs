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
                /// <summary>One schedule after another; each but the first starts at its milestone.</summary>
                public class SequentialLR : LRScheduler
                {
                    private readonly LRScheduler[] _schedulers;
                    private readonly int[] _milestones;

                    /// <param name="optimizer">The optimiser of all schedules.</param>
                    /// <param name="schedulers">In the order of their use.</param>
                    /// <param name="milestones">Epochs at which the next takes over: one fewer than schedules.</param>
                    /// <param name="last_epoch">Epochs done, minus one.</param>
                    public SequentialLR(Optimizer optimizer, IEnumerable<LRScheduler> schedulers, IEnumerable<int> milestones, int last_epoch = -1)
                        : base(optimizer, last_epoch + 1, false)
                    {
                        (_schedulers, _milestones) = (schedulers.ToArray(), milestones.ToArray());
                        if (_milestones.Length != _schedulers.Length - 1)
                            throw new ArgumentException($"SequentialLR: expected one milestone fewer than schedulers, got {_milestones.Length} and {_schedulers.Length}.", nameof(milestones));
                        if (_schedulers.Any(scheduler => !ReferenceEquals(scheduler.Optimizer, optimizer)))
                            throw new ArgumentException("SequentialLR: expected schedulers of its own optimizer, got one of another.", nameof(schedulers));
                        foreach (var group in Groups) group.LearningRate = group.InitialLearningRate;
                        foreach (var scheduler in _schedulers) scheduler.LastEpoch--;
                        _schedulers[0].step();
                        Apply(CurrentRates.ToArray());
                    }

                    protected override IEnumerable<double> get_lr()
                    {
                        var current = _milestones.Count(milestone => milestone <= LastEpoch);
                        if (current > 0 && _milestones[current - 1] == LastEpoch) _schedulers[current].step(0);
                        else _schedulers[current].step();
                        return CurrentRates;
                    }
                }

                /// <summary>Several schedules at once, whose factors multiply.</summary>
                public class ChainedLR : LRScheduler
                {
                    private readonly LRScheduler[] _schedulers;

                    public ChainedLR(IEnumerable<LRScheduler> schedulers) : base(First(schedulers))
                    {
                        _schedulers = schedulers.ToArray();
                        if (_schedulers.Any(scheduler => !ReferenceEquals(scheduler.Optimizer, Optimizer)))
                            throw new ArgumentException("ChainedLR: expected schedulers of one optimizer, got several.", nameof(schedulers));
                    }

                    private static Optimizer First(IEnumerable<LRScheduler> schedulers)
                        => schedulers.FirstOrDefault()?.Optimizer ?? throw new ArgumentException("ChainedLR: expected at least one scheduler, got none.", nameof(schedulers));

                    public override void step()
                    {
                        _step_count++;
                        foreach (var scheduler in _schedulers) scheduler.step();
                        Apply(CurrentRates.ToArray());
                    }
                }
            }
        }
    }
}
