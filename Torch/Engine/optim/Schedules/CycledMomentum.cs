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
            /// <summary>The momentum of each group, or Adam's beta1, between two values.</summary>
            private sealed class CycledMomentum
            {
                private readonly ILearningRateController[] _groups;
                private readonly (double Least, double Most)[] _bounds;

                public CycledMomentum(ILearningRateController[] groups, IEnumerable<double>? least, double defaultLeast, IEnumerable<double>? most, double defaultMost, string owner)
                {
                    if (groups.Any(group => group is not (IMomentum or IBetas)))
                        throw new ArgumentException($"{owner}: cycle_momentum needs an optimizer with momentum or betas; pass cycle_momentum: false.", nameof(groups));
                    _groups = groups;
                    var low = PerGroup.Take(least ?? Enumerable.Repeat(defaultLeast, groups.Length), groups.Length, owner, "base_momentum");
                    var high = PerGroup.Take(most ?? Enumerable.Repeat(defaultMost, groups.Length), groups.Length, owner, "max_momentum");
                    _bounds = low.Zip(high).ToArray();
                }

                public void Set(Func<(double Least, double Most), double> momentum)
                {
                    for (var i = 0; i < _groups.Length; i++)
                    {
                        var value = momentum(_bounds[i]);
                        if (_groups[i] is IMomentum plain) plain.Momentum = value;
                        else if (_groups[i] is IBetas adam) adam.Betas = (value, adam.Betas.Item2);
                    }
                }
            }

            /// <summary>Values given one for each parameter group.</summary>
            private static class PerGroup
            {
                public static IEnumerable<double> Same(double value, Optimizer optimizer) => optimizer.ParamGroups.Select(_ => value);

                public static T[] Take<T>(IEnumerable<T> values, int groups, string owner, string name)
                {
                    var taken = values.ToArray();
                    return taken.Length == groups
                        ? taken
                        : throw new ArgumentException($"{owner}: expected {name} of {groups} values, one for each parameter group, got {taken.Length}.", name);
                }
            }
        }
    }
}
