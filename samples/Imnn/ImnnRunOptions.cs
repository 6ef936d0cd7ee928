using System;
using Hybrid.Models.Training;

namespace Hybrid.Samples.Imnn;

/// <summary>All that determines a run, as options.json has it.</summary>
public sealed record ImnnRunOptions
{
    public const string RandomStart = "random", ClosedFormStart = "closed-form";

    public string? Data { get; init; }

    /// <summary>θ and δθ of the data, as numbers separated by commas; null for the simulator's, or where they are not needed.</summary>
    public string? Fiducial { get; init; }
    public string? Delta { get; init; }
    public required string Preset { get; init; }

    /// <summary>A name of <see cref="CompressorChoice"/>. Runs of earlier versions had the paper's only, and no note of it.</summary>
    public string Network { get; init; } = CompressorChoice.Paper;

    /// <summary>Data of one simulation; 0 in runs of earlier versions.</summary>
    public int Inputs { get; init; }

    /// <summary>Where the weights begin: at random, or with the last layer in closed form.</summary>
    public string Start { get; init; } = RandomStart;

    public required long Seed { get; init; }
    public required int Simulations { get; init; }
    public required int Growth { get; init; }
    public required int Iterations { get; init; }

    /// <summary>Null: only the iterations end the training.</summary>
    public required int? Patience { get; init; }

    public required double LearningRate { get; init; }
    public required string Schedule { get; init; }
    public required int Hidden { get; init; }
    public required int Summaries { get; init; }
    public required double Lambda { get; init; }
    public required double Epsilon { get; init; }
    /// <summary>Iterations before patience counts.</summary>
    public int MinIterations { get; init; } = 100;

    /// <summary>Whether the last weights are kept, not the best.</summary>
    public bool Final { get; init; }

    /// <summary>Of files a simulation: simulations of a chunk, threads that take chunks, chunks computed once.</summary>
    public int Chunk { get; init; } = 100;
    public int Workers { get; init; } = 1;
    public int KeptChunks { get; init; } = 1;

    public required int Readout { get; init; }
    public required int Unseen { get; init; }
    public required int Threads { get; init; }
    public required string Device { get; init; }

    /// <summary>
    /// n_s of an iteration, from 0: the first half as chosen, then growing in powers of two to <see cref="Growth"/> times as many.
    /// </summary>
    public int SimulationsAt(int iteration)
    {
        var late = (iteration - (Iterations / 2.0)) / (Iterations / 2.0);   // 0 … 1 in the second half
        if (Growth == 1 || late < 0) return Simulations;
        var doublings = Math.Ceiling(Math.Log2(Growth));
        return (int)(Simulations * Math.Min(Growth, Math.Pow(2, Math.Floor(late * doublings) + 1)));
    }

    public void Check()
    {
        Least("--simulations", Simulations, 10);
        Least("--growth", Growth, 1);
        Least("--iterations", Iterations, 1);
        if (Patience is { } patience) Least("--patience", patience, 1);
        Least("--min-iterations", MinIterations, 0);
        Least("--chunk", Chunk, 1);
        Least("--workers", Workers, 1);
        Least("--kept-chunks", KeptChunks, 0);
        Least("--hidden", Hidden, 1);
        Least("--summaries", Summaries, 1);
        Least("--unseen", Unseen, 1000);
        if (Start == ClosedFormStart && Data is not null)
            throw new ArgumentException("--start closed-form: needs the simulator. Leave --data or --start out.");
        if (Start == ClosedFormStart && Summaries != 2)
            throw new ArgumentException(
                $"--start closed-form: makes as many summaries as there are parameters, 2, not {Summaries}. Use --start random.");
        if (Readout > 0)
        {
            // The covariance of the hidden features is estimated: see LinearReadout.
            Least("--readout", Readout, 20 * Hidden);
            if (Data is not null)
                throw new ArgumentException(
                    "--readout: needs the simulator, since a data set is too small for the covariance of the hidden features. "
                    + "Leave --data or --readout out.");
            if (Summaries != 2)
                throw new ArgumentException(
                    $"--readout: makes as many summaries as there are parameters, 2, not {Summaries}. Use --readout 0.");
        }
        Least("--threads", Threads, 1);
        if (!(LearningRate > 0) || !double.IsFinite(LearningRate))
            throw new ArgumentException($"--learning-rate: expected a number > 0, got {LearningRate}.");
    }

    /// <summary>
    /// Whether a run with these options continues where one with the earlier ones was interrupted. What is done after training, and how
    /// many threads do it, may differ.
    /// </summary>
    /// <exception cref="ArgumentException">An option is another one than it was.</exception>
    public void CheckContinues(ImnnRunOptions earlier)
    {
        // Where neither rate nor batch depend on the last iteration's number, there may be more of them.
        var iterations = Schedule == "constant" && Growth == 1 ? Iterations : earlier.Iterations;
        var comparable = earlier with
        {
            Iterations = iterations, Patience = Patience, Readout = Readout, Unseen = Unseen, Threads = Threads, Device = Device,
            Chunk = Chunk, Workers = Workers, KeptChunks = KeptChunks,
        };
        foreach (var option in typeof(ImnnRunOptions).GetProperties())
        {
            var (was, now) = (option.GetValue(comparable), option.GetValue(this));
            if (Equals(was, now)) continue;
            var name = TrainingReport.InWords(option.Name).Replace(' ', '-');
            throw new ArgumentException(
                $"--resume: that run was begun with --{name} {was ?? "left out"}, now it is {now ?? "left out"}. "
                + "Give the same options, or begin another run without --resume.");
        }
    }

    private static void Least(string option, int value, int least)
    {
        if (value < least) throw new ArgumentException($"{option}: expected at least {least}, got {value}.");
    }
}
