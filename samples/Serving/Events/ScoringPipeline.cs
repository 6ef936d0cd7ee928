using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hybrid.Data.Formats;
using Hybrid.Data.Images;
using Hybrid.Models.Deployment;
using Hybrid.Samples.CommandLine;

namespace Hybrid.Samples.Serving.Events;

/// <summary>How a <see cref="ScoringPipeline"/> works.</summary>
public sealed record PipelineOptions
{
    /// <summary>Folder of journal and results.</summary>
    public required string Folder { get; init; }

    /// <summary>The beginning of the model's hash, which each result names.</summary>
    public required string Model { get; init; }

    /// <summary>Most events scored together. What waits is scored at once, up to this many: nothing waits for a batch to fill.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>Largest number of accepted events that wait; further ones are refused for the moment.</summary>
    public int MostPending { get; init; } = 2000;

    /// <summary>Lines of a results file, after which its Parquet is written.</summary>
    public int LinesPerFile { get; init; } = 10_000;

    /// <summary>Bytes of a journal file, after which another begins.</summary>
    public long JournalBytes { get; init; } = 64L << 20;
}

/// <summary>An event that is on the disk.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Scored">Ends with its result.</param>
public readonly record struct AcceptedEvent(long Id, Task<ScoredEvent> Scored);

/// <summary>So many events wait that another is not accepted now.</summary>
public sealed class PipelineFullException(int pending)
    : Exception($"{Plural.Of(pending, "event waits", "events wait")} to be scored. Send it again later.");

/// <summary>
/// Images to results, durably: an event is accepted when it is on the disk, is scored with what else waits, and its journal entry is
/// forgotten when its result is on the disk. What a killed process left is scored by the next one, once.
/// </summary>
public sealed class ScoringPipeline : IDisposable
{
    private readonly PipelineOptions _options;
    private readonly IImageScorer _scorer;
    private readonly IDisposable _lock;
    private readonly ResultLog _results;
    private readonly EventJournal _journal;
    private readonly BlockingCollection<(ServedEvent Event, TaskCompletionSource<ScoredEvent> Result)> _queue = [];
    private readonly ConcurrentDictionary<string, byte> _sources = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, Task<ScoredEvent>> _recent = new();
    private readonly ConcurrentQueue<long> _recentOrder = new();
    private readonly Thread _thread;
    private readonly string[] _quantities;
    private readonly Lock _order = new(); // numbers rise in the order of the journal
    private long _lastId;
    private int _pending;
    private volatile bool _isEnding;

