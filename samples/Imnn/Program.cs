// ./hybrid imnn: trains an information maximising neural network and draws its report.
// The worked problem: ten draws of N(μ, Σ) with both unknown, whose Fisher information theory gives: |F| = 50.
using System;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Hybrid.Models.Engine;
using Hybrid.Models.Systems.Imnn;
using Hybrid.Models.Training;
using Hybrid.Models.Weights;
using Hybrid.Samples.CommandLine;
using Hybrid.Samples.Imnn;
using Spectre.Console;
using TorchSharp;
using static TorchSharp.torch;

var program = new CommandProgram("imnn", args);

// ---- what the user may choose: no value means the preset's --------------------------------------------------------
var preset = new Option<string>("--preset")
{
    Description = "worked: new simulations in every iteration. paper: the original's setting, fixed data sets, Adam 1e-3, patience 10, "
        + "at most 1000 iterations.",
    DefaultValueFactory = _ => "worked",
};
preset.AcceptOnlyFromAmong("worked", "paper");
var network = Options.Text(
    "--network",
    "exchangeable: a network of sets, which knows that the order of the data means nothing (worked). dense: three hidden layers with "
        + "softplus. paper: the same with LeakyReLU (paper, --data).");
network.AcceptOnlyFromAmong(CompressorChoice.Names);
var start = Options.Text(
    "--start", "closed-form: training begins with the last layer that is best for the random features (dense). random.");
start.AcceptOnlyFromAmong(ImnnRunOptions.ClosedFormStart, ImnnRunOptions.RandomStart);
var data = Options.Text(
    "--data", "Train on arrays (npy) of this folder instead of the simulator: see docs/systems/imnn.md for their names and shapes.");
var seeds = Options.Seeds();
var shard = Options.Shard("runs of --seeds");
var seed = Options.Seed("Seed of weights and simulations; the run repeats bit for bit on one thread.");
var simulations = Options.WholeOrNone("--simulations", "Simulations in an iteration (worked: 500 at first; paper: 1000).");
var growth = Options.WholeOrNone("--growth", "Factor by which the number of simulations grows by the last iterations (worked: 8).");
var iterations = Options.WholeOrNone("--iterations", "Largest number of iterations.");
var patience = Options.Patience("Iterations without a larger |F| after which training stops.");
var minIterations = Options.WholeOrNone("--min-iterations", "Iterations before patience starts to count (100).");
var printRate = Options.WholeOrNone("--print-rate", "Iterations between two lines of progress (ten lines in all).");
var final = Options.Flag("--final", "Keep the last weights, not those of the largest |F| (always with --preset worked).");
var chunk = Options.Whole("--chunk", "With --data of a file a simulation: simulations computed at a time, which bounds the memory.", 100);
var workers = Options.Whole("--workers", "With --data of a file a simulation: threads that take chunks.", 1);
var keptChunks = Options.Whole(
    "--kept-chunks", "With --data of a file a simulation: chunks whose activations are kept, so that they are computed once.", 1);
var shape = Options.Text("--shape", "With --data of .tfrecords: shape of a simulation, such as 10.");
var caches = Options.Text("--cache", "Folder where simulations of --data are kept (Parquet; runs/cache).");
var learningRate = Options.NumberOrNone("--learning-rate", "Adam's learning rate.");
var schedule = Options.Text("--schedule", "cosine: warm up, then fall to zero at the last iteration; or constant.");
schedule.AcceptOnlyFromAmong("cosine", "constant");
var hidden = Options.WholeOrNone("--hidden", "Width of the three hidden layers (exchangeable: 16; dense and paper: 128).");
var summaries = Options.WholeOrNone("--summaries", "Number of summaries (as many as parameters).");
var lambda = Options.NumberOrNone("--lambda", "Largest strength of the regularisation, λ > 1 (worked: 1.5; paper, --data: 10).");
var epsilon = Options.NumberOrNone(
    "--epsilon", "How close the covariance shall come to the identity, ε > 0 (worked: 0.5; paper, --data: 0.1).");
var delta = Options.Text("--delta", "With --data: δθ of numerical derivatives, comma-separated (the details file's 'delta').");
var fiducial = Options.Text(
    "--fiducial", "With --data: θ at which the simulations were made, comma-separated (the details file's 'fiducial').");
var readout = Options.WholeOrNone(
    "--readout",
    "Simulations from which the last layer is computed in closed form after training; 0 keeps the trained one (worked: 100000, dense "
        + "300000; paper: 0).");
