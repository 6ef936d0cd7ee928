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
var data = Options.Text(
    "--data", "Train on arrays (npy) of this folder instead of the simulator: see docs/systems/imnn.md for their names and shapes.");
var seeds = Options.Seeds();
var shard = Options.Shard("runs of --seeds");
var seed = Options.Seed("Seed of weights and simulations; the run repeats bit for bit on one thread.");
var simulations = Options.WholeOrNone("--simulations", "Simulations in an iteration (worked: 400 at first; paper: 1000).");
var growth = Options.WholeOrNone("--growth", "How many times as many simulations the last iterations have (worked: 8).");
var iterations = Options.WholeOrNone("--iterations", "Most iterations.");
var patience = Options.Patience("Iterations without a larger |F| after which training stops.");
var learningRate = Options.NumberOrNone("--learning-rate", "Adam's learning rate.");
var schedule = Options.Text("--schedule", "cosine: warm up, then fall to nothing at the last iteration. constant.");
schedule.AcceptOnlyFromAmong("cosine", "constant");
var hidden = Options.Whole("--hidden", "Width of the three hidden layers.", 128);
var summaries = Options.WholeOrNone("--summaries", "Summaries the network makes (as many as parameters).");
var lambda = Options.Number("--lambda", "Largest strength of the regularisation, λ > 1.", 10);
var epsilon = Options.Number("--epsilon", "How close the covariance shall come to the identity, ε > 0.", 0.1);
var delta = Options.Text("--delta", "With --data: δθ of numerical derivatives, comma-separated (the details file's 'delta').");
var fiducial = Options.Text(
    "--fiducial", "With --data: θ at which the simulations were made, comma-separated (the details file's 'fiducial').");
var readout = Options.WholeOrNone(
    "--readout",
    "Simulations from which the last layer is computed in closed form after training; 0 keeps the trained one (worked: 300000, paper: 0).");
var unseen = Options.Whole("--unseen", "Unseen simulations on which the result is judged.", 100_000);
var threads = Options.Threads();
var deviceName = Options.Device();
var output = Options.Output("Folder of the run (the next free one of runs/imnn-PRESET-SEED).");
var resume = Options.Resume();
var overwrite = Options.Overwrite();
var noFigures = Options.NoFigures();

