using System;
using Hybrid.Models.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>What a radius network is trained by; outputs (B, 2) are mean and variance of ln θ_E, targets (B, 1) are ln θ_E.</summary>
public enum RadiusLoss
{
    /// <summary>Squared error of the mean.</summary>
    Mse,

    /// <summary><see cref="Losses.Huber"/> with its corner at errors of a tenth.</summary>
    Huber,

    /// <summary><see cref="Losses.BetaNll"/>.</summary>
    BetaNll,
}

/// <summary>Losses of outputs and targets.</summary>
public static class RadiusLosses
{
    private const double Corner = 0.1;

    /// <summary>The loss of a batch, a single number.</summary>
    public static Tensor Value(RadiusLoss loss, Tensor outputs, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(target);
        var mean = outputs.narrow(1, 0, 1);
        return loss switch
        {
            RadiusLoss.Mse => nn.functional.mse_loss(mean, target),
            // Huber's own corner is 1: errors are scaled to it.
            RadiusLoss.Huber => Huber.Value(mean * (Huber.Delta / Corner), target * (Huber.Delta / Corner)) * (Corner * Corner),
            RadiusLoss.BetaNll => BetaNll.Value(mean, outputs.narrow(1, 1, 1), target),
            _ => throw new ArgumentOutOfRangeException(nameof(loss), $"RadiusLosses: expected Mse, Huber or BetaNll, got {loss}."),
        };
    }
}
