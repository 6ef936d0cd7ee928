using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>What a run's folder says of the options it was given.</summary>
internal static class SavedOptions
{
    /// <summary>Requires that a JSON file has these properties, at any depth, each with its value in one place at least.</summary>
    /// <param name="path">options.json of a run, or a file like it.</param>
    /// <param name="expected">Names, in any case, and values; a sequence is a list's first values.</param>
    public static void Require(string path, params (string Name, object Value)[] expected)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        var found = new List<(string Name, string Value)>();
        Gather(document.RootElement, "", found);
        Assert.All(expected, one =>
        {
            var values = found.Where(entry => string.Equals(entry.Name, one.Name, StringComparison.OrdinalIgnoreCase))
                .Select(entry => entry.Value).ToArray();
            Assert.True(values.Contains(Text(one.Value)), $"{path}: {one.Name} is {string.Join(" and ", values)}, not {Text(one.Value)}");
        });
    }

    private static void Gather(JsonElement element, string name, List<(string Name, string Value)> found)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject()) Gather(property.Value, property.Name, found);
                break;
            case JsonValueKind.Array:
                found.Add((name, string.Join(",", element.EnumerateArray().Select(Scalar))));
                foreach (var item in element.EnumerateArray()) Gather(item, "", found);
                break;
            default:
                found.Add((name, Scalar(element)));
                break;
        }
    }

    private static string Scalar(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Number => Text(element.GetDouble()),
        JsonValueKind.String => element.GetString()!,
        JsonValueKind.True => Text(true),
        JsonValueKind.False => Text(false),
        _ => "",
    };

    private static string Text(object value) => value switch
    {
        string text => text,
        System.Collections.IEnumerable list => string.Join(",", list.Cast<object>().Select(Text)),
        IConvertible number => number is bool truth ? (truth ? "true" : "false")
            : number.ToDouble(CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture),
        _ => $"{value}",
    };
}