var command = new RootCommand("Trains an information maximising neural network (Charnock, Lavaux and Wandelt 2018) and draws its report.")
{
    preset, data, seed, seeds, shard, simulations, growth, iterations, patience, learningRate, schedule, hidden, summaries, lambda, epsilon,
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
var estimates = Options.Output("CSV file of the estimates (printed without it).");
var estimate = new Command("estimate", "Estimates the parameters of data by a trained network.") { trained, observed, estimates };
estimate.SetAction(program.Guarded(parsed =>
{
    Estimating.Run(parsed.GetValue(trained)!, parsed.GetValue(observed)!, parsed.GetValue(estimates));
    return 0;
}));
command.Add(estimate);

var campaignFolder = new Argument<string>("folder") { Description = "Folder of a campaign of ./hybrid imnn --seeds." };
var merge = new Command("merge", "Gathers the results of a campaign whose shards are done.") { campaignFolder };
merge.SetAction(program.Guarded(parsed => SeedCampaign.Merge(parsed.GetValue(campaignFolder)!)));
command.Add(merge);
return program.Run(command);

string PresetOf(ParseResult parsed) => parsed.GetValue(data) is not null ? "data" : parsed.GetValue(preset)!;

int Run(ParseResult parsed, long number, RunFolder? chosen)
{
    var clock = Stopwatch.StartNew();
    var arrays = parsed.GetValue(data) is { } folder ? ArrayFolder.Read(folder, parsed.GetValue(fiducial), parsed.GetValue(delta)) : null;
    var isFixed = arrays is not null || parsed.GetValue(preset) == "paper";

    // Where each default comes from: docs/results.md, "IMNN".
    var options = new ImnnRunOptions
    {
        Preset = PresetOf(parsed),
        Data = parsed.GetValue(data) is { } named ? Path.GetFullPath(named) : null,
        Fiducial = Numbers(arrays?.Fiducial),
        Delta = Numbers(arrays?.Width),
        Seed = number,
        Simulations = parsed.GetValue(simulations) ?? (isFixed ? 1000 : 400),
        Growth = parsed.GetValue(growth) ?? (isFixed ? 1 : 8),
        Iterations = parsed.GetValue(iterations) ?? (isFixed ? 1000 : 6000),
        Patience = parsed.GetValue(patience) ?? (isFixed ? 10 : null),
        LearningRate = parsed.GetValue(learningRate) ?? (isFixed ? 1e-3 : 2e-3),
        Schedule = parsed.GetValue(schedule) ?? (isFixed ? "constant" : "cosine"),
        Hidden = parsed.GetValue(hidden),
        Summaries = parsed.GetValue(summaries) ?? arrays?.Fiducial.Length ?? 2,
        Lambda = parsed.GetValue(lambda),
        Epsilon = parsed.GetValue(epsilon),
        Readout = parsed.GetValue(readout) ?? (isFixed || (parsed.GetValue(summaries) ?? 2) != 2 ? 0 : 300_000),
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
    manual_seed(options.Seed);
    var runSeed = (ulong)options.Seed;
    var simulator = new GaussianSimulator(device: device);
    var theta = arrays?.Fiducial ?? GaussianSimulator.WorkedTheta;
    using var network = new DenseCompressor(arrays?.InputSize ?? simulator.Shape[0], options.Hidden, options.Summaries, device);
    var weights = DenseCompressor.Weights.Of(network);
    TangentProgram tangent = (x, dx) => DenseCompressor.ForwardTangent(weights, x, dx);
    var compressor = new Compressor(network, tangent);
    using var optimiser = optim.Adam(network.parameters(), lr: options.LearningRate);
    var imnn = arrays is not null ? arrays.Train(compressor, optimiser, device)
        : isFixed ? FixedSets(compressor, optimiser, simulator, theta, options.Simulations, runSeed)
        : new SimulatorImnn(
            compressor, optimiser, theta, simulator, options.SimulationsAt, unseen: 10_000, Seeds.Derive(runSeed, "training"));

    if (place.Resumes) options.CheckContinues(RunDirectory.NotesOf<ImnnRunOptions>(path));
    if (parsed.GetValue(resume) && !place.Resumes)
        AnsiConsole.MarkupLineInterpolated($"[dim]{path} has no run to resume: a new one begins[/]");
    var fit = InformationMaximiser.DefaultOptions with
    {
        Patience = options.Patience,
        Epochs = options.Iterations,
        KeepBest = isFixed, // |F| of fresh simulations scatters: its largest value is luck, the schedule ends where it should
        Schedule = options.Schedule == "cosine" ? RateSchedule.WarmUpCosine(Math.Min(100, options.Iterations / 10)) : null,
        Directory = path,
        Existing = place.Existing,
        Notes = options,
    };
    var result = imnn.Fit(fit, ImnnProgress.Console(fit.Patience), program.Stop);
    var trainingSeconds = clock.Elapsed.TotalSeconds;

    // ---- results --------------------------------------------------------------------------------------------------------
    network.eval();
    if (options.Readout > 0)
    {
        // The network up to its last layer: the same weights, with the identity in that layer's place.
        using var identity = eye(options.Hidden, device: device);
        using var zero = zeros(options.Hidden, device: device);
        var trunk = weights with { Summaries = options.Hidden, SummaryWeight = identity, SummaryBias = zero };
        var lastLayer = LinearReadout.Of(
            (x, dx) => DenseCompressor.ForwardTangent(trunk, x, dx), simulator, theta, options.Readout, Seeds.Derive(runSeed, "readout"));
        lastLayer.CopyTo(weights.SummaryWeight, weights.SummaryBias);
        imnn.UpdateStatistics();
    }
    using var run = RunDirectory.Continue(path);
    Safetensors.Save(run.PathOf("weights.safetensors"), network.state_dict());
    var evaluation = arrays is null
        ? FisherEvaluation.Of(tangent, simulator, theta, options.Unseen, Seeds.Derive(runSeed, "evaluation"))
        : null;
    var metrics = ImnnMetrics.Of(
        result, imnn.Statistics, evaluation, arrays is null ? simulator.Determinant(theta[1]) : null, trainingSeconds,
        clock.Elapsed.TotalSeconds);
    run.Write("evaluation.json", metrics);
    run.Write("statistics.json", imnn.Statistics);
    if (!parsed.GetValue(noFigures)) ImnnReport.Write(run, options, metrics, result);

    var figures = parsed.GetValue(noFigures) ? "" : ", report.html and history.png";
    AnsiConsole.MarkupLineInterpolated(
        $"[dim]{Ending(result)}; {run.Folder} has history, weights{figures}; {clock.Elapsed.TotalSeconds:0.0} s[/]");
    Console.WriteLine(metrics.LastLine);
    return 0;
}

// The original's data sets: n_s simulations with exact derivatives for training, as many for validation.
static GradientImnn FixedSets(
    Compressor compressor, optim.Optimizer optimiser, GaussianSimulator simulator, double[] theta, int simulations, ulong seed)
{
    (Tensor, Tensor) Set(string purpose)
    {
        using var generator = new Generator(Seeds.Derive(seed, purpose));
        var (x, derivative) = simulator.Simulate(generator, theta, simulations);
        return (x, derivative.moveaxis([0L], [-1L]));
    }
    var (training, trainingDerivative) = Set("training");
    var (validation, validationDerivative) = Set("validation");
    return new GradientImnn(compressor, optimiser, theta, training, trainingDerivative, validation, validationDerivative);
}

static string? Numbers(double[]? numbers) => numbers is null ? null : string.Join(",", numbers);

static string Ending(TrainingResult result) => result.Reason switch
{
    StopReason.Patience => $"stopped after {result.Epochs} iterations: no larger |F| since iteration {result.BestEpoch}",
    StopReason.Cancelled => $"stopped by you after {result.Epochs} iterations (--resume continues it)",
    _ => $"{result.Epochs} iterations",
};
