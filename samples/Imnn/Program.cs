// ./hybrid imnn: trains an information maximising neural network and draws its report.
// The worked problem: ten draws of N(μ, Σ) with both unknown, whose Fisher information theory gives: |F| = 50.
using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hybrid.Data.Figures;
using Hybrid.Models.Engine;
using Hybrid.Models.Systems.Imnn;
using Hybrid.Models.Training;
using Hybrid.Models.Weights;
using Hybrid.Samples.Imnn;
using Spectre.Console;
using TorchSharp;
using static TorchSharp.torch;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
// Loading libtorch takes longer than reading the command line: both at once. A failure here shows again where libtorch is first used.
var loading = args.Any(argument => argument is "--help" or "-h" or "-?" or "/?" or "/h" or "--version") ? Task.CompletedTask : Task.Run(LoadLibtorch);

// ---- what the user may choose: no value means the preset's --------------------------------------------------------
var preset = new Option<string>("--preset") { Description = "worked: new simulations in every iteration. paper: the original's setting, fixed data sets, Adam 1e-3, patience 10, at most 1000 iterations.", DefaultValueFactory = _ => "worked" };
preset.AcceptOnlyFromAmong("worked", "paper");
var data = new Option<DirectoryInfo?>("--data") { Description = "Train on arrays (npy) of this folder instead of the simulator: see docs/imnn.md for their names and shapes." };
var seed = new Option<long>("--seed") { Description = "Seed of weights and simulations; the run repeats bit for bit on one thread.", DefaultValueFactory = _ => 1 };
var simulations = new Option<int?>("--simulations") { Description = "Simulations in an iteration (worked: 400 at first; paper: 1000)." };
var growth = new Option<int?>("--growth") { Description = "How many times as many simulations the last iterations have (worked: 8)." };
var iterations = new Option<int?>("--iterations") { Description = "Most iterations." };
var patience = new Option<int?>("--patience") { Description = "Iterations without a larger |F| after which training stops." };
var learningRate = new Option<double?>("--learning-rate") { Description = "Adam's learning rate." };
var schedule = new Option<string?>("--schedule") { Description = "cosine: warm up, then fall to nothing at the last iteration. constant." };
schedule.AcceptOnlyFromAmong("cosine", "constant");
var hidden = new Option<int>("--hidden") { Description = "Width of the three hidden layers.", DefaultValueFactory = _ => 128 };
var summaries = new Option<int?>("--summaries") { Description = "Summaries the network makes (as many as parameters)." };
var lambda = new Option<double>("--lambda") { Description = "Largest strength of the regularisation, λ > 1.", DefaultValueFactory = _ => 10 };
var epsilon = new Option<double>("--epsilon") { Description = "How close the covariance shall come to the identity, ε > 0.", DefaultValueFactory = _ => 0.1 };
var width = new Option<string?>("--width") { Description = "With --data: δθ of numerical derivatives, comma-separated (the details file's 'delta')." };
var fiducial = new Option<string?>("--fiducial") { Description = "With --data: θ at which the simulations were made, comma-separated (the details file's 'fiducial')." };
var readout = new Option<int?>("--readout") { Description = "Simulations from which the last layer is computed in closed form after training; 0 keeps the trained one (worked: 300000, paper: 0)." };
var unseen = new Option<int>("--unseen") { Description = "Unseen simulations on which the result is judged.", DefaultValueFactory = _ => 100_000 };
var threads = new Option<int?>("--threads") { Description = "Threads of tensor operations (all cores)." };
var deviceName = new Option<string>("--device") { Description = "cpu, cuda or cuda:N.", DefaultValueFactory = _ => "cpu" };
var output = new Option<DirectoryInfo?>("--output", "-o") { Description = "Folder of the run (runs/imnn-PRESET-SEED). An earlier run there is replaced." };
var resume = new Option<bool>("--resume") { Description = "Go on with the run in that folder from its last checkpoint, with the same options." };
var noFigures = new Option<bool>("--no-figures") { Description = "Skip report.html and the pictures." };