var unseen = Options.Whole("--unseen", "Unseen simulations that the result is computed from.", 1_000_000);
var threads = Options.Threads();
var deviceName = Options.Device();
var output = Options.Output("Folder of the run (the next free one of runs/imnn-PRESET-SEED).");
var resume = Options.Resume();
var overwrite = Options.Overwrite();
var noFigures = Options.NoFigures();

var command = new RootCommand("Trains an information maximising neural network (Charnock, Lavaux and Wandelt 2018) and draws its report.")
{
    preset, network, start, data, seed, seeds, shard, simulations, growth, iterations, patience, minIterations, printRate, final, chunk,
    workers, keptChunks, shape, caches, learningRate, schedule, hidden, summaries, lambda, epsilon,
    delta, fiducial, readout, unseen, threads, deviceName, output, resume, overwrite, noFigures,
};
command.SetAction(program.Guarded(parsed =>
{
    if (parsed.GetValue(seeds) is not { } list) return Run(parsed, parsed.GetValue(seed), null);
    if (parsed.GetValue(resume)) throw new ArgumentException("--seeds: a campaign always resumes; leave --resume out.");
    var campaign = parsed.GetValue(output) ?? Path.Combine("runs", $"imnn-{PresetOf(parsed)}-seeds");
    return SeedCampaign.Run(
        campaign, SeedCampaign.Parse(list), parsed.ShardOf(shard), (number, place) => Run(parsed, number, place), program.Stop);
}));

var trained = new Argument<string>("run") { Description = "Folder of a run of ./hybrid imnn." };
var observed = new Argument<string>("data")
{
    Description = "An npy file of one datum (D) or several (n, D), as the network was trained on.",
};
var estimates = Options.Output("CSV file of the estimates (default: printed).");
var estimate = new Command("estimate", "Estimates the parameters of data with a trained network.") { trained, observed, estimates };
estimate.SetAction(program.Guarded(parsed =>
{
    Estimating.Run(parsed.GetValue(trained)!, parsed.GetValue(observed)!, parsed.GetValue(estimates));
    return 0;
}));
command.Add(estimate);

var ofRun = new Argument<string>("run") { Description = "Folder of a run of ./hybrid imnn." };
var ofData = new Argument<string?>("data")
{
    Description = "An npy file of data, (D) or (n, D). Default: a simulation at the fiducial parameters.",
    Arity = ArgumentArity.ZeroOrOne,
};
var datum = Options.Whole("--datum", "Which row of the data, from 0.", 0);
var method = Options.Text("--method", "gaussian, abc, pmc, flow, or several, comma-separated (all; gaussian for runs of --data).");
var prior = Options.Text(
    "--prior", "A range of each parameter, such as -2..2,0.1..6, or normal ones, such as 0+-1 (worked: -2..2,0.1..6).");
var tolerance = Options.Text(
    "--tolerance", "How close simulations come to be accepted, in units of the error that F allows; several with commas (0.2).");
var accepted = Options.Whole("--accepted", "Draws for abc to accept, and the size of pmc's population.", 1000);
var flowSimulations = Options.Whole("--simulations", "Simulations to train flow with.", 20_000);
var calibrate = Options.Whole("--calibrate", "Simulations to calibrate flow with; 0: none.", 0);
var posteriorSeed = Options.Seed("Seed of draws and simulations.");
var posteriorThreads = Options.Threads();
var posteriorOutput = Options.Output("Folder for the results (RUN/posterior).");
var posteriorNoFigures = Options.NoFigures();
var posterior = new Command(
    "posterior", "Posteriors of data by a trained network: Gaussian approximation, approximate Bayesian computation, a flow.")
{
    ofRun, ofData, datum, method, prior, tolerance, accepted, flowSimulations, calibrate, posteriorSeed, posteriorThreads, posteriorOutput,
    posteriorNoFigures,
};
posterior.SetAction(program.Guarded(parsed =>
{
    var run = parsed.GetValue(ofRun)!;
    var isOfData = RunDirectory.NotesOf<ImnnRunOptions>(run).Data is not null;
    var text = parsed.GetValue(prior)
        ?? (isOfData
            ? throw new ArgumentException($"--prior: expected a range of each parameter, since {run} was trained on data.")
            : "-2..2,0.1..6");
    PosteriorRun.Run(
        new PosteriorOptions(
            run, parsed.GetValue(ofData), parsed.GetValue(datum),
            parsed.GetValue(method)?.Split(',', StringSplitOptions.TrimEntries)
                ?? (isOfData ? [PosteriorOptions.Gaussian] : PosteriorOptions.AllMethods),
            text, ArrayFolder.Numbers("--tolerance", parsed.GetValue(tolerance) ?? "0.2")!, parsed.GetValue(accepted),
            parsed.GetValue(flowSimulations), parsed.GetValue(calibrate), parsed.GetValue(posteriorSeed),
            CommandProgram.UseThreads(parsed.GetValue(posteriorThreads))),
        parsed.GetValue(posteriorOutput) ?? Path.Combine(run, "posterior"), !parsed.GetValue(posteriorNoFigures), program.Stop);
    return 0;
}));
command.Add(posterior);

