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
            /// <summary>Sets the learning rate of every group after each epoch (or each batch, as the caller counts).</summary>
            public abstract class LRScheduler
            {
                protected int _step_count;
                internal Optimizer Optimizer = null!;
                internal ILearningRateController[] Groups = [];
                internal double[] BaseRates = [];
                internal int LastEpoch = -1;
                private double[] _lastRates = [];

                protected LRScheduler() { }

                protected LRScheduler(Optimizer optimizer, int last_epoch = -1, bool verbose = false)
                {
                    Optimizer = optimizer ?? throw new ArgumentNullException(nameof(optimizer));
                    Groups = optimizer.ParamGroups.ToArray();
                    BaseRates = Groups.Select(group => group.InitialLearningRate).ToArray();
                    _lastRates = Groups.Select(group => group.LearningRate).ToArray();
                    LastEpoch = last_epoch;
                    Verbose = verbose;
                }

                internal bool Verbose { get; }

                public virtual void step() => step(null);

                /// <param name="epoch">Jumps there by the closed form; null: the next epoch.</param>
                public virtual void step(int? epoch)
                {
                    _step_count++;
                    LastEpoch = epoch ?? LastEpoch + 1;
                    Apply((epoch.HasValue ? get_closed_form_lr() : get_lr()).ToArray());
                }

                /// <summary>For schedules that watch a metric; the others ignore it.</summary>
                public virtual void step(double current, int? epoch = null) => step(epoch);

                /// <summary>The rates at <c>LastEpoch</c>, from those of the epoch before. Called once a step.</summary>
                protected virtual IEnumerable<double> get_lr() => CurrentRates;

                /// <summary>The rates at <c>LastEpoch</c>, whatever came before.</summary>
                protected virtual IEnumerable<double> get_closed_form_lr() => get_lr();

                /// <summary>The rates set by the last step.</summary>
                public IEnumerable<double> get_last_lr() => _lastRates;

                internal IEnumerable<double> CurrentRates => Groups.Select(group => group.LearningRate);

                internal void Apply(double[] rates)
                {
                    for (var i = 0; i < Groups.Length; i++)
                    {
                        if (Verbose && rates[i] != _lastRates[i]) Console.WriteLine($"Adjusting learning rate to {rates[i]}");
                        Groups[i].LearningRate = rates[i];
                    }
                    _lastRates = rates;
                }
            }
        }
    }
}
