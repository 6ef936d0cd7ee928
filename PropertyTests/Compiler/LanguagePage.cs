using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Hybrid.Rules;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>docs/language.md: its examples compile without a diagnostic, and its list of operations is the language's.</summary>
public sealed class LanguagePage
{
    private const string Start = "<!-- operations -->\n", End = "<!-- end of operations -->";

    private static string Location => Repository.Path("docs", "language.md");

    [Fact]
    public void Examples_Compile()
    {
        var examples = Regex.Matches(File.ReadAllText(Location), "^```csharp\n(.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline).Select(m => m.Groups[1].Value).ToList();
        Assert.NotEmpty(examples);
        var compilation = Specs.Compile("using Hybrid;\nnamespace Docs;\n" + string.Join("\n", examples));
        Assert.Empty(Specs.Analyze(compilation));
        Assert.Empty(Specs.Errors(Specs.Generate(compilation).Compilation));
    }

    /// <summary>HYBRID_UPDATE_SNAPSHOTS=1 writes the list anew.</summary>
    [Fact]
    public void Operations_AreTheLanguages()
    {
        var page = File.ReadAllText(Location);
        var (start, end) = (page.IndexOf(Start, StringComparison.Ordinal) + Start.Length, page.IndexOf(End, StringComparison.Ordinal));
        var expected = Operations();
        if (Repository.Update) File.WriteAllText(Location, page[..start] + expected + page[end..]);
        else Assert.Equal(expected, page[start..end]);
    }

    private static string Operations()
    {
        var documentation = XDocument.Load(Path.ChangeExtension(typeof(Sym).Assembly.Location, ".xml")).Descendants("member")
            .GroupBy(m => m.Attribute("name")!.Value.Split('(')[0]).ToDictionary(g => g.Key, g => g.First());
        var rows = typeof(Operations).GetMethods(BindingFlags.Static | BindingFlags.Public)
            .Concat(typeof(Sym).GetMethods(BindingFlags.Static | BindingFlags.Public).Where(m => !m.IsSpecialName))
            .OrderBy(m => m.Name, StringComparer.Ordinal)
            .Select(m =>
            {
                Assert.True(RuleTable.Find(m.Name) is not null, $"{m.Name} is a method of the language without a rule");
                var summary = documentation[$"M:{m.DeclaringType!.FullName}.{m.Name}"].Element("summary")!;
                var text = Regex.Replace(string.Concat(summary.Nodes().Select(Text)), @"\s+", " ").Trim().Replace("|", "\\|", StringComparison.Ordinal);
                var isOfSym = m.DeclaringType == typeof(Sym);
                return $"| `{(isOfSym ? "Sym." : "")}{m.Name}({string.Join(", ", m.GetParameters().Skip(isOfSym ? 0 : 1).Select(Parameter))})` | {text} |\n";
            });
        return "| operation | what it is |\n|---|---|\n" + string.Concat(rows);
    }

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "paramref" or "typeparamref" } reference => $"`{reference.Attribute("name")!.Value}`",
        XElement { Name.LocalName: "see" } reference => $"`{reference.Attribute("cref")!.Value.Split('(')[0].Split('.', ':')[^1]}`",
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        _ => "",
    };

    private static string Parameter(ParameterInfo parameter) => parameter switch
    {
        { HasDefaultValue: false } => parameter.Name!,
        { DefaultValue: null } when parameter.ParameterType.IsValueType && Nullable.GetUnderlyingType(parameter.ParameterType) is null => $"{parameter.Name} = default",
        { DefaultValue: null } => $"{parameter.Name} = null",
        { DefaultValue: bool flag } => $"{parameter.Name} = {(flag ? "true" : "false")}",
        _ => $"{parameter.Name} = {Convert.ToString(parameter.DefaultValue, CultureInfo.InvariantCulture)}",
    };
}
