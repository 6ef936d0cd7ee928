using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using Hybrid.Data.Cache;

namespace Hybrid.Samples.Serving.Events;

/// <summary>
/// Results as JSON lines, <c>results-000001.jsonl</c>, appended as they come; a file that is full, and the last one when the service ends,
/// also as Parquet beside it. A line cut off by a kill is removed at the next start, and its event scored again.
/// </summary>
internal sealed class ResultLog : IDisposable
{
    private static readonly string[] _fixed = ["id", "received", "source", "name", "model", "error"];
    private readonly string _folder, _model;
    private readonly string[] _quantities;
    private readonly int _mostLines;
    private readonly System.Threading.Lock _gate = new();
    private readonly MemoryStream _buffer = new();
    private FileStream _file;
    private int _number, _lines;

    /// <param name="folder">Where the files are.</param>
    /// <param name="quantities">Names of what the model gives.</param>
    /// <param name="model">The beginning of its hash.</param>
    /// <param name="mostLines">A longer file is followed by another.</param>
    /// <param name="known">Gets the id and source of each result of before.</param>
    public ResultLog(string folder, IEnumerable<string> quantities, string model, int mostLines, Action<long, string> known)
    {
        (_folder, _model, _mostLines) = (folder, model, mostLines);
        _quantities = [.. quantities];
        Directory.CreateDirectory(folder);
        var files = Directory.GetFiles(folder, "results-*.jsonl").Order(StringComparer.Ordinal).ToArray();
        string? lastModel = null;
        foreach (var path in files)
        {
            CutTornLine(path);
            _lines = 0;
            foreach (var line in File.ReadLines(path))
            {
                using var result = Parsed(line, path, _lines + 1);
                known(result.RootElement.GetProperty("id").GetInt64(), result.RootElement.GetProperty("source").GetString() ?? "");
                lastModel = result.RootElement.GetProperty("model").GetString();
                _lines++;
            }
            _number = int.Parse(Path.GetFileNameWithoutExtension(path)["results-".Length..], CultureInfo.InvariantCulture);
        }
        // A file has one model's results, so that its Parquet has the same columns in every row.
        if (files.Length == 0 || _lines >= mostLines || (lastModel is not null && lastModel != model)) (_number, _lines) = (_number + 1, 0);
        foreach (var path in files.Where(path => path != JsonPath && !IsDone(path))) WriteParquet(path);
        _file = Opened();
    }

    private string JsonPath => Path.Combine(_folder, $"results-{_number.ToString("000000", CultureInfo.InvariantCulture)}.jsonl");

    /// <summary>Appends results; they survive the process, and after <see cref="Flush"/> the machine.</summary>
    public void Append(IReadOnlyList<ScoredEvent> results)
    {
        lock (_gate)
        {
            _buffer.SetLength(0);
            foreach (var result in results)
            {
                WriteLine(_buffer, result);
                _lines++;
            }
            _file.Write(_buffer.GetBuffer().AsSpan(0, (int)_buffer.Length));
            _file.Flush();
            if (_lines < _mostLines) return;
            _file.Flush(flushToDisk: true);
            _file.Dispose();
            WriteParquet(JsonPath);
            (_number, _lines) = (_number + 1, 0);
            _file = Opened();
        }
    }

    /// <summary>Puts all results so far on the disk.</summary>
    public void Flush()
    {
        lock (_gate) _file.Flush(flushToDisk: true);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _file.Flush(flushToDisk: true);
            _file.Dispose();
            _buffer.Dispose();
            if (_lines > 0) WriteParquet(JsonPath);
            else File.Delete(JsonPath);
        }
    }

    private FileStream Opened() => new(JsonPath, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, 1);

    private void WriteLine(Stream target, ScoredEvent result)
    {
        using (var json = new Utf8JsonWriter(target))
        {
            json.WriteStartObject();
            Describe(json, result, _quantities);
            json.WriteString("source", result.Event.Source);
            json.WriteString("model", _model);
            json.WriteEndObject();
        }
        target.WriteByte((byte)'\n');
    }

    /// <summary>Id, name, time, quantities and error of a result, as lines and answers have them.</summary>
    public static void Describe(Utf8JsonWriter json, ScoredEvent result, IReadOnlyList<string> quantities)
    {
        json.WriteNumber("id", result.Event.Id);
        json.WriteString("name", result.Event.Name);
        json.WriteString("received", result.Event.Received.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        for (var i = 0; i < quantities.Count; i++)
        {
            if (double.IsFinite(result.Values[i])) json.WriteNumber(quantities[i], result.Values[i]);
            else json.WriteNull(quantities[i]); // JSON has no NaN
        }
        if (result.Error is { } error) json.WriteString("error", error);
    }

    private static void CutTornLine(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        var end = file.Length;
        while (end > 0)
        {
            file.Position = end - 1;
            if (file.ReadByte() == '\n') break;
            end--;
        }
        if (end < file.Length) file.SetLength(end);
        // The journal forgets what it finds here.
        file.Flush(flushToDisk: true);
    }

    private static JsonDocument Parsed(string line, string path, int number)
    {
        try
        {
            return JsonDocument.Parse(line);
        }
        catch (JsonException failure)
        {
            throw new InvalidDataException($"{path}, line {number}: expected a result, got '{line}': {failure.Message}", failure);
        }
    }

    private static string ParquetOf(string path) => Path.ChangeExtension(path, ".parquet");

    private static bool IsDone(string path)
        => File.Exists(ParquetOf(path)) && File.GetLastWriteTimeUtc(ParquetOf(path)) >= File.GetLastWriteTimeUtc(path);

    /// <summary>A file of lines as Parquet: the columns of its first line; what a line lacks is empty or NaN.</summary>
    private static void WriteParquet(string path)
    {
        var rows = File.ReadLines(path).Select((line, i) => Parsed(line, path, i + 1)).ToList();
        if (rows.Count == 0) return;
        try
        {
            var quantities = rows[0].RootElement.EnumerateObject().Select(one => one.Name).Where(name => !_fixed.Contains(name));
            string[] Texts(string name)
                => [.. rows.Select(row => row.RootElement.TryGetProperty(name, out var text) ? text.GetString() ?? "" : "")];
            double[] Numbers(string name)
                => [.. rows.Select(row => row.RootElement.TryGetProperty(name, out var one) && one.ValueKind == JsonValueKind.Number
                    ? one.GetDouble()
                    : double.NaN)];
            ParquetTable.Write(
                ParquetOf(path),
                new CacheRows(
                [
                    CacheValues.Integers("id", [.. rows.Select(row => row.RootElement.GetProperty("id").GetInt64())]),
                    .. new[] { "name", "received" }.Select(name => CacheValues.Texts(name, Texts(name))),
                    .. quantities.Select(name => CacheValues.Reals(name, Numbers(name))),
                    .. new[] { "source", "model", "error" }.Select(name => CacheValues.Texts(name, Texts(name))),
                ]));
        }
        finally
        {
            foreach (var row in rows) row.Dispose();
        }
    }
}
