using System;
using TorchSharp;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>How a fit runs and when it stops. The defaults are the original package's (IMNN 0.3.2).</summary>
public sealed record FitOptions
{
    /// <summary>λ, the largest strength of the regularisation, &gt; 1. 10 in the worked problem.</summary>
    public double Lambda { get; init; } = 10;

    /// <summary>ε, how close the covariance shall come to the identity, &gt; 0. 0.1 in the worked problem.</summary>
    public double Epsilon { get; init; } = 0.1;

    /// <summary>Iterations without a larger |F| after which the fit stops, ≥ 1.</summary>
    public int Patience { get; init; } = 100;

    /// <summary>Iterations before patience counts, ≥ 0.</summary>
    public int MinIterations { get; init; } = 100;

    /// <summary>Most iterations, ≥ 1.</summary>
    public int MaxIterations { get; init; } = 100_000;

    /// <summary>Whether the network ends with the weights of the largest |F| seen, not with the last ones. Leave it false where |F| comes from
    /// a few fresh simulations each time: the largest is then the luckiest.</summary>
    public bool KeepBest { get; init; } = true;

    /// <summary>Steps after each update; null keeps the optimiser's learning rate.</summary>
    public torch.optim.lr_scheduler.LRScheduler? Schedule { get; init; }

    /// <summary>Where the run is written: a line of <c>history.jsonl</c> for each iteration, and <c>checkpoint.safetensors</c> to go on from. One fit's; null writes nothing.</summary>
    public RunDirectory? Run { get; init; }

    /// <summary>Iterations from one checkpoint to the next, ≥ 1; another comes at the end.</summary>
    public int CheckpointIterations { get; init; } = 250;

    /// <summary>
    /// Whether to go on from the checkpoint in <see cref="Run"/>, where there is one: bit for bit, on one thread, as if the fit had not been interrupted. The network,
    /// optimiser, schedule and simulations must be made as they were for the interrupted fit; a fit that had ended goes on only if its bounds are wider now.
    /// </summary>
    public bool Resume { get; init; }

    internal void Check()
    {
        if (Resume && Run is null) throw new ArgumentException("FitOptions: Resume needs Run, the directory of the interrupted fit.", nameof(Resume));
        if (CheckpointIterations < 1) throw Out(nameof(CheckpointIterations), "≥ 1", CheckpointIterations);
        if (Patience < 1) throw Out(nameof(Patience), "≥ 1", Patience);
        if (MinIterations < 0) throw Out(nameof(MinIterations), "≥ 0", MinIterations);
        if (MaxIterations < 1) throw Out(nameof(MaxIterations), "≥ 1", MaxIterations);
    }

    private static ArgumentOutOfRangeException Out(string name, string expected, int value)
        => new(name, $"FitOptions: expected {name} {expected}, got {value}.");
}
