// ./hybrid einstein-radius: Einstein radii of lenses in a survey, learnt from simulations.
using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using Hybrid.Data.Systems.EinsteinRadius;
using Hybrid.Models.Engine;
using Hybrid.Models.Systems.EinsteinRadius;
using Hybrid.Samples.CommandLine;
using Hybrid.Samples.EinsteinRadius;

var program = new CommandProgram(
    "einstein-radius", args, loadsEngine: args.Any(argument => argument is "compare" or "ablation" or "train" or "estimate"));
var defaults = new RadiusOptions();

// ---- options ---------------------------------------------------------------------------------------------------------
var data = Options.Text(
    "--data",
    $"Folder with lenspop/lenses_DESc.txt, lenspop/lenses_Euclid.txt, des_fields and des_real ({LensDataFolder.Variable} says it for all "
        + "commands).");
var preset = Options.Text(
    "--preset", "quick: the small network, one fold of sources and one seed, minutes; full: the ResNet-10, both folds, three seeds, hours "
        + "(quick).");
var training = Options.WholeOrNone("--training", "Simulated images of each training set (quick 2000, full 9000).");
var adaptation = Options.WholeOrNone("--adaptation", "Quasi-real images to adapt on without labels (quick 1000, full 4000).");
var test = Options.Whole("--test", "Quasi-real images for the test.", 2000);
var size = Options.Whole("--size", "Width and height of the images in pixels, even.", 44);
var network = Options.Text("--network", $"{string.Join(", ", RadiusNetwork.All.Select(n => n.Name))} (quick small, full resnet10v2).");
var set = Options.Text(
    "--training-set",
    $"What techniques are trained on that do not say it themselves: {string.Join(", ", RadiusData.Sets.Select(s => s.Name))} (union).");
var preprocessing = Options.Text(
    "--preprocessing", $"{string.Join(", ", RadiusPreprocessing.Names)} ({RadiusPreprocessing.Names[0]}).");
var (files1, catalogue1, zeroPoint1) = Files("challenge1", "imageSDSS_G-ID.fits, …");
var (files2, catalogue2, zeroPoint2) = Files("challenge2", "imageEUC_VIS-ID.fits, …");
var bandsLeft = Options.Flag("--leave-band-out", "Also test every technique with each band dark.");
var folds = Options.WholeOrNone("--folds", "How many of the two halves of the sources are tested (quick 1, full 2).");
var seeds = Options.Text("--seeds", "Seeds of the trainings, such as 1..3 or 1,4,7 (quick 1, full 1..3).");
var techniques = Options.Text(
    "--techniques", $"Comma-separated, of {string.Join(", ", RadiusTechniques.All.Select(facts => facts.Name))} (all).");
var epochs = Options.WholeOrNone("--epochs", $"Epochs (quick 10, full {defaults.Epochs}).");
var batch = Options.Whole("--batch", "Images of each domain in a batch.", defaults.BatchSize);
var rate = Options.Number("--learning-rate", "AdamW's largest learning rate.", defaults.LearningRate);
var outer = Options.Whole("--outer-labels", "Labelled real-like images of meta-learning's outer data.", defaults.OuterLabels);
var epsilon = Options.Number("--epsilon", "How far adversarial images are moved, in standard deviations of the sky.", defaults.Epsilon);
var steps = Options.WholeOrNone(
    "--adaptation-steps",
    $"Steps in which ShiftNet, generator and flow learn ({defaults.ShiftSteps}, {defaults.GeneratorSteps} and {defaults.FlowSteps}).");
var draws = Options.WholeOrNone("--draws", $"Draws of a Bayesian network's answer (quick 16, full {defaults.Draws}).");
var seed = Options.Seed("Seed of split and simulations.");
var caches = Options.Text("--cache", "Folder where simulated images are kept (Parquet; runs/cache).");
var (threads, device, noFigures) = (Options.Threads(), Options.Device(), Options.NoFigures());
var (resume, overwrite) = (Options.Resume(), Options.Overwrite());
var output = Options.Output("Folder of the comparison (the next free one of runs/einstein-radius).");

