using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hybrid.Data.Formats;
using Hybrid.Samples.CommandLine;

namespace Hybrid.Samples.Serving.Events;

/// <summary>
/// Accepted events on the disk, until their results are. Events that wait at the same time are written together and flushed once.
/// </summary>
/// <remarks>
/// A file of records (<see cref="EventRecord"/>) after another, <c>journal-0000000001.events</c>; one whose events all have results on the
/// disk is removed. A record that a killed process cut off was never accepted. <c>journal.txt</c> says for which preprocessing the pixels
/// are.
/// </remarks>
internal sealed class EventJournal : IDisposable
{
    private const int MostTogether = 512;
    private const long MostBytesTogether = 32L << 20;
    /// <summary>An event on its way to the disk, and what happens when it is there.</summary>
    private sealed record Waiting(ServedEvent Event, Action Accepted, TaskCompletionSource Written);

    private readonly string _folder;
    private readonly long _segmentBytes;
    private readonly Action _flushResults;
    private readonly Action<TimeSpan> _flushed;
    private readonly BlockingCollection<Waiting> _waiting = [];
    private readonly Thread _writer;
    private readonly Lock _gate = new();

    // Under _gate: which file an event without a result is in, and how many each file has.
    private readonly Dictionary<long, long> _files = [];
    private readonly SortedDictionary<long, int> _open = [];
    private Microsoft.Win32.SafeHandles.SafeFileHandle? _file;
    private long _number, _length;
    private string? _broken;
    private bool _isLost; // of the writer alone: what stands after _length in the file is not known

    /// <param name="folder">Where its files are.</param>
    /// <param name="segmentBytes">A longer file is followed by another.</param>
    /// <param name="flushResults">Puts all results so far on the disk; called before events are forgotten.</param>
    /// <param name="flushed">Gets how long each flush took.</param>
    public EventJournal(string folder, long segmentBytes, Action flushResults, Action<TimeSpan> flushed)
    {
        (_folder, _segmentBytes, _flushResults, _flushed) = (folder, segmentBytes, flushResults, flushed);
        Directory.CreateDirectory(folder);
        _writer = new Thread(Write) { IsBackground = true, Name = "journal" };
    }

    /// <summary>Why nothing more can be accepted; null while all is well.</summary>
    public string? Broken => Volatile.Read(ref _broken);

    /// <summary>Reads what an earlier process left: the events that have no result yet, in order.</summary>
    /// <param name="preprocessing">What the pixels of new events went through.</param>
    /// <param name="hasResult">Whether an event's result is known.</param>
    /// <param name="largest">The largest number of an event.</param>
    /// <exception cref="InvalidDataException">Events are left that went through another preprocessing.</exception>
    public IReadOnlyList<ServedEvent> Recover(string preprocessing, Func<long, bool> hasResult, out long largest)
    {
        var left = new List<ServedEvent>();
        largest = 0;
        foreach (var (number, path) in Files())
        {
            _number = number;
            using (var stream = File.OpenRead(path))
            {
                while (EventRecord.Read(stream) is { } item)
                {
                    largest = Math.Max(largest, item.Id);
                    if (hasResult(item.Id)) continue;
                    left.Add(item);
                    _files[item.Id] = number;
                    _open[number] = _open.GetValueOrDefault(number) + 1;
                }
            }
            if (!_open.ContainsKey(number)) File.Delete(path);
        }
        var note = Path.Combine(_folder, "journal.txt");
        if (left.Count > 0 && File.Exists(note) && File.ReadAllText(note) != preprocessing)
            throw new InvalidDataException(
                $"{_folder}: holds {Plural.Of(left.Count, "accepted event")} that went through "
                    + $"'{File.ReadAllText(note)}', this model takes '{preprocessing}'. Serve the earlier model once more, which scores "
                    + "them, or give another --output.");
        WholeFile.WriteText(note, preprocessing);
        _number++;
        _writer.Start();
        return left;
    }

