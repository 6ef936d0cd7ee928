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
using Hybrid.Data.Formats;
using Hybrid.Models.Weights;
using Hybrid.Models.Networks;
using Hybrid.Programs;
using static TorchSharp.torch;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

var name = new Argument<string?>("network")
{
    Description = "Class of the network, with or without its namespace. Without it the networks are listed.",
    Arity = ArgumentArity.ZeroOrOne,
};
var assemblies = new Option<FileInfo[]>("--assembly") { Description = "Further built assemblies (.dll) to search." };
var sizes = new Option<string[]>("--param")
{
    Description = "A [Param] of the network, NAME=VALUE: a number, true or false, an enum's member; others take their defaults.",
};
var weights = new Option<FileInfo?>("--weights")
{
    Description = "Weights to load: a safetensors file, PyTorch's .pth or TorchSharp's .dat. They must be the network's, all of them.",
};
var key = new Option<string?>("--key")
{
    Description = "Where the state dictionary is in the --weights file: keys of a .pth separated by '/', "
        + "or the prefix of a safetensors file's keys.",
};
var save = new Option<FileInfo[]>("--save")
{
    Description = "Writes the network with its weights (its initial ones without --weights) instead of the card: "
        + ".onnx (inference, operator set 17), .safetensors or .dat, by the name's ending.",
};
var mermaid = new Option<bool>("--mermaid") { Description = "Print only the flowchart, in Mermaid's language." };
var locked = new Option<DirectoryInfo?>("--lock")
{
    Description = "Writes the network's checkpoint keys to NAME.keys in a folder, that of its source when none is given, "
        + "for [Network(Lock = true)].",
    Arity = ArgumentArity.ZeroOrOne,
};
var command = new RootCommand(
    "Prints a network's card: every layer's shape, parameters and FLOPs as formulas over its sizes, checkpoint keys and a flowchart.")
{
    name, assemblies, sizes, mermaid, locked, weights, key, save,
};
command.SetAction(parsed =>
{
    try
    {
        return Run(parsed);
    }
    catch (Exception failure) when (failure is ArgumentException or IOException or BadImageFormatException or SpecException
        or InvalidOperationException or InvalidDataException or KeyNotFoundException or NotSupportedException
        or UnauthorizedAccessException)
    {
        Console.Error.WriteLine($"card: {failure.Message}");
        return 1;
    }
});
return command.Parse(args).Invoke();

