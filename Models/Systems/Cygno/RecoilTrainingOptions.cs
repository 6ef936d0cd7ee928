using System;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>What the energies of a network are trained by.</summary>
public enum RecoilEnergyLoss
{
    /// <summary>Likelihood, with an error that the network expects (<see cref="RecoilEnergyNll"/>).</summary>
    Likelihood,

    /// <summary>Mean squared error, as in the exercise.</summary>
    Squared,

    /// <summary>Huber's loss.</summary>
    Huber,

    /// <summary>Mean absolute error.</summary>
    Absolute,
}

/// <summary>How <see cref="RecoilTraining"/> trains. Where each default comes from: docs/results.md, "CYGNO".</summary>
public sealed record RecoilTrainingOptions
{
    /// <summary>Epochs, ≥ 1; the learning rate falls to nothing at the last one.</summary>
    public int Epochs { get; init; } = 30;

    /// <summary>Images in a batch, ≥ 2.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>AdamW's largest learning rate.</summary>
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>AdamW's weight decay, ≥ 0.</summary>
    public double WeightDecay { get; init; } = 0.02;

    /// <summary>What energies are trained by; only the likelihood gives an expected error.</summary>
    public RecoilEnergyLoss EnergyLoss { get; init; }

    /// <summary>How much the loss of energies counts beside that of kinds, ≥ 0.</summary>
    public double EnergyWeight { get; init; } = 3;

    /// <summary>Epochs without a smaller cross-entropy on the validation rows after which training ends; null: none.</summary>
    public int? Patience { get; init; }

    /// <summary>Seed of weights, shuffling and dropout.</summary>
    public long Seed { get; init; } = 1;

    /// <exception cref="ArgumentException">A value is out of its range; the message names the option.</exception>
    public void Check()
    {
        if (Epochs < 1) throw new ArgumentException($"--epochs: expected at least 1, got {Epochs}.");
        if (BatchSize < 2) throw new ArgumentException($"--batch: expected at least 2 images, which BatchNorm needs, got {BatchSize}.");
        if (!(LearningRate > 0)) throw new ArgumentException($"--learning-rate: expected a number > 0, got {LearningRate}.");
        if (!(WeightDecay >= 0)) throw new ArgumentException($"--weight-decay: expected a number ≥ 0, got {WeightDecay}.");
        if (!(EnergyWeight >= 0)) throw new ArgumentException($"--energy-weight: expected a number ≥ 0, got {EnergyWeight}.");
        if (Patience is < 1) throw new ArgumentException($"--patience: expected at least 1, got {Patience}.");
    }
}
