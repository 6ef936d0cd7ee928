// ./hybrid lens-finding: strong lenses in survey images by labelled simulations and unlabelled images of the survey.
using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using Hybrid.Data.Lensing;
using Hybrid.Data.Systems.LensFinding;
using Hybrid.Models.Deployment;
using Hybrid.Models.Engine;
using Hybrid.Models.Systems.LensFinding;
using Hybrid.Samples.CommandLine;
using Hybrid.Samples.LensFinding;
using Hybrid.Samples.Serving;

var program = new CommandProgram(
    "lens-finding", args,
    loadsEngine: args.Any(argument => argument is "compare" or "train" or "search" or "score" or "export" or "serve" or "dark-matter"));
var defaults = new LensFindingOptions();

// ---- options ---------------------------------------------------------------------------------------------------------
var data = Options.Text(
    "--data", $"Folder with lenspop/lenses_DESc.txt, des_fields and des_real ({LensDataFolder.Variable} says it for all commands).");
var preset = Options.Text(
    "--preset", "quick: one fold, three seeds, every method, minutes; full: three folds and more images, hours (quick).");
var source = Options.WholeOrNone("--source", "Simulated labelled images (quick 1200, full 6000).");
var target = Options.WholeOrNone("--target", "Quasi-real images to adapt on (quick 1200, full 6000).");
var test = Options.WholeOrNone("--test", "Quasi-real images for the test (quick 1000, full 3000).");
var size = Options.Whole("--size", "Width and height of the images in pixels.", 44);
var bands = Options.Text("--bands", "Bands of the images, out of g, r and i ('g r i').");
var folds = Options.WholeOrNone("--folds", "How many of the three folds of galaxies and sources are tested (quick 1, full 3).");
var seeds = Options.Text("--seeds", "Seeds of the trainings, such as 1..3 or 1,4,7 (1..3).");
var methods = Options.Text(
    "--methods", $"Comma-separated, of {string.Join(", ", LensFindingMethods.All.Select(LensFindingMethods.NameOf))} (all).");
var impostors = Options.Number("--impostors", "Share of the non-lenses that are spirals, rings, mergers or artefacts.", 0.25);
var contrast = Options.Number(
    "--contrast", "Least contrast of arcs and impostors: their brightest pixel in g over galaxy and sky.", 1);
var gap = Options.Text(
    "--gap", "In which respects simulations are made to look as the survey: brightness, noise, with commas in between (none).");
var preprocessing = Options.Text("--preprocessing", $"{string.Join(", ", LensDomains.Preprocessings)} ({LensDomains.Preprocessings[0]}).");
var silent = Options.Flag("--noise-free-source", "Simulations without noise: a gap that no method closes.");
var epochs = Options.WholeOrNone("--epochs", $"Epochs (quick {defaults.Epochs}, full 30).");
var batch = Options.Whole("--batch", "Images of each domain in a batch.", defaults.BatchSize);
var rate = Options.NumberOrNone("--learning-rate", "AdamW's largest learning rate (the backbone's: 0.003 for small, 0.001 for others).");
var backbone = Options.Text("--backbone", "Encoder of the images, one of those that backbones lists (small).");
var backboneList = Options.Text(
    "--backbone", "Encoders of the images, with commas in between, of those that backbones lists; or all (small).");
var weights = Options.Text(
    "--weights", "Published weights to begin with, .pth, .safetensors or .onnx, of the backbone that backbones lists them for.");
var seed = Options.Seed("Seed of split and simulations.");
var caches = Options.Text("--cache", "Folder where simulated images are kept (Parquet; runs/cache).");
var (threads, device, noFigures) = (Options.Threads(), Options.Device(), Options.NoFigures());
var (resume, overwrite) = (Options.Resume(), Options.Overwrite());
var output = Options.Output("Folder of the comparison (the next free one of runs/lens-finding).");

var trainings = Options.Shard("trainings");

