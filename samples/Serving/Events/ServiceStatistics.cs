using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Threading;
using Hybrid.Models.Deployment;

namespace Hybrid.Samples.Serving.Events;

/// <summary>What a service counts since it began: for its page and for Prometheus.</summary>
internal sealed class ServiceStatistics(IReadOnlyList<ScoredQuantity> quantities)
{
    /// <summary>Bins of the live histogram.</summary>
    public const int Bins = 50;

    private const int Seconds = 60, Newest = 24, Latencies = 2048;

    /// <summary>Upper ends of the buckets of latencies and flushes, in seconds.</summary>
    private static readonly double[] _buckets = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

    /// <summary>Upper ends of the buckets of batch sizes.</summary>
    private static readonly double[] _sizes = [1, 2, 4, 8, 16, 32, 64, 128];

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, long> _refused = new(StringComparer.Ordinal);
    private readonly Buckets _latency = new(_buckets), _flush = new(_buckets), _batch = new(_sizes);
    private readonly long[] _second = new long[Seconds], _counts = new long[Seconds];
    private readonly Queue<double> _latencies = new();
    private readonly LinkedList<ScoredEvent> _newest = new();
    private readonly int[] _histogram = new int[Bins];
    private long _accepted, _scored, _failed;

    /// <summary>When counting began.</summary>
    public DateTimeOffset Since { get; } = DateTimeOffset.UtcNow;

    /// <summary>An event is on the disk.</summary>
    public void Accepted()
    {
        lock (_gate) _accepted++;
    }

    /// <summary>An event was not accepted.</summary>
    /// <param name="why">A word or two: the label of a counter.</param>
    public void Refused(string why)
    {
        lock (_gate) _refused[why] = _refused.GetValueOrDefault(why) + 1;
    }

    /// <summary>A flush of the journal ended.</summary>
    public void Flushed(TimeSpan time)
    {
        lock (_gate) _flush.Add(time.TotalSeconds);
    }

