using System;
using System.CommandLine;
using System.Linq;
using Hybrid.Bench;
using Hybrid.Bench.Harness;
using Spectre.Console;

if (args is ["--serve", var served]) return Serving.Run(served);
if (args is ["--gpu-check", ..]) return GpuCheck.Run(args.Length > 1 ? args[1] : null);

var names = new Argument<string[]>("names")
{
    Description = "Which benchmarks: " + string.Join(", ", Suite.All.Select(b => b.Name)) + ". None named: all.",
    Arity = ArgumentArity.ZeroOrMore,
};
var rounds = new Option<int>("--rounds")
{
    Description = "Counted rounds of each comparison, ours and the peer's in turn.",
    DefaultValueFactory = _ => 15,
};
var threads = new Option<int[]>("--threads")
{
    Description = "Thread counts from which each side takes its best.",
    AllowMultipleArgumentsPerToken = true,
    DefaultValueFactory = _ => Environment.ProcessorCount == 1 ? [1] : [1, Environment.ProcessorCount],
};
var command = new RootCommand(
    "Measures Hybrid against its peers in the same run and prints ratios (peer's time over ours).") { names, rounds, threads };
command.SetAction(parsed =>
{
    var chosen = parsed.GetValue(names)!;
    var unknown = chosen.Where(name => Suite.All.All(b => b.Name != name)).ToArray();
    if (unknown.Length > 0)
    {
        Console.Error.WriteLine(
            $"bench: no benchmark named {string.Join(", ", unknown)}; there are {string.Join(", ", Suite.All.Select(b => b.Name))}");
        return 2;
    }
    var options = new BenchOptions(parsed.GetValue(rounds), parsed.GetValue(threads)!);
    var missed = 0;
    foreach (var benchmark in Suite.All.Where(b => chosen.Length == 0 || chosen.Contains(b.Name)))
    {
        AnsiConsole.MarkupLineInterpolated($"[bold]{benchmark.Name}[/]  {benchmark.Description}");
        foreach (var row in benchmark.Run(options))
        {
            var verdict = row.Reached switch { true => "[green]reached[/]", false => "[red]missed[/]", null => "" };
            var ratio = double.IsNaN(row.Ratio) ? "" : FormattableString.Invariant($"  ratio {row.Ratio:0.00} ({row.Spread})");
            var peer = row.Peer.Length == 0 ? "" : $"  peer {row.Peer}";
            var target = row.Target.Length == 0 ? "" : $"  target {row.Target} ";
            AnsiConsole.MarkupLine(
                $"  {Markup.Escape(row.Name.Replace("\n", "\n    "))}\n"
                + $"    ours {Markup.Escape(row.Ours + peer + ratio + target)}{verdict}");
            if (row.Reached == false) missed++;
        }
    }
    return missed == 0 ? 0 : 1;
});
return command.Parse(args).Invoke();
