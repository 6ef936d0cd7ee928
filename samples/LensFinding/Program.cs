// ./hybrid lens-finding: strong lenses in survey images by labelled simulations and unlabelled images of the survey.
using System;
using System.CommandLine;
using System.IO;
using System.Linq;
using Hybrid.Data.Lensing;
using Hybrid.Data.Systems.LensFinding;
using Hybrid.Models.Systems.LensFinding;
using Hybrid.Samples.CommandLine;
using Hybrid.Samples.LensFinding;

var program = new CommandProgram("lens-finding", args, loadsEngine: args.Any(argument => argument is "compare" or "backbones"));
var defaults = new LensFindingOptions();

// ---- options ---------------------------------------------------------------------------------------------------------
var data = Options.Text(
    "--data", $"Folder with lenspop/lenses_DESc.txt, des_fields and des_real ({DomainData.Variable} says it for all commands).");
var preset = Options.Text("--preset", "quick: one fold, three seeds, every method, minutes; full: three folds and more images, hours (quick).");
var source = Options.WholeOrNone("--source", "Simulated labelled images (quick 1500, full 6000).");
var target = Options.WholeOrNone("--target", "Quasi-real images to adapt on (quick 1500, full 6000).");
var test = Options.WholeOrNone("--test", "Quasi-real images that judge (quick 1000, full 3000).");
var size = Options.Whole("--size", "Pixels each way of the images.", 44);
var bands = Options.Text("--bands", "Bands of the images, of g, r and i ('g r i').");
var folds = Options.WholeOrNone("--folds", "How many of the three folds of galaxies and sources judge (quick 1, full 3).");
var seeds = Options.Text("--seeds", "Seeds of the trainings, such as 1..3 or 1,4,7 (1..3).");
var methods = Options.Text(
    "--methods", $"Comma-separated, of {string.Join(", ", LensFindingMethods.All.Select(LensFindingMethods.NameOf))} (all).");
var impostors = Options.Number("--impostors", "Share of the non-lenses that are spirals, rings, mergers or artefacts.", 0.5);
var contrast = Options.Number(
    "--contrast", "Least contrast of arcs and impostors: their brightest pixel in g over galaxy and sky.", ArcSelection.Visible.LeastContrast);
var preprocessing = Options.Text("--preprocessing", $"{string.Join(", ", LensDomains.Preprocessings)} ({LensDomains.Preprocessings[0]}).");
var silent = Options.Flag("--noise-free-source", "Simulations without noise: the gap that no method closes.");
var epochs = Options.WholeOrNone("--epochs", $"Epochs (quick {defaults.Epochs}, full 30).");
var batch = Options.Whole("--batch", "Images of each domain in a batch.", defaults.BatchSize);
var rate = Options.Number("--learning-rate", "AdamW's largest learning rate.", defaults.LearningRate);
var seed = Options.Seed("Seed of split and simulations.");
var caches = Options.Text("--cache", "Folder where simulated images are kept (Parquet; runs/cache).");
var (threads, device, noFigures) = (Options.Threads(), Options.Device(), Options.NoFigures());
var (resume, overwrite) = (Options.Resume(), Options.Overwrite());
var output = Options.Output("Folder of the comparison (the next free one of runs/lens-finding).");

// ---- compare ---------------------------------------------------------------------------------------------------------
var compare = new Command("compare", "Trains by every method and judges all on the same unseen images.")
{
    data, preset, source, target, test, size, bands, folds, seeds, methods, silent, impostors, contrast, preprocessing, epochs, batch, rate, seed, caches, threads, device,
    output, resume, overwrite, noFigures,
};
compare.SetAction(program.Guarded(parsed =>
{
    var isFull = parsed.GetValue(preset) switch
    {
        null or "quick" => false,
        "full" => true,
        var other => throw new ArgumentException($"--preset: expected quick or full, got '{other}'."),
    };
    var count = CommandProgram.UseThreads(parsed.ValueOf(threads));
    var training = defaults with
    {
        Epochs = parsed.ValueOf(epochs) ?? (isFull ? 30 : defaults.Epochs), BatchSize = parsed.GetValue(batch),
        LearningRate = parsed.GetValue(rate),
    };
    training.Check();
    var runFolds = parsed.ValueOf(folds) ?? (isFull ? 3 : 1);
    if (runFolds is < 1 or > 3) throw new ArgumentException($"--folds: expected 1 to 3, got {runFolds}.");
    var chosen = (parsed.GetValue(methods)?.Split(',').Select(part => LensFindingMethods.Named(part.Trim())) ?? LensFindingMethods.All)
        .Distinct().Order().ToArray();
    if (chosen.FirstOrDefault(LensFindingMethods.BeginsWithBaseline) is var needs && LensFindingMethods.BeginsWithBaseline(needs)
        && !chosen.Contains(LensFindingMethod.SourceOnly))
        throw new ArgumentException($"--methods: {LensFindingMethods.NameOf(needs)} begins with source-only; name that too.");
    var notes = new ComparisonNotes(
        new DomainNotes(
            Images(parsed, source, "--source", isFull ? 6000 : 1500), Images(parsed, target, "--target", isFull ? 6000 : 1500),
            Images(parsed, test, "--test", isFull ? 3000 : 1000), SizeOf(parsed), BandsOf(parsed), 3, parsed.GetValue(seed),
            !parsed.GetValue(silent), parsed.GetValue(impostors), parsed.GetValue(contrast),
            parsed.GetValue(preprocessing) ?? LensDomains.Preprocessings[0]),
        [.. chosen.Select(LensFindingMethods.NameOf)], [.. Enumerable.Range(0, runFolds)],
        SeedCampaign.Parse(parsed.GetValue(seeds) ?? "1..3"), training, count, parsed.GetValue(device)!);
    var place = RunFolder.Choose(
        parsed.GetValue(output), Path.Combine("runs", "lens-finding"), parsed.GetValue(resume), parsed.GetValue(overwrite));
    return Comparing.Run(
        notes, place, new DomainData(parsed.GetValue(data)), parsed.GetValue(caches) ?? Path.Combine("runs", "cache"),
        hasFigures: !parsed.GetValue(noFigures), program);
}));

// ---- backbones -------------------------------------------------------------------------------------------------------
var backbones = new Command("backbones", "Lists the encoders with their weights and symmetries.");
backbones.SetAction(program.Guarded(_ => Backbones.Print()));

return program.Run(new RootCommand("Finds strong lenses in survey images by simulations with labels and survey images without.")
{
    compare, backbones,
});

int Images(ParseResult parsed, Option<int?> option, string name, int preset)
{
    var number = parsed.ValueOf(option) ?? preset;
    return number >= 2 ? number : throw new ArgumentException($"{name}: expected at least 2 images, got {number}.");
}

int SizeOf(ParseResult parsed)
    => parsed.GetValue(size) is >= 16 and <= 79 and var pixels
        ? pixels
        : throw new ArgumentException($"--size: expected 16 to 79 pixels, got {parsed.GetValue(size)}.");

string BandsOf(ParseResult parsed)
{
    var names = (parsed.GetValue(bands) ?? "g r i").Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
    return names.Length > 0 && names.All(name => name is "g" or "r" or "i") && names.Distinct().Count() == names.Length
        ? string.Join(' ', names)
        : throw new ArgumentException($"--bands: expected different bands of g, r and i, got '{parsed.GetValue(bands)}'.");
}