    /// <summary>Writes an event; the task ends when it is on the disk.</summary>
    /// <param name="item">The event.</param>
    /// <param name="accepted">Called when it is on the disk, for one event after another in the order of the calls.</param>
    public Task Append(ServedEvent item, Action accepted)
    {
        if (Broken is { } reason) return Task.FromException(new IOException(reason));
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            _waiting.Add(new Waiting(item, accepted, written));
        }
        catch (InvalidOperationException)
        {
            return Task.FromException(new IOException(Broken)); // it stopped in this moment
        }
        return written.Task;
    }

    /// <summary>The results of these events are written (not yet flushed).</summary>
    public void Done(IEnumerable<long> ids)
    {
        long[] finished;
        lock (_gate)
        {
            foreach (var id in ids)
                if (_files.Remove(id, out var number)) _open[number]--;
            finished = [.. _open.Where(file => file.Value == 0 && file.Key != _number).Select(file => file.Key)];
            foreach (var number in finished) _open.Remove(number);
        }
        if (finished.Length == 0) return;
        _flushResults();
        foreach (var number in finished) File.Delete(PathOf(number));
    }

    /// <summary>Writes what waits, and takes nothing more.</summary>
    public void EndWriting()
    {
        Volatile.Write(ref _broken, "the service is stopping");
        _waiting.CompleteAdding();
        if (!_writer.ThreadState.HasFlag(System.Threading.ThreadState.Unstarted)) _writer.Join();
    }

    /// <summary>Ends the writing; what was accepted is on the disk. Files are removed where every event has its result.</summary>
    public void Dispose()
    {
        EndWriting();
        _file?.Dispose();
        _waiting.Dispose();
        if (_files.Count > 0) return;
        _flushResults();
        foreach (var (_, path) in Files()) File.Delete(path);
    }

    private void Write()
    {
        var batch = new List<Waiting>();
        var records = new List<ReadOnlyMemory<byte>>();
        foreach (var first in _waiting.GetConsumingEnumerable())
        {
            batch.Clear();
            records.Clear();
            long bytes = 0;
            var next = first;
            do
            {
                batch.Add(next);
                records.Add(EventRecord.Write(next.Event));
                bytes += records[^1].Length;
            }
            while (batch.Count < MostTogether && bytes < MostBytesTogether && _waiting.TryTake(out next));
            try
            {
                if (_isLost) throw new IOException(Broken);
                if (_file is null || _length > _segmentBytes) Roll();
                lock (_gate)
                {
                    foreach (var one in batch) _files[one.Event.Id] = _number;
                    _open[_number] = _open.GetValueOrDefault(_number) + batch.Count;
                }
                var clock = Stopwatch.GetTimestamp();
                RandomAccess.Write(_file!, records, _length);
                RandomAccess.FlushToDisk(_file!);
                _length += bytes;
                _flushed(Stopwatch.GetElapsedTime(clock));
                foreach (var one in batch)
                {
                    one.Accepted();
                    one.Written.SetResult();
                }
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                Refuse(batch, failure);
            }
        }
    }

    /// <summary>The disk is full or gone: these were not accepted, and nothing of them must be read as if they were.</summary>
    private void Refuse(List<Waiting> batch, Exception failure)
    {
        lock (_gate)
        {
            foreach (var one in batch)
                if (_files.Remove(one.Event.Id, out var number)) _open[number]--;
        }
        try
        {
            if (_file is not null) RandomAccess.SetLength(_file, _length);
        }
        catch (IOException worse)
        {
            _isLost = true;
            Volatile.Write(ref _broken, $"{_folder}: the journal cannot be written: {worse.Message}");
        }
        foreach (var one in batch)
            one.Written.SetException(new IOException($"{_folder}: the event could not be put on the disk: {failure.Message}", failure));
    }

    private void Roll()
    {
        _file?.Dispose();
        _file = null;
        lock (_gate)
        {
            if (_length > 0) _number++;
            _length = 0;
        }
        _file = File.OpenHandle(PathOf(_number), FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        Done([]); // the file before may be finished by now
    }

    private string PathOf(long number)
        => Path.Combine(_folder, $"journal-{number.ToString("0000000000", CultureInfo.InvariantCulture)}.events");

    private IEnumerable<(long Number, string Path)> Files()
        => Directory.GetFiles(_folder, "journal-*.events")
            .Select(path => (long.TryParse(Path.GetFileNameWithoutExtension(path)["journal-".Length..], out var n) ? n : -1, path))
            .Where(file => file.Item1 >= 0)
            .OrderBy(file => file.Item1);
}