var count = Options.Whole("--count", "Simulations at the fiducial parameters.", 1000);
var derivativeCount = Options.WholeOrNone("--derivatives", "How many of them, from the first, have derivatives (all).");
var validationCount = Options.Whole("--validation", "Simulations for validation, with derivatives; 0: none.", 1000);
var firstNumber = Options.Whole("--start", "Number of the first simulation, when several processes write different ones.", 0);
var recordSize = Options.Number("--record-size", "Size in MB after which the next file begins.", 150);
var recordSeed = Options.Seed("Seed; simulation i depends on the seed and i only.");
var recordFolder = Options.Output("Folder for the records (runs/imnn-records).");
var records = new Command("records", "Writes simulations of the worked problem as TFRecords, to train on with --data.")
{
    count, derivativeCount, validationCount, firstNumber, recordSize, recordSeed, recordFolder,
};
records.SetAction(program.Guarded(parsed =>
{
    var run = new RecordsRun(
        parsed.GetValue(count), parsed.GetValue(derivativeCount) ?? parsed.GetValue(count), parsed.GetValue(validationCount),
        parsed.GetValue(firstNumber), parsed.GetValue(recordSize), parsed.GetValue(recordSeed));
    run.Check();
    var folder = parsed.GetValue(recordFolder) ?? Path.Combine("runs", "imnn-records");
    var files = run.Write(folder, program.Stop);
    Console.WriteLine(
        $"{Plural.Of(run.Count + run.Validation, "simulation")} in {Plural.Of(files, "file")}; "
            + $"./hybrid imnn --data {folder} --fiducial 0,1 --shape 10");
    return 0;
}));
command.Add(records);

var campaignFolder = new Argument<string>("folder") { Description = "Folder of a campaign of ./hybrid imnn --seeds." };
var merge = new Command("merge", "Merges the results of a campaign whose shards are done.") { campaignFolder };
merge.SetAction(program.Guarded(parsed => SeedCampaign.Merge(parsed.GetValue(campaignFolder)!)));
command.Add(merge);
return program.Run(command);

string PresetOf(ParseResult parsed) => parsed.GetValue(data) is not null ? "data" : parsed.GetValue(preset)!;

