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
                /// <summary>Back and forth between two rates, momentum the other way round (Smith 2017). Step it after each batch.</summary>
                public class CyclicLR : LRScheduler
                {
                    private readonly double[] _least;
                    private readonly double[] _most;
                    private readonly double _size;
                    private readonly double _rise;
                    private readonly Func<double, double> _scale;
                    private readonly bool _scalePerCycle;
                    private readonly CycledMomentum? _momentum;

                    public enum Mode
                    {
                        Triangular,
                        Triangular2,
                        ExpRange,
                    }

                    public enum ScaleMode
                    {
                        Cycle,
                        Iterations,
                    }

                    public CyclicLR(Optimizer optimizer, double base_lr, double max_lr, int step_size_up = 2000, int step_size_down = -1, Mode mode = Mode.Triangular, double gamma = 1.0,
                        Func<double, double>? scale_fn = null, ScaleMode scale_mode = ScaleMode.Cycle, bool cycle_momentum = true, double base_momentum = 0.8, double max_momentum = 0.9,
                        int last_epoch = -1, bool verbose = false)
                        : this(optimizer, PerGroup.Same(base_lr, optimizer), PerGroup.Same(max_lr, optimizer), step_size_up, step_size_down, mode, gamma, scale_fn, scale_mode, cycle_momentum,
                            PerGroup.Same(base_momentum, optimizer), PerGroup.Same(max_momentum, optimizer), last_epoch, verbose)
                    {
                    }

                    /// <param name="optimizer">The optimiser.</param>
                    /// <param name="base_lr">Smallest rate of each group.</param>
                    /// <param name="max_lr">Largest rate of each group.</param>
                    /// <param name="step_size_up">Steps of the rise.</param>
                    /// <param name="step_size_down">Steps of the fall; those of the rise when negative.</param>
                    /// <param name="mode">How the amplitude changes: not, halved each cycle, or gamma to the power of the step.</param>
                    /// <param name="gamma">For ExpRange.</param>
                    /// <param name="scale_fn">A scale of the amplitude of your own, instead of mode.</param>
                    /// <param name="scale_mode">Whether scale_fn is given the cycle or the step.</param>
                    /// <param name="cycle_momentum">Whether momentum (or Adam's beta1) moves the other way.</param>
                    /// <param name="base_momentum">Smallest momentum of each group; 0.8 when null.</param>
                    /// <param name="max_momentum">Largest momentum of each group; 0.9 when null.</param>
                    /// <param name="last_epoch">Steps done, minus one.</param>
                    /// <param name="verbose">Whether to print changes.</param>
                    public CyclicLR(Optimizer optimizer, IEnumerable<double> base_lr, IEnumerable<double> max_lr, int step_size_up = 2000, int step_size_down = -1, Mode mode = Mode.Triangular,
                        double gamma = 1.0, Func<double, double>? scale_fn = null, ScaleMode scale_mode = ScaleMode.Cycle, bool cycle_momentum = true,
                        IEnumerable<double>? base_momentum = null, IEnumerable<double>? max_momentum = null, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        _least = PerGroup.Take(base_lr, Groups.Length, nameof(CyclicLR), nameof(base_lr));
                        _most = PerGroup.Take(max_lr, Groups.Length, nameof(CyclicLR), nameof(max_lr));
                        var down = step_size_down < 0 ? step_size_up : step_size_down;
                        _size = step_size_up + down;
                        _rise = step_size_up / _size;
                        _scalePerCycle = scale_fn is null ? mode != Mode.ExpRange : scale_mode == ScaleMode.Cycle;
                        _scale = scale_fn ?? (mode switch
                        {
                            Mode.Triangular2 => cycle => 1 / Math.Pow(2, cycle - 1),
                            Mode.ExpRange => iteration => Math.Pow(gamma, iteration),
                            _ => _ => 1,
                        });
                        if (last_epoch == -1)
                        {
                            for (var i = 0; i < Groups.Length; i++) Groups[i].InitialLearningRate = Groups[i].LearningRate = _least[i];
                            BaseRates = _least;
                        }
                        if (cycle_momentum) _momentum = new CycledMomentum(Groups, base_momentum, 0.8, max_momentum, 0.9, nameof(CyclicLR));
                        step();
                    }

                    protected override IEnumerable<double> get_lr()
                    {
                        var cycle = Math.Floor(1 + LastEpoch / _size);
                        var place = 1 + LastEpoch / _size - cycle;
                        var height = place <= _rise ? place / _rise : (place - 1) / (_rise - 1);
                        var amplitude = height * _scale(_scalePerCycle ? cycle : LastEpoch);
                        _momentum?.Set(group => group.Most - (group.Most - group.Least) * amplitude);
                        return _least.Zip(_most, (least, most) => least + (most - least) * amplitude).ToArray();
                    }
                }
            }
        }
    }
}
