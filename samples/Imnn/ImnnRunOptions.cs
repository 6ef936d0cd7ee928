using System;
using Hybrid.Models.Training;

namespace Hybrid.Samples.Imnn;

/// <summary>All that determines a run, as options.json has it.</summary>
public sealed record ImnnRunOptions
{
    public string? Data { get; init; }

    /// <summary>θ and δθ of the data, as numbers separated by commas; null for the simulator's, or where they are not needed.</summary>
    public string? Fiducial { get; init; }
    public string? Delta { get; init; }
    public required string Preset { get; init; }
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
        Least("--hidden", Hidden, 1);
        Least("--summaries", Summaries, 1);
        Least("--unseen", Unseen, 1000);
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