    /// <summary>Opens a folder, of an earlier process or a new one, and begins to score what is left in it.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="scorer">Used by one thread of the pipeline from now on; not owned.</param>
    /// <exception cref="IOException">Another process works in the folder.</exception>
    public ScoringPipeline(PipelineOptions options, IImageScorer scorer)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(scorer);
        (_options, _scorer) = (options, scorer);
        Statistics = new ServiceStatistics(scorer.Quantities);
        _quantities = [.. scorer.Quantities.Select(one => one.Name)];
        Directory.CreateDirectory(options.Folder);
        _lock = FolderLock.TryTake(options.Folder, "serve")
            ?? throw new IOException($"--output: {Path.GetFullPath(options.Folder)} is in use by another service. Give another folder.");
        try
        {
            var done = new HashSet<long>();
            _results = new ResultLog(options.Folder, _quantities, options.Model, options.LinesPerFile, (id, source) =>
            {
                done.Add(id);
                _lastId = Math.Max(_lastId, id);
                if (IsWatched(source)) _sources[source] = 0;
            });
            _journal = new EventJournal(
                Path.Combine(options.Folder, "journal"), options.JournalBytes, _results.Flush, Statistics.Flushed);
            var left = _journal.Recover(scorer.Preprocessing.ToString(), done.Contains, out var largest);
            _lastId = Math.Max(_lastId, largest);
            Recovered = left.Count;
            foreach (var item in left)
            {
                if (IsWatched(item.Source)) _sources[item.Source] = 0;
                Interlocked.Increment(ref _pending);
                _queue.Add((item, Remembered(item.Id)));
            }
        }
        catch
        {
            _results?.Dispose();
            _lock.Dispose();
            throw;
        }
        _thread = new Thread(Work) { IsBackground = true, Name = "scoring" };
        _thread.Start();
    }

    /// <summary>Names of what the model gives.</summary>
    public IReadOnlyList<string> Quantities => _quantities;

    /// <summary>Accepted events that an earlier process had not scored.</summary>
    public int Recovered { get; }

    /// <summary>Events accepted and not scored yet.</summary>
    public int Pending => Volatile.Read(ref _pending);

    /// <summary>Why nothing more can be accepted; null while all is well.</summary>
    public string? Broken => _journal.Broken;

    internal ServiceStatistics Statistics { get; }

    /// <summary>Whether a watched file was accepted before, by this process or an earlier one.</summary>
    public bool Knows(string source) => _sources.ContainsKey(source);

    /// <summary>The result of one of the newest events, or the task that will have it; null for an older or unknown one.</summary>
    public Task<ScoredEvent>? Find(long id) => _recent.GetValueOrDefault(id);

    /// <summary>Puts an event on the disk; the task ends when it is there.</summary>
    /// <param name="source">Where it comes from: <c>http</c>, or a watched file.</param>
    /// <param name="name">What its sender calls it.</param>
    /// <param name="received">When it had come and was decoded.</param>
    /// <param name="image">One preprocessed image, of the model's size.</param>
    /// <exception cref="PipelineFullException">Too many wait.</exception>
    /// <exception cref="IOException">The disk is full or gone: the event was not accepted.</exception>
    public async Task<AcceptedEvent> Accept(string source, string name, DateTimeOffset received, ImageSet image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var size = _scorer.Image;
        if (image.Count != 1 || image.BandCount != size.Bands || image.Height != size.Height || image.Width != size.Width)
            throw new ArgumentException(
                $"expected an image that is {size.Bands} × {size.Height} × {size.Width} after {_scorer.Preprocessing}, got "
                    + $"{image.BandCount} × {image.Height} × {image.Width}.", nameof(image));
        if (_isEnding) throw new PipelineFullException(Pending);
        var pending = Interlocked.Increment(ref _pending);
        try
        {
            if (pending > _options.MostPending) throw new PipelineFullException(pending - 1);
            Task written;
            TaskCompletionSource<ScoredEvent> result;
            ServedEvent item;
            lock (_order)
            {
                item = new ServedEvent(++_lastId, received, source, name, image);
                result = Remembered(item.Id);
                written = _journal.Append(item, () =>
                {
                    Statistics.Accepted();
                    if (IsWatched(source)) _sources[source] = 0;
                    _queue.Add((item, result));
                });
            }
            try
            {
                await written.ConfigureAwait(false);
            }
            catch
            {
                _recent.TryRemove(item.Id, out _);
                throw;
            }
            return new AcceptedEvent(item.Id, result.Task);
        }
        catch
        {
            Interlocked.Decrement(ref _pending);
            throw;
        }
    }

    /// <summary>Accepts nothing more, scores what was accepted, and closes the files.</summary>
    public void Dispose()
    {
        if (_isEnding) return;
        _isEnding = true;
        // First what is on its way to the disk, then what is there; the journal forgets only what results hold.
        _journal.EndWriting();
        _queue.CompleteAdding();
        _thread.Join();
        _journal.Dispose();
        _results.Dispose();
        _queue.Dispose();
        _lock.Dispose();
    }

    // Results say where an event came from; one sent by HTTP is not recognised again.
    private static bool IsWatched(string source) => source != "http";

    private TaskCompletionSource<ScoredEvent> Remembered(long id)
    {
        var result = new TaskCompletionSource<ScoredEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
        _recent[id] = result.Task;
        _recentOrder.Enqueue(id);
        while (_recentOrder.Count > Math.Max(10_000, 2 * _options.MostPending) && _recentOrder.TryDequeue(out var old))
            _recent.TryRemove(old, out _);
        return result;
    }

    private void Work()
    {
        var batch = new List<(ServedEvent Event, TaskCompletionSource<ScoredEvent> Result)>();
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            batch.Clear();
            batch.Add(first);
            while (batch.Count < _options.Batch && _queue.TryTake(out var next)) batch.Add(next);
            var results = Scored([.. batch.Select(one => one.Event)]);
            try
            {
                _results.Append(results);
                _journal.Done(results.Select(result => result.Event.Id));
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // The journal has the events still: the next start scores them again.
                Fail(batch, failure);
                continue;
            }
            Statistics.Scored(results);
            Interlocked.Add(ref _pending, -batch.Count);
            for (var i = 0; i < batch.Count; i++) batch[i].Result.SetResult(results[i]);
        }
    }

    private void Fail(List<(ServedEvent Event, TaskCompletionSource<ScoredEvent> Result)> batch, Exception failure)
    {
        Interlocked.Add(ref _pending, -batch.Count);
        foreach (var (_, result) in batch)
        {
            result.SetException(new IOException(
                $"the event was accepted, and its result could not be written: {failure.Message} It is scored again when the service "
                    + "starts again.", failure));
            _ = result.Task.Exception; // perhaps no sender waits for it
        }
    }

    private ScoredEvent[] Scored(ServedEvent[] events)
    {
        try
        {
            var images = events.Length == 1 ? events[0].Image : ImageSet.Concatenate([.. events.Select(one => one.Image)]);
            var values = _scorer.Score(images);
            var now = DateTimeOffset.UtcNow;
            var width = _quantities.Length;
            return [.. events.Select((one, i) => new ScoredEvent(one, values[(i * width)..((i + 1) * width)], null, now))];
        }
        catch (Exception) when (events.Length > 1)
        {
            // One of them, perhaps: the others shall not suffer.
            return [.. events.SelectMany(one => Scored([one]))];
        }
        catch (Exception failure)
        {
            var none = Enumerable.Repeat(double.NaN, _quantities.Length).ToArray();
            return [new ScoredEvent(events[0], none, failure.Message.Split('\n')[0], DateTimeOffset.UtcNow)];
        }
    }
}