// ---- compare ---------------------------------------------------------------------------------------------------------
var compare = new Command("compare", "Trains by every technique and tests all on the same unseen quasi-real lenses.")
{
    data, preset, training, adaptation, test, size, network, set, preprocessing, folds, seeds, techniques, epochs, batch, rate, outer,
    epsilon, steps, draws, bandsLeft, files1, catalogue1, zeroPoint1, files2, catalogue2, zeroPoint2, seed, caches, threads, device, output,
    resume, overwrite, noFigures,
};
compare.SetAction(program.Guarded(parsed =>
{
    var isFull = IsFull(parsed);
    var count = CommandProgram.UseThreads(parsed.ValueOf(threads));
    var options = OptionsOf(parsed, isFull);
    var notes = NotesOf(parsed, isFull);
    var chosen = (parsed.GetValue(techniques)?.Split(',').Select(part => RadiusTechniques.Named(part.Trim())) ?? RadiusTechniques.All)
        .Distinct().OrderBy(facts => facts.Technique).ToArray();
    foreach (var facts in chosen)
    {
        if (facts.Begins is { } needs && chosen.All(other => other.Technique != needs))
            throw new ArgumentException(
                $"--techniques: {facts.Name} begins with {RadiusTechniques.Of(needs).Name}; name that too.");
        RequireAsinh(facts, notes.Preprocessing);
    }
    var comparison = new ComparisonNotes(
        notes, NetworkOf(parsed, isFull), [.. chosen.Select(facts => facts.Name)], FoldsOf(parsed, isFull),
        SeedCampaign.Parse(parsed.GetValue(seeds) ?? (isFull ? "1..3" : "1")), options, count, parsed.GetValue(device)!);
    var place = RunFolder.Choose(
        parsed.GetValue(output), Path.Combine("runs", "einstein-radius"), parsed.GetValue(resume), parsed.GetValue(overwrite));
    return Comparing.Run(
        comparison, place, new RadiusData(parsed.GetValue(data)), CacheOf(parsed), hasFigures: !parsed.GetValue(noFigures),
        leavesBandsOut: parsed.GetValue(bandsLeft), program);
}));

// ---- ablation --------------------------------------------------------------------------------------------------------
var ablation = new Command(
    "ablation", "Preprocessings with and without adaptation, and each training set by itself: what each step is worth.")
{
    data, preset, training, adaptation, test, size, network, folds, seeds, epochs, batch, rate, files1, catalogue1, zeroPoint1, files2,
    catalogue2, zeroPoint2, seed, caches, threads, device, output, resume, overwrite, noFigures,
};
ablation.SetAction(program.Guarded(parsed =>
{
    var isFull = IsFull(parsed);
    var count = CommandProgram.UseThreads(parsed.ValueOf(threads));
    var notes = new ComparisonNotes(
        NotesOf(parsed, isFull), NetworkOf(parsed, isFull), [], FoldsOf(parsed, isFull),
        SeedCampaign.Parse(parsed.GetValue(seeds) ?? (isFull ? "1..3" : "1")), OptionsOf(parsed, isFull), count, parsed.GetValue(device)!);
    var place = RunFolder.Choose(
        parsed.GetValue(output), Path.Combine("runs", "einstein-radius-ablation"), parsed.GetValue(resume), parsed.GetValue(overwrite));
    return Ablating.Run(
        notes, place, new RadiusData(parsed.GetValue(data)), CacheOf(parsed), hasFigures: !parsed.GetValue(noFigures), program);
}));

// ---- train -----------------------------------------------------------------------------------------------------------
var technique = Options.Text("--technique", "A technique of compare that does not start from another one (injection+beta-nll).");
var fold = Options.Whole("--fold", "Which half of the sources is the test part, 0 or 1.", 0);
var trainingSeed = Options.Whole("--training-seed", "Seed of weights, shuffling and augmentation.", 1);
var estimatorFolder = Options.Output("Folder of the estimator (runs/einstein-radius-TECHNIQUE).");
var train = new Command("train", "Trains one estimator, and tests it on unseen quasi-real lenses.")
{
    data, preset, technique, training, adaptation, test, size, network, set, preprocessing, fold, epochs, batch, rate, outer, epsilon,
    steps, draws, files1, catalogue1, zeroPoint1, files2, catalogue2, zeroPoint2, seed, trainingSeed, caches, threads, device,
    estimatorFolder, resume, overwrite,
};
train.SetAction(program.Guarded(parsed =>
{
    CommandProgram.UseThreads(parsed.ValueOf(threads));
    var isFull = IsFull(parsed);
    var facts = RadiusTechniques.Named(parsed.GetValue(technique) ?? "injection+beta-nll");
    if (facts.Begins is { } needs)
    {
        var name = RadiusTechniques.Of(needs).Name;
        throw new ArgumentException($"--technique: {facts.Name} begins with {name}. Run compare --techniques {name},{facts.Name}.");
    }
    var notes = NotesOf(parsed, isFull);
    RequireAsinh(facts, notes.Preprocessing);
    var place = RunFolder.Choose(
        parsed.GetValue(estimatorFolder), Path.Combine("runs", $"einstein-radius-{facts.Name}"), parsed.GetValue(resume),
        parsed.GetValue(overwrite));
    if (parsed.GetValue(overwrite) && Directory.Exists(place.Path)) Directory.Delete(place.Path, recursive: true);
    return Training.Run(
        facts, place.Path, new RadiusData(parsed.GetValue(data)), notes, FoldOf(parsed), NetworkOf(parsed, isFull),
        OptionsOf(parsed, isFull) with { Seed = parsed.GetValue(trainingSeed) }, CacheOf(parsed), parsed.GetValue(device)!, program);
}));