// ---- compare ---------------------------------------------------------------------------------------------------------
var compare = new Command("compare", "Trains by every method and tests all on the same unseen images.")
{
    data, preset, source, target, test, size, bands, folds, seeds, methods, backboneList, weights, silent, impostors, contrast, gap,
    preprocessing, epochs, batch,
    rate, seed, caches, threads, device, output, resume, overwrite, trainings, noFigures,
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
    var training = TrainingOf(parsed, isFull);
    var runFolds = parsed.ValueOf(folds) ?? (isFull ? 3 : 1);
    if (runFolds is < 1 or > 3) throw new ArgumentException($"--folds: expected 1 to 3, got {runFolds}.");
    var chosen = parsed.GetValue(methods) is { } named ? MethodsOf(named) : LensFindingMethods.All;
    var encoders = Backbones.Parse(parsed.GetValue(backboneList));
    var file = parsed.GetValue(weights);
    if (file is not null && encoders.Count != 1)
        throw new ArgumentException($"--weights: expected one --backbone, whose weights they are, got {encoders.Count}.");
    var domains = DomainsOf(parsed, isFull);
    foreach (var encoder in encoders) LensBackbones.RequireSize(encoder, domains.Size);
    var notes = new ComparisonNotes(
        domains, [.. chosen.Select(LensFindingMethods.NameOf)], [.. Enumerable.Range(0, runFolds)],
        SeedCampaign.Parse(parsed.GetValue(seeds) ?? "1..3"), training, count, parsed.GetValue(device)!,
        [.. encoders.Select(encoder => encoder.Name)], parsed.GetValue(rate), file is null ? null : ModelArchive.HashOf(file));
    var part = parsed.ShardOf(trainings);
    if (!part.IsAll && parsed.GetValue(output) is null)
        throw new ArgumentException("--shard: expected --output, the folder that all shards share, got none.");
    var place = RunFolder.Choose(
        parsed.GetValue(output), Path.Combine("runs", "lens-finding"), parsed.GetValue(resume) || !part.IsAll,
        parsed.GetValue(overwrite));
    return Comparing.Run(
        notes, place, new DomainData(parsed.GetValue(data)), CacheOf(parsed), file, part, hasFigures: !parsed.GetValue(noFigures), program);
}));

// ---- simulate --------------------------------------------------------------------------------------------------------
var folder = Options.Output("Folder of the images (runs/lens-images-SEED).");
var fold = Options.Whole("--fold", "Which of the three folds of galaxies and sources is the test part.", 0);
var simulate = new Command("simulate", "Writes the domains as npy arrays, fluxes at zero point 30, and tables of the truth.")
{
    data, source, target, test, size, bands, silent, impostors, contrast, gap, fold, seed, caches, folder,
};
simulate.SetAction(program.Guarded(parsed =>
{
    var domains = new DomainData(parsed.GetValue(data)).Domains(DomainsOf(parsed, false), FoldOf(parsed));
    return Simulating.Write(
        domains, parsed.GetValue(folder) ?? Path.Combine("runs", $"lens-images-{parsed.GetValue(seed)}"), CacheOf(parsed), program.Stop);
}));

// ---- train -----------------------------------------------------------------------------------------------------------
var method = Options.Text("--method", "A method of compare (adamatch).");
var trainingSeed = Options.Whole("--training-seed", "Seed of weights, shuffling and augmentation.", 1);
var finder = Options.Output("Folder of the lens finder (runs/lens-finder-METHOD).");
const string Lists = "a CSV file (path, target, fold, id, ra, dec), npy array, FITS or PNG file, or a folder of them";
var sourceImages = Options.Text("--source-images", $"Your own labelled images in place of the simulated ones: {Lists}.");
var targetImages = Options.Text("--target-images", $"Images of your survey to adapt to: {Lists}. Labels are not needed.");
var testImages = Options.Text(
    "--test-images", "Labelled images of your survey that judge (the --fold of the target's list, if it has any).");
