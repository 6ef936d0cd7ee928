using System;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hybrid.Models.Training.Optimisers;

/// <summary>
/// How a training loop clears gradients and updates weights: torch.optim's own way, or for Adam and AdamW on the CPU libtorch's fused
/// kernel, which does the same to the optimiser's own state in one pass (<see cref="FusedAdam"/>). Schedules, saving and loading stay with
/// the optimiser.
/// <code>
/// using var adam = optim.Adam(network.parameters(), 1e-3);
/// using var update = OptimiserStep.Of(adam);
/// update.ClearGradients();
/// loss(network.forward(x)).backward();
/// update.Apply();
/// </code>
/// <c>Trainer</c> and the IMNN do this with whatever optimiser they are given.
/// </summary>
public abstract class OptimiserStep : IDisposable
{
    /// <summary>The fastest way to step this optimiser.</summary>
    /// <param name="optimiser">Of torch.optim; it stays the caller's. Its parameter groups may change between steps, as long as no one adds
    /// one.</param>
    public static OptimiserStep Of(optim.Optimizer optimiser)
    {
        ArgumentNullException.ThrowIfNull(optimiser);
        return optimiser switch
        {
            Adam adam when FusedAdam.Serves(adam) => new FusedAdam(adam),
            AdamW adam when FusedAdam.Serves(adam) => new FusedAdam(adam),
            _ => new PlainStep(optimiser),
        };
    }

    /// <summary>Removes all gradients, so that the next backward pass makes new ones.</summary>
    public abstract void ClearGradients();

    /// <summary>Updates the parameters that have gradients.</summary>
    public abstract void Apply();

    /// <summary>Frees what the step holds besides the optimiser, which stays as it is.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);

    private sealed class PlainStep(optim.Optimizer optimiser) : OptimiserStep
    {
        public override void ClearGradients()
        {
            using var scope = NewDisposeScope(); // TorchSharp's zero_grad leaves a tensor a parameter to it
            optimiser.zero_grad();
        }

        public override void Apply() => optimiser.step();
    }
}
