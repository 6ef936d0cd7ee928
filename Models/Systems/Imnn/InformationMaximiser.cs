using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Hybrid.Models.Engine;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>
/// Trains a network to the summaries of data that keep most Fisher information about the parameters: an information maximising
/// neural network (Charnock, Lavaux and Wandelt 2018). What differs between its forms is where simulations and derivatives
/// come from: <see cref="SimulatorImnn"/>, <see cref="GradientImnn"/>, <see cref="NumericalGradientImnn"/>, and
/// <see cref="AggregatedImnn"/> where they do not fit into memory.
/// </summary>
/// <remarks>
/// An algorithm of <see cref="Trainer"/> in which an epoch is one iteration: its record has |F|, |C|, |C⁻¹|, Λ₂ and r under the names of
/// <see cref="ImnnIteration"/>. The network and the optimiser belong to the caller. A second <see cref="Fit"/> continues from the weights
/// that the first one left.
/// </remarks>
public abstract class InformationMaximiser : TrainingAlgorithm
{
    private const string FiducialKey = "fiducial";
    private readonly double[] _fiducial;
    private readonly optim.Optimizer[] _optimisers;
    private FisherStatistics? _statistics;
    private (double Lambda, double Epsilon, Tensor Strength, Tensor Rate)? _regularisation;
    private long _iteration;

    /// <param name="compressor">Network (N, …) → (N, S).</param>
    /// <param name="optimiser">Over the network's parameters.</param>
    /// <param name="fiducial">θ_fid, the P parameters at which simulations are made.</param>
    /// <param name="inputShape">Shape of one simulation, without the simulation axis.</param>
    private protected InformationMaximiser(Compressor compressor, optim.Optimizer optimiser, double[] fiducial, long[] inputShape)
    {
        ArgumentNullException.ThrowIfNull(compressor);
        ArgumentNullException.ThrowIfNull(optimiser);
        ArgumentNullException.ThrowIfNull(fiducial);
        if (fiducial.Length == 0 || !fiducial.All(double.IsFinite))
            throw new ArgumentException(
                $"{GetType().Name}: expected at least one finite fiducial parameter, got [{string.Join(", ", fiducial)}].",
                nameof(fiducial));
        EngineSettings.Apply(); // here and not in Fit: the forms' constructors ask the network for its summaries, a product
        Compressor = compressor;
        _optimisers = [optimiser];
        _fiducial = (double[])fiducial.Clone();
        InputShape = inputShape;
    }

    /// <summary>λ, the largest strength of the regularisation, &gt; 1. 10 in the worked problem.</summary>
    public double Lambda { get; init; } = 10;

    /// <summary>ε, how close the covariance shall come to the identity, &gt; 0. 0.1 in the worked problem.</summary>
    public double Epsilon { get; init; } = 0.1;

    /// <summary>
    /// Stopping as in the original package (IMNN 0.3.2): patience of 100 iterations after the first 100, at most 100,000; no seed is set.
    /// </summary>
    public static TrainingOptions DefaultOptions { get; } = new()
    {
        Epochs = 100_000, Patience = 100, MinEpochs = 101, Seed = null, CheckpointEpochs = 250,
    };

    /// <summary>The network that is trained.</summary>
    public override nn.Module Network => Compressor.Network;

    /// <inheritdoc/>
    public override IReadOnlyList<optim.Optimizer> Optimisers => _optimisers;

    /// <inheritdoc/>
    public override string Name => $"{GetType().Name}.Fit";

    /// <summary>Without a validation set |F| belongs to the weights before the update, so those are kept.</summary>
    public override bool JudgesBeforeUpdate => !HasValidation;

    /// <summary>θ_fid, (P).</summary>
    public ReadOnlySpan<double> Fiducial => _fiducial;

    /// <summary>Number of parameters, P.</summary>
    public int Parameters => _fiducial.Length;

    /// <summary>Shape of one simulation.</summary>
    public long[] InputShape { get; }

    /// <summary>
    /// Statistics of the network as it is: set by <see cref="Fit"/>, <see cref="UpdateStatistics"/> or <see cref="RestoreStatistics"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">None of them was called.</exception>
    public FisherStatistics Statistics => _statistics
        ?? throw new InvalidOperationException(
            $"{GetType().Name}: there are no statistics yet. Call Fit, UpdateStatistics or RestoreStatistics first.");

    private protected Compressor Compressor { get; }

    private protected abstract bool HasValidation { get; }

    /// <summary>What an iteration trains on; an epoch is one batch.</summary>
    private protected abstract IBatchSource Simulations { get; }

    /// <summary>Summaries (n_s, S) and ∂μ/∂θ (P, S) of a batch, both in float64 and connected to the weights.</summary>
    private protected abstract (Tensor Summaries, Tensor MeanDerivative) Summarise(TensorBatch batch);

