using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using Hybrid.Data.Formats;
using Hybrid.Data.Splits;
using Hybrid.Models.Evaluation;
using Hybrid.Models.Training;

namespace Hybrid.Samples.CommandLine;

/// <summary>
/// Runs that differ in their seed only, each in a folder of its own, <c>seed-N</c>; processes divide them by <c>--shard</c>. A run that
/// ended is not made again, one that was killed continues. What came out is merged into <c>campaign.json</c>.
/// </summary>
public static class SeedCampaign
{
    private const string ListName = "seeds.json", ResultName = "evaluation.json", DoneName = "finished";
    private const int MostSeeds = 100_000;
    private static readonly JsonSerializerOptions _indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Reads "1..10", or "1,4,7", or a mixture.</summary>
    /// <exception cref="ArgumentException">It is something else, or a seed is given twice.</exception>
    public static IReadOnlyList<long> Parse(string text)
    {
        var seeds = new List<long>();
        foreach (var part in text.Split(','))
        {
            var ends = part.Split("..");
            if (ends.Length > 2 || !ends.All(end => long.TryParse(end, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)))
                throw new ArgumentException($"--seeds: expected seeds such as 1..10 or 1,4,7, got '{text}'.");
            var (first, last) = (long.Parse(ends[0], CultureInfo.InvariantCulture), long.Parse(ends[^1], CultureInfo.InvariantCulture));
            if (last < first) throw new ArgumentException($"--seeds: expected the smaller one first, got '{part}'.");
            if ((decimal)last - first >= MostSeeds - seeds.Count)
                throw new ArgumentException($"--seeds: expected at most {MostSeeds} seeds, got '{text}'.");
            for (var seed = first; seed <= last; seed++) seeds.Add(seed);
        }
        if (seeds.GroupBy(seed => seed).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"--seeds: expected each seed once, got {twice.Key} twice.");
        return seeds;
    }

    /// <summary>Does the runs of a shard, and merges when no run is missing.</summary>
    /// <param name="folder">Of the campaign.</param>
    /// <param name="seeds">Of all shards.</param>
    /// <param name="shard">This process's part of them.</param>
    /// <param name="run">Does one run in a folder of its own; gives the exit code.</param>
    /// <param name="stop">Ends the campaign after the run that it is in, which ends by itself.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="IOException">The folder is another campaign's, or another process does this shard.</exception>
    public static int Run(string folder, IReadOnlyList<long> seeds, Shard shard, Func<long, RunFolder, int> run, CancellationToken stop)
    {
        Directory.CreateDirectory(folder);
        var list = Path.Combine(folder, ListName);
        var text = JsonSerializer.Serialize(seeds, _indented) + "\n";
        if (!File.Exists(list)) WholeFile.WriteText(list, text);
        else if (File.ReadAllText(list) != text)
            throw new IOException($"--seeds: {Path.GetFullPath(list)} names other seeds. Give the campaign's own, or another --output.");
        using (ShardLock.Take(folder, shard))
        {
            foreach (var seed in shard.Items(seeds.Count).Select(item => seeds[item]))
            {
                stop.ThrowIfCancellationRequested();
                var path = FolderOf(folder, seed);
                if (IsDone(folder, seed))
                {
                    Console.WriteLine($"seed {seed}: done before, in {path}");
                    continue;
                }
                Console.WriteLine($"seed {seed}: {path}");
                if (run(seed, new RunFolder(path, ExistingRun.Resume)) is not 0 and var failed) return failed;
                // A run that was stopped has results, too, and is not done.
                stop.ThrowIfCancellationRequested();
                WholeFile.WriteText(Path.Combine(path, DoneName), "");
            }
        }
        var missing = Missing(folder, seeds);
        if (missing.Count == 0) return Merge(folder);
        Console.WriteLine($"shard {shard} is done; {missing.Count} of {Plural.Of(seeds.Count, "run")} of other shards are missing");
        return 0;
    }

    /// <summary>Gathers the numbers of all runs: mean, deviation and range of each, printed and written to campaign.json.</summary>
    /// <param name="folder">Of the campaign.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="InvalidDataException">It is not a campaign's, or runs are missing.</exception>
    public static int Merge(string folder)
    {
        var list = Path.Combine(folder, ListName);
        if (!File.Exists(list)) throw new InvalidDataException($"{folder}: expected the folder of a campaign, it has no {ListName}.");
        var seeds = RunDirectory.Read<long[]>(list);
        var missing = Missing(folder, seeds);
        if (missing.Count > 0)
            throw new InvalidDataException(
                $"{folder}: expected {Plural.Of(seeds.Length, "run")}, {missing.Count} missing: seed{(missing.Count == 1 ? "" : "s")} "
                    + $"{string.Join(", ", missing.Take(10))}{(missing.Count > 10 ? ", …" : "")}. Do their shards first.");
        var values = new Dictionary<string, List<double>>();
        foreach (var seed in seeds) Gather(RunDirectory.Read<JsonElement>(Path.Combine(FolderOf(folder, seed), ResultName)), "", values);
        var summary = values.Where(entry => entry.Value.Count == seeds.Length)
            .ToDictionary(entry => entry.Key, entry => Spread.Of(entry.Value));
        WholeFile.WriteText(
            Path.Combine(folder, "campaign.json"), JsonSerializer.Serialize(new { seeds, metrics = summary }, _indented) + "\n");
        var width = summary.Keys.Max(name => name.Length);
        foreach (var (name, spread) in summary)
            Console.WriteLine(
                FormattableString.Invariant(
                    $"{name.PadRight(width)}  {spread.Mean,11:g5} ± {spread.Deviation:g3}  ({spread.Least:g5} to {spread.Largest:g5})"));
        Console.WriteLine($"{Plural.Of(seeds.Length, "seed")}; {Path.Combine(folder, "campaign.json")} has each value");
        return 0;
    }

    private static string FolderOf(string folder, long seed) => Path.Combine(folder, $"seed-{seed.ToString(CultureInfo.InvariantCulture)}");

    private static List<long> Missing(string folder, IEnumerable<long> seeds) => seeds.Where(seed => !IsDone(folder, seed)).ToList();

    private static bool IsDone(string folder, long seed) => File.Exists(Path.Combine(FolderOf(folder, seed), DoneName));

    // Numbers by their path; lists of numbers by place. Named numbers such as "NaN" do not count.
    private static void Gather(JsonElement value, string path, Dictionary<string, List<double>> into)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Number:
                if (!into.TryGetValue(path, out var known)) into[path] = known = [];
                known.Add(value.GetDouble());
                break;
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject())
                    Gather(property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}", into);
                break;
            case JsonValueKind.Array when value.GetArrayLength() <= 10:
                foreach (var (item, place) in value.EnumerateArray().Select((item, place) => (item, place)))
                    Gather(item, $"{path}[{place}]", into);
                break;
        }
    }

    /// <summary>One number of all runs.</summary>
    /// <param name="Mean">Over the seeds.</param>
    /// <param name="Deviation">Standard deviation over the seeds; 0 for one.</param>
    /// <param name="Least">The smallest.</param>
    /// <param name="Largest">The largest.</param>
    /// <param name="Values">In the order of the seeds.</param>
    private sealed record Spread(double Mean, double Deviation, double Least, double Largest, IReadOnlyList<double> Values)
    {
        public static Spread Of(IReadOnlyList<double> values)
            => new(values.Average(), SampleDeviation.Of(values), values.Min(), values.Max(), values);
    }
}
