using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Hybrid.Models.Engine;
using Hybrid.Models.Training.Optimisers;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>
/// Trains a network to the summaries of data that keep most Fisher information about the parameters: an information maximising
/// neural network (Charnock, Lavaux and Wandelt 2018). What differs between its forms is where simulations and derivatives
/// come from: <see cref="SimulatorImnn"/>, <see cref="GradientImnn"/>, <see cref="NumericalGradientImnn"/>.
/// </summary>
/// <remarks>The network and the optimiser belong to the caller. A second <see cref="Fit"/> goes on from the weights the first one left.</remarks>
public abstract class InformationMaximiser
{
    private readonly double[] _fiducial;
    private int _iterations;
    private FisherStatistics? _statistics;

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
            throw new ArgumentException($"{GetType().Name}: expected at least one finite fiducial parameter, got [{string.Join(", ", fiducial)}].", nameof(fiducial));
        EngineSettings.Apply(); // here and not in Fit: the forms' constructors ask the network for its summaries, a product
        Compressor = compressor;
        Optimiser = optimiser;
        _fiducial = (double[])fiducial.Clone();
        InputShape = inputShape;
    }

    /// <summary>The network that is trained.</summary>
    public nn.Module<Tensor, Tensor> Network => Compressor.Network;

    /// <summary>θ_fid, (P).</summary>
    public ReadOnlySpan<double> Fiducial => _fiducial;

    /// <summary>Number of parameters, P.</summary>
    public int Parameters => _fiducial.Length;

    /// <summary>Shape of one simulation.</summary>
    public long[] InputShape { get; }

    /// <summary>Every iteration of every fit so far.</summary>
    public ImnnHistory History { get; } = new();

    /// <summary>Statistics of the network as it is: set by <see cref="Fit"/>, <see cref="UpdateStatistics"/> or <see cref="Restore"/>.</summary>
    /// <exception cref="InvalidOperationException">None of them was called.</exception>
    public FisherStatistics Statistics => _statistics
        ?? throw new InvalidOperationException($"{GetType().Name}: there are no statistics yet. Call Fit, UpdateStatistics or Restore first.");

    private protected Compressor Compressor { get; }

    private protected optim.Optimizer Optimiser { get; }

    private protected abstract bool HasValidation { get; }

    /// <summary>Summaries (n_s, S) and ∂μ/∂θ (P, S) of the training simulations, both in float64 and connected to the weights.</summary>
    private protected abstract (Tensor Summaries, Tensor MeanDerivative) Train();

    /// <summary>The same of the validation simulations; for a form without any, of simulations that Train does not see.</summary>
    private protected abstract (Tensor Summaries, Tensor MeanDerivative) Validate();

    /// <summary>Trains until patience or iterations run out, or the caller cancels.</summary>
    /// <param name="options">λ, ε, stopping, schedule.</param>
    /// <param name="progress">Told of each iteration, on this thread.</param>
    /// <param name="cancellation">Ends the fit after the running iteration; what was reached is kept.</param>
    /// <exception cref="SingularCovarianceException">The final summaries' covariance has no inverse.</exception>
    /// <exception cref="InvalidOperationException">The statistics stopped being finite.</exception>
    /// <exception cref="InvalidDataException">The checkpoint to resume from is damaged, or of another network, optimiser or fiducial.</exception>
    public FitResult Fit(FitOptions options, IProgress<ImnnIteration>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        var rate = Regularisation.Rate(options.Lambda, options.Epsilon);

        using var update = OptimiserStep.Of(Optimiser);
        using var best = new WeightSnapshot(Network);
        var state = new ImnnFitState { BestIteration = _iterations };
        if (options.Resume && File.Exists(options.Run!.PathOf(CheckpointParts.FileName))) state = Continue(options, best);
        else if (options.Resume) options.Run!.KeepHistory<ImnnIteration>(0); // killed before its first checkpoint
        var reason = StopReason.MaxIterations;
        using (var fit = NewDisposeScope())
        {
            var lambda = tensor(options.Lambda, ScalarType.Float64);
            var alpha = tensor(rate, ScalarType.Float64);
            while (state.Done < options.MaxIterations)
            {
                if (cancellation.IsCancellationRequested) { reason = StopReason.Cancelled; break; }
                if (state.Patience >= options.Patience) { reason = StopReason.Patience; break; }
                using var scope = NewDisposeScope();

                update.ClearGradients();
                var (summaries, derivative) = Train();
                var terms = ImnnLoss.Value(summaries, derivative, lambda, alpha);
                var training = Point(terms, "training");
                var monitored = training.DetF;
                // Without a validation set |F| belongs to the weights before the update, so those are kept.
                if (!HasValidation && monitored > state.MaxDetF) best.Take();
                terms.loss.backward();
                update.Apply();
                options.Schedule?.step();

                ImnnPoint? validation = null;
                if (HasValidation)
                {
                    using var _ = no_grad();
                    var (unseen, unseenDerivative) = Validate();
                    validation = Point(ImnnLoss.Value(unseen, unseenDerivative, lambda, alpha), "validation");
                    monitored = validation.Value.DetF;
                    if (monitored > state.MaxDetF) best.Take();
                }

                if (monitored > state.MaxDetF) (state.MaxDetF, state.BestIteration, state.Patience) = (monitored, _iterations + 1, 0);
                else if (state.Done > options.MinIterations) state.Patience++;
                state.Done++;
                _iterations++;
                var iteration = new ImnnIteration(_iterations, training, validation, state.MaxDetF, state.Patience);
                History.Add(iteration);
                options.Run?.Append(iteration);
                progress?.Report(iteration);
                if (state.Done % options.CheckpointIterations == 0) Checkpoint(options, state, best);
            }
        }

        Checkpoint(options, state, best);
        update.ClearGradients();
        if (options.KeepBest && state.BestIteration > 0) best.PutBack();
        return new FitResult(reason, state.Done, state.MaxDetF, state.BestIteration, UpdateStatistics());
    }

    private void Checkpoint(FitOptions options, ImnnFitState state, WeightSnapshot best)
    {
        if (options.Run is null) return;
        options.Run.Flush(); // a checkpoint must never know of iterations that the history lacks
        ImnnCheckpoint.Save(options.Run.PathOf(CheckpointParts.FileName), Network, Optimiser, _fiducial, _statistics, _iterations, State(), (state, best));
    }

    private ImnnFitState Continue(FitOptions options, WeightSnapshot best)
    {
        var path = options.Run!.PathOf(CheckpointParts.FileName);
        var (statistics, iterations, running) = ImnnCheckpoint.Load(path, GetType().Name, Network, Optimiser, _fiducial, tensors => PutBack(path, tensors), best);
        var state = running!;
        (_statistics, _iterations) = (statistics, iterations);
        foreach (var iteration in options.Run.KeepHistory<ImnnIteration>(state.Done)) History.Add(iteration);
        // TorchSharp's schedules have no state that can be saved: they are run through again, and leave the rates to the optimiser's own state.
        var rates = Optimiser.ParamGroups.Select(group => group.LearningRate).ToArray();
        for (var step = 0; step < state.Done; step++) options.Schedule?.step();
        foreach (var (group, saved) in Optimiser.ParamGroups.Zip(rates)) group.LearningRate = saved;
        return state;
    }

    /// <summary>Computes <see cref="Statistics"/> for the network as it is: from the validation set where there is one, else from unseen or the training simulations.</summary>
    /// <exception cref="SingularCovarianceException">The summaries' covariance has no inverse.</exception>
    public FisherStatistics UpdateStatistics()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (summaries, derivative) = Validate();
        return _statistics = FisherStatistics.Of(summaries, derivative);
    }

    /// <summary>Quasi maximum-likelihood estimates of the parameters.</summary>
    /// <param name="data">One simulation-shaped datum, or a batch of them with a leading axis; told apart by <see cref="InputShape"/>.</param>
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
                $"{GetType().Name}.Estimate: expected one datum {ShapeText.Of(InputShape)} or a batch (n, {string.Join(", ", InputShape)}), got {ShapeText.Of(data)}.", nameof(data));
        return Statistics.Estimate(_fiducial, Network.forward(batch));
    }

    /// <summary>Puts saved statistics in place of computed ones; with saved weights this is all that estimates need.</summary>
    public void Restore(FisherStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        if (statistics.Fisher.Length != Parameters)
            throw new ArgumentException($"{GetType().Name}.Restore: expected statistics of {Parameters} parameters, got {statistics.Fisher.Length}.", nameof(statistics));
        _statistics = statistics;
    }

    /// <summary>
    /// Writes everything a fit continues from into one safetensors file: weights, the optimiser's state, statistics, and what this form draws its
    /// simulations from. The history stays with the caller (history.jsonl), and so does a learning-rate schedule.
    /// </summary>
    /// <param name="path">The file; an earlier one is replaced when the new one is complete.</param>
    /// <exception cref="ArgumentException">The optimiser is not one of torch.optim.</exception>
    public void Save(string path) => ImnnCheckpoint.Save(path, Network, Optimiser, _fiducial, _statistics, _iterations, State());

    /// <summary>Takes over what <see cref="Save"/> wrote. A <see cref="Fit"/> after it does, bit for bit on one thread, what it would have done in the saved object.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">The file is damaged, or of another network, optimiser or fiducial; the weights are as they were.</exception>
    public void Load(string path)
        => (_statistics, _iterations, _) = ImnnCheckpoint.Load(path, GetType().Name, Network, Optimiser, _fiducial, tensors => PutBack(path, tensors));

    /// <summary>What else a fit continues from.</summary>
    private protected virtual IReadOnlyDictionary<string, Tensor> State() => new Dictionary<string, Tensor>();

    private protected virtual void PutBack(string path, IReadOnlyDictionary<string, Tensor> state)
    {
    }

    private ImnnPoint Point((Tensor loss, Tensor logDetF, Tensor logDetC, Tensor distance, Tensor strength) terms, string set)
    {
        var (logDetF, logDetC) = (terms.logDetF.ToDouble(), terms.logDetC.ToDouble());
        var point = new ImnnPoint(Math.Exp(logDetF), Math.Exp(logDetC), Math.Exp(-logDetC), terms.distance.ToDouble(), terms.strength.ToDouble());
        if (double.IsFinite(logDetF) && double.IsFinite(logDetC) && double.IsFinite(point.Distance)) return point;
        throw new InvalidOperationException(FormattableString.Invariant(
            $"{GetType().Name}.Fit, iteration {_iterations + 1}: the {set} statistics are not finite (|F| = {point.DetF:g4}, |C| = {point.DetC:g4}, |C⁻¹| = {point.DetInverseC:g4}). ")
            + "The covariance of the summaries is singular or the weights have diverged: check the data for NaN, use more simulations than summaries, a smaller learning rate, or another initialisation.");
    }

    /// <summary>Checks the counts that every form has in common.</summary>
    private protected static void CheckCount(string user, string what, long simulations, long summaries)
    {
        if (simulations <= summaries)
            throw new ArgumentException(
                $"{user}: {simulations} {what} simulations cannot give the covariance of {summaries} summaries an inverse; at least {summaries + 1} are needed, a hundred times as many are sensible.");
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
                    $"{user}: expected the network to map {ShapeText.Of(oneOrMore)} to ({oneOrMore.size(0)}, summaries), got {ShapeText.Of(summaries)}.", nameof(compressor));
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
        if (!data.is_floating_point()) throw new ArgumentException($"{user}: expected {name} in float32 or float64, got {data.dtype}. Convert it first.", name);
        if (data.isfinite().all().ToBoolean()) return;
        using var bad = data.isfinite().logical_not().nonzero();
        throw new ArgumentException($"{user}: {name} has {bad.size(0)} values that are not finite, the first at [{string.Join(", ", bad[0].data<long>().ToArray())}]. Remove or mask them.", name);
    }
}
