using System;
using System.Threading;
using Hybrid.Models.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Training;

/// <summary>
/// Trains any module with any loss: one call runs epochs of batches, validates, stops, keeps the best weights, and writes a run directory
/// from which it can resume.
/// </summary>
public static class Trainer
{
    /// <summary>Trains until epochs, steps or patience run out, or the caller cancels.</summary>
    /// <param name="network"> What is trained: a generated network, an ensemble, or any module. It belongs to the caller and is on its
    /// device already. For an ensemble every tensor that a member has of its own has the members as its first axis.
    /// </param>
    /// <param name="optimiser">Over the network's parameters (or some of them). It belongs to the caller.</param>
    /// <param name="loss"> The loss of a batch: a single number, or for an ensemble one for each member (M), whose sum is differentiated,
    /// so that each member is trained as if alone. Called in training mode with gradients and in evaluation mode without.
    /// </param>
    /// <param name="training">Batches of each epoch.</param>
    /// <param name="validation">Batches after each epoch (its epoch 0 every time); null: none.</param>
    /// <param name="options">Epochs, stopping, schedule, what is kept and written; the defaults where null.</param>
    /// <param name="progress"> Receives each step and epoch, on this thread where it is not a <see cref="Progress{T}"/>;
    /// <see cref="Progress.Console(System.IO.TextWriter, int)"/> shows a bar.
    /// </param>
    /// <param name="cancellation">Ends the fit after the running step or validation, with a checkpoint where there is a directory.</param>
    /// <returns>What was reached. The network holds the best weights (see <see cref="TrainingOptions.KeepBest"/>).</returns>
    /// <remarks>
    /// On one thread the same seed, weights and batches give the same result bit for bit, also when the process was killed and the run
    /// continued (<see cref="ExistingRun.Resume"/>). With more threads sums may be added in another order.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The loss or a gradient is not finite, or libtorch refused a call of the loss or the
    /// network.</exception>
    /// <exception cref="ArgumentException">The loss does not depend on the weights, a metric is unknown, or there are no
    /// batches.</exception>
    /// <exception cref="System.IO.IOException">The directory holds a run already, or cannot be written.</exception>
    /// <exception cref="System.IO.InvalidDataException">The checkpoint to resume from and the one before it are damaged, or it is of
    /// another network or optimiser, or of a run that followed another metric.</exception>
    public static TrainingResult Fit(
        nn.Module network,
        optim.Optimizer optimiser,
        Func<TensorBatch, Tensor> loss,
        IBatchSource training,
        IBatchSource? validation = null,
        TrainingOptions? options = null,
        IProgress<FitProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(optimiser);
        ArgumentNullException.ThrowIfNull(loss);
        return Fit(new LossAlgorithm(network, optimiser, loss), training, validation, options, progress, cancellation);
    }

    /// <summary>Trains by an algorithm: several optimisers, several losses a step, state and statistics of its own.</summary>
    /// <param name="algorithm">What a step does.</param>
    /// <param name="training">Batches of each epoch.</param>
    /// <param name="validation">Batches after each epoch, for <see cref="TrainingAlgorithm.ValidationLoss"/>; null: none.</param>
    /// <param name="options">Epochs, stopping, schedule (of every optimiser), what is kept and written; the defaults where null.</param>
    /// <param name="progress">Receives each step and epoch.</param>
    /// <param name="cancellation">Ends the fit after the running step or validation, with a checkpoint where there is a directory.</param>
    /// <returns>What was reached. The networks hold the best weights.</returns>
    /// <inheritdoc cref="Fit(nn.Module, optim.Optimizer, Func{TensorBatch, Tensor}, IBatchSource, IBatchSource, TrainingOptions, IProgress{FitProgress}, CancellationToken)"
    ///   path="/exception"/>
    public static TrainingResult Fit(
        TrainingAlgorithm algorithm,
        IBatchSource training,
        IBatchSource? validation = null,
        TrainingOptions? options = null,
        IProgress<FitProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(algorithm);
        ArgumentNullException.ThrowIfNull(training);
        options ??= new TrainingOptions();
        options.Check();
        EngineSettings.Apply();
        using var run = new FitRun(algorithm, training, validation, options, progress);
        try
        {
            return run.Run(cancellation);
        }
        catch (Exception failure) when (LibtorchMessage.IsOf(failure))
        {
            throw new InvalidOperationException($"{algorithm.Name}, {run.Place}: libtorch: {LibtorchMessage.Of(failure)}", failure);
        }
    }
}