var command = new RootCommand("Trains an information maximising neural network (Charnock, Lavaux and Wandelt 2018) and draws its report.")
{
    preset, data, seed, simulations, growth, iterations, patience, learningRate, schedule, hidden, summaries, lambda, epsilon, width, fiducial, readout, unseen, threads, deviceName, output, resume, noFigures,
};
command.SetAction(parsed =>
{
    try
    {
        return Run(parsed);
    }
    catch (Exception failure) when (failure is ArgumentException or InvalidDataException or IOException or InvalidOperationException or UnauthorizedAccessException or FigureException)
    {
        Console.Error.WriteLine($"imnn: {failure.Message}");
        return 1;
    }
    catch (Exception failure) when (LibtorchMessage.IsOf(failure))
    {
        Console.Error.WriteLine($"imnn: libtorch: {LibtorchMessage.Of(failure)}");
        return 1;
    }
});
var exitCode = command.Parse(args).Invoke();
((IAsyncResult)loading).AsyncWaitHandle.WaitOne(); // a process that ends while a library loads may crash
return exitCode;

int Run(ParseResult parsed)
{
    var clock = Stopwatch.StartNew();
    var arrays = parsed.GetValue(data) is { } folder ? ArrayFolder.Read(folder.FullName, parsed.GetValue(fiducial), parsed.GetValue(width)) : null;
    var isFixed = arrays is not null || parsed.GetValue(preset) == "paper";

    // Where each default comes from: docs/results.md, "IMNN".
    var options = new ImnnRunOptions
    {
        Preset = arrays is not null ? "data" : parsed.GetValue(preset)!,
        Data = parsed.GetValue(data)?.FullName,
        Fiducial = Numbers(arrays?.Fiducial),
        Width = Numbers(arrays?.Width),
        Seed = parsed.GetValue(seed),
        Simulations = parsed.GetValue(simulations) ?? (isFixed ? 1000 : 400),
        Growth = parsed.GetValue(growth) ?? (isFixed ? 1 : 8),
        Iterations = parsed.GetValue(iterations) ?? (isFixed ? 1000 : 6000),
        Patience = parsed.GetValue(patience) ?? (isFixed ? 10 : int.MaxValue),
        LearningRate = parsed.GetValue(learningRate) ?? (isFixed ? 1e-3 : 2e-3),
        Schedule = parsed.GetValue(schedule) ?? (isFixed ? "constant" : "cosine"),
        Hidden = parsed.GetValue(hidden),
        Summaries = parsed.GetValue(summaries) ?? arrays?.Fiducial.Length ?? 2,
        Lambda = parsed.GetValue(lambda),
        Epsilon = parsed.GetValue(epsilon),
        Readout = parsed.GetValue(readout) ?? (isFixed || (parsed.GetValue(summaries) ?? 2) != 2 ? 0 : 300_000),
        Unseen = parsed.GetValue(unseen),
        Threads = parsed.GetValue(threads) ?? Environment.ProcessorCount,
        Device = parsed.GetValue(deviceName)!,
    };
    options.Check();
    if (parsed.GetValue(threads) is { } count) set_num_threads(count);
    options = options with { Threads = get_num_threads() };
    var device = ComputeDevice.Named(options.Device);
    var path = parsed.GetValue(output)?.FullName ?? Path.Combine("runs", $"imnn-{options.Preset}-{options.Seed}");

    // ---- network, data, training --------------------------------------------------------------------------------------
    manual_seed(options.Seed);
    var runSeed = (ulong)options.Seed;
    var simulator = new GaussianSimulator(device: device);
    double[] theta = arrays?.Fiducial ?? [0, 1];
    using var network = new DenseCompressor(arrays?.InputSize ?? simulator.Shape[0], options.Hidden, options.Summaries, device);
    var weights = DenseCompressor.Weights.Of(network);
    TangentProgram tangent = (x, dx) => DenseCompressor.ForwardTangent(weights, x, dx);
    var compressor = new Compressor(network, tangent);
    using var optimiser = optim.Adam(network.parameters(), lr: options.LearningRate);
    var imnn = arrays is not null ? arrays.Train(compressor, optimiser, device)
        : isFixed ? FixedSets(compressor, optimiser, simulator, theta, options.Simulations, runSeed)
        : new SimulatorImnn(compressor, optimiser, theta, simulator, options.SimulationsAt, unseen: 10_000, Seeds.Derive(runSeed, "training"));

    var goesOn = parsed.GetValue(resume) && File.Exists(Path.Combine(path, "options.json"));
    if (goesOn) options.CheckContinues(RunDirectory.Read<ImnnRunOptions>(Path.Combine(path, "options.json")));
    if (parsed.GetValue(resume) && !goesOn) AnsiConsole.MarkupLineInterpolated($"[dim]{path} has no run to go on with: it begins[/]");
    using var run = goesOn ? RunDirectory.Continue(path) : RunDirectory.Create(path, options, replace: true);
    if (goesOn) run.Write("options.json", options);
    using var stop = new CancellationTokenSource();
    Console.CancelKeyPress += (_, key) => { key.Cancel = !stop.IsCancellationRequested; stop.Cancel(); }; // a second Ctrl-C ends the process
    var fit = new FitOptions
    {
        Lambda = options.Lambda, Epsilon = options.Epsilon, Patience = options.Patience, MinIterations = 100, MaxIterations = options.Iterations,
        KeepBest = isFixed, // |F| of fresh simulations scatters: its largest value is luck, the schedule ends where it should
        Schedule = options.Schedule == "cosine" ? Schedules.WarmUpCosine(optimiser, Math.Min(100, options.Iterations / 10), options.Iterations) : null,
        Run = run, Resume = goesOn,
    };
    using var display = new ProgressDisplay(options.Iterations, fit.Patience);
    var result = imnn.Fit(fit, display, stop.Token);
    display.Finish();
    var trainingSeconds = clock.Elapsed.TotalSeconds;

    // ---- results --------------------------------------------------------------------------------------------------------
    network.eval();
    if (options.Readout > 0)
    {
        // The network up to its last layer: the same weights, with the identity in that layer's place.
        using var identity = eye(options.Hidden, device: device);
        using var zero = zeros(options.Hidden, device: device);
        var trunk = weights with { Summaries = options.Hidden, SummaryWeight = identity, SummaryBias = zero };
        var lastLayer = LinearReadout.Of((x, dx) => DenseCompressor.ForwardTangent(trunk, x, dx), simulator, theta, options.Readout, Seeds.Derive(runSeed, "readout"));
        lastLayer.CopyTo(weights.SummaryWeight, weights.SummaryBias);
        result = result with { Statistics = imnn.UpdateStatistics() };
    }
    Safetensors.Save(run.PathOf("weights.safetensors"), network.state_dict());
    var evaluation = arrays is null ? FisherEvaluation.Of(tangent, simulator, theta, options.Unseen, Seeds.Derive(runSeed, "evaluation")) : null;
    var metrics = ImnnMetrics.Of(result, imnn.History, evaluation, arrays is null ? simulator.Determinant(theta[1]) : null, trainingSeconds, clock.Elapsed.TotalSeconds);
    run.Write("metrics.json", metrics);
    run.Write("statistics.json", result.Statistics);
    if (!parsed.GetValue(noFigures)) ImnnReport.Write(run, options, metrics, imnn.History);

    AnsiConsole.MarkupLineInterpolated($"[dim]{Ending(result)}; {run.Folder} has history, weights{(parsed.GetValue(noFigures) ? "" : ", report.html and history.png")}; {clock.Elapsed.TotalSeconds:0.0} s[/]");
    Console.WriteLine(metrics.LastLine);
    return 0;
}

static void LoadLibtorch()
{
    EngineSettings.Apply();
    using var scope = NewDisposeScope();
    var x = ones(64, 64);
    x.mm(x); // the first product loads the libraries that multiply
}

// The original's data sets: n_s simulations with exact derivatives for training, as many for validation.
static GradientImnn FixedSets(Compressor compressor, optim.Optimizer optimiser, GaussianSimulator simulator, double[] theta, int simulations, ulong seed)
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

static string Ending(FitResult result) => result.Reason switch
{
    StopReason.Patience => $"stopped after {result.Iterations} iterations: no larger |F| since iteration {result.BestIteration}",
    StopReason.Cancelled => $"stopped by you after {result.Iterations} iterations (--resume goes on)",
    _ => $"{result.Iterations} iterations",
};
