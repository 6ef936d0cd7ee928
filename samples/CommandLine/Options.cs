using System;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Hybrid.Data.Splits;

namespace Hybrid.Samples.CommandLine;

/// <summary>
/// Options of all programs. The same thing has the same name everywhere, and a number is read whole and with a point, whatever the
/// machine's language: what is not understood is refused.
/// </summary>
public static class Options
{
    private const string ANumber = "a number such as 0.05 or 1e-3", AWholeNumber = "a whole number such as 100";

    /// <summary>A number such as 0.05 or 1e-3.</summary>
    public static Option<double> Number(string name, string description, double preset, params string[] aliases)
        => Made(name, description, preset, aliases, Required(name, ParseNumber, ANumber));

    /// <summary>A number that has no default of its own.</summary>
    public static Option<double?> NumberOrNone(string name, string description, params string[] aliases)
        => Made<double?>(name, description, null, aliases, Optional(name, ParseNumber, ANumber));

    /// <summary>A whole number.</summary>
    public static Option<int> Whole(string name, string description, int preset, params string[] aliases)
        => Made(name, description, preset, aliases, Required(name, ParseWhole, AWholeNumber));

    /// <summary>A whole number that has no default of its own.</summary>
    public static Option<int?> WholeOrNone(string name, string description, params string[] aliases)
        => Made<int?>(name, description, null, aliases, Optional(name, ParseWhole, AWholeNumber));

    /// <summary>A text, which is not empty: a folder without a name would be the one that the command runs in.</summary>
    public static Option<string?> Text(string name, string description, params string[] aliases)
        => Made<string?>(name, description, null, aliases, result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (string.IsNullOrWhiteSpace(text)) result.AddError($"{name}: expected a text, got '{text}'.");
            return text;
        });

    /// <summary>Given or not.</summary>
    public static Option<bool> Flag(string name, string description, params string[] aliases) => Made(name, description, false, aliases);

    /// <summary>--seed: of everything random in a run.</summary>
    public static Option<long> Seed(string description, long preset = 1)
        => Made("--seed", description, preset, [], Required("--seed", ParseSeed, "a whole number such as 1"));

    /// <summary>--threads: of tensor operations.</summary>
    public static Option<int?> Threads() => WholeOrNone("--threads", "Threads of tensor operations (all cores).");

    /// <summary>--device: where tensors are computed.</summary>
    public static Option<string> Device() => Made("--device", "cpu, cuda or cuda:N.", "cpu", []);

    /// <summary>--output: a file or folder that the program writes.</summary>
    public static Option<string?> Output(string description) => Text("--output", description, "-o");

    /// <summary>--patience: when a training ends early.</summary>
    public static Option<int?> Patience(string description) => WholeOrNone("--patience", description);

    /// <summary>--resume: continue an interrupted run.</summary>
    public static Option<bool> Resume()
        => Flag("--resume", "Continue the run in that folder from its last checkpoint, with the same options.");

    /// <summary>--overwrite: begin again where a run stands.</summary>
    public static Option<bool> Overwrite() => Flag("--overwrite", "Remove the run that stands in --output and begin again.");

    /// <summary>--seeds: a campaign of runs that differ in nothing else.</summary>
    public static Option<string?> Seeds()
        => Text("--seeds", "A run for each of these seeds, such as 1..10 or 1,4,7, in folders of their own below --output.");

    /// <summary>--shard: which part of a campaign this process does.</summary>
    /// <param name="items">What is divided: SEDs, runs.</param>
    public static Option<string?> Shard(string items)
        => Text(
            "--shard",
            $"Do only part i of n of the {items}, such as 2/8; /8 takes i from JOB_COMPLETION_INDEX. Any division gives the same files "
                + "(in a SLURM array, the task's; else all).");

    /// <summary>The value of --shard, or what the environment says where it is not given.</summary>
    /// <exception cref="ArgumentException">Neither can be understood.</exception>
    public static Shard ShardOf(this System.CommandLine.ParseResult parsed, Option<string?> option)
    {
        try
        {
            return parsed.GetValue(option) is { } text ? Data.Splits.Shard.Parse(text) : Data.Splits.Shard.FromEnvironment();
        }
        catch (FormatException failure)
        {
            throw new ArgumentException($"--shard: {failure.Message}", failure);
        }
    }

    /// <summary>--no-figures: numbers only.</summary>
    public static Option<bool> NoFigures() => Flag("--no-figures", "Skip report.html and the pictures.");

    /// <summary>The value of an option that may be left out; null where it is.</summary>
    public static int? ValueOf(this System.CommandLine.ParseResult parsed, Option<int?> option) => parsed.GetValue(option);

    /// <summary>Every character of it is a number's: no thousands' separators, no currency, no spaces.</summary>
    public static double? ParseNumber(string text)
        => double.TryParse(
            text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture,
            out var number)
            && double.IsFinite(number)
            ? number
            : null;

    private static int? ParseWhole(string text)
        => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static long? ParseSeed(string text)
        => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static Option<T> Made<T>(string name, string description, T preset, string[] aliases, Func<ArgumentResult, T>? parser = null)
    {
        var option = new Option<T>(name, aliases) { Description = description };
        if (preset is not null) option.DefaultValueFactory = _ => preset;
        if (parser is not null) option.CustomParser = parser;
        return option;
    }

    private static Func<ArgumentResult, T> Required<T>(string name, Func<string, T?> parse, string expected) where T : struct
        => result => Read(name, result, parse, expected) ?? default;

    private static Func<ArgumentResult, T?> Optional<T>(string name, Func<string, T?> parse, string expected) where T : struct
        => result => Read(name, result, parse, expected);

    private static T? Read<T>(string name, ArgumentResult result, Func<string, T?> parse, string expected) where T : struct
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (parse(text) is { } value) return value;
        result.AddError($"{name}: expected {expected}, got '{text}'.");
        return null;
    }
}