var sourceZero = Options.NumberOrNone("--source-zero-point", "Magnitude of a pixel value of 1 in --source-images (30).");
var targetZero = Options.NumberOrNone("--target-zero-point", "The same in --target-images and --test-images (30).");
var train = new Command("train", "Trains one lens finder, and tests it on the fold's test images.")
{
    data, sourceImages, targetImages, testImages, sourceZero, targetZero, method, backbone, weights, source, target, test, size, bands,
    silent, impostors, contrast, gap, preprocessing, fold, epochs, batch, rate, seed,
    trainingSeed, caches, threads, device, finder, resume, overwrite,
};
train.SetAction(program.Guarded(parsed =>
{
    CommandProgram.UseThreads(parsed.ValueOf(threads));
    var by = LensFindingMethods.Named(parsed.GetValue(method) ?? "adamatch");
    var name = LensFindingMethods.NameOf(by);
    if (LensFindingMethods.BeginsWithBaseline(by))
        throw new ArgumentException($"--method: {name} begins with a trained baseline. Run compare --methods source-only,{name}.");
    var encoder = new ChosenBackbone(LensBackbones.Named(parsed.GetValue(backbone) ?? "small"), parsed.GetValue(weights));
    LensBackbones.RequireSize(encoder.Backbone, SizeOf(parsed));
    var options = TrainingOf(parsed, false) with
    {
        Seed = parsed.GetValue(trainingSeed), LearningRate = parsed.GetValue(rate) ?? encoder.Backbone.LearningRate,
    };
    var place = RunFolder.Choose(
        parsed.GetValue(finder), Path.Combine("runs", $"lens-finder-{name}"), parsed.GetValue(resume), parsed.GetValue(overwrite));
    if (parsed.GetValue(overwrite) && Directory.Exists(place.Path)) Directory.Delete(place.Path, recursive: true);
    var own = OwnOf(parsed);
    var domains = own is null ? DomainsOf(parsed, false) : null;
    var notes = domains?.Images ?? new ImageNotes(OwnBandsOf(parsed), SizeOf(parsed), PreprocessingOf(parsed));
    var (test, judging) = (parsed.GetValue(fold), CacheOf(parsed));
    GivenOptions.Require(
        place.Path,
        new
        {
            Method = name, Images = notes, Domains = domains, Own = own, Fold = test, Backbone = encoder.Backbone.Name,
            Weights = encoder.Weights is { } file ? ModelArchive.HashOf(file) : null, Training = options, Device = parsed.GetValue(device),
        });
    return Training.Run(
        by, place.Path,
        () => own?.Caches(notes, test, LensFindingMethods.IsSupervised(by), judging, program)
            ?? DomainData.Caches(
                new DomainData(parsed.GetValue(data)).Domains(domains!, FoldOf(parsed)), notes.Preprocessing, judging, program),
        notes, encoder, options, parsed.GetValue(device)!, program);
}));

// ---- search ----------------------------------------------------------------------------------------------------------
var strategy = Options.Text("--strategy", "grid: every rate with every weight; random: drawn between their ends; halving: the best third "
    + "of many short trials is trained three times as long, and so on (halving).");
var rates = Options.Text("--rates", "Learning rates, comma-separated (0.001,0.003,0.01).");
var factors = Options.Text(
    "--factors", "Factors on the weight that the method has by default (0.1,1,10; for adamatch's threshold 0.8,1,1.1).");
var trialCount = Options.Whole("--trials", "Trials of random, and of halving's first round.", 9);
var criterion = Options.Text(
    "--criterion", $"What chooses, of {string.Join(", ", LensSearch.Criteria.Select(one => one.Name))} ({LensSearch.Criteria[0].Name}).");
