using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hybrid.Data.Formats;
using Hybrid.PropertyTests.Compiler.Roslyn;

namespace Hybrid.PropertyTests.Compiler.Commands;

/// <summary>What is sent to a command while it works.</summary>
public enum Interruption
{
    /// <summary>SIGKILL.</summary>
    Kill,

    /// <summary>SIGINT, as Ctrl-C.</summary>
    CtrlC,

    /// <summary>SIGTERM, what a batch system sends before it kills.</summary>
    Terminate,

    /// <summary>SIGWINCH: the terminal was resized.</summary>
    Resize,

    /// <summary>SIGTSTP, and SIGCONT a moment later: Ctrl-Z and fg.</summary>
    Suspend,
}

/// <summary>A command that is interrupted at any moment and then given again.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Program">Its assembly, beside the tests.</param>
/// <param name="Arguments">On one thread, with little to do; "out" is what it writes.</param>
/// <param name="Results">Files and folders of "out" that depend on the arguments alone.</param>
/// <param name="Resumes">Whether it takes --resume; else the same command is simply given again.</param>
/// <param name="Prepare">Makes what it reads, in a folder that all trials share.</param>
/// <param name="Data">A folder of the shared data that it needs, or null.</param>
internal sealed record Interruptible(
    string Name, string Program, string[] Arguments, string[] Results, bool Resumes = true, Action<SampleFolder>? Prepare = null,
    string? Data = null)
{
    private static readonly string[] _training = ["weights.safetensors"];
    private static readonly string _lens = Repository.Path("..", "shared", "data", "lens");
    private static readonly string _spectra = Repository.Path("..", "shared", "data", "seds", "leptonic_1k.csv.gz");

    /// <summary>Every command that works for a while; a service has its own test (CygnoDeployment).</summary>
    public static IReadOnlyList<Interruptible> All { get; } =
    [
        new("imnn", "hybrid-imnn.dll",
            [
                "--network", "dense", "--iterations", "60", "--simulations", "60", "--hidden", "8", "--readout", "500", "--unseen", "2000",
                "--threads", "1", "--no-figures", "--output", "out",
            ], _training),
        new("imnn records", "hybrid-imnn.dll",
            ["records", "--count", "30000", "--validation", "0", "--record-size", "0.5", "--output", "out"], ["."], Resumes: false),
        new("blase simulate", "hybrid-blase.dll",
            ["simulate", "--count", "1200", "--seed", "3", "--spectra", _spectra, "--reference", "nowhere", "--output", "out"],
            ["seds", "spectra.csv"], Resumes: false, Data: _spectra),
        new("blase train", "hybrid-blase.dll",
            [
                "train", "seds", "--epochs", "4", "--bags", "2", "--members", "1", "--seed", "4", "--cache", "cache", "--threads", "1",
                "--no-figures", "--output", "out",
            ], ["weights.safetensors", "catalogue.csv"], Data: _spectra, Prepare: Seds),
        new("blase estimate", "hybrid-blase.dll",
            ["estimate", "seds", "--model", "model", "--threads", "1", "--silent", "--output", "out/estimates.csv"], ["estimates.csv"],
            Resumes: false, Data: _spectra, Prepare: folder =>
            {
                Seds(folder);
                folder.Ok(
                    "train", "seds", "--epochs", "1", "--bags", "2", "--members", "1", "--threads", "1", "--no-figures", "--output",
                    "model");
            }),
        new("cygno simulate", "hybrid-cygno.dll",
            ["simulate", "--count", "12", "--size", "160", "--energies", "6,20", "--output", "out"], ["."], Resumes: false),
        new("cygno run", "hybrid-cygno.dll",
            [
                "run", "--images", "80", "--validation", "16", "--unseen", "24", "--energies", "6,20", "--epochs", "3", "--batch", "16",
                "--threads", "1", "--no-figures", "--cache", "cache", "--output", "out",
            ], ["weights.safetensors", "scores.csv", "first-epoch.csv"]),
        new("lens-finding train", "hybrid-lens-finding.dll",
            [
                "train", "--source-images", "sims.csv", "--target-images", "survey.csv", "--bands", "g", "--size", "16", "--epochs", "3",
                "--batch", "16", "--threads", "1", "--cache", "cache", "--output", "out",
            ], ["scores.csv"], Prepare: OwnImages),
        new("lens-finding dark-matter", "hybrid-lens-finding.dll",
            [
                "dark-matter", "--source", "24", "--target", "24", "--test", "12", "--size", "16", "--epochs", "1", "--batch", "8",
                "--seeds", "1", "--methods", "source-only,mmd", "--no-figures", "--threads", "1", "--cache", "cache", "--output", "out",
            ], ["source-only-seed-1/scores.csv", "mmd-seed-1/scores.csv"]),
        new("lens-finding simulate", "hybrid-lens-finding.dll",
            [
                "simulate", "--data", _lens, "--source", "12", "--target", "12", "--test", "12", "--size", "20", "--cache", "cache",
                "--output", "out",
            ], ["."], Resumes: false, Data: _lens),
        new("einstein-radius train", "hybrid-einstein-radius.dll",
            [
                "train", "--data", _lens, "--technique", "huber", "--training-set", "lenspop", "--training", "12", "--adaptation", "8",
                "--test", "6", "--size", "24", "--epochs", "3", "--batch", "6", "--threads", "1", "--cache", "cache", "--output", "out",
            ], ["test.csv"], Data: _lens),
        new("spots", "hybrid-spots.dll",
            ["--data", "raw", "--epochs", "6", "--no-figures", "--output", "out"], _training,
            Prepare: folder => folder.Ok("--simulate", "120", "--data", "raw", "--epochs", "1", "--no-figures")),
    ];

    private static void Seds(SampleFolder folder)
        => folder.Ok("simulate", "--count", "120", "--seed", "3", "--spectra", _spectra, "--reference", "nowhere", "--output", "seds");

    private static void OwnImages(SampleFolder folder)
    {
        var random = new Random(3);
        foreach (var (name, count) in (IEnumerable<(string, int)>)[("sims", 60), ("survey", 60)])
        {
            var pixels = Enumerable.Range(0, count * 20 * 20).Select(_ => (float)random.NextDouble()).ToArray();
            Npy.Write(folder.At($"{name}.npy"), new NdArray<float>([count, 1, 20, 20], pixels));
        }
        File.WriteAllLines(
            folder.At("sims.csv"), ["path,target", .. Enumerable.Range(0, 60).Select(row => $"sims.npy:{row},{row % 2}")]);
        File.WriteAllLines(
            folder.At("survey.csv"),
            ["id,path,target,fold", .. Enumerable.Range(0, 60).Select(row => $"J{row},survey.npy:{row},{row % 2},{(row < 40 ? 1 : 0)}")]);
    }

    public override string ToString() => Name;
}
