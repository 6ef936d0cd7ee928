using System;

namespace Hybrid.Models.Training;

/// <summary>
/// Where an epoch's time went, in seconds. On a GPU work is queued, and its time shows where the program next waits for a result.
/// </summary>
/// <param name="Data">Waiting for batches and moving them to the device.</param>
/// <param name="Forward">The algorithm's own: network and loss.</param>
/// <param name="Backward">Differentiation, clipping.</param>
/// <param name="Update">Optimisers and averaged weights.</param>
/// <param name="Validation">Validation loss and metrics.</param>
/// <param name="Rest">Callbacks, progress, schedules.</param>
public sealed record EpochProfile(double Data, double Forward, double Backward, double Update, double Validation, double Rest)
{
    /// <summary>The whole epoch.</summary>
    public double Seconds => Data + Forward + Backward + Update + Validation + Rest;

    /// <summary>One line: <c>12.3 s: data 4 %, forward 38 %, backward 45 %, update 8 %, validation 4 %, rest 1 %</c>.</summary>
    public override string ToString()
    {
        var all = Math.Max(Seconds, double.Epsilon);
        return FormattableString.Invariant($"{Seconds:0.0##} s: data {Data / all:0 %}, forward {Forward / all:0 %}, ")
            + FormattableString.Invariant($"backward {Backward / all:0 %}, update {Update / all:0 %}, ")
            + FormattableString.Invariant($"validation {Validation / all:0 %}, rest {Rest / all:0 %}");
    }

    /// <summary>The running epoch's, from clocks that run on.</summary>
    internal sealed class Clocks
    {
        public TimeSpan Data { get; set; }

        public TimeSpan Step { get; set; }

        /// <summary>What the step's own clocks showed when the epoch began.</summary>
        public TimeSpan Backward { get; init; }

        /// <inheritdoc cref="Backward"/>
        public TimeSpan Update { get; init; }

        public EpochProfile End(TimeSpan backward, TimeSpan update, TimeSpan validation, double seconds)
        {
            var (data, back, applied, measured) = (
                Data.TotalSeconds, (backward - Backward).TotalSeconds, (update - Update).TotalSeconds, validation.TotalSeconds);
            var forward = Math.Max(0, Step.TotalSeconds - back - applied);
            return new EpochProfile(
                data, forward, back, applied, measured, Math.Max(0, seconds - data - forward - back - applied - measured));
        }
    }
}
