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
                /// <summary>Times factor for the first total_iters epochs.</summary>
                public class ConstantLR : LRScheduler
                {
                    private readonly double _factor;
                    private readonly int _total;

                    public ConstantLR(Optimizer optimizer, double factor = 1.0 / 3, int total_iters = 5, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        (_factor, _total) = (factor, total_iters);
                        step();
                    }

                    protected override IEnumerable<double> get_lr()
                    {
                        if (LastEpoch == 0) return CurrentRates.Select(rate => rate * _factor);
                        return LastEpoch == _total ? CurrentRates.Select(rate => rate / _factor) : CurrentRates;
                    }

                    protected override IEnumerable<double> get_closed_form_lr() => BaseRates.Select(rate => LastEpoch >= _total ? rate : rate * _factor);
                }
            }
        }
    }
}