    /// <summary>A batch was scored.</summary>
    public void Scored(IReadOnlyList<ScoredEvent> results)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        lock (_gate)
        {
            _batch.Add(results.Count);
            var slot = (int)(now % Seconds);
            if (_second[slot] != now) (_second[slot], _counts[slot]) = (now, 0);
            foreach (var result in results)
            {
                _scored++;
                _counts[slot]++;
                var seconds = result.Latency.TotalSeconds;
                _latency.Add(seconds);
                _latencies.Enqueue(seconds);
                if (_latencies.Count > Latencies) _latencies.Dequeue();
                if (result.Error is null)
                    _histogram[ReferenceHistogram.Bin(result.Values[0], quantities[0].Low, quantities[0].High, Bins)]++;
                else _failed++;
                _newest.AddFirst(result);
                if (_newest.Count > Newest) _newest.RemoveLast();
            }
        }
    }

    /// <summary>The newest events after one, newest first.</summary>
    public IReadOnlyList<ScoredEvent> After(long id)
    {
        lock (_gate) return [.. _newest.Where(result => result.Event.Id > id)];
    }

    /// <summary>What the page shows in numbers.</summary>
    public ServiceSummary Summary(int pending)
    {
        lock (_gate)
        {
            var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
            // The second that runs is not whole.
            var last = Enumerable.Range(0, Seconds).Where(slot => _second[slot] < now && now - _second[slot] <= 10)
                .Sum(slot => _counts[slot]);
            var sorted = _latencies.Order().ToArray();
            return new(
                _accepted, _scored, _refused.Values.Sum(), _failed, pending, last / 10.0, At(sorted, 0.5), At(sorted, 0.99),
                [.. _histogram]);
        }

        static double At(double[] sorted, double share)
            => sorted.Length == 0 ? 0 : 1000 * sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
    }

    /// <summary>Everything in Prometheus's text format, version 0.0.4.</summary>
    public string Prometheus(int pending, string system, string network, string model)
    {
        var text = new StringBuilder();
        lock (_gate)
        {
            Counter("hybrid_events_accepted_total", "Events put on the disk.", _accepted);
            Counter("hybrid_events_scored_total", "Events scored.", _scored);
            Counter("hybrid_events_failed_total", "Events that the model could not score.", _failed);
            Head("hybrid_events_refused_total", "Events not accepted, by reason.", "counter");
            foreach (var (why, count) in _refused) Line($"hybrid_events_refused_total{{reason=\"{Escaped(why)}\"}}", count);
            Head("hybrid_events_pending", "Events accepted and not scored yet.", "gauge");
            Line("hybrid_events_pending", pending);
            Histogram("hybrid_event_latency_seconds", "From received to scored.", _latency);
            Histogram("hybrid_journal_flush_seconds", "Putting waiting events on the disk.", _flush);
            Histogram("hybrid_batch_events", "Events scored together.", _batch);
            Head("hybrid_model_info", "The model that scores.", "gauge");
            Line(
                $"hybrid_model_info{{system=\"{Escaped(system)}\",network=\"{Escaped(network)}\",sha256=\"{Escaped(model)}\"}}", 1);
            Head("process_start_time_seconds", "When the service began.", "gauge");
            Line("process_start_time_seconds", Since.ToUnixTimeMilliseconds() / 1000.0);
            Head("process_resident_memory_bytes", "Memory of the process.", "gauge");
            Line("process_resident_memory_bytes", Environment.WorkingSet);
        }
        return text.ToString();

        void Counter(string name, string help, long value)
        {
            Head(name, help, "counter");
            Line(name, value);
        }

        void Histogram(string name, string help, Buckets buckets)
        {
            Head(name, help, "histogram");
            long sum = 0;
            for (var i = 0; i < buckets.Ends.Length; i++)
                Line(FormattableString.Invariant($"{name}_bucket{{le=\"{buckets.Ends[i]}\"}}"), sum += buckets.Counts[i]);
            Line($"{name}_bucket{{le=\"+Inf\"}}", sum + buckets.Counts[^1]);
            Line($"{name}_sum", buckets.Sum);
            Line($"{name}_count", sum + buckets.Counts[^1]);
        }

        void Head(string name, string help, string kind) => text.Append($"# HELP {name} {help}\n# TYPE {name} {kind}\n");

        void Line(string name, double value) => text.Append(FormattableString.Invariant($"{name} {value:R}\n"));

        static string Escaped(string label)
            => label.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
                .Replace("\n", "\\n", StringComparison.Ordinal);
    }

    /// <summary>A histogram of Prometheus; its last count is of what lies above all ends.</summary>
    private sealed class Buckets(double[] ends)
    {
        public double[] Ends { get; } = ends;

        public long[] Counts { get; } = new long[ends.Length + 1];

        public double Sum { get; private set; }

        public void Add(double value)
        {
            Sum += value;
            var bucket = 0;
            while (bucket < Ends.Length && value > Ends[bucket]) bucket++;
            Counts[bucket]++;
        }
    }
}

/// <summary>What a service's page shows in numbers.</summary>
/// <param name="Accepted">Events on the disk since the service began.</param>
/// <param name="Scored">Events scored, those of an earlier process that it found included.</param>
/// <param name="Refused">Events not accepted.</param>
/// <param name="Failed">Events that the model could not score.</param>
/// <param name="Pending">Accepted and not scored yet.</param>
/// <param name="Rate">Events scored in a second, over the last ten.</param>
/// <param name="MedianMs">Median latency of the last 2048, from received to scored.</param>
/// <param name="P99Ms">Its 99th percentile.</param>
/// <param name="Histogram">Of the first quantity, over its usual range.</param>
public sealed record ServiceSummary(
    long Accepted, long Scored, long Refused, long Failed, int Pending, double Rate, double MedianMs, double P99Ms,
    IReadOnlyList<int> Histogram);
