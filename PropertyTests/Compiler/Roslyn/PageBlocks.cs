using System.Linq;
using System.Text.RegularExpressions;

namespace Hybrid.PropertyTests.Compiler.Roslyn;

/// <summary>The fenced blocks of a page, as they are printed.</summary>
internal static class PageBlocks
{
    /// <param name="page">The page's text.</param>
    /// <param name="language">What the fence says: csharp, fsharp, text.</param>
    public static string[] Of(string page, string language)
        => [.. Regex.Matches(page, $"^```{language}\n(.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline)
            .Select(block => block.Groups[1].Value)];
}