    /// <summary>The same of the validation simulations; for a form without any, of simulations that training does not see.</summary>
    private protected abstract (Tensor Summaries, Tensor MeanDerivative) Validate();

    /// <summary>
    /// Trains until patience or iterations run out, or the caller cancels. <see cref="Statistics"/> are those of the weights that the
    /// network ends with.
    /// </summary>
    /// <param name="options"> Stopping, schedule, directory; an epoch is one iteration, and what is watched is |F|. Null:
    /// <see cref="DefaultOptions"/>. Leave <see cref="TrainingOptions.KeepBest"/> off where |F| comes from a few fresh simulations each
    /// time: the largest is then the luckiest.
    /// </param>
    /// <param name="progress">Receives each iteration, on this thread.</param>
    /// <param name="cancellation">Ends the fit after the running iteration; what was reached is kept.</param>
    /// <exception cref="SingularCovarianceException">The final summaries' covariance has no inverse.</exception>
    /// <exception cref="InvalidOperationException">The statistics stopped being finite.</exception>
    /// <exception cref="System.IO.InvalidDataException">The checkpoint to resume from is damaged, or of another network, optimiser or
    /// fiducial.</exception>
    public TrainingResult Fit(
        TrainingOptions? options = null, IProgress<FitProgress>? progress = null, CancellationToken cancellation = default)
    {
        var rate = Regularisation.Rate(Lambda, Epsilon);
        using var scope = NewDisposeScope();
        _regularisation = (Lambda, Epsilon, tensor(Lambda, ScalarType.Float64), tensor(rate, ScalarType.Float64));
        try
        {
            var watched = HasValidation ? ImnnIteration.ValidationPrefix + ImnnIteration.DetFName : ImnnIteration.DetFName;
            return Trainer.Fit(
                this, Simulations, null, (options ?? DefaultOptions) with { Monitor = watched, HigherIsBetter = true }, progress,
                cancellation);
        }
        finally
        {
            _regularisation = null;
        }
    }

    /// <inheritdoc/>
    public override void Step(TensorBatch batch, TrainingStep step)
    {
        var (summaries, derivative) = Summarise(batch);
        step.Minimise(Measured(summaries, derivative, step));
    }

    /// <summary>The loss of an iteration, whose statistics go into its record.</summary>
    private protected Tensor Measured(Tensor summaries, Tensor derivative, TrainingStep step)
    {
        _iteration = step.Fit.Epoch;
        var terms = Terms(summaries, derivative);
        ImnnIteration.Measure(Point(terms, "training"), step.Measure);
        return terms.loss;
    }

    /// <summary>Statistics of the validation set, where there is one.</summary>
    public override IReadOnlyDictionary<string, double> AfterEpoch()
    {
        var metrics = new Dictionary<string, double>();
        if (!HasValidation) return metrics;
        var (summaries, derivative) = Validate();
        ImnnIteration.Measure(
            Point(Terms(summaries, derivative), "validation"), (name, value) => metrics.Add(ImnnIteration.ValidationPrefix + name, value));
        return metrics;
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Tensor> State() => new Dictionary<string, Tensor> { [FiducialKey] = tensor(_fiducial) };

    /// <inheritdoc/>
    public override void Restore(string path, IReadOnlyDictionary<string, Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (!state.TryGetValue(FiducialKey, out var saved) || saved.dtype != ScalarType.Float64)
            throw new System.IO.InvalidDataException(
                $"{path}: has no fiducial parameters; it was not written by an information maximising neural network's fit.");
        var values = saved.data<double>().ToArray();
        if (!values.AsSpan().SequenceEqual(_fiducial))
        {
            throw new System.IO.InvalidDataException(
                $"{path}: saved at the fiducial parameters [{string.Join(", ", values)}], "
                + $"this {GetType().Name} has [{string.Join(", ", _fiducial)}].");
        }
    }

    /// <summary><see cref="Statistics"/> of the final weights, which statistics.json holds.</summary>
    public override object? AtEnd() => UpdateStatistics();

    private (Tensor loss, Tensor logDetF, Tensor logDetC, Tensor distance, Tensor strength) Terms(Tensor summaries, Tensor derivative)
    {
        var (_, _, strength, rate) = _regularisation
            ?? throw new InvalidOperationException($"{GetType().Name}: train it by its own Fit, which sets λ and ε.");
        return ImnnLoss.Value(summaries, derivative, strength, rate);
    }

    /// <summary>
    /// Computes <see cref="Statistics"/> for the network as it is: from the validation set where there is one, else from unseen or the
    /// training simulations.
    /// </summary>
    /// <exception cref="SingularCovarianceException">The summaries' covariance has no inverse.</exception>
    public FisherStatistics UpdateStatistics()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (summaries, derivative) = Validate();
        return _statistics = FisherStatistics.Of(summaries, derivative);
    }

