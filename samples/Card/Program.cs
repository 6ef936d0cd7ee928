// ./hybrid card NAME: prints the card of a network: shapes, parameters, FLOPs, memory, checkpoint keys, a flowchart.
using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using Hybrid;
using Hybrid.Models.Networks;
using Hybrid.Programs;
using Hybrid.PropertyTests.Zoo;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

var name = new Argument<string?>("network") { Description = "Class of the network, with or without its namespace; without one, the names are listed.", Arity = ArgumentArity.ZeroOrOne };
var assemblies = new Option<FileInfo[]>("--assembly") { Description = "Further built assemblies (.dll) to look into." };
var sizes = new Option<string[]>("--param") { Description = "A [Param] size of the network, NAME=NUMBER; others take their defaults." };
var mermaid = new Option<bool>("--mermaid") { Description = "Only the flowchart, in Mermaid's language." };
var command = new RootCommand("Prints a network's card: every layer's shape, parameters and FLOPs as formulas over its sizes, checkpoint keys and a flowchart.") { name, assemblies, sizes, mermaid };
command.SetAction(parsed =>
{
    try
    {
        return Run(parsed);
    }
    catch (Exception failure) when (failure is ArgumentException or IOException or BadImageFormatException or SpecException or InvalidOperationException)
    {
        Console.Error.WriteLine($"card: {failure.Message}");
        return 1;
    }
});
return command.Parse(args).Invoke();

int Run(ParseResult parsed)
{
    var known = new[] { typeof(DenseCompressor).Assembly, typeof(LeNet).Assembly }
        .Concat((parsed.GetValue(assemblies) ?? []).Select(file => file.Exists ? Assembly.LoadFrom(file.FullName) : throw new FileNotFoundException($"--assembly: there is no file {file.FullName}.")))
        .SelectMany(assembly => assembly.GetTypes()).Where(type => type.GetCustomAttribute<NetworkAttribute>() is not null)
        .OrderBy(type => type.FullName, StringComparer.Ordinal).ToList();
    if (parsed.GetValue(name) is not { } wanted)
    {
        foreach (var type in known) Console.WriteLine(type.FullName);
        return 0;
    }

    var found = known.Where(type => type.FullName == wanted || type.Name == wanted).ToList();
    if (found.Count == 0) throw new ArgumentException($"no network is called '{wanted}'. Known are {string.Join(", ", known.Select(type => type.Name))}; --assembly adds others.");
    if (found.Count > 1) throw new ArgumentException($"'{wanted}' is ambiguous: {string.Join(", ", found.Select(type => type.FullName))}. Give the namespace too.");
    var card = Cards.Of(Trace.Of(found[0], Sizes(parsed.GetValue(sizes) ?? [])));
    Console.Write(parsed.GetValue(mermaid) ? card.Mermaid : card.Markdown);
    return 0;
}

static Dictionary<string, int> Sizes(string[] given)
{
    var sizes = new Dictionary<string, int>();
    foreach (var text in given)
    {
        var parts = text.Split('=');
        sizes[parts[0]] = parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0
            ? size
            : throw new ArgumentException($"--param: expected NAME=NUMBER with a number of at least 1, got '{text}'.");
    }
    return sizes;
}
