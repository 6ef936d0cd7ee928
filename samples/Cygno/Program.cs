// ./hybrid cygno: nuclear against electron recoils in camera images, from PNG files or simulated ones to a judged network.
using System;
using System.CommandLine;
using System.IO;
using System.Linq;
using Hybrid.Data.Formats;
using Hybrid.Data.Splits;
using Hybrid.Data.Systems.Cygno;
using Hybrid.Models.Engine;
using Hybrid.Models.Systems.Cygno;
using Hybrid.Samples.CommandLine;
using Hybrid.Samples.Cygno;
using Hybrid.Samples.Serving;

string[] computing = ["train", "run", "score", "baselines", "sweep", "realism", "export", "serve"];
var program = new CommandProgram("cygno", args, loadsEngine: args.Any(computing.Contains));
var defaults = new RecoilTrainingOptions();
double[] exercise = [1, 3, 6, 10, 20, 30];

// ---- options that several commands take ----------------------------------------------------------------------------
var energies = Options.Text("--energies", "keV, comma-separated (1,3,6,10,20,30); run takes 'continuous' too: from 0.5 to 36.");
var seed = Options.Seed("Seed of simulation, split, weights, shuffling and augmentation; a run repeats bit for bit on one thread.");
var network = Options.Text(
    "--network", "recoil, averaged over rotations and reflections, or equivariant, which they do not change (recoil).");
var epochs = Options.Whole("--epochs", "Epochs.", defaults.Epochs);
var batch = Options.Whole("--batch", "Images in a batch.", defaults.BatchSize);
var rate = Options.Number("--learning-rate", "AdamW's largest learning rate.", defaults.LearningRate);
var decay = Options.Number("--weight-decay", "AdamW's weight decay.", defaults.WeightDecay);
var energyLoss = Options.Text(
    "--energy-loss", "What energies are trained by: likelihood (with an expected error), squared, huber or absolute (likelihood).");
var energyWeight = Options.Number("--energy-weight", "How much the loss of energies counts beside that of kinds.", defaults.EnergyWeight);
var patience = Options.Patience("Epochs without a smaller cross-entropy on the validation images after which training stops (none).");
var caches = Options.Text("--cache", "Folder where preprocessed images are kept (Parquet; runs/cache).");
var (threads, device, noFigures) = (Options.Threads(), Options.Device(), Options.NoFigures());
var (resume, overwrite) = (Options.Resume(), Options.Overwrite());
var run = Options.Output("Folder of the run (the next free one of runs/cygno-SEED).");
Option[] training =
[
    network, epochs, batch, rate, decay, energyLoss, energyWeight, patience, seed, caches, threads, device, run, resume, overwrite,
    noFigures,
];

// ---- simulate --------------------------------------------------------------------------------------------------------
var count = Options.Whole("--count", "Images of each kind and energy.", 100);
var size = Options.Whole("--size", "Width and height in pixels.", 576);
var folder = Options.Output("Folder of the images (runs/cygno-images-SEED), as {E}_keV/{NR|ER}/….png below it.");
var simulate = new Command("simulate", "Writes simulated camera images in the exercise's folders.") { count, size, energies, seed, folder };
simulate.SetAction(program.Guarded(parsed =>
{
    var (number, runSeed) = (parsed.GetValue(count), parsed.GetValue(seed));
    if (number < 1) throw new ArgumentException($"--count: expected at least 1, got {number}.");
    if (parsed.GetValue(size) is < 128 and var small) throw new ArgumentException($"--size: expected at least 128 pixels, got {small}.");
    var target = parsed.GetValue(folder) ?? Path.Combine("runs", $"cygno-images-{runSeed}");
    if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any())
        throw new IOException($"--output: {Path.GetFullPath(target)} is not empty. Choose another folder, or remove it.");
    var written = Simulating.Write(target, EnergiesOf(parsed), number, parsed.GetValue(size), runSeed, program.Stop);
    Console.WriteLine($"{Plural.Of(written, "image")} in {target}");
    return 0;
}));

