using System.Collections.Generic;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Training;

/// <summary>
/// Code of one's own at the turns of a fit. It keeps no state that a checkpoint would hold: what it changes in network or optimiser is
/// kept.
/// </summary>
public abstract class FitCallback
{
    /// <summary>Before the first step of an epoch, in training mode.</summary>
    public virtual void OnEpochStart(FitContext fit)
    {
    }

    /// <summary>After the backward pass and clipping, before the optimiser's step: gradients can be looked at or changed.</summary>
    public virtual void OnGradients(FitContext fit)
    {
    }

    /// <summary>After a step, in the step's dispose scope.</summary>
    /// <param name="fit">The fit.</param>
    /// <param name="loss">Of the step; of an ensemble the mean over members.</param>
    public virtual void OnStep(FitContext fit, double loss)
    {
    }

    /// <summary>After an epoch and its validation.</summary>
    public virtual void OnEpochEnd(FitContext fit, EpochRecord record)
    {
    }

    /// <summary>After a checkpoint was written.</summary>
    public virtual void OnCheckpoint(FitContext fit, string path)
    {
    }
}

/// <summary>A running fit, as callbacks see it.</summary>
public sealed class FitContext
{
    internal FitContext(TrainingAlgorithm algorithm, TrainingOptions options)
        => (Network, Optimisers, Options) = (algorithm.Network, algorithm.Optimisers, options);

    public nn.Module Network { get; }

    /// <summary>The first, or only, optimiser.</summary>
    public optim.Optimizer Optimiser => Optimisers[0];

    public IReadOnlyList<optim.Optimizer> Optimisers { get; }

    /// <summary>The rate of the first optimiser's first group.</summary>
    public double LearningRate => Optimiser.ParamGroups.First().LearningRate;

    public TrainingOptions Options { get; }

    /// <summary>The running epoch, from 1.</summary>
    public int Epoch { get; internal set; }

    /// <summary>Steps of this epoch so far.</summary>
    public int Batch { get; internal set; }

    /// <summary>Steps of all epochs so far.</summary>
    public long Step { get; internal set; }

    internal bool IsStopRequested { get; private set; }

    /// <summary>Ends the fit after the running step, or before the first one of an epoch that begins; what was reached is kept.</summary>
    public void Stop() => IsStopRequested = true;
}
