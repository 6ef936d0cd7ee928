using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hybrid.Models.Weights;

namespace Hybrid.Models.Training;

/// <summary>
/// The checkpoints of a run's folder: the last one and the one before it, to which a run falls back where the last is damaged. At every
/// moment a whole one stands there, whenever the process is killed.
/// </summary>
internal static class CheckpointFiles
{
    public const string Last = "checkpoint.safetensors";
    public const string Previous = "checkpoint.previous.safetensors";
    private const string Next = "checkpoint.next.safetensors";
    private const string Damaged = "checkpoint.damaged.safetensors";

    /// <summary>Every name that a run's folder may have.</summary>
    public static IReadOnlyList<string> Names { get; } = [Last, Previous, Next, Damaged];

    /// <summary>Those to continue from, the newest first; none where the run has none.</summary>
    public static IReadOnlyList<string> In(string folder)
    {
        // Killed between two renames: what was the last is the one before already, and the new one waits for its name.
        string[] names = File.Exists(Path.Combine(folder, Last)) ? [Last, Previous] : [Next, Previous];
        return names.Select(name => Path.Combine(folder, name)).Where(File.Exists).ToArray();
    }

    /// <summary>Reads the newest that is whole.</summary>
    /// <param name="paths">What <see cref="In"/> found, at least one.</param>
    /// <returns>The file, its path, and where a newer one is damaged, what that means.</returns>
    /// <exception cref="InvalidDataException">Each is damaged; the message is the newest's and names the others.</exception>
    public static (SafetensorsFile File, string Path, string? Notice) Open(IReadOnlyList<string> paths)
    {
        InvalidDataException? first = null;
        foreach (var path in paths)
        {
            try
            {
                var file = Safetensors.Load(path);
                return (file, path, first is null ? null : $"{Sentence(first)} Continued from the checkpoint before it, {path}.");
            }
            catch (InvalidDataException failure)
            {
                if (first is not null)
                    throw new InvalidDataException($"{Sentence(first)} And the checkpoint before it: {failure.Message}", first);
                first = failure;
            }
        }
        throw first!;

        static string Sentence(Exception failure) => $"{failure.Message.TrimEnd('.')}.";
    }

    /// <summary>Gives the checkpoint that a run continues from its name, and takes it from a damaged one. Under the run's lock.</summary>
    /// <param name="folder">The run's.</param>
    /// <param name="used">What <see cref="Open"/> read.</param>
    public static void Settle(string folder, string used)
    {
        var (last, next) = (Path.Combine(folder, Last), Path.Combine(folder, Next));
        if (used == next) File.Move(next, last);
        else if (used != last && File.Exists(last)) File.Move(last, Path.Combine(folder, Damaged), overwrite: true);
        File.Delete(next);
    }

    /// <summary>Writes a checkpoint; the one that was the last becomes the one before it.</summary>
    /// <param name="folder">The run's.</param>
    /// <param name="write">Writes a whole file of the name that it is given.</param>
    /// <returns>The checkpoint's path.</returns>
    public static string Add(string folder, Action<string> write)
    {
        var (last, next) = (Path.Combine(folder, Last), Path.Combine(folder, Next));
        write(next);
        if (File.Exists(last)) File.Move(last, Path.Combine(folder, Previous), overwrite: true);
        File.Move(next, last);
        return last;
    }
}
