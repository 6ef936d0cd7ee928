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
                /// <summary>A factor that runs linearly from start_factor to end_factor in total_iters epochs: a warm-up when it rises to 1.</summary>
                public class LinearLR : LRScheduler
                {
                    private readonly double _start;
                    private readonly double _end;
                    private readonly int _total;

                    public LinearLR(Optimizer optimizer, double start_factor = 1.0 / 3, double end_factor = 1.0, int total_iters = 5, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        if (start_factor is <= 0 or > 1) throw new ArgumentOutOfRangeException(nameof(start_factor), $"LinearLR: expected start_factor in (0, 1], got {start_factor}.");
                        if (end_factor is < 0 or > 1) throw new ArgumentOutOfRangeException(nameof(end_factor), $"LinearLR: expected end_factor in [0, 1], got {end_factor}.");
                        ArgumentOutOfRangeException.ThrowIfLessThan(total_iters, 1);
                        (_start, _end, _total) = (start_factor, end_factor, total_iters);
                        step();
                    }

                    protected override IEnumerable<double> get_lr()
                    {
                        if (LastEpoch == 0) return CurrentRates.Select(rate => rate * _start);
                        if (LastEpoch > _total) return CurrentRates;
                        var growth = 1 + (_end - _start) / (_total * _start + (LastEpoch - 1) * (_end - _start));
                        return CurrentRates.Select(rate => rate * growth);
                    }

                    protected override IEnumerable<double> get_closed_form_lr()
                        => BaseRates.Select(rate => rate * (_start + (_end - _start) * Math.Min(_total, LastEpoch) / _total));
                }
            }
        }
    }
}
