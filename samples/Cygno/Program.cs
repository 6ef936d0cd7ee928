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

var program = new CommandProgram(
    "cygno", args, loadsEngine: args.Any(argument => argument is "train" or "run" or "score" or "export" or "serve"));
var defaults = new RecoilTrainingOptions();
double[] exercise = [1, 3, 6, 10, 20, 30];

// ---- options that several commands take ----------------------------------------------------------------------------
var energies = Options.Text("--energies", "keV, comma-separated (1,3,6,10,20,30); 'continuous' draws them evenly from 1 to 30.");
var seed = Options.Seed("Seed of simulation, split, weights, shuffling and augmentation; a run repeats bit for bit on one thread.");
var epochs = Options.Whole("--epochs", "Epochs.", defaults.Epochs);
var batch = Options.Whole("--batch", "Images in a batch.", defaults.BatchSize);
var rate = Options.Number("--learning-rate", "AdamW's largest learning rate.", defaults.LearningRate);
var decay = Options.Number("--weight-decay", "AdamW's weight decay.", defaults.WeightDecay);
var patience = Options.Patience("Epochs without a smaller validation loss after which training stops (none).");
var caches = Options.Text("--cache", "Folder where preprocessed images are kept (Parquet; runs/cache).");
var (threads, device, noFigures) = (Options.Threads(), Options.Device(), Options.NoFigures());
var (resume, overwrite) = (Options.Resume(), Options.Overwrite());
var run = Options.Output("Folder of the run (the next free one of runs/cygno-SEED).");
Option[] training = [epochs, batch, rate, decay, patience, seed, caches, threads, device, run, resume, overwrite, noFigures];

// ---- simulate --------------------------------------------------------------------------------------------------------
var count = Options.Whole("--count", "Images of each kind and energy.", 100);
var size = Options.Whole("--size", "Pixels each way.", 576);
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
    var written = Simulating.Write(target, EnergiesOf(parsed, false), number, parsed.GetValue(size), runSeed, program.Stop);
    Console.WriteLine($"{written} images in {target}");
    return 0;
}));

// ---- train -----------------------------------------------------------------------------------------------------------
var data = new Argument<string>("data") { Description = "Folder, zip or tar of PNG images whose paths say kind and energy." };
var validation = Options.Whole("--validation", "Images that choose the epoch.", 50);
var test = Options.Number("--test", "Share of the images that only judge the result.", 0.2);
var stratified = Options.Flag("--stratified", "Give validation and test their share of each kind and energy.");
var strict = Options.Flag("--strict", "Stop at files that cannot be read, instead of leaving them out.");
var train = new Command("train", "Trains on images of files, and judges on those that nothing saw.")
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
    var set = RecoilSet.Files(
        parsed.GetValue(data)!, split, parsed.GetValue(strict) ? BrokenFilePolicy.Fail : BrokenFilePolicy.LeaveOut);
    return RecoilRun.Do(
        set,
        options,
        PlaceOf(parsed, options),
        CacheOf(parsed),
        parsed.GetValue(device)!,
        hasFigures: !parsed.GetValue(noFigures),
        hasLimit: false,
        program);
}));

// ---- run -------------------------------------------------------------------------------------------------------------
var images = Options.Whole("--images", "Simulated images to train and choose on.", 12_000);
var chosen = Options.Whole("--validation", "How many of them choose the epoch.", 600);
var unseen = Options.Whole("--unseen", "Simulated images that judge the result.", 3_000);
var whole = new Command("run", "Simulates images, trains, and judges beside the best that is possible.")
{
    images, chosen, unseen, energies,
};
foreach (var option in training) whole.Add(option);
whole.SetAction(program.Guarded(parsed =>
{
    var options = TrainingOf(parsed);
    var set = RecoilSet.Simulated(
        new RecoilSimulator { Size = 128 },
        parsed.GetValue(images),
        parsed.GetValue(chosen),
        parsed.GetValue(unseen),
        EnergiesOf(parsed, true),
        options.Seed);
    return RecoilRun.Do(
        set,
        options,
        PlaceOf(parsed, options),
        CacheOf(parsed),
        parsed.GetValue(device)!,
        hasFigures: !parsed.GetValue(noFigures),
        hasLimit: true,
        program);
}));

// ---- limit -----------------------------------------------------------------------------------------------------------
var judged = Options.Whole("--images", "Simulated images to judge.", 3_000);
var limit = new Command(
    "limit", "What no classifier can beat on simulated images: the exact likelihood ratio, and the bound on energies.")
{
    judged, energies, seed,
};
limit.SetAction(program.Guarded(parsed => Limits.Print(
    parsed.GetValue(judged), EnergiesOf(parsed, false), parsed.GetValue(seed), program.Stop)));

// ---- score -----------------------------------------------------------------------------------------------------------
var trained = new Argument<string>("model") { Description = "Folder of a run, or an archive that export made." };
var paths = new Argument<string[]>("images") { Description = "Images, folders, zips or tars of them.", Arity = ArgumentArity.OneOrMore };
var table = Options.Output("CSV file of the scores (printed without it).");
var score = new Command("score", "Scores images by a trained network: response and energy of each.")
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

// ---- export, publish, fetch, serve -----------------------------------------------------------------------------------
var finished = new Argument<string>("run") { Description = "Folder of a run." };
var archive = Options.Output("File of the archive, or a folder where its hash names it (runs/models).");
var export = new Command("export", "Makes one archive of a run: weights, ONNX, card, preprocessing, what it reached.")
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
    whole, train, score, simulate, limit, export, storage.Publish(), storage.Fetch(),
    ServeCommand.Of(program, system, storage),
});

RecoilTrainingOptions TrainingOf(ParseResult parsed)
{
    CommandProgram.UseThreads(parsed.ValueOf(threads));
    var options = new RecoilTrainingOptions
    {
        Epochs = parsed.GetValue(epochs), BatchSize = parsed.GetValue(batch), LearningRate = parsed.GetValue(rate),
        WeightDecay = parsed.GetValue(decay), Patience = parsed.ValueOf(patience), Seed = parsed.GetValue(seed),
    };
    options.Check();
    return options;
}

RunFolder PlaceOf(ParseResult parsed, RecoilTrainingOptions options)
    => RunFolder.Choose(
        parsed.GetValue(run),
        Path.Combine("runs", $"cygno-{options.Seed}"),
        parsed.GetValue(resume),
        parsed.GetValue(overwrite));

string CacheOf(ParseResult parsed) => parsed.GetValue(caches) ?? Path.Combine("runs", "cache");

double[] EnergiesOf(ParseResult parsed, bool mayBeContinuous)
{
    if (parsed.GetValue(energies) is not { } text) return exercise;
    if (text == "continuous" && mayBeContinuous) return [];
    var values = text.Split(',').Select(part => Options.ParseNumber(part.Trim())).ToArray();
    return values.All(value => value is > 0 and <= 100) && values.Distinct().Count() == values.Length
        ? values.Select(value => value!.Value).Order().ToArray()
        : throw new ArgumentException($"--energies: expected different energies in (0, 100] keV such as 1,3,6, got '{text}'.");
}