int Run(ParseResult parsed, long number, RunFolder? chosen)
{
    var clock = Stopwatch.StartNew();
    var processorBefore = Environment.CpuUsage.TotalTime;
    ITrainingData? arrays = parsed.GetValue(data) switch
    {
        null => null,
        var folder when DataSetFolder.IsIn(folder) => DataSetFolder.Read(
            folder, parsed.GetValue(caches) ?? Path.Combine("runs", "cache"), parsed.GetValue(fiducial), parsed.GetValue(shape)),
        var folder => ArrayFolder.Read(folder, parsed.GetValue(fiducial), parsed.GetValue(delta)),
    };
    using var opened = arrays as IDisposable;
    if (arrays is not null) AnsiConsole.MarkupLineInterpolated($"[dim]--data: {arrays.Description}[/]");
    var isFixed = arrays is not null || parsed.GetValue(preset) == "paper";

    var simulatedSize = new GaussianSimulator().Shape[0];
    // Where each default comes from: docs/results.md, "IMNN".
    var chosenNetwork = parsed.GetValue(network) ?? (isFixed ? CompressorChoice.Paper : CompressorChoice.Exchangeable);
    var isDense = chosenNetwork != CompressorChoice.Exchangeable;
    var summaryCount = parsed.GetValue(summaries) ?? arrays?.Fiducial.Length ?? 2;
    var canRead = !isFixed && summaryCount == 2;
    var options = new ImnnRunOptions
    {
        Preset = PresetOf(parsed),
        Network = chosenNetwork,
        Inputs = (int)(arrays?.InputSize ?? simulatedSize),
        Start = parsed.GetValue(start)
            ?? (canRead && chosenNetwork == CompressorChoice.Dense ? ImnnRunOptions.ClosedFormStart : ImnnRunOptions.RandomStart),
        Data = parsed.GetValue(data) is { } named ? Path.GetFullPath(named) : null,
        Fiducial = Numbers(arrays?.Fiducial),
        Delta = Numbers(arrays?.Width),
        Seed = number,
        Simulations = parsed.GetValue(simulations) ?? (isFixed ? 1000 : 500),
        Growth = parsed.GetValue(growth) ?? (isFixed ? 1 : 8),
        Iterations = parsed.GetValue(iterations) ?? (isFixed ? 1000 : isDense ? 500 : 800),
        Patience = parsed.GetValue(patience) ?? (isFixed ? 10 : null),
        MinIterations = parsed.GetValue(minIterations) ?? 100,
        Final = parsed.GetValue(final),
        Chunk = parsed.GetValue(chunk),
        Workers = parsed.GetValue(workers),
        KeptChunks = parsed.GetValue(keptChunks),
        LearningRate = parsed.GetValue(learningRate) ?? (isFixed ? 1e-3 : isDense ? 2e-4 : 1e-2),
        Schedule = parsed.GetValue(schedule) ?? (isFixed ? "constant" : "cosine"),
        Hidden = parsed.GetValue(hidden) ?? CompressorChoice.HiddenOf(chosenNetwork),
        Summaries = summaryCount,
        Lambda = parsed.GetValue(lambda) ?? (isFixed ? 10 : 1.5),
        Epsilon = parsed.GetValue(epsilon) ?? (isFixed ? 0.1 : 0.5),
        Readout = parsed.GetValue(readout) ?? (!canRead ? 0 : isDense ? 300_000 : 100_000),
        Unseen = parsed.GetValue(unseen),
        Threads = CommandProgram.UseThreads(parsed.GetValue(threads)),
        Device = parsed.GetValue(deviceName)!,
    };
    options.Check();
    var device = ComputeDevice.Named(options.Device);
    var place = chosen ?? RunFolder.Choose(
        parsed.GetValue(output), Path.Combine("runs", $"imnn-{options.Preset}-{options.Seed}"), parsed.GetValue(resume),
        parsed.GetValue(overwrite));
    var path = place.Path;

    // ---- network, data, training --------------------------------------------------------------------------------------
    var runSeed = (ulong)options.Seed;
    var simulator = new GaussianSimulator(device: device);
    var theta = arrays?.Fiducial ?? GaussianSimulator.WorkedTheta;
    var compressor = FirstNetwork();
    using var trained = compressor.Network;
    using var optimiser = optim.Adam(trained.parameters(), lr: options.LearningRate);
    var imnn = arrays is not null ? arrays.Train(compressor, optimiser, device, options)
        : isFixed ? FixedSets(compressor, optimiser, simulator, theta, options)
        : new SimulatorImnn(
            compressor, optimiser, theta, simulator, options.SimulationsAt, unseen: 10_000, Seeds.Derive(runSeed, "training"))
        {
            Lambda = options.Lambda, Epsilon = options.Epsilon,
        };

    // The network as training finds it, by the seed alone.
    Compressor FirstNetwork()
    {
        manual_seed(options.Seed);
        var first = CompressorChoice.Make(options, device);
        if (options.Start == ImnnRunOptions.ClosedFormStart)
            first.Read(simulator, theta, Math.Max(100_000, 20 * options.Hidden), Seeds.Derive(runSeed, "start"));
        return first;
    }

    if (place.Resumes) options.CheckContinues(RunDirectory.NotesOf<ImnnRunOptions>(path));
    if (parsed.GetValue(resume) && !place.Resumes)
        AnsiConsole.MarkupLineInterpolated($"[dim]{path} has no run to resume: a new one begins[/]");
    var fit = InformationMaximiser.DefaultOptions with
    {
        Patience = options.Patience,
        MinEpochs = options.MinIterations + 1, // the original counts from 0
        Epochs = options.Iterations,
        // |F| of fresh simulations scatters: its largest value is luck, the schedule ends where it should.
        KeepBest = isFixed && !options.Final,
        Schedule = options.Schedule == "cosine" ? RateSchedule.WarmUpCosine(Math.Min(100, options.Iterations / 10)) : null,
        Directory = path,
        Existing = place.Existing,
        Notes = options,
    };
    var result = imnn.Fit(fit, ImnnProgress.Console(fit.Patience, parsed.GetValue(printRate)), program.Stop);
    var trainingSeconds = clock.Elapsed.TotalSeconds;

    // ---- results --------------------------------------------------------------------------------------------------------
    trained.eval();
    var judgement = arrays is null ? Judge() : null; // and the statistics of the network that is saved, from as many simulations
    using var run = RunDirectory.Continue(path);
    Safetensors.Save(run.PathOf("weights.safetensors"), trained.state_dict());
    var metrics = ImnnMetrics.Of(
        result, imnn.Statistics, judgement, trainingSeconds, clock.Elapsed.TotalSeconds,
        (Environment.CpuUsage.TotalTime - processorBefore).TotalSeconds);

    // On the same unseen simulations: as trained, with the last layer in closed form, the same network untrained, the best there is.
    ImnnJudgement Judge()
    {
        FisherEvaluation On(TangentProgram program)
            => FisherEvaluation.Of(program, simulator, theta, options.Unseen, Seeds.Derive(runSeed, "evaluation"));
        LinearReadout Read(Compressor read) => read.Read(simulator, theta, options.Readout, Seeds.Derive(runSeed, "readout"));
        var optimum = On(GaussianSimulator.Optimum);
        JudgedDeterminant Judged(Compressor one, bool isSaved)
        {
            var evaluation = On(one.Tangent!);
            if (isSaved) imnn.RestoreStatistics(evaluation.Statistics);
            return JudgedDeterminant.Of(evaluation, optimum);
        }
        var asTrained = Judged(compressor, isSaved: true);
        JudgedDeterminant? withReadout = null, untrained = null;
        if (options.Readout > 0)
        {
            var first = FirstNetwork();
            using var firstNetwork = first.Network;
            Read(first);
            untrained = Judged(first, isSaved: false);
            Read(compressor);
            withReadout = Judged(compressor, isSaved: true);
        }
        return new ImnnJudgement(
            simulator.Determinant(theta[1]), optimum.Statistics.Determinant, asTrained, withReadout, untrained, options.Unseen);
    }
    run.Write("evaluation.json", metrics);
    run.Write("statistics.json", imnn.Statistics);
    if (!parsed.GetValue(noFigures)) ImnnReport.Write(run, options, metrics, result);

    var figures = parsed.GetValue(noFigures) ? "" : ", report.html and history.png";
    if (metrics.Overfit is { } overfit) AnsiConsole.MarkupLineInterpolated($"[yellow]{overfit}[/]");
    if (judgement?.Untrained is { } random)
        AnsiConsole.MarkupLineInterpolated(
            $"[dim]untrained, with read-out: |F| {random.Determinant:0.0}; the optimum on the same: {judgement.Optimum:0.0}[/]");
    AnsiConsole.MarkupLineInterpolated(
        $"[dim]{Ending(result)}; {run.Folder} has history, weights{figures}; {clock.Elapsed.TotalSeconds:0.0} s[/]");
    Console.WriteLine(metrics.LastLine);
    return 0;
}

