using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Hybrid.Data.Formats;

namespace Hybrid.Models.Training;

/// <summary>
/// Everything of one run in one folder: <c>options.json</c> (what was asked), <c>history.jsonl</c> (a line for each epoch, written as it
/// happens, so that a killed run keeps it), <c>metrics.json</c> (what came out), weights and report beside them. Enough to continue, redraw
/// or use the run. As long as the object lives, no other process can write there.
/// </summary>
public sealed class RunDirectory : IDisposable
{
    private static readonly JsonSerializerOptions _indented = Options(indented: true);
    private static readonly JsonSerializerOptions _line = Options(indented: false);
    private static readonly string[] _files =
    [
        "options.json", "history.jsonl", "history.csv", "metrics.json", "statistics.json", "weights.safetensors", "report.html",
        .. CheckpointFiles.Names,
    ];
    private readonly RunLock _lock;
    private StreamWriter? _history;

    private RunDirectory(string folder) => (Folder, _lock) = (folder, RunLock.Take(folder));

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Starts a run in a folder that does not exist, or is empty, or holds an earlier run that may be replaced.</summary>
    /// <param name="path">The folder; made when it is not there.</param>
    /// <param name="options">What the user chose; saved at once.</param>
    /// <param name="replace">Whether an earlier run in that folder is removed (its files of the names above, nothing else).</param>
    /// <exception cref="IOException">The folder holds an earlier run and <paramref name="replace"/> is false, or cannot be
    /// written.</exception>
    public static RunDirectory Create<T>(string path, T options, bool replace = false)
    {
        path = Path.GetFullPath(path);
        if (Exists(path) && !replace)
            throw new IOException($"{path} holds an earlier run (options.json). Choose another folder, or allow it to be replaced.");
        Directory.CreateDirectory(path);
        var run = new RunDirectory(path);
        try
        {
            if (Exists(path))
            {
                foreach (var name in _files) File.Delete(run.PathOf(name));
                foreach (var epoch in Directory.GetFiles(path, "epoch-*.safetensors")) File.Delete(epoch);
            }
            run.Write("options.json", options);
            return run;
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    /// <summary>Whether a folder holds a run.</summary>
    public static bool Exists(string path) => File.Exists(Path.Combine(path, "options.json"));

    /// <summary>The folder itself where it holds no run, else the first of <c>path-2</c>, <c>path-3</c>, … that holds none.</summary>
    public static string NextFree(string path) => Numbered(path).First(candidate => !Exists(candidate));

    /// <summary>The newest of the runs that <see cref="NextFree"/> numbered; the folder itself where there is none.</summary>
    public static string Latest(string path) => Numbered(path).TakeWhile(Exists).LastOrDefault(path);

    private static IEnumerable<string> Numbered(string path)
        => Enumerable.Range(1, int.MaxValue).Select(number => number == 1 ? path : $"{path}-{number}");

    /// <summary>What <see cref="TrainingOptions.Notes"/> said of a run.</summary>
    /// <exception cref="InvalidDataException">The folder holds no run, or one with other notes; the message has the path.</exception>
    public static T NotesOf<T>(string path)
    {
        var file = Path.Combine(path, "options.json");
        var options = Read<JsonElement>(file);
        if (options.ValueKind != JsonValueKind.Object
            || !options.TryGetProperty("options", out var training)
            || !training.TryGetProperty("notes", out var notes))
            throw new InvalidDataException($"{file}: expected the options of a training run with notes, got none.");
        try
        {
            return notes.Deserialize<T>(_indented)
                ?? throw new InvalidDataException($"{file}: expected notes of the program that began the run, got null.");
        }
        catch (JsonException failure)
        {
            throw new InvalidDataException($"{file}: its notes are another program's: {failure.Message}", failure);
        }
    }

    /// <summary>Continues a run: removes what a killed process left half written.</summary>
    /// <param name="path">A folder that <see cref="Create"/> made.</param>
    /// <exception cref="DirectoryNotFoundException">There is none.</exception>
    public static RunDirectory Continue(string path)
    {
        path = Path.GetFullPath(path);
        if (!Directory.Exists(path)) throw new DirectoryNotFoundException($"{path}: expected the folder of a run, there is none.");
        foreach (var half in Directory.GetFiles(path, "*.part")) File.Delete(half);
        return new RunDirectory(path);
    }

    /// <summary>The path of a file of this run.</summary>
    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>
    /// Adds a line to history.jsonl. It reaches the file when the buffer fills, with <see cref="Flush"/>, and at the end.
    /// </summary>
    public void Append<T>(T entry)
    {
        _history ??= new StreamWriter(
            new FileStream(PathOf("history.jsonl"), FileMode.Append, FileAccess.Write, FileShare.Read), new UTF8Encoding(false));
        _history.Write(JsonSerializer.Serialize(entry, _line));
        _history.Write('\n');
    }

    /// <summary>
    /// The first lines of history.jsonl; what follows them is removed, so that the next <see cref="Append"/> comes after them.
    /// </summary>
    /// <param name="lines">How many there must be.</param>
    /// <exception cref="InvalidDataException">There are fewer, or one of them cannot be read.</exception>
    public IReadOnlyList<T> KeepHistory<T>(int lines)
    {
        if (_history is not null) throw new InvalidOperationException("RunDirectory.KeepHistory: the history is being written already.");
        var path = PathOf("history.jsonl");
        var kept = File.Exists(path) ? File.ReadLines(path).Take(lines).ToArray() : [];
        if (kept.Length < lines)
            throw new InvalidDataException($"{path}: expected at least {Plural.Of(lines, "line")}, got {kept.Length}.");
        var entries = new List<T>(lines);
        for (var i = 0; i < kept.Length; i++)
        {
            try
            {
                entries.Add(
                    JsonSerializer.Deserialize<T>(kept[i], _line)
                    ?? throw new InvalidDataException($"{path}, line {i + 1}: expected an object, got null."));
            }
            catch (JsonException failure)
            {
                throw new InvalidDataException($"{path}, line {i + 1}: {failure.Message}", failure);
            }
        }
        WholeFile.WriteText(path, string.Concat(kept.Select(line => line + "\n")));
        return entries;
    }

    /// <summary>Hands the lines so far to the operating system.</summary>
    public void Flush() => _history?.Flush();

    /// <summary>Writes a JSON file under a temporary name and renames it: a reader sees the old file or the whole new one.</summary>
    public void Write<T>(string name, T value) => Save(PathOf(name), value);

    /// <summary>The same for a file beside runs, which <see cref="Read{T}"/> reads.</summary>
    /// <param name="path">The file.</param>
    /// <param name="value">What it shall hold.</param>
    public static void Save<T>(string path, T value)
        => WholeFile.Write(path, stream =>
        {
            JsonSerializer.Serialize(stream, value, _indented);
            stream.WriteByte((byte)'\n');
        });

    /// <summary>Reads a JSON file of a run.</summary>
    /// <exception cref="InvalidDataException">It is not there, or not what it should be; the message has the path.</exception>
    public static T Read<T>(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return JsonSerializer.Deserialize<T>(stream, _indented)
                ?? throw new InvalidDataException($"{path}: expected an object, got null.");
        }
        catch (Exception failure) when (failure is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidDataException($"{path}: {failure.Message}", failure);
        }
    }

    public void Dispose()
    {
        _history?.Dispose();
        _history = null;
        _lock.Dispose();
    }

    // |F| of a failed run may be infinite, and names such as 'λ' stay readable.
    private static JsonSerializerOptions Options(bool indented) => new(JsonSerializerDefaults.Web)
    {
        WriteIndented = indented,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };
}
