using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Hybrid.Data.Statistics;
using Hybrid.Models.Losses;
using Hybrid.Models.Networks;
using Hybrid.Models.Training;
using Hybrid.Models.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Inference;

/// <summary>How a flow is trained on simulations.</summary>
public sealed record NeuralPosteriorOptions
{
    /// <summary>Simulations at draws of the prior; a tenth of them stops the training.</summary>
    public int Simulations { get; init; } = 20_000;

    /// <summary>Of the hidden layers of the flow's couplings.</summary>
    public int Width { get; init; } = 32;

    /// <summary>Epochs at most.</summary>
    public int Epochs { get; init; } = 60;

    /// <summary>Epochs without a smaller validation loss after which training ends.</summary>
    public int Patience { get; init; } = 15;

    /// <summary>Rows of a step.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>Adam's, with warm-up and cosine decay.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Of weights, draws and simulations.</summary>
    public ulong Seed { get; init; } = 1;

    internal void Check()
    {
        Least(nameof(Simulations), Simulations, 100);
        Least(nameof(Width), Width, 1);
        Least(nameof(Epochs), Epochs, 1);
        Least(nameof(Patience), Patience, 1);
        Least(nameof(BatchSize), BatchSize, 1);
        if (!(LearningRate > 0) || !double.IsFinite(LearningRate))
            throw new ArgumentOutOfRangeException(
                nameof(LearningRate), $"NeuralPosteriorOptions: expected a learning rate > 0, got {LearningRate}.");
    }

    private static void Least(string name, int value, int least)
    {
        if (value < least)
            throw new ArgumentOutOfRangeException(name, $"NeuralPosteriorOptions: expected {name} ≥ {least}, got {value}.");
    }
}

/// <summary>
/// The posterior of any data at once: a normalising flow q(θ | summaries), trained on simulations at draws of the prior to make the true
/// parameters likely. Papamakarios and Murray 2016; the flow is <see cref="RealNvp"/>. Whether it can be trusted,
/// <see cref="SimulationBasedCalibration"/> says.
/// </summary>
/// <remarks>
/// Parameters and summaries are scaled by their means and deviations over the training simulations. What the flow puts outside the prior is
/// drawn again, and its density divided by the share that is inside.
/// </remarks>
public sealed class NeuralPosterior : IDisposable
{
    private const int MostRounds = 1000, LeakageDraws = 4096;
    private readonly IPrior _prior;
    private readonly RealNvp _flow;
    private readonly RealNvpInverse _inverse;
    private readonly Tensor _masks;
    private readonly Scaling _parameters, _summaries;

    private NeuralPosterior(IPrior prior, RealNvp flow, Tensor masks, Scaling parameters, Scaling summaries, TrainingResult training)
    {
        (_prior, _flow, _masks, _parameters, _summaries, Training) = (prior, flow, masks, parameters, summaries, training);
        var width = flow.state_dict()["coupling_0.first.bias"].size(0);
        _inverse = new RealNvpInverse(parameters.Mean.Length, summaries.Mean.Length, width);
        _inverse.load_state_dict(flow.state_dict());
        _inverse.eval();
        _flow.eval();
    }

    /// <summary>How its training went; the loss is −ln q of scaled parameters.</summary>
    public TrainingResult Training { get; }

    /// <summary>Simulates and trains.</summary>
    /// <param name="prior">Of the parameters.</param>
    /// <param name="simulator">Summaries at parameters.</param>
    /// <param name="options">Simulations, network, training.</param>
    /// <param name="progress">Receives each epoch.</param>
    /// <param name="cancellation">Ends training after the running step.</param>
    public static NeuralPosterior Train(
        IPrior prior, SummarySimulator simulator, NeuralPosteriorOptions? options = null, IProgress<FitProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(prior);
        ArgumentNullException.ThrowIfNull(simulator);
        options ??= new NeuralPosteriorOptions();
        options.Check();
        using var scope = NewDisposeScope();
        var draws = Simulations.FromPrior(prior, options.Seed, 0, options.Simulations);
        var rows = Simulations.At(simulator, options.Seed, 0, draws);
        var (parameters, summaries) = (Scaling.Of(Simulations.Matrix(draws), "parameter"), Scaling.Of(rows, "summary"));
        var (theta, given) = (parameters.Scale(Simulations.Matrix(draws)), summaries.Scale(rows));
        var masks = CouplingMasks.Of(parameters.Mean.Length).DetachFromDisposeScope();

        manual_seed(unchecked((long)(Seeds.Derive(options.Seed, "flow") >> 1)));
        var flow = new RealNvp(parameters.Mean.Length, summaries.Mean.Length, options.Width);
        using var optimiser = optim.Adam(flow.parameters(), lr: options.LearningRate);
        var held = Math.Max(1, options.Simulations / 10);
        TensorBatches Part(int first, int count, int batch, bool shuffle) => new(
            batch, shuffle, unchecked((long)options.Seed), dropLast: false,
            ("theta", theta.narrow(0, first, count)), ("given", given.narrow(0, first, count)));
        var training = Trainer.Fit(
            flow, optimiser,
            batch =>
            {
                var (normal, scales) = flow.forward(batch["theta"], batch["given"], masks);
                return FlowNll.Value(normal, scales);
            },
            Part(held, options.Simulations - held, options.BatchSize, shuffle: true), Part(0, held, 4096, shuffle: false),
            new TrainingOptions
            {
                Epochs = options.Epochs, Patience = options.Patience, Schedule = RateSchedule.WarmUpCosine(), ClipNorm = 5, Seed = null,
            },
            progress, cancellation);
        return new NeuralPosterior(prior, flow, masks, parameters, summaries, training);
    }