// The original's data sets: n_s simulations with exact derivatives for training, as many for validation.
static GradientImnn FixedSets(
    Compressor compressor, optim.Optimizer optimiser, GaussianSimulator simulator, double[] theta, ImnnRunOptions options)
{
    (Tensor, Tensor) Set(string purpose)
    {
        using var generator = new Generator(Seeds.Derive((ulong)options.Seed, purpose));
        var (x, derivative) = simulator.Simulate(generator, theta, options.Simulations);
        return (x, derivative.moveaxis([0L], [-1L]));
    }
    var (training, trainingDerivative) = Set("training");
    var (validation, validationDerivative) = Set("validation");
    return new GradientImnn(compressor, optimiser, theta, training, trainingDerivative, validation, validationDerivative)
    {
        Lambda = options.Lambda, Epsilon = options.Epsilon,
    };
}

static string? Numbers(double[]? numbers) => numbers is null ? null : string.Join(",", numbers);

static string Ending(TrainingResult result) => result.Reason switch
{
    StopReason.Patience => $"stopped after {Plural.Of(result.Epochs, "iteration")}: no larger |F| since iteration {result.BestEpoch}",
    StopReason.Cancelled => $"stopped by you after {Plural.Of(result.Epochs, "iteration")} (--resume continues it)",
    _ => Plural.Of(result.Epochs, "iteration"),
};
