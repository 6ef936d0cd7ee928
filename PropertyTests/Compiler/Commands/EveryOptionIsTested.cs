using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Commands;

/// <summary>
/// Every option that --help lists of every command is named by a test that runs the program as a process of its own: a test method that
/// names the option and the command, in a file that names the program.
/// </summary>
public sealed class EveryOptionIsTested
{
    /// <summary>All programs, and what a file of tests names them by.</summary>
    public static TheoryData<string, string> Programs => new()
    {
        { "hybrid-imnn.dll", "hybrid-imnn" }, { "hybrid-blase.dll", "hybrid-blase" }, { "hybrid-cygno.dll", "hybrid-cygno" },
        { "hybrid-lens-finding.dll", "hybrid-lens-finding" }, { "hybrid-einstein-radius.dll", "hybrid-einstein-radius" },
        { "hybrid-card.dll", "hybrid-card" }, { "hybrid-spots.dll", "hybrid-spots" },
    };

    /// <summary>One code for every system (samples/Serving): a test of it in one is a test of it in all.</summary>
    private static readonly string[] _shared = ["serve", "publish", "fetch"];

    /// <summary>What System.CommandLine and CommandProgram give every command.</summary>
    private static readonly string[] _general = ["--help", "--version", "--verbose"];

    [Theory]
    [MemberData(nameof(Programs))]
    public void EveryOption_IsNamedByATest(string program, string name)
    {
        var (options, commands) = Help(program);
        var missing = new ConcurrentBag<string>();
        foreach (var option in Untested(name, null, options)) missing.Add($"{name} {option}");
        Parallel.ForEach(commands, new ParallelOptions { MaxDegreeOfParallelism = 2 }, command =>
        {
            var (own, _) = Help(program, command);
            Assert.True(own.Count + options.Count > 0, $"{name} {command} --help lists no option");
            foreach (var option in Untested(name, command, own)) missing.Add($"{name} {command} {option}");
        });
        Assert.True(missing.IsEmpty, $"no test names, and so none tries:\n{string.Join("\n", missing.Order())}");
    }

    private static IEnumerable<string> Untested(string program, string? command, IEnumerable<string> options)
    {
        var words = _methods.Value
            .Where(method => (command is not null && _shared.Contains(command)) || method.Programs.Contains(program))
            .Where(method => command is null || method.Words.Contains(command) || method.Shared.Contains(command))
            .SelectMany(method => method.Words).ToHashSet();
        return options.Except(_general).Where(option => !words.Contains(option));
    }

    /// <summary>Texts in the code of a test method, those of the helpers of its file, and the programs that the file names.</summary>
    private sealed record Method(IReadOnlySet<string> Words, IReadOnlySet<string> Shared, IReadOnlySet<string> Programs);

    private static readonly Lazy<Method[]> _methods = new(() =>
        [.. Repository.Files.Where(path => path.StartsWith("PropertyTests/", StringComparison.Ordinal)
                && path.EndsWith(".cs", StringComparison.Ordinal) && !path.Contains("EveryOptionIsTested", StringComparison.Ordinal))
            .SelectMany(MethodsOf)]);

    private static IEnumerable<Method> MethodsOf(string path)
    {
        var text = File.ReadAllText(Repository.Path(path));
        var programs = Programs.Select(row => row.Data.Item2)
            .Where(program => text.Contains(program, StringComparison.Ordinal)
                // Spots is named by a type of its.
                || (program == "hybrid-spots" && text.Contains("RingFinder).Assembly", StringComparison.Ordinal)))
            .ToHashSet();
        if (programs.Count == 0) return [];
        var root = CSharpSyntaxTree.ParseText(text).GetRoot();
        var methods = root.DescendantNodes().OfType<MethodDeclarationSyntax>().ToArray();
        var tests = methods.Where(method => method.AttributeLists.SelectMany(list => list.Attributes)
            .Any(attribute => attribute.Name.ToString() is "Fact" or "Theory")).ToArray();
        // Fields and helpers of the file, which tests use.
        var shared = WordsOf(root.DescendantNodes().Where(node => node is FieldDeclarationSyntax
            || (node is MethodDeclarationSyntax method && !tests.Contains(method)))).ToHashSet();
        return tests.Select(test => new Method(WordsOf([test]).ToHashSet(), shared, programs));
    }

    private static IEnumerable<string> WordsOf(IEnumerable<SyntaxNode> nodes)
        => nodes.SelectMany(node => node.DescendantTokens()).Where(token => token.IsKind(SyntaxKind.StringLiteralToken))
            .Select(token => token.ValueText);

    /// <summary>Options and commands of a help text.</summary>
    private static (IReadOnlyList<string> Options, IReadOnlyList<string> Commands) Help(string program, params string[] command)
    {
        var (code, output, errors) = DotnetProcess.Run(
            Path.GetTempPath(), [Path.Combine(AppContext.BaseDirectory, program), .. command, "--help"]);
        Assert.True(code == 0, output + errors);
        var sections = Regex.Split(output, @"(?m)^(?=\S)");
        string Section(string title) => sections.FirstOrDefault(part => part.StartsWith(title, StringComparison.Ordinal)) ?? "";
        var options = Regex.Matches(Section("Options:"), @"(?m)^  (?:-\S+, )*(--[\w-]+)").Select(match => match.Groups[1].Value).ToArray();
        var commands = Regex.Matches(Section("Commands:"), @"(?m)^  ([a-z][\w-]*)").Select(match => match.Groups[1].Value).ToArray();
        return (options, commands);
    }
}