    /// <summary>Draws of the posterior of given data.</summary>
    /// <param name="observed">Summaries of the data, (S).</param>
    /// <param name="count">How many, ≥ 1.</param>
    /// <param name="seed">Of the draws.</param>
    /// <exception cref="InvalidOperationException">The flow puts next to nothing inside the prior for these data.</exception>
    public WeightedSamples Sample(double[] observed, int count, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(observed);
        if (count < 1)
            throw new ArgumentOutOfRangeException(nameof(count), $"NeuralPosterior.Sample: expected at least 1 draw, got {count}.");
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var generator = new Generator(Seeds.Derive(seed, "posterior"));
        var given = Given(observed);
        var inside = new List<double[]>(count);
        for (var round = 0; inside.Count < count; round++)
        {
            if (round == MostRounds)
                throw new InvalidOperationException(
                    $"NeuralPosterior.Sample: {inside.Count} of {(long)MostRounds * count} draws for the summaries "
                    + $"[{string.Join(", ", observed)}] were inside the prior. Look whether these data are within what was simulated.");
            using var pass = NewDisposeScope();
            inside.AddRange(Draw(given, count, generator).Where(Holds).Take(count - inside.Count));
        }
        return new WeightedSamples(inside.ToArray());
    }

    /// <summary>ln q(θ | observed); −∞ outside the prior.</summary>
    /// <param name="observed">Summaries of the data, (S).</param>
    /// <returns>A function of θ (P): the share inside the prior is computed once.</returns>
    public Func<double[], double> LogDensity(double[] observed)
    {
        ArgumentNullException.ThrowIfNull(observed);
        double share;
        using (NewDisposeScope())
        using (no_grad())
        using (var generator = new Generator(1))
        {
            share = Draw(Given(observed), LeakageDraws, generator).Count(Holds) / (double)LeakageDraws;
        }
        var constant = Math.Log(Math.Max(share, 1.0 / LeakageDraws)) + _parameters.Deviation.Sum(Math.Log);
        return theta =>
        {
            if (!Holds(theta)) return double.NegativeInfinity;
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            var (normal, scales) = _flow.forward(_parameters.Scale(Simulations.Matrix([theta])), Given(observed), _masks);
            return -FlowNll.Value(normal, scales).ToDouble() - constant;
        };
    }

    /// <summary>Frees the networks.</summary>
    public void Dispose()
    {
        _flow.Dispose();
        _inverse.Dispose();
        _masks.Dispose();
    }

    private bool Holds(double[] theta) => !double.IsNegativeInfinity(_prior.LogDensity(theta));

    private Tensor Given(double[] observed)
    {
        if (observed.Length != _summaries.Mean.Length)
            throw new ArgumentException(
                $"NeuralPosterior: expected {Plural.Of(_summaries.Mean.Length, "summary", "summaries")} as in training, "
                + $"got {observed.Length}.",
                nameof(observed));
        return _summaries.Scale(Simulations.Matrix([observed]));
    }

    private double[][] Draw(Tensor given, int count, Generator generator)
    {
        var normal = randn([count, _parameters.Mean.Length], generator: generator);
        var theta = _inverse.forward(normal, given.expand(count, given.size(1)), _masks);
        return Simulations.Rows(_parameters.Unscale(theta));
    }

    /// <summary>Mean and deviation of each column.</summary>
    private sealed record Scaling(double[] Mean, double[] Deviation)
    {
        public static Scaling Of(Tensor values, string what)
        {
            using var scope = NewDisposeScope();
            var mean = values.mean([0L]);
            var deviation = (values - mean).square().mean([0L]).sqrt().data<double>().ToArray();
            var constant = Array.FindIndex(deviation, one => !(one > 0));
            return constant < 0
                ? new Scaling(mean.data<double>().ToArray(), deviation)
                : throw new ArgumentException(
                    $"NeuralPosterior: {what} {constant + 1} is the same in all simulations, so nothing can be learnt of it. "
                    + "Leave it out.");
        }

        public Tensor Scale(Tensor values) => ((values - tensor(Mean)) / tensor(Deviation)).to(ScalarType.Float32);

        public Tensor Unscale(Tensor values) => (values.to(ScalarType.Float64) * tensor(Deviation)) + tensor(Mean);
    }
}