var shard = Options.Shard("trials");
var searchFolder = Options.Output("Folder of the search (runs/lens-search-METHOD).");
var search = new Command("search", "Tries learning rates and weights of one method, and chooses without labels of the survey.")
{
    data, method, backbone, strategy, rates, factors, trialCount, criterion, shard, source, target, test, size, bands, silent, impostors,
    contrast, gap, preprocessing, fold, epochs, batch, seed, trainingSeed, caches, threads, device, searchFolder, resume, noFigures,
};
search.SetAction(program.Guarded(parsed =>
{
    CommandProgram.UseThreads(parsed.ValueOf(threads));
    var by = LensFindingMethods.Named(parsed.GetValue(method) ?? "adamatch");
    var name = LensFindingMethods.NameOf(by);
    if (LensFindingMethods.BeginsWithBaseline(by))
        throw new ArgumentException($"--method: {name} begins with a trained baseline, whose settings come first; search source-only.");
    var encoder = LensBackbones.Named(parsed.GetValue(backbone) ?? "small");
    LensBackbones.RequireSize(encoder, SizeOf(parsed));
    var kind = parsed.GetValue(strategy) ?? "halving";
    if (kind is not ("grid" or "random" or "halving"))
        throw new ArgumentException($"--strategy: expected grid, random or halving, got '{kind}'.");
    if (parsed.GetValue(trialCount) is < 1 and var none) throw new ArgumentException($"--trials: expected at least 1, got {none}.");
    var chooses = LensSearch.Named(parsed.GetValue(criterion) ?? LensSearch.Criteria[0].Name);
    var training = TrainingOf(parsed, false) with { Seed = parsed.GetValue(trainingSeed) };
    var usual = LensSearch.WeightOf(training, by);
    var notes = new SearchNotes(
        DomainsOf(parsed, false), FoldOf(parsed), name, encoder.Name, kind, PositiveOf(parsed, rates, "0.001,0.003,0.01"),
        double.IsNaN(usual)
            ? [usual]
            : [.. PositiveOf(parsed, factors, by == LensFindingMethod.AdaMatch ? "0.8,1,1.1" : "0.1,1,10")
                .Select(factor => factor * usual)],
        parsed.GetValue(trialCount), chooses.Name, training);
    return Searching.Run(
        notes, parsed.GetValue(searchFolder) ?? Path.Combine("runs", $"lens-search-{name}"), parsed.ShardOf(shard),
        new DomainData(parsed.GetValue(data)), CacheOf(parsed), parsed.GetValue(device)!, parsed.GetValue(resume),
        hasFigures: !parsed.GetValue(noFigures), program);
}));

// ---- dark-matter -----------------------------------------------------------------------------------------------------
var (from, into) = (
    Options.Text("--source-model", "DeepLenseSim's model of the labelled images: I, II or III (I)."),
    Options.Text("--target-model", "Its model of the images to adapt to (II)."));
var darkSource = Options.Whole("--source", "Labelled images of the source.", 4000);
var darkTarget = Options.Whole("--target", "Images of the target to adapt to.", 4000);
var darkTest = Options.Whole("--test", "Images of the target for the test.", 2000);
var darkSize = Options.Whole("--size", "Width and height in pixels to which images are resized.", 64);
var darkMethods = Options.Text("--methods", "Methods, as in compare (source-only,adabn,mmd,dann,self-ensembling,adamatch,supervised).");
var darkFolder = Options.Output("Folder of the comparison (the next free one of runs/dark-matter).");
var darkMatter = new Command(
    "dark-matter", "Distinguishes three classes of dark matter in one instrument's images, with labels only for another's.")
{
    from, into, darkSource, darkTarget, darkTest, darkSize, darkMethods, backbone, seeds, epochs, batch, rate, seed, caches, threads,
    device, darkFolder, resume, overwrite, noFigures,
};
darkMatter.SetAction(program.Guarded(parsed =>
{
    var count = CommandProgram.UseThreads(parsed.ValueOf(threads));
    var encoder = LensBackbones.Named(parsed.GetValue(backbone) ?? "small");
    LensBackbones.RequireSize(encoder, parsed.GetValue(darkSize));
    string ModelOf(Option<string?> option, string usual)
        => (parsed.GetValue(option) ?? usual) is "I" or "II" or "III"
            ? parsed.GetValue(option) ?? usual
            : throw new ArgumentException($"{option.Name}: expected I, II or III, got '{parsed.GetValue(option)}'.");
    foreach (var option in (Option<int>[])[darkSource, darkTarget, darkTest])
        if (parsed.GetValue(option) is < 6 and var few)
            throw new ArgumentException($"{option.Name}: expected at least 6 images, got {few}.");
    var chosen = MethodsOf(parsed.GetValue(darkMethods) ?? "source-only,adabn,mmd,dann,self-ensembling,adamatch,supervised");
    var training = TrainingOf(parsed, false) with
    {
        Epochs = parsed.ValueOf(epochs) ?? 15, LearningRate = parsed.GetValue(rate) ?? encoder.LearningRate,
    };
    training.Check();
    var notes = new DarkMatterNotes(
        parsed.GetValue(darkSource), parsed.GetValue(darkTarget), parsed.GetValue(darkTest), parsed.GetValue(darkSize),
        ModelOf(from, "I"), ModelOf(into, "II"), parsed.GetValue(seed), [.. chosen.Select(LensFindingMethods.NameOf)],
        SeedCampaign.Parse(parsed.GetValue(seeds) ?? "1..3"), encoder.Name, training, count, parsed.GetValue(device)!);
    var place = RunFolder.Choose(
        parsed.GetValue(darkFolder), Path.Combine("runs", "dark-matter"), parsed.GetValue(resume), parsed.GetValue(overwrite));
    return DarkMatter.Run(notes, place, CacheOf(parsed), hasFigures: !parsed.GetValue(noFigures), program);
}));

