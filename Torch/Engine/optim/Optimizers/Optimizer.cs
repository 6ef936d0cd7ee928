using System;
using System.Collections.Generic;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>Changes parameters by their gradients, group by group.</summary>
        public abstract partial class Optimizer : IDisposable
        {
            protected IList<ParamGroup> _parameter_groups = new List<ParamGroup>();

            private protected Optimizer() { }

            public virtual IEnumerable<ILearningRateController> ParamGroups => _parameter_groups;

            public virtual void add_param_group(ParamGroup param_group) => throw new NotSupportedException($"{GetType().Name} does not implement add_param_group.");

            public virtual IEnumerable<Parameter> parameters() => throw new NotSupportedException($"{GetType().Name} does not implement parameters.");

            /// <summary>Updates every parameter that has a gradient.</summary>
            /// <param name="closure">Computes the loss anew, with gradients, before the update.</param>
            /// <returns>What the closure returned, or null.</returns>
            public virtual Tensor step(Func<Tensor>? closure = null) => throw new NotSupportedException($"{GetType().Name} does not implement step.");

            /// <summary>Fills all gradients with zeros.</summary>
            public virtual void zero_grad() => throw new NotSupportedException($"{GetType().Name} does not implement zero_grad.");

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (disposing) DisposeStates();
            }

            private protected virtual void DisposeStates() { }
        }

        public interface ILearningRateController
        {
            double LearningRate { get; set; }

            double InitialLearningRate { get; set; }
        }

        public interface IMomentum
        {
            double Momentum { get; set; }
        }

        public interface IBetas
        {
            (double, double) Betas { get; set; }
        }
    }
}
