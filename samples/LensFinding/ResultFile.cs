using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hybrid.Samples.LensFinding;

/// <summary>How results are written as JSON.</summary>
internal static class ResultFile
{
    private static readonly JsonSerializerOptions _indented = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static string Text<T>(T value) => JsonSerializer.Serialize(value, _indented) + "\n";
}
