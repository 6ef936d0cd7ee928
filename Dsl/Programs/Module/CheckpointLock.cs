using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Hybrid.Graphs;

namespace Hybrid.Programs;

/// <summary>
/// The lock of a network's checkpoint: a committed text file that lists its keys and shapes, so that an edit that would make old
/// checkpoints unreadable is seen when it is typed (HYB4006). One tensor a line, <c>stem.weight (64, 3, 7, 7)</c>; lines that start with #
/// are remarks.
/// </summary>
public static class CheckpointLock
{
    /// <summary>The file of a network: its class's name, or its full name, before this.</summary>
    public const string Suffix = ".keys";

    /// <summary>The text of the file.</summary>
    public static string Write(Graph graph)
    {
        var text = new StringBuilder(
            $"# Checkpoint keys of {graph.Name}, held by [Network(Lock = true)]. Written by: hybrid card {graph.ClassName} --lock\n");
        foreach (var (layer, weight) in Tensors(graph))
            text.Append(Key(layer, weight)).Append(' ').Append(ProgramFile.Round(weight.Shape)).Append('\n');
        return text.ToString();
    }

    /// <summary>HYB4006 for each layer whose keys or shapes differ from the lock's, and one for what is left over on either side.</summary>
    /// <param name="graph">The network as it is now.</param>
    /// <param name="text">The lock; null when there is no such file.</param>
    public static IEnumerable<Fault> Check(Graph graph, string? text)
    {
        var command = $"./hybrid card {graph.ClassName} --lock";
        if (text is null)
        {
            yield return At(
                default,
                $"{graph.ClassName} is locked, but there is no file {graph.ClassName}{Suffix} in its project. Write it with {command}.");
            yield break;
        }
        var locked = Read(text);
        var missing = locked.GroupBy(entry => entry.Layer).Where(group => graph.Layers.All(layer => layer.Key != group.Key)).ToList();
        var added = graph.Layers.Where(layer => locked.All(entry => entry.Layer != layer.Key)).ToList();
        foreach (var old in missing.ToList())
        {
            var renamed = added.FirstOrDefault(
                layer => layer.Weights.Count == old.Count()
                    && layer.Weights.Zip(
                        old, (weight, entry) => weight.Name == entry.Weight && Same(graph, weight.Shape, entry.Shape)).All(same => same));
            if (renamed is null) continue;
            added.Remove(renamed);
            missing.Remove(old);
            var (prefix, name) = Split(renamed.Key);
            var count = Plural.Of(old.Count(), "checkpoint key");
            // A key is pinned inside its block: one that moved to another block cannot be kept there.
            if (Split(old.Key).Prefix != prefix)
            {
                yield return At(
                    renamed.Origin,
                    $"{renamed.Operation} '{renamed.Key}': {count} of the lock file, '{old.Key}', moved to another block. Move it back, "
                        + $"or write the lock again with {command}.");
                continue;
            }
            yield return At(
                renamed.Origin,
                $"{renamed.Operation} '{name}': renaming '{Split(old.Key).Name}' changes {count} (lock file). Keep with key: "
                    + $"\"{Split(old.Key).Name}\".")
                with { Edits = EquatableArray.Of(new Edit(EditKind.Argument, $"key: \"{Split(old.Key).Name}\"", renamed.Origin)) };
        }
        foreach (var layer in graph.Layers)
            foreach (var weight in layer.Weights)
            {
                if (locked.FirstOrDefault(entry => entry.Layer == layer.Key && entry.Weight == weight.Name) is not { Layer: not null } entry
                    || Same(graph, weight.Shape, entry.Shape))
                {
                    continue;
                }
                yield return At(
                    layer.Origin,
                    $"{layer.Operation} '{Split(layer.Key).Name}': '{Key(layer, weight)}' is "
                        + $"{ProgramFile.Round(Sized(graph, weight.Shape))}, the lock file has {entry.Shape}. Keep the size, or write the "
                        + $"lock again with {command}.");
            }
        if (missing.Count == 0 && added.Count == 0) yield break;
        var parts = new List<string>();
        if (missing.Count > 0)
        {
            parts.Add(
                $"{string.Join(", ", missing.Select(group => $"'{group.Key}'"))} of the lock file {(missing.Count == 1 ? "is" : "are")} "
                    + "gone");
        }
        if (added.Count > 0)
        {
            parts.Add(
                $"{string.Join(", ", added.Select(layer => $"'{layer.Key}'"))} {(added.Count == 1 ? "is" : "are")} not in the lock file");
        }
        yield return At(
            default,
            $"{graph.ClassName}: {string.Join("; ", parts)}. If old checkpoints need not load, write the lock again with {command}.");
    }

    private static Fault At(Origin place, string text) => new("HYB4006", text, place);

    private static IEnumerable<(LayerInfo Layer, Weight Weight)> Tensors(Graph graph)
        => graph.Layers.SelectMany(layer => layer.Weights.Select(weight => (layer, weight)));

    private static string Key(LayerInfo layer, Weight weight) => $"{layer.Key}.{weight.Name}";

    /// <summary>The block's prefix and the name inside it.</summary>
    private static (string Prefix, string Name) Split(string key)
    {
        var dot = key.LastIndexOf('.');
        return (key.Substring(0, dot + 1), key.Substring(dot + 1));
    }

    /// <summary>[Param] sizes at their defaults, for which the lock is written.</summary>
    private static Shape Sized(Graph graph, Shape shape)
        => shape.Substitute(
            name => graph.Parameters.FirstOrDefault(parameter => parameter.Name == name)?.Default is { } value ? value : null);

    /// <summary>A size without a default may be any.</summary>
    private static bool Same(Graph graph, Shape shape, string locked)
    {
        var now = Sized(graph, shape);
        return now.Sizes.Any(size => !size.IsConstant) || ProgramFile.Round(now) == locked;
    }

    private static List<(string Layer, string Weight, string Shape)> Read(string text)
    {
        var entries = new List<(string, string, string)>();
        foreach (var line in text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'))
        {
            var space = line.IndexOf(' ');
            var dot = line.LastIndexOf('.', space < 0 ? line.Length - 1 : space);
            if (space > 0 && dot > 0)
                entries.Add((line.Substring(0, dot), line.Substring(dot + 1, space - dot - 1), line.Substring(space + 1).Trim()));
        }
        return entries;
    }
}
