using System;
using System.Collections.Generic;
using System.Threading;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Training;

/// <summary>
/// What a training step does, for
/// <see cref="Trainer.Fit(TrainingAlgorithm, IBatchSource, IBatchSource?, TrainingOptions?, IProgress{FitProgress}?, CancellationToken)"/>:
/// which losses it minimises with which optimisers, what it measures, what a checkpoint holds of it. Epochs, stopping, best weights,
/// checkpoints, history and resuming are the trainer's. One network with one loss needs none of this: <see cref="Trainer"/> takes them as
/// they are.
/// </summary>
/// <example>
/// Two networks against each other:
/// <code>
/// public override void Step(TensorBatch batch, TrainingStep step)
/// {
///     var fake = generator.forward(batch["noise"]);
///     step.Minimise(Realness(discriminator, batch["image"], fake.detach()), "discriminator", optimiser: 0);
///     step.Minimise(Realness(discriminator, fake), "generator", optimiser: 1);
/// }
/// </code>
/// </example>
public abstract class TrainingAlgorithm
{
    /// <summary>
    /// Everything with weights: what is saved, kept at its best, averaged and resumed. Several networks are one <see cref="ModuleGroup"/>.
    /// </summary>
    public abstract nn.Module Network { get; }

    /// <summary>At least one. They belong to the caller, and each trains parameters of its own.</summary>
    public abstract IReadOnlyList<optim.Optimizer> Optimisers { get; }

    /// <summary>The algorithm's name in messages.</summary>
    public virtual string Name => "Trainer.Fit";

    /// <summary>
    /// Whether what <see cref="TrainingStep.Measure(string, double)"/> reports belongs to the weights before the step's first update, so
    /// that the best weights are those. An epoch is one step then.
    /// </summary>
    public virtual bool JudgesBeforeUpdate => false;

    /// <summary>
    /// One step in training mode, in a dispose scope of its own: calls <see cref="TrainingStep.Minimise"/> at least once.
    /// </summary>
    public abstract void Step(TensorBatch batch, TrainingStep step);

    /// <summary>
    /// The loss of a validation batch: a single number, or one for each member (M). In evaluation mode, without gradients; null where the
    /// algorithm has none.
    /// </summary>
    public virtual Tensor? ValidationLoss(TensorBatch batch) => null;

    /// <summary>
    /// Metrics of the whole network after an epoch, in evaluation mode, without gradients, with averaged weights where there are such.
    /// </summary>
    public virtual IReadOnlyDictionary<string, double> AfterEpoch() => _nothing;

    /// <summary>
    /// What a checkpoint holds of the algorithm besides weights and optimisers, such as the state of its own random generators.
    /// </summary>
    public virtual IReadOnlyDictionary<string, Tensor> State() => _noState;

    /// <summary>Puts back what <see cref="State"/> gave.</summary>
    /// <param name="path">The checkpoint, for messages.</param>
    /// <param name="state">By the same keys.</param>
    /// <exception cref="System.IO.InvalidDataException">It is not this algorithm's.</exception>
    public virtual void Restore(string path, IReadOnlyDictionary<string, Tensor> state)
    {
    }

    /// <summary>
    /// Computes what belongs to the trained network, whose weights are the final ones: in evaluation mode, without gradients.
    /// </summary>
    /// <returns>What statistics.json of the run's directory holds; null: no such file.</returns>
    public virtual object? AtEnd() => null;

    private static readonly Dictionary<string, double> _nothing = [];
    private static readonly Dictionary<string, Tensor> _noState = [];
}

/// <summary>One network, one optimiser, one loss.</summary>
internal sealed class LossAlgorithm(nn.Module network, optim.Optimizer optimiser, System.Func<TensorBatch, Tensor> loss) : TrainingAlgorithm
{
    public override nn.Module Network => network;

    public override IReadOnlyList<optim.Optimizer> Optimisers { get; } = [optimiser];

    public override void Step(TensorBatch batch, TrainingStep step) => step.Minimise(loss(batch));

    public override Tensor? ValidationLoss(TensorBatch batch) => loss(batch);
}