// ---- train -----------------------------------------------------------------------------------------------------------
var data = new Argument<string>("data") { Description = "Folder, zip or tar of PNG images whose paths contain kind and energy." };
var validation = Options.Whole("--validation", "Images for validation, which chooses the epoch.", 50);
var test = Options.Number("--test", "Share of the images kept for the test.", 0.2);
var stratified = Options.Flag("--stratified", "Give validation and test the same share of each kind and energy.");
var strict = Options.Flag("--strict", "Stop at a file that cannot be read, instead of leaving it out.");
var train = new Command("train", "Trains on images from files, and tests on unseen ones.")
{
    data, validation, test, stratified, strict,
};
foreach (var option in training) train.Add(option);
train.SetAction(program.Guarded(parsed =>
{
    var options = TrainingOf(parsed);
    var split = new RecoilSplit
    {
        Validation = parsed.GetValue(validation),
        TestShare = parsed.GetValue(test),
        Stratified = parsed.GetValue(stratified),
        Seed = options.Seed,
    };
    var set = RecoilSet.Files(parsed.GetValue(data)!, split, BrokenOf(parsed));
    return RecoilRun.Do(
        set,
        NetworkOf(parsed),
        options,
        PlaceOf(parsed, options),
        CacheOf(parsed),
        parsed.GetValue(device)!,
        hasFigures: !parsed.GetValue(noFigures),
        hasLimit: false,
        program);
}));

// ---- run -------------------------------------------------------------------------------------------------------------
var images = Options.Whole("--images", "Simulated images for training and validation.", 12_000);
var chosen = Options.Whole("--validation", "How many of them are for validation, which chooses the epoch.", 600);
var unseen = Options.Whole("--unseen", "Simulated images for the test.", 3_000);
var interleaved = Options.Flag(
    "--interleaved",
    "Train on the competition's kinds and energies, electrons of 3, 10, 30 and nuclei of 1, 6, 20 keV; judge by the six between them.");
var whole = new Command("run", "Simulates images, trains, and compares the result with the best that is possible.")
{
    images, chosen, unseen, energies, interleaved,
};
foreach (var option in training) whole.Add(option);
whole.SetAction(program.Guarded(parsed =>
{
    var options = TrainingOf(parsed);
    return RecoilRun.Do(
        SimulatedOf(parsed, options.Seed),
        NetworkOf(parsed),
        options,
        PlaceOf(parsed, options),
        CacheOf(parsed),
        parsed.GetValue(device)!,
        hasFigures: !parsed.GetValue(noFigures),
        hasLimit: true,
        program);
}));

// ---- limit -----------------------------------------------------------------------------------------------------------
var judged = Options.Whole("--images", "Simulated images for the test.", 3_000);
var limit = new Command(
    "limit", "What no classifier can beat on simulated images: the exact likelihood ratio, and the bound on energies.")
{
    judged, energies, seed,
};
limit.SetAction(program.Guarded(parsed => Limits.Print(
    parsed.GetValue(judged), EnergiesOf(parsed), parsed.GetValue(seed), program.Stop)));

// ---- score -----------------------------------------------------------------------------------------------------------
var trained = new Argument<string>("model") { Description = "Folder of a run, or an archive that export made." };
var paths = new Argument<string[]>("images") { Description = "Images, folders, zips or tars of them.", Arity = ArgumentArity.OneOrMore };
var table = Options.Output("CSV file of the scores (default: printed).");
var score = new Command("score", "Scores images with a trained network: response and energy of each.")
{
    trained, paths, table, threads, device,
};
score.SetAction(program.Guarded(parsed =>
{
    CommandProgram.UseThreads(parsed.ValueOf(threads));
    return Scoring.Run(
        parsed.GetValue(trained)!,
        parsed.GetValue(paths)!,
        parsed.GetValue(table),
        ComputeDevice.Named(parsed.GetValue(device)!),
        program.Stop);
}));

// ---- verify ----------------------------------------------------------------------------------------------------------
var pictures = Options.Output("Folder of the pictures (runs/cygno-verify).");
var verify = new Command("verify", "Prints and draws the contents of a set: kinds, energies, sums of light, pixels in the window.")
{
    data, strict, caches, pictures,
};
verify.SetAction(program.Guarded(parsed => Verifying.Run(
    RecoilSet.Files(parsed.GetValue(data)!, new RecoilSplit { Validation = 1, TestShare = 0 }, BrokenOf(parsed)),
    parsed.GetValue(pictures) ?? Path.Combine("runs", "cygno-verify"),
    CacheOf(parsed),
    program)));

