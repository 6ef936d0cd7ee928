using System.IO;
using System.Linq;
using System.Text.Json;
using Hybrid.Models.Training;

namespace Hybrid.Samples.CommandLine;

/// <summary>
/// What a command was given, in <c>command.json</c> of its folder: where files of an earlier command stand, they were made by the same
/// options, or the command is refused.
/// </summary>
public static class GivenOptions
{
    private const string FileName = "command.json";

    /// <summary>Keeps the options in a folder, or compares them with those that stand there.</summary>
    /// <param name="folder">Of the run; made where it is not there.</param>
    /// <param name="options">All that the results depend on.</param>
    /// <exception cref="IOException">The folder was begun with others; the message names the first that differs.</exception>
    public static void Require<T>(string folder, T options)
    {
        var path = Path.Combine(folder, FileName);
        Directory.CreateDirectory(folder);
        if (!File.Exists(path))
        {
            RunDirectory.Save(path, options);
            return;
        }
        // Through the same text, so that numbers are compared as they are written.
        var given = path + ".now";
        RunDirectory.Save(given, options);
        var (earlier, now) = (RunDirectory.Read<JsonElement>(path), RunDirectory.Read<JsonElement>(given));
        File.Delete(given);
        if (Difference(earlier, now, "") is { } difference)
            throw new IOException(
                $"--resume: expected the options that {Path.GetFullPath(folder)} was begun with, got {difference}. "
                + "Give those, --overwrite, or another --output.");
    }

    private static string? Difference(JsonElement earlier, JsonElement now, string name)
    {
        if (earlier.ValueKind != JsonValueKind.Object || now.ValueKind != JsonValueKind.Object)
            return earlier.GetRawText() == now.GetRawText() ? null : $"{name} {now.GetRawText()} in place of {earlier.GetRawText()}";
        var names = earlier.EnumerateObject().Concat(now.EnumerateObject()).Select(property => property.Name).Distinct();
        return names.Select(property => (
            earlier.TryGetProperty(property, out var before), now.TryGetProperty(property, out var after)) switch
        {
            (true, true) => Difference(before, after, property),
            (true, false) => $"no {property}",
            _ => $"{property} {after.GetRawText()}, which was not known then",
        }).FirstOrDefault(difference => difference is not null);
    }
}
