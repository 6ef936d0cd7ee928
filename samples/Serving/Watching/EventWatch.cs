using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Hybrid.Samples.Serving.Events;

namespace Hybrid.Samples.Serving.Watching;

/// <summary>
/// Takes each new file of a place once: results, journal and <c>refused.jsonl</c> say which ones were taken, also by an earlier process.
/// </summary>
public sealed class EventWatch
{
    private const int AtOnce = 32;
    private readonly IWatchedPlace _place;
    private readonly ScoringPipeline _pipeline;
    private readonly FrameReader _reader;
    private readonly long _mostBytes;
    private readonly TimeSpan _every;
    private readonly string _refusedPath;
    private readonly Action<string> _say;
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    private HashSet<string> _seen = new(StringComparer.Ordinal);
    private string? _trouble;

    /// <param name="place">Where events appear.</param>
    /// <param name="pipeline">Where they go.</param>
    /// <param name="reader">What makes images of bytes.</param>
    /// <param name="mostBytes">A longer file is refused.</param>
    /// <param name="every">Between two looks.</param>
    /// <param name="folder">Where refused.jsonl is.</param>
    /// <param name="say">Gets a line for each file that was refused, and when the place cannot be reached.</param>
    public EventWatch(
        IWatchedPlace place, ScoringPipeline pipeline, FrameReader reader, long mostBytes, TimeSpan every, string folder,
        Action<string> say)
    {
        (_place, _pipeline, _reader, _mostBytes, _every, _say) = (place, pipeline, reader, mostBytes, every, say);
        _refusedPath = Path.Combine(folder, "refused.jsonl");
        if (!File.Exists(_refusedPath)) return;
        foreach (var line in File.ReadLines(_refusedPath))
        {
            try
            {
                using var entry = JsonDocument.Parse(line);
                _refused.Add(entry.RootElement.GetProperty("source").GetString() ?? "");
            }
            catch (JsonException)
            {
                // A line that a kill cut off: the file is refused once more.
            }
        }
    }

    /// <summary>Watches until it is stopped. A place that cannot be reached is looked at again.</summary>
    public async Task Run(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await Look(stop);
                if (_trouble is not null) _say($"{_place.Name} can be reached again");
                _trouble = null;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                if (_trouble != failure.Message) _say($"{failure.Message} It is tried again.");
                _trouble = failure.Message;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            try
            {
                await Task.Delay(_every, stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Takes what is new and whole.</summary>
    /// <returns>How many files were taken or refused.</returns>
    public async Task<int> Look(CancellationToken stop)
    {
        var files = await _place.List(stop);
        var fresh = files.Where(file => !_pipeline.Knows(file.Source) && !_refused.Contains(file.Source)).ToArray();
        // A file that is being written looks different the next time.
        var whole = fresh.Where(file => file.IsSettled || _seen.Contains(file.Source)).ToArray();
        _seen = [.. fresh.Except(whole).Select(file => file.Source)];
        foreach (var some in whole.Chunk(AtOnce))
        {
            stop.ThrowIfCancellationRequested();
            await Task.WhenAll(some.Select(file => Task.Run(() => Take(file, stop), stop)));
        }
        return whole.Length;
    }

    private async Task Take(WatchedFile file, CancellationToken stop)
    {
        try
        {
            if (file.Bytes > _mostBytes)
                throw new BadEventException("too large", $"{file.Name}: expected at most {_mostBytes} bytes, got {file.Bytes}.");
            var bytes = await _place.Read(file, stop);
            var image = _reader.Png(file.Name, bytes);
            var received = DateTimeOffset.UtcNow;
            for (; ; await Task.Delay(TimeSpan.FromMilliseconds(100), stop))
            {
                try
                {
                    await _pipeline.Accept(file.Source, file.Name, received, image);
                    return;
                }
                catch (PipelineFullException)
                {
                    // It stays where it is until there is room.
                }
            }
        }
        catch (BadEventException failure)
        {
            _pipeline.Statistics.Refused(failure.Label);
            Refuse(file, failure.Message);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            // Removed meanwhile by whoever put it there.
        }
    }

    private void Refuse(WatchedFile file, string reason)
    {
        lock (_refused)
        {
            _refused.Add(file.Source);
            File.AppendAllText(
                _refusedPath,
                JsonSerializer.Serialize(new { time = DateTime.UtcNow, source = file.Source, name = file.Name, reason }) + "\n");
        }
        _say($"refused {reason}");
    }
}