// ---- estimate --------------------------------------------------------------------------------------------------------
var trained = new Argument<string>("estimator") { Description = "Folder of a trained estimator, or of a technique of a comparison." };
var images = new Argument<string[]>("images")
{
    Description = "FITS files (a cube, or one image extension for each band), npy arrays (images, bands, rows, columns), CSV lists, "
        + "folders.",
    Arity = ArgumentArity.OneOrMore,
};
var zeroPoint = Options.NumberOrNone("--zero-point", "Magnitude of a pixel value of 1 in the images (30).");
var pixelScale = Options.NumberOrNone("--pixel-scale", "Arcsec per pixel of the images (0.263, the survey's).");
var table = Options.Output("CSV file of id, theta_e, low and high (radii.csv).");
var estimate = new Command("estimate", "Estimates radii of images in g, r and i, with 95 % intervals.")
{
    trained, images, zeroPoint, pixelScale, table, threads, device,
};
estimate.SetAction(program.Guarded(parsed =>
{
    CommandProgram.UseThreads(parsed.ValueOf(threads));
    program.LoadEngine().Wait();
    return Estimating.Run(
        parsed.GetValue(trained)!, parsed.GetValue(images)!, parsed.GetValue(table) ?? "radii.csv", parsed.GetValue(zeroPoint),
        parsed.GetValue(pixelScale), ComputeDevice.Named(parsed.GetValue(device)!), program.Stop);
}));

// ---- simulate --------------------------------------------------------------------------------------------------------
var folder = Options.Output("Folder of the images (runs/radius-images-SEED).");
var simulate = new Command("simulate", "Writes every part as npy arrays, fluxes at zero point 30, and tables of the truth.")
{
    data, preset, training, adaptation, test, size, fold, seed, caches, folder,
};
simulate.SetAction(program.Guarded(parsed =>
{
    var domains = new RadiusData(parsed.GetValue(data)).Domains(NotesOf(parsed, IsFull(parsed)), FoldOf(parsed));
    return Simulating.Write(
        domains, parsed.GetValue(folder) ?? Path.Combine("runs", $"radius-images-{parsed.GetValue(seed)}"), CacheOf(parsed), program.Stop);
}));

// ---- look ------------------------------------------------------------------------------------------------------------
var looks = Options.Output("Folder of the pictures (runs/radius-looks-SEED).");
var shown = Options.Whole("--count", "Images of each set.", 300);
var look = new Command(
    "look", "Draws the original's pictures of the data: histograms, densities and samples, before and after its preprocessing.")
{
    data, preset, training, adaptation, test, size, fold, files1, catalogue1, zeroPoint1, files2, catalogue2, zeroPoint2, seed, shown,
    looks,
};
look.SetAction(program.Guarded(parsed =>
{
    var count = Count(parsed.GetValue(shown), "--count");
    var notes = NotesOf(parsed, IsFull(parsed));
    var domains = new RadiusData(parsed.GetValue(data)).Domains(notes, FoldOf(parsed));
    return Looking.Draw(
        domains, parsed.GetValue(looks) ?? Path.Combine("runs", $"radius-looks-{parsed.GetValue(seed)}"), count, program.Stop);
}));

// ---- techniques ------------------------------------------------------------------------------------------------------
var list = new Command("techniques", "Lists the techniques: what each is trained on, and how.");
list.SetAction(program.Guarded(_ =>
{
    Console.WriteLine($"{"technique",-20} {"loss",-9} {"trained on",-14} {"adapts",-7} begins with");
    foreach (var facts in RadiusTechniques.All)
    {
        var on = facts.Technique == RadiusTechnique.Constant ? "nothing" : facts.IsInjected ? "injected arcs" : "simulations";
        Console.WriteLine(
            $"{facts.Name,-20} {(on == "nothing" ? "" : facts.Loss.ToString()),-9} {on,-14} {(facts.IsAdapted ? "yes" : "no"),-7} "
                + (facts.Begins is { } begins ? RadiusTechniques.Of(begins).Name : ""));
    }
    return 0;
}));

