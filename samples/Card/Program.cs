// ./hybrid card NAME: prints the card of a network: shapes, parameters, FLOPs, memory, checkpoint keys, a flowchart.
using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;
using Hybrid;
using Hybrid.Models.Networks;
using Hybrid.Programs;
using Hybrid.PropertyTests.Zoo;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

var name = new Argument<string?>("network") { Description = "Class of the network, with or without its namespace; without one, the names are listed.", Arity = ArgumentArity.ZeroOrOne };
var assemblies = new Option<FileInfo[]>("--assembly") { Description = "Further built assemblies (.dll) to look into." };
var sizes = new Option<string[]>("--param") { Description = "A [Param] size of the network, NAME=NUMBER; others take their defaults." };
var mermaid = new Option<bool>("--mermaid") { Description = "Only the flowchart, in Mermaid's language." };
var locked = new Option<DirectoryInfo?>("--lock") { Description = "Writes the network's checkpoint keys to NAME.keys in a folder, that of its source when none is given, for [Network(Lock = true)].", Arity = ArgumentArity.ZeroOrOne };
var command = new RootCommand("Prints a network's card: every layer's shape, parameters and FLOPs as formulas over its sizes, checkpoint keys and a flowchart.") { name, assemblies, sizes, mermaid, locked };
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
    var graph = Trace.Of(found[0], Sizes(parsed.GetValue(sizes) ?? []));
    if (parsed.GetResult(locked) is { Implicit: false })
    {
        Lock(graph, found[0], parsed.GetValue(locked)?.FullName ?? SourceFolder(found[0].Name));
        return 0;
    }
    var card = Cards.Of(graph);
    Console.Write(parsed.GetValue(mermaid) ? card.Mermaid : card.Markdown);
    return 0;
}

static void Lock(Hybrid.Graphs.Graph graph, Type type, string folder)
{
    Directory.CreateDirectory(folder);
    var path = Path.Combine(folder, type.Name + CheckpointLock.Suffix);
    File.WriteAllText(path + ".new", CheckpointLock.Write(graph));
    File.Move(path + ".new", path, overwrite: true);
    Console.WriteLine(path);
}

// The folder of the file that declares the network, in the repository around the current directory.
static string SourceFolder(string network)
{
    var root = new DirectoryInfo(Environment.CurrentDirectory);
    while (root.Parent is not null && root.GetFiles("*.sln").Length == 0) root = root.Parent;
    if (root.GetFiles("*.sln").Length == 0) root = new DirectoryInfo(Environment.CurrentDirectory);
    var declaration = new Regex($@"\bclass\s+{Regex.Escape(network)}\b");
    var skipped = new[] { "artifacts", "bin", "obj", "node_modules" };
    var sources = root.EnumerateFiles("*.cs", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true })
        .Where(file => !file.FullName[root.FullName.Length..].Split(Path.DirectorySeparatorChar).Any(skipped.Contains))
        .Where(file => File.ReadAllText(file.FullName) is var text && declaration.IsMatch(text) && text.Contains("[Network", StringComparison.Ordinal)).ToList();
    return sources.Count == 1
        ? sources[0].DirectoryName!
        : throw new ArgumentException($"--lock: {(sources.Count == 0 ? "no source" : $"{sources.Count} sources")} below {root.FullName} declare{(sources.Count > 1 ? "" : "s")} class {network}. Give the folder: --lock FOLDER.");
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