// ---- baselines, compare ------------------------------------------------------------------------------------------------
var exerciseEpochs = Options.Whole("--exercise-epochs", "Epochs of the exercise's network.", 50);
var publishedEpochs = Options.WholeOrNone("--published-epochs", "Epochs of lophy95's networks (2 for the kind, 50 for the energy).");
var others = Options.Output("Folder of the scores (the next free one of runs/cygno-baselines-SEED).");
var baselines = new Command(
    "baselines", "Trains others' networks on the images of 'run' and scores what judges it: the exercise's, lophy95's, the classical way.")
{
    images, chosen, unseen, energies, interleaved, exerciseEpochs, publishedEpochs, seed, caches, threads, device, others, resume,
    overwrite,
};
baselines.SetAction(program.Guarded(parsed =>
{
    CommandProgram.UseThreads(parsed.ValueOf(threads));
    var runSeed = parsed.GetValue(seed);
    foreach (var (name, value) in new[]
    {
        ("--exercise-epochs", (int?)parsed.GetValue(exerciseEpochs)), ("--published-epochs", parsed.ValueOf(publishedEpochs)),
    })
    {
        if (value is < 1) throw new ArgumentException($"{name}: expected at least 1, got {value}.");
    }
    return Baselines.Run(
        SimulatedOf(parsed, runSeed), runSeed, parsed.GetValue(exerciseEpochs), parsed.ValueOf(publishedEpochs),
        RunFolder.Choose(
            parsed.GetValue(others),
            Path.Combine("runs", $"cygno-baselines-{runSeed}"),
            parsed.GetValue(resume),
            parsed.GetValue(overwrite)),
        CacheOf(parsed), parsed.GetValue(device)!, program);
}));
var ours = new Argument<string>("run") { Description = "Folder of a run." };
var theirs = new Argument<string>("baselines") { Description = "Folder that baselines wrote, for the same images." };
var compare = new Command(
    "compare", "Compares a run with baselines on the same images, by paired differences; exit code 3 if it is significantly worse.")
{
    ours, theirs,
};
compare.SetAction(program.Guarded(parsed => Comparing.Print(parsed.GetValue(ours)!, parsed.GetValue(theirs)!)));

// ---- sweep -----------------------------------------------------------------------------------------------------------
var sizes = Options.Text("--batches", "Batch sizes, comma-separated (10,32,64,128,256).");
var sweepFolder = Options.Output("Folder of the figure and the numbers (runs/cygno-sweep-SEED).");
var sweep = new Command("sweep", "Trains with several batch sizes on simulated images: loss and time of each.")
{
    sizes, images, chosen, energies, epochs, rate, decay, seed, caches, threads, device, sweepFolder,
};
sweep.SetAction(program.Guarded(parsed =>
{
    CommandProgram.UseThreads(parsed.ValueOf(threads));
    var runSeed = parsed.GetValue(seed);
    var set = RecoilSet.Simulated(
        new RecoilSimulator { Size = 128 }, parsed.GetValue(images), parsed.GetValue(chosen), 0, EnergiesOf(parsed), runSeed);
    var options = new RecoilTrainingOptions
    {
        Epochs = parsed.GetValue(epochs), LearningRate = parsed.GetValue(rate), WeightDecay = parsed.GetValue(decay), Seed = runSeed,
    };
    return Sweeping.Run(
        set, options, BatchesOf(parsed.GetValue(sizes) ?? "10,32,64,128,256"),
        parsed.GetValue(sweepFolder) ?? Path.Combine("runs", $"cygno-sweep-{runSeed}"), CacheOf(parsed), parsed.GetValue(device)!, program);
}));

// ---- realism ---------------------------------------------------------------------------------------------------------
var weights = new Argument<string>("weights")
{
    Description = "Folder of lophy95_classification.npz and lophy95_regression.npz, published for the IDAO 2021 competition.",
};
var perClass = Options.Whole("--count", "Images of each kind and energy.", 100);
var realism = new Command("realism", "Applies two published networks, trained on the experiment's own simulation, to our images.")
{
    weights, energies, perClass, seed, threads, device,
};
realism.SetAction(program.Guarded(parsed =>
{
    CommandProgram.UseThreads(parsed.ValueOf(threads));
    if (parsed.GetValue(perClass) is < 1 and var few) throw new ArgumentException($"--count: expected at least 1, got {few}.");
    return Realism.Print(
        parsed.GetValue(weights)!, EnergiesOf(parsed), parsed.GetValue(perClass), parsed.GetValue(seed),
        ComputeDevice.Named(parsed.GetValue(device)!), program.Stop);
}));

// ---- export, publish, fetch, serve -----------------------------------------------------------------------------------
var finished = new Argument<string>("run") { Description = "Folder of a run." };
var archive = Options.Output("Archive's file, or a folder in which it is named by its hash (runs/models).");
var export = new Command("export", "Makes one archive of a run: weights, ONNX, card, preprocessing, evaluation.")
{
    finished, archive,
};
export.SetAction(program.Guarded(parsed =>
{
    var made = Exporting.Write(parsed.GetValue(finished)!, parsed.GetValue(archive) ?? Path.Combine("runs", "models"));
    Console.WriteLine($"{made.FilePath}  SHA-256 {made.Hash}");
    return 0;
}));
var system = new ServedSystem(RecoilScorer.SystemName, RecoilScorer.Load);
var storage = new StorageCommands(program, system);