// ---- score -----------------------------------------------------------------------------------------------------------
var trained = new Argument<string>("finder")
{
    Description = "Folder of a trained lens finder, or of a method of a comparison; or an archive that export made.",
};
var images = new Argument<string[]>("images")
{
    Description = "FITS files (a cube, or one image extension for each band), npy arrays (images, bands, rows, columns), PNG files, "
        + "CSV files that list them (path, id, ra, dec), folders of them.",
    Arity = ArgumentArity.OneOrMore,
};
var zeroPoint = Options.NumberOrNone("--zero-point", "Magnitude of a pixel value of 1 in the images (the finder's, 30).");
var table = Options.Output("CSV file of id, probability and log odds (scores.csv).");
var score = new Command("score", "Scores images: the probability of a lens in each.")
{
    trained, images, zeroPoint, table, resume, threads, device,
};
score.SetAction(program.Guarded(parsed =>
{
    CommandProgram.UseThreads(parsed.ValueOf(threads));
    program.LoadEngine().Wait();
    return Scoring.Run(
        parsed.GetValue(trained)!, parsed.GetValue(images)!, parsed.GetValue(table) ?? "scores.csv", parsed.GetValue(zeroPoint),
        parsed.GetValue(resume), ComputeDevice.Named(parsed.GetValue(device)!), program.Stop);
}));

// ---- export, publish, fetch, serve -----------------------------------------------------------------------------------
var finished = new Argument<string>("finder") { Description = "Folder of a trained lens finder, or of a method of a comparison." };
var archive = Options.Output("Archive's file, or a folder in which it is named by its hash (runs/models).");
var export = new Command("export", "Makes one archive of a lens finder: weights, ONNX, card, preprocessing, evaluation.")
{
    finished, archive,
};
export.SetAction(program.Guarded(parsed =>
{
    program.LoadEngine().Wait();
    var made = Exporting.Write(parsed.GetValue(finished)!, parsed.GetValue(archive) ?? Path.Combine("runs", "models"));
    Console.WriteLine($"{made.FilePath}  SHA-256 {made.Hash}");
    return 0;
}));
// A service takes grey frames: those of a finder of one band.
var system = new ServedSystem(LensScorer.SystemName, (model, place) =>
{
    var scorer = LensScorer.Load(model, place);
    if (scorer.Image.Bands == 1) return scorer;
    var bands = scorer.Image.Bands;
    scorer.Dispose();
    throw new InvalidDataException($"{model.FilePath}: expected a model of one band, whose frames can be served, got {bands} bands.");
});
var storage = new StorageCommands(program, system);

// ---- backbones -------------------------------------------------------------------------------------------------------
var bandCount = Options.Whole("--bands", "Bands of the image whose costs are listed.", 3);
var imageSize = Options.Whole("--size", "Its width and height in pixels.", 64);
var backbones = new Command("backbones", "Lists the encoders: weights, operations, image sizes, symmetries.")
{
    bandCount, imageSize,
};
backbones.SetAction(program.Guarded(parsed => parsed.GetValue(bandCount) is >= 1 and var count
    ? Backbones.Print(count, parsed.GetValue(imageSize))
    : throw new ArgumentException($"--bands: expected at least 1, got {parsed.GetValue(bandCount)}.")));

return program.Run(new RootCommand("Finds strong lenses in survey images by simulations with labels and survey images without.")
{
    compare, train, search, score, simulate, backbones, darkMatter, export, storage.Publish(), storage.Fetch(),
    ServeCommand.Of(program, system, storage),
});