int Run(ParseResult parsed)
{
    var known = new[] { typeof(ResNet18).Assembly }
        .Concat((parsed.GetValue(assemblies) ?? []).Select(file => file.Exists
            ? Assembly.LoadFrom(file.FullName)
            : throw new FileNotFoundException($"--assembly: there is no file {file.FullName}.")))
        .SelectMany(assembly => assembly.GetTypes()).Where(type => type.GetCustomAttribute<NetworkAttribute>() is not null)
        .OrderBy(type => type.FullName, StringComparer.Ordinal).ToList();
    if (parsed.GetValue(name) is not { } wanted)
    {
        foreach (var type in known) Console.WriteLine(type.FullName);
        return 0;
    }

    var found = known.Where(type => type.FullName == wanted || type.Name == wanted).ToList();
    if (found.Count == 0)
        throw new ArgumentException(
            $"no network is called '{wanted}'. Known are {string.Join(", ", known.Select(type => type.Name))}; --assembly adds others.");
    if (found.Count > 1)
        throw new ArgumentException(
            $"'{wanted}' is ambiguous: {string.Join(", ", found.Select(type => type.FullName))}. Give the namespace too.");
    var chosen = Chosen(found[0], parsed.GetValue(sizes) ?? []);
    if (parsed.GetValue(key) is not null && parsed.GetValue(weights) is null)
        throw new ArgumentException("--key: says where the weights are in a file. Give the file too: --weights FILE.");
    var graph = Trace.Of(found[0], chosen);
    if (parsed.GetResult(locked) is { Implicit: false })
    {
        Lock(graph, found[0], parsed.GetValue(locked)?.FullName ?? SourceFolder(found[0].Name));
        return 0;
    }
    var files = parsed.GetValue(save) ?? [];
    if (files.FirstOrDefault(file => file.Directory is not { Exists: true }) is { } lost)
        throw new DirectoryNotFoundException($"--save: there is no folder {lost.DirectoryName} for {lost.Name}.");
    if (files.Length > 0 || parsed.GetValue(weights) is not null)
    {
        using var network = Construct(found[0], chosen);
        if (parsed.GetValue(weights) is { } file)
        {
            Console.WriteLine($"{file.Name}: {WeightFile.Load(network, file.FullName, parsed.GetValue(key))}");
        }
        foreach (var target in files)
        {
            if (target.Extension.Equals(".onnx", StringComparison.OrdinalIgnoreCase)) OnnxFile.Save(target.FullName, network);
            else WeightFile.Save(network, target.FullName);
            Console.WriteLine($"wrote {target.FullName}");
        }
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
    WholeFile.WriteText(path, CheckpointLock.Write(graph));
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
        .Where(file => File.ReadAllText(file.FullName) is var text
            && declaration.IsMatch(text) && text.Contains("[Network", StringComparison.Ordinal)).ToList();
    return sources.Count == 1
        ? sources[0].DirectoryName!
        : throw new ArgumentException(
            $"--lock: {(sources.Count == 0 ? "no source" : $"{sources.Count} sources")} below {root.FullName} "
            + $"declare{(sources.Count > 1 ? "" : "s")} class {network}. Give the folder: --lock FOLDER.");
}

// The generated constructor takes the [Param] sizes, then device and type.
static nn.Module Construct(Type type, Dictionary<string, object> chosen)
{
    if (!type.IsSubclassOf(typeof(nn.Module)))
        throw new ArgumentException($"{type.Name} is not compiled with the generator, so there is no module of it.");
    // A network with choices is made by its method Of.
    MethodBase makes = type.GetMethods(BindingFlags.Public | BindingFlags.Static).FirstOrDefault(method => method.Name == "Of"
        && method.ReturnType.IsSubclassOf(typeof(nn.Module))) as MethodBase ?? type.GetConstructors().Single();
    object?[] arguments = [.. makes.GetParameters().Select(
        p => p.Name is { } name && chosen.TryGetValue(name, out var value) ? p.ParameterType == typeof(long) ? (long)(int)value : value
        : p.HasDefaultValue ? p.DefaultValue
        : throw new ArgumentException($"--param: {type.Name} needs {p.Name}."))];
    return (nn.Module)(makes is ConstructorInfo constructor
        ? constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, arguments, null)
        : makes.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null)!);
}

static Dictionary<string, object> Chosen(Type type, string[] given)
{
    const BindingFlags any = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
    var known = type.GetMethods(any).Where(
        method => method.GetCustomAttribute<SpecAttribute>() is not null).SelectMany(method => method.GetParameters())
        .Where(parameter => parameter.GetCustomAttribute<ParamAttribute>() is not null).ToList();
    var chosen = new Dictionary<string, object>();
    foreach (var text in given)
    {
        var parts = text.Split('=');
        var parameter = known.Find(parameter => parameter.Name == parts[0])
            ?? throw new ArgumentException(
                $"--param: {type.Name} has no [Param] '{parts[0]}'"
                + $"{(known.Count == 0 ? "; it has none" : $"; it has {string.Join(", ", known.Select(parameter => parameter.Name))}")}.");
        chosen[parts[0]] = (parts.Length == 2 ? Value(parameter, parts[1]) : null)
            ?? throw new ArgumentException($"--param: expected {parts[0]}={Expected(parameter)}, got '{text}'.");
    }
    return chosen;
}

static object? Value(ParameterInfo parameter, string text)
{
    var type = parameter.ParameterType;
    if (type == typeof(bool)) return bool.TryParse(text, out var flag) ? flag : null;
    if (type == typeof(double))
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
    if (type.IsEnum) return Enum.GetNames(type).Contains(text) ? Enum.Parse(type, text) : null;
    var mark = parameter.GetCustomAttribute<ParamAttribute>()!;
    var (least, most) = mark.Max == 0 ? (1, int.MaxValue) : (mark.Min, mark.Max);
    return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var size) && size >= least && size <= most
        ? size
        : null;
}

static string Expected(ParameterInfo parameter)
{
    var (type, mark) = (parameter.ParameterType, parameter.GetCustomAttribute<ParamAttribute>()!);
    return type == typeof(bool) ? "true or false"
        : type == typeof(double) ? "NUMBER, such as 0.1"
        : type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}"
        : mark.Max == 0 ? "NUMBER with a number of at least 1"
        : $"NUMBER with a number from {mark.Min} to {mark.Max}";
}
