using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Hybrid.Rules;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
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
        var compilation = Specs.Compile(PageBlocks.Of(File.ReadAllText(Location), "csharp"));
        Assert.NotEmpty(Reading.Models(compilation));
        Assert.Empty(Specs.Analyze(compilation));
        Assert.Empty(Specs.Errors(Specs.Generate(compilation).Compilation));
    }

    /// <summary>
    /// What the page shows of generated files, <c>&lt;!-- generated: FILE MEMBER --&gt;</c> above each listing, is what is generated from
    /// the page's own examples, and each program is shown. HYBRID_UPDATE_SNAPSHOTS=1 rewrites the listings.
    /// </summary>
    [Fact]
    public void Listings_AreWhatIsGenerated()
    {
        var page = File.ReadAllText(Location);
        var (_, result) = Specs.Generate(Specs.Compile(PageBlocks.Of(page, "csharp")));
        var files = Specs.Files(result);
        var shown = new System.Collections.Generic.List<string>();
        var updated = _listing.Replace(page, listing =>
        {
            var (file, member) = (listing.Groups["file"].Value, listing.Groups["member"].Value);
            Assert.True(files.ContainsKey(file), $"the page shows {file}; there are {string.Join(", ", files.Keys)}");
            shown.Add(file);
            var code = Member(files[file], member);
            if (!Repository.Update) Assert.Equal(code, listing.Groups["code"].Value);
            return listing.Groups["head"].Value + code + "\n```";
        });
        if (Repository.Update) File.WriteAllText(Location, updated);
        foreach (var variant in System.Enum.GetNames<Variant>())
            Assert.Contains(shown, file => file.EndsWith($".{variant}.g.cs", StringComparison.Ordinal));
    }

    private static readonly Regex _listing = new(
        "(?<head>^<!-- generated: (?<file>\\S+) (?<member>\\S+) -->\n+```cs\n)(?<code>.*?)\n```$",
        RegexOptions.Multiline | RegexOptions.Singleline);

    /// <summary>A member of a generated class with its documentation, as far to the left as its lines allow.</summary>
    private static string Member(string file, string name)
    {
        var member = CSharpSyntaxTree.ParseText(file, Specs.Parsing)
            .GetRoot()
            .DescendantNodes()
            .OfType<MemberDeclarationSyntax>()
            .First(m => m switch
        {
            MethodDeclarationSyntax method => method.Identifier.ValueText == name,
            PropertyDeclarationSyntax property => property.Identifier.ValueText == name,
            _ => false,
        });
        var lines = member.ToFullString().Trim('\n', ' ').Split('\n');
        var indent = new string(' ', lines.Skip(1).Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length));
        return string.Join("\n", lines.Select(line => line.StartsWith(indent, StringComparison.Ordinal) ? line[indent.Length..] : line));
    }

    /// <summary>HYBRID_UPDATE_SNAPSHOTS=1 rewrites the list.</summary>
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
                var text = Regex.Replace(string.Concat(summary.Nodes().Select(Text)), @"\s+", " ")
                    .Trim()
                    .Replace("|", "\\|", StringComparison.Ordinal);
                var isOfSym = m.DeclaringType == typeof(Sym);
                return "| "
                    + $"`{(isOfSym ? "Sym." : "")}{m.Name}("
                    + $"{string.Join(", ", m.GetParameters().Skip(isOfSym ? 0 : 1).Select(Parameter))})` | {text} |\n";
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
        { DefaultValue: null } when parameter.ParameterType.IsValueType
            && Nullable.GetUnderlyingType(parameter.ParameterType) is null => $"{parameter.Name} = default",
        { DefaultValue: null } => $"{parameter.Name} = null",
        { DefaultValue: bool flag } => $"{parameter.Name} = {(flag ? "true" : "false")}",
        _ => $"{parameter.Name} = {Convert.ToString(parameter.DefaultValue, CultureInfo.InvariantCulture)}",
    };
}