double[] PositiveOf(ParseResult parsed, Option<string?> option, string usual)
{
    var text = parsed.GetValue(option) ?? usual;
    var numbers = text.Split(',').Select(Options.ParseNumber).ToArray();
    return numbers.All(number => number is > 0)
        ? [.. numbers.Select(number => number!.Value)]
        : throw new ArgumentException($"{option.Name}: expected numbers > 0 with commas in between, got '{text}'.");
}

IReadOnlyList<LensFindingMethod> MethodsOf(string text)
{
    var chosen = text.Split(',').Select(part => LensFindingMethods.Named(part.Trim())).Distinct().Order().ToArray();
    if (chosen.FirstOrDefault(LensFindingMethods.BeginsWithBaseline) is var needs && LensFindingMethods.BeginsWithBaseline(needs)
        && !chosen.Contains(LensFindingMethod.SourceOnly))
        throw new ArgumentException($"--methods: {LensFindingMethods.NameOf(needs)} begins with source-only; name that too.");
    return chosen;
}

int FoldOf(ParseResult parsed)
    => parsed.GetValue(fold) is >= 0 and <= 2 and var number
        ? number
        : throw new ArgumentException($"--fold: expected 0 to 2, got {parsed.GetValue(fold)}.");

string CacheOf(ParseResult parsed) => parsed.GetValue(caches) ?? Path.Combine("runs", "cache");

LensFindingOptions TrainingOf(ParseResult parsed, bool isFull)
{
    var training = defaults with
    {
        Epochs = parsed.ValueOf(epochs) ?? (isFull ? 30 : defaults.Epochs), BatchSize = parsed.GetValue(batch),
        LearningRate = parsed.GetValue(rate) ?? defaults.LearningRate,
    };
    training.Check();
    return training;
}

DomainNotes DomainsOf(ParseResult parsed, bool isFull)
    => new(
        Images(parsed, source, "--source", isFull ? 6000 : 1200), Images(parsed, target, "--target", isFull ? 6000 : 1200),
        Images(parsed, test, "--test", isFull ? 3000 : 1000), SizeOf(parsed), BandsOf(parsed), 3, parsed.GetValue(seed),
        !parsed.GetValue(silent), parsed.GetValue(impostors), parsed.GetValue(contrast),
        PreprocessingOf(parsed), GapOf(parsed));

string GapOf(ParseResult parsed)
{
    var names = (parsed.GetValue(gap) ?? "").Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
    return names.All(name => name is "brightness" or "noise")
        ? string.Join(' ', names.Distinct().Order())
        : throw new ArgumentException($"--gap: expected brightness or noise, got '{parsed.GetValue(gap)}'.");
}

string PreprocessingOf(ParseResult parsed)
{
    var name = parsed.GetValue(preprocessing) ?? LensDomains.Preprocessings[0];
    return LensDomains.Preprocessings.Contains(name)
        ? name
        : throw new ArgumentException($"--preprocessing: expected one of {string.Join(", ", LensDomains.Preprocessings)}, got '{name}'.");
}

OwnImages? OwnOf(ParseResult parsed)
{
    var (labelled, survey) = (parsed.GetValue(sourceImages), parsed.GetValue(targetImages));
    if (labelled is null && survey is null) return null;
    if (labelled is null || survey is null)
        throw new ArgumentException(
            $"--{(labelled is null ? "source" : "target")}-images: expected both, labelled images and those of the survey, got one alone.");
    return new OwnImages(
        labelled, survey, parsed.GetValue(testImages), parsed.GetValue(sourceZero) ?? DesGalaxies.ZeroPoint,
        parsed.GetValue(targetZero) ?? DesGalaxies.ZeroPoint);
}

string OwnBandsOf(ParseResult parsed)
{
    var names = (parsed.GetValue(bands) ?? "g r i").Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
    return names.Length > 0 && names.Distinct().Count() == names.Length
        ? string.Join(' ', names)
        : throw new ArgumentException($"--bands: expected different names of bands, got '{parsed.GetValue(bands)}'.");
}

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