return program.Run(new RootCommand("Tells nuclear from electron recoils in images of the CYGNO camera, and estimates their energy.")
{
    whole, train, score, simulate, verify, limit, baselines, compare, sweep, realism, export, storage.Publish(), storage.Fetch(),
    ServeCommand.Of(program, system, storage),
});

RecoilTrainingOptions TrainingOf(ParseResult parsed)
{
    CommandProgram.UseThreads(parsed.ValueOf(threads));
    var options = new RecoilTrainingOptions
    {
        Epochs = parsed.GetValue(epochs), BatchSize = parsed.GetValue(batch), LearningRate = parsed.GetValue(rate),
        WeightDecay = parsed.GetValue(decay), EnergyWeight = parsed.GetValue(energyWeight), EnergyLoss = EnergyLossOf(parsed),
        Patience = parsed.ValueOf(patience), Seed = parsed.GetValue(seed),
    };
    options.Check();
    return options;
}

string NetworkOf(ParseResult parsed) => RecoilNetworks.Checked(parsed.GetValue(network) ?? RecoilNetworks.Names[0]);

RecoilEnergyLoss EnergyLossOf(ParseResult parsed)
    => parsed.GetValue(energyLoss) is not { } name ? RecoilEnergyLoss.Likelihood
        : Enum.GetNames<RecoilEnergyLoss>().FirstOrDefault(one => string.Equals(one, name, StringComparison.OrdinalIgnoreCase)) is { } found
            ? Enum.Parse<RecoilEnergyLoss>(found)
            : throw new ArgumentException($"--energy-loss: expected likelihood, squared, huber or absolute, got '{name}'.");

RunFolder PlaceOf(ParseResult parsed, RecoilTrainingOptions options)
    => RunFolder.Choose(
        parsed.GetValue(run),
        Path.Combine("runs", $"cygno-{options.Seed}"),
        parsed.GetValue(resume),
        parsed.GetValue(overwrite));

BrokenFilePolicy BrokenOf(ParseResult parsed) => parsed.GetValue(strict) ? BrokenFilePolicy.Fail : BrokenFilePolicy.LeaveOut;

int[] BatchesOf(string text)
    => [.. NumbersOf(text, "--batches", value => value >= 2 && value == Math.Round(value), "whole numbers of at least 2 such as 10,64")
        .Select(value => (int)value)];

// Different numbers with commas between them, by size.
double[] NumbersOf(string text, string name, Func<double, bool> fits, string expected)
{
    var values = text.Split(',').Select(part => Options.ParseNumber(part.Trim())).ToArray();
    return values.All(value => value is { } number && fits(number)) && values.Distinct().Count() == values.Length
        ? values.Select(value => value!.Value).Order().ToArray()
        : throw new ArgumentException($"{name}: expected different {expected}, got '{text}'.");
}

string CacheOf(ParseResult parsed) => parsed.GetValue(caches) ?? Path.Combine("runs", "cache");

RecoilSet SimulatedOf(ParseResult parsed, long runSeed)
{
    var (number, validating, testing) = (parsed.GetValue(images), parsed.GetValue(chosen), parsed.GetValue(unseen));
    var (simulator, text) = (new RecoilSimulator { Size = 128 }, parsed.GetValue(energies));
    if (parsed.GetValue(interleaved))
    {
        return text is null
            ? RecoilSet.SimulatedClasses(simulator, number, validating, testing, Competition(0), Competition(1), runSeed)
            : throw new ArgumentException($"--interleaved: expected it without --energies, got --energies {text}.");
    }
    return text == "continuous"
        ? RecoilSet.SimulatedContinuous(simulator, number, validating, testing, runSeed)
        : RecoilSet.Simulated(simulator, number, validating, testing, EnergiesOf(parsed), runSeed);

    // Each energy is one kind's in training and the other's in the test.
    (Recoil, double)[] Competition(int shift)
        => [.. exercise.Select((energy, i) => ((i + shift) % 2 == 0 ? Recoil.Nuclear : Recoil.Electron, energy))];
}

double[] EnergiesOf(ParseResult parsed)
    => parsed.GetValue(energies) is { } text
        ? NumbersOf(text, "--energies", value => value is > 0 and <= 100, "energies in (0, 100] keV such as 1,3,6")
        : exercise;
