using System;
using System.IO;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hybrid.Models.Training;

/// <summary>
/// Everything of one run in one folder: <c>options.json</c> (what was asked), <c>history.jsonl</c> (a line for each iteration, written as it
/// happens, so that a killed run keeps it), <c>metrics.json</c> (what came out), weights and report beside them. Enough to redraw the run.
/// </summary>
public sealed class RunDirectory : IDisposable
{
    private static readonly JsonSerializerOptions _indented = Options(indented: true);
    private static readonly JsonSerializerOptions _line = Options(indented: false);
    private StreamWriter? _history;

    private RunDirectory(string folder) => Folder = folder;

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Starts a run in a folder that does not exist, or is empty, or holds an earlier run that may be replaced.</summary>
    /// <param name="path">The folder; made when it is not there.</param>
    /// <param name="options">What the user chose; saved at once.</param>
    /// <param name="replace">Whether an earlier run in that folder is removed (its files of the names above, nothing else).</param>
    /// <exception cref="IOException">The folder holds an earlier run and <paramref name="replace"/> is false, or cannot be written.</exception>
    public static RunDirectory Create<T>(string path, T options, bool replace = false)
    {
        path = Path.GetFullPath(path);
        var run = new RunDirectory(path);
        if (File.Exists(run.PathOf("options.json")))
        {
            if (!replace) throw new IOException($"{path} holds an earlier run (options.json). Choose another folder, or allow it to be replaced.");
            foreach (var name in (ReadOnlySpan<string>)["options.json", "history.jsonl", "metrics.json", "weights.safetensors", "report.html"]) File.Delete(run.PathOf(name));
        }
        Directory.CreateDirectory(path);
        run.Write("options.json", options);
        return run;
    }

    /// <summary>The path of a file of this run.</summary>
    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Adds a line to history.jsonl. It reaches the file when the buffer fills, with <see cref="Flush"/>, and at the end.</summary>
    public void Append<T>(T entry)
    {
        _history ??= new StreamWriter(new FileStream(PathOf("history.jsonl"), FileMode.Append, FileAccess.Write, FileShare.Read), new UTF8Encoding(false));
        _history.Write(JsonSerializer.Serialize(entry, _line));
        _history.Write('\n');
    }

    /// <summary>Hands the lines so far to the operating system.</summary>
    public void Flush() => _history?.Flush();

    /// <summary>Writes a JSON file under a temporary name and renames it: a reader sees the old file or the whole new one.</summary>
    public void Write<T>(string name, T value)
    {
        var temporary = PathOf(name) + ".part";
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(stream, value, _indented);
            stream.WriteByte((byte)'\n');
        }
        File.Move(temporary, PathOf(name), overwrite: true);
    }

    /// <summary>Reads a JSON file of a run.</summary>
    /// <exception cref="InvalidDataException">It is not there, or not what it should be; the message has the path.</exception>
    public static T Read<T>(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return JsonSerializer.Deserialize<T>(stream, _indented) ?? throw new InvalidDataException($"{path}: expected an object, got null.");
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