return program.Run(new RootCommand("Measures Einstein radii of lenses in a survey with networks that learn from simulations.")
{
    compare, ablation, train, estimate, simulate, look, list,
});

bool IsFull(ParseResult parsed)
    => parsed.GetValue(preset) switch
    {
        null or "quick" => false,
        "full" => true,
        var other => throw new ArgumentException($"--preset: expected quick or full, got '{other}'."),
    };

string CacheOf(ParseResult parsed) => parsed.GetValue(caches) ?? Path.Combine("runs", "cache");

int FoldOf(ParseResult parsed)
    => parsed.GetValue(fold) is 0 or 1 ? parsed.GetValue(fold) : throw new ArgumentException(
        $"--fold: expected 0 or 1, got {parsed.GetValue(fold)}.");

int[] FoldsOf(ParseResult parsed, bool isFull)
{
    var count = parsed.ValueOf(folds) ?? (isFull ? 2 : 1);
    return count is 1 or 2 ? [.. Enumerable.Range(0, count)] : throw new ArgumentException($"--folds: expected 1 or 2, got {count}.");
}

string NetworkOf(ParseResult parsed, bool isFull)
    => RadiusNetwork.Named(parsed.GetValue(network) ?? (isFull ? "resnet10v2" : "small")).Name;

RadiusOptions OptionsOf(ParseResult parsed, bool isFull)
{
    var adapting = Given(parsed, steps, null);
    var options = defaults with
    {
        Epochs = parsed.ValueOf(epochs) ?? (isFull ? defaults.Epochs : 10), BatchSize = parsed.GetValue(batch),
        LearningRate = parsed.GetValue(rate), OuterLabels = Given(parsed, outer, defaults.OuterLabels),
        Epsilon = Given(parsed, epsilon, defaults.Epsilon), Draws = Given(parsed, draws, null) ?? (isFull ? defaults.Draws : 16),
        ShiftSteps = adapting ?? defaults.ShiftSteps, GeneratorSteps = adapting ?? defaults.GeneratorSteps,
        FlowSteps = adapting ?? defaults.FlowSteps,
    };
    options.Check();
    return options;
}

RadiusNotes NotesOf(ParseResult parsed, bool isFull)
{
    var name = Given<string?>(parsed, preprocessing, null) ?? RadiusPreprocessing.Names[0];
    RadiusPreprocessing.Check(name);
    var pixels = parsed.GetValue(size);
    if (pixels is < 16 or > 48 || pixels % 2 != 0)
        throw new ArgumentException($"--size: expected an even number in 16 to 48, got {pixels}.");
    var chosen = Given<string?>(parsed, set, null) ?? RadiusData.Sets[0].Name;
    RadiusData.SetNamed(chosen);
    var adapting = Count(parsed.ValueOf(adaptation) ?? (isFull ? 4000 : 1000), "--adaptation");
    return new(
        Count(parsed.ValueOf(training) ?? (isFull ? 9000 : 2000), "--training"), adapting, Math.Max(2, adapting / 4),
        Count(parsed.GetValue(test), "--test"), pixels, parsed.GetValue(seed), chosen, name,
        RealFiles.Of("challenge1", Given(parsed, files1, null), Given(parsed, catalogue1, null), Given(parsed, zeroPoint1, null)),
        RealFiles.Of("challenge2", Given(parsed, files2, null), Given(parsed, catalogue2, null), Given(parsed, zeroPoint2, null)));
}

static (Option<string?> Folder, Option<string?> Catalogue, Option<double?> ZeroPoint) Files(string name, string images) => (
    Options.Text($"--{name}", $"Folder or archive with real images of the challenge ({images}), in place of its simulation."),
    Options.Text($"--{name}-catalogue", "Its CSV file of truths."),
    Options.NumberOrNone($"--{name}-zero-point", "Magnitude of a pixel value of 1 in its images."));

// Commands without the option have its default.
static T Given<T>(ParseResult parsed, Option<T> option, T otherwise)
    => parsed.CommandResult.Command.Options.Contains(option) ? parsed.GetValue(option)! : otherwise;

static int Count(int count, string name)
    => count >= 2 ? count : throw new ArgumentException($"{name}: expected at least 2 images, got {count}.");

static void RequireAsinh(RadiusTechniqueFacts facts, string preprocessing)
{
    if (facts.Technique is RadiusTechnique.ShiftNet or RadiusTechnique.Gan
            or RadiusTechnique.Fgsm or RadiusTechnique.Pgd && preprocessing != RadiusPreprocessing.Names[0])
        throw new ArgumentException(
            $"--preprocessing: {facts.Name} works in units of the sky; expected {RadiusPreprocessing.Names[0]}, got {preprocessing}.");
}