    /// <summary>Quasi maximum-likelihood estimates of the parameters.</summary>
    /// <param name="data">One simulation-shaped datum, or a batch of them with a leading axis; told apart by
    /// <see cref="InputShape"/>.</param>
    /// <returns>(n, P), n = 1 for a single datum.</returns>
    /// <exception cref="ArgumentException">The shape is neither.</exception>
    public double[][] Estimate(Tensor data)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var shape = data.shape;
        var batch = shape.AsSpan().SequenceEqual(InputShape) ? data.unsqueeze(0)
            : shape.Length == InputShape.Length + 1 && shape.AsSpan(1).SequenceEqual(InputShape) ? data
            : throw new ArgumentException(
                $"{GetType().Name}.Estimate: expected one datum {ShapeText.Of(InputShape)} "
                + $"or a batch (n, {string.Join(", ", InputShape)}), got {ShapeText.Of(data)}.",
                nameof(data));
        return Statistics.Estimate(_fiducial, Compressor.Network.forward(batch));
    }

    /// <summary>
    /// Puts saved statistics in place of computed ones, such as those of <see cref="FisherStatistics.Read"/>; with saved weights this is
    /// all that estimates need.
    /// </summary>
    public void RestoreStatistics(FisherStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        if (statistics.Fisher.Length != Parameters)
            throw new ArgumentException(
                $"{GetType().Name}.RestoreStatistics: expected statistics of {Plural.Of(Parameters, "parameter")}, "
                + $"got {statistics.Fisher.Length}.",
                nameof(statistics));
        _statistics = statistics;
    }

    private ImnnPoint Point((Tensor loss, Tensor logDetF, Tensor logDetC, Tensor distance, Tensor strength) terms, string set)
    {
        var (logDetF, logDetC) = (terms.logDetF.ToDouble(), terms.logDetC.ToDouble());
        var point = new ImnnPoint(
            Math.Exp(logDetF), Math.Exp(logDetC), Math.Exp(-logDetC), terms.distance.ToDouble(), terms.strength.ToDouble());
        if (double.IsFinite(logDetF) && double.IsFinite(logDetC) && double.IsFinite(point.Distance)) return point;
        throw new InvalidOperationException(FormattableString.Invariant(
            $"{GetType().Name}.Fit, iteration {_iteration}: the {set} statistics are not finite ")
            + FormattableString.Invariant($"(|F| = {point.DetF:g4}, |C| = {point.DetC:g4}, |C⁻¹| = {point.DetInverseC:g4}). ")
            + "The covariance of the summaries is singular or the weights have diverged: check the data for NaN, "
            + "use more simulations than summaries, a smaller learning rate, or another initialisation.");
    }

    /// <summary>Checks the counts that every form has in common.</summary>
    private protected static void CheckCount(string user, string what, long simulations, long summaries)
    {
        if (simulations <= summaries)
            throw new ArgumentException(
                $"{user}: {Plural.Of(simulations, $"{what} simulation")} cannot give the covariance of "
                + $"{Plural.Of(summaries, "summary", "summaries")} an inverse; at least {summaries + 1} are needed, "
                + "a hundred times as many are sensible.");
    }

    /// <summary>Number of summaries that the network makes of one simulation; checks that it makes a matrix.</summary>
    private protected static long CountSummaries(string user, Compressor compressor, Tensor oneOrMore)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var wasTraining = compressor.Network.training;
        compressor.Network.eval();
        try
        {
            var summaries = compressor.Network.forward(oneOrMore);
            return summaries.dim() == 2 && summaries.size(0) == oneOrMore.size(0)
                ? summaries.size(1)
                : throw new ArgumentException(
                    $"{user}: expected the network to map {ShapeText.Of(oneOrMore)} to ({oneOrMore.size(0)}, summaries), "
                    + $"got {ShapeText.Of(summaries)}.",
                    nameof(compressor));
        }
        finally
        {
            compressor.Network.train(wasTraining);
        }
    }

    /// <summary>Checks that a data set is what it must be: named, shaped, of a floating type and finite.</summary>
    private protected static void CheckData(string user, string name, Tensor data, string expected, bool fits)
    {
        ArgumentNullException.ThrowIfNull(data, name);
        if (!fits) throw new ArgumentException($"{user}: expected {name} {expected}, got {ShapeText.Of(data)}.", name);
        if (!data.is_floating_point())
            throw new ArgumentException($"{user}: expected {name} in float32 or float64, got {data.dtype}. Convert it first.", name);
        if (data.isfinite().all().ToBoolean()) return;
        using var bad = data.isfinite().logical_not().nonzero();
        throw new ArgumentException(
            $"{user}: {name} has {Plural.Of(bad.size(0), "value that is", "values that are")} not finite, "
            + $"the first at [{string.Join(", ", bad[0].data<long>().ToArray())}]. Remove or mask them.",
            name);
    }
}
