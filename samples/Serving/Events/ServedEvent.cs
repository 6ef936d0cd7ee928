using System;
using System.Collections.Generic;
using Hybrid.Data.Images;

namespace Hybrid.Samples.Serving.Events;

/// <summary>An event that was accepted: from here on it is scored once, whatever happens to the process.</summary>
/// <param name="Id">Its number, rising in the order of acceptance.</param>
/// <param name="Received">When it had come and was decoded.</param>
/// <param name="Source">Where it came from: <c>http</c>, or a watched file with its length and time, by which it is known again.</param>
/// <param name="Name">What its sender calls it; may be empty.</param>
/// <param name="Image">One preprocessed image.</param>
public sealed record ServedEvent(long Id, DateTimeOffset Received, string Source, string Name, ImageSet Image);

/// <summary>What came out for an event.</summary>
/// <param name="Event">The event.</param>
/// <param name="Values">A value for each quantity of the model; NaN where scoring failed.</param>
/// <param name="Error">Why it could not be scored; null where it was.</param>
/// <param name="Scored">When.</param>
public sealed record ScoredEvent(ServedEvent Event, IReadOnlyList<double> Values, string? Error, DateTimeOffset Scored)
{
    /// <summary>From received to scored.</summary>
    public TimeSpan Latency => Scored - Event.Received;
}
