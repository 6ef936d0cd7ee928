using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.ExceptionServices;
using System.Threading;
using Hybrid.Models.Engine;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>
/// Trains on more simulations than fit into memory. An iteration goes over its chunks twice: first for all summaries x and the mean
/// derivative ∂μ/∂θ, from which the loss and its derivatives by x and ∂μ/∂θ follow; then for the gradient, chunk by chunk:
/// ∂L/∂w = Σ (∂L/∂x)(∂x/∂w) + (∂L/∂(∂μ/∂θ))(∂(∂μ/∂θ)/∂w). The result is that of all simulations at once; memory depends on the chunk.
/// </summary>
/// <remarks>
/// Only summaries of a simulation that depend on it alone can be computed in chunks: batch statistics and dropout are refused.
/// </remarks>
public sealed class AggregatedImnn : InformationMaximiser
{
    private readonly ISimulationSource _training;
    private readonly ISimulationSource? _validation;
    private readonly AggregateOptions _options;
    private readonly TangentProgram? _tangent;
    private bool _isChecked;

    /// <param name="compressor">Network; with its tangent program where derivatives are exact.</param>
    /// <param name="optimiser">Over the network's parameters.</param>
    /// <param name="fiducial">θ_fid, (P).</param>
    /// <param name="training">Simulations.</param>
    /// <param name="validation">Simulations to monitor; null: the training ones.</param>
    /// <param name="options">Memory and threads.</param>
    /// <exception cref="ArgumentException">A shape or count does not fit; the message says which and what to change.</exception>
    public AggregatedImnn(
        Compressor compressor, optim.Optimizer optimiser, double[] fiducial, ISimulationSource training,
        ISimulationSource? validation = null, AggregateOptions? options = null)
        : base(compressor, optimiser, fiducial, (training ?? throw new ArgumentNullException(nameof(training))).Shape)
    {
        (_training, _validation, _options) = (training, validation, options ?? new AggregateOptions());
        _options.Check();
        if (validation is not null && !validation.Shape.AsSpan().SequenceEqual(training.Shape))
            throw new ArgumentException(
                $"{nameof(AggregatedImnn)}: expected validation simulations of shape {ShapeText.Of(training.Shape)} as in training, "
                + $"got {ShapeText.Of(validation.Shape)}.", nameof(validation));
        foreach (var source in new[] { training, validation }.OfType<ISimulationSource>())
        {
            if (source.Width is { } width && (width.Length != Parameters || !width.All(one => one > 0 && double.IsFinite(one))))
                throw new ArgumentException(
                    $"{nameof(AggregatedImnn)}: expected {Parameters} widths δθ > 0, one for each fiducial parameter, "
                    + $"got [{string.Join(", ", width)}].", nameof(training));
            if (source.Derivatives < 1)
                throw new ArgumentException(
                    $"{nameof(AggregatedImnn)}: expected at least 1 simulation with derivatives, got {source.Derivatives}.");
        }
        if (training.Width is null || validation is { Width: null }) _tangent = compressor.RequireTangent(nameof(AggregatedImnn));
        using var scope = NewDisposeScope();
        var first = training.Read(0).FirstOrDefault(chunk => chunk.Count > 0)
            ?? throw new ArgumentException(
                $"{nameof(AggregatedImnn)}: expected simulations at the fiducial parameters, the source has none.");
        var summaries = CountSummaries(nameof(AggregatedImnn), compressor, first.Simulations!.narrow(0, 0, 1));
        CheckCount(nameof(AggregatedImnn), "training", training.Simulations, summaries);
        if (validation is not null) CheckCount(nameof(AggregatedImnn), "validation", validation.Simulations, summaries);
    }

    private protected override bool HasValidation => _validation is not null;

    private protected override IBatchSource Simulations
        => BatchSource.Stream(iteration => new TensorBatch(_training.Simulations, ("iteration", tensor(iteration))), 1);

    private protected override (Tensor, Tensor) Validate() => Forward(_validation ?? _training, 0, kept: null);

    private protected override (Tensor, Tensor) Summarise(TensorBatch batch)
        => throw new InvalidOperationException($"{nameof(AggregatedImnn)}: an iteration has no summaries of all simulations at once.");

    /// <inheritdoc/>
    public override void Step(TensorBatch batch, TrainingStep step)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(step);
        var iteration = batch["iteration"].ToInt64();
        var weights = Network.parameters().Where(weight => weight.requires_grad).Cast<Tensor>().ToArray();
        var kept = new Dictionary<int, (Tensor? Summaries, Tensor? Derivative)>();
        var (x, d) = Forward(_training, iteration, kept);
        (x, d) = (x.detach().requires_grad_(), d.detach().requires_grad_());
        var loss = Measured(x, d, step);
        var by = Gradients.Of([loss], [x, d], [ones_like(loss)]);
        var gradients = Backward(iteration, weights, x.detach(), by[0], by[1] / _training.Derivatives, kept);
        // A loss whose value is the real one and whose gradient is what was summed: the trainer does the rest as with any other.
        var along = weights.Zip(gradients, (weight, gradient) => (weight * gradient).sum().to(ScalarType.Float64))
            .Aggregate((a, b) => a + b);
        step.Minimise(loss.detach() + (along - along.detach()));
    }

    /// <summary>
    /// All summaries (n_s, S) in the order of the chunks, and ∂μ/∂θ (P, S), both in float64; the graph of the first chunks is kept.
    /// </summary>
    private (Tensor Summaries, Tensor MeanDerivative) Forward(
        ISimulationSource source, long iteration, Dictionary<int, (Tensor? Summaries, Tensor? Derivative)>? kept)
    {
        var keeps = kept is null ? 0 : _options.KeptChunks * _options.Workers;
        var summaries = new List<Tensor>();
        Tensor? derivative = null;
        var (simulations, derivatives) = (0L, 0L);
        using var chunks = source.Read(iteration).GetEnumerator();
        for (var place = 0; ;)
        {
            using var scope = NewDisposeScope();
            var round = Next(chunks, place);
            if (round.Length == 0) break;
            var first = place;
            var results = InParallel(scope, round, (i, chunk) =>
            {
                using var _ = set_grad_enabled(first + i < keeps);
                var (x, d) = Of(chunk, source.Width);
                return new[] { x, d };
            });
            for (var i = 0; i < round.Length; i++, place++)
            {
                var (x, d) = (results[i][0], results[i][1]);
                simulations += round[i].Count;
                derivatives += round[i].Derivatives;
                if (x is not null) summaries.Add(x.detach().MoveToOuterDisposeScope());
                if (d is not null)
                {
                    if (derivative is null) derivative = d.detach().clone().MoveToOuterDisposeScope();
                    else derivative.add_(d.detach());
                }
                if (place < keeps) kept![place] = (x?.MoveToOuterDisposeScope(), d?.MoveToOuterDisposeScope());
            }
        }
        return simulations == source.Simulations && derivatives == source.Derivatives
            ? (cat(summaries.ToArray(), 0), derivative! / derivatives)
            : throw new InvalidDataException(
                $"{nameof(AggregatedImnn)}: expected {Plural.Of(source.Simulations, "simulation")} and "
                + $"{Plural.Of(source.Derivatives, "derivative")}, the source gave {simulations} and {derivatives}.");
    }

    /// <summary>∂L/∂w of each weight, summed over the chunks, from ∂L/∂x (n_s, S) and ∂L/∂(Σ ∂x/∂θ) (P, S).</summary>
    private Tensor[] Backward(
        long iteration, Tensor[] weights, Tensor summaries, Tensor bySummaries, Tensor bySum,
        Dictionary<int, (Tensor? Summaries, Tensor? Derivative)> kept)
    {
        // A sum for each worker, so that the result does not depend on which thread was faster.
        var sums = new Tensor[]?[_options.Workers];
        var row = 0L;
        using var chunks = _training.Read(iteration).GetEnumerator();
        for (var place = 0; ;)
        {
            using var scope = NewDisposeScope();
            var round = Next(chunks, place);
            if (round.Length == 0) break;
            var (first, rows) = (place, new long[round.Length]);
            for (var i = 0; i < round.Length; i++, place++)
            {
                rows[i] = row;
                row += round[i].Count;
            }
            var gradients = InParallel<Tensor>(scope, round, (i, chunk) =>
            {
                using var _ = set_grad_enabled(true);
                var isKept = kept.TryGetValue(first + i, out var known);
                var (x, d) = isKept ? known : Of(chunk, _training.Width);
                if (!_isChecked && !isKept && x is not null) CheckRepeats(summaries.narrow(0, rows[i], chunk.Count), x);
                var (outputs, cotangents) = (new List<Tensor>(2), new List<Tensor>(2));
                if (x is not null)
                {
                    outputs.Add(x);
                    cotangents.Add(bySummaries.narrow(0, rows[i], chunk.Count));
                }
                if (d is not null)
                {
                    outputs.Add(d);
                    cotangents.Add(bySum);
                }
                return Gradients.Of(outputs, weights, cotangents);
            });
            for (var i = 0; i < round.Length; i++)
            {
                if (sums[i] is { } sum)
                {
                    for (var w = 0; w < weights.Length; w++) sum[w].add_(gradients[i][w]!);
                }
                else
                {
                    sums[i] = gradients[i].Select(gradient => gradient!.MoveToOuterDisposeScope()).ToArray();
                }
            }
        }
        _isChecked = true;
        var used = sums.OfType<Tensor[]>().ToArray();
        foreach (var other in used.Skip(1))
        {
            for (var w = 0; w < weights.Length; w++) used[0][w].add_(other[w]);
        }
        return used[0];
    }

    /// <summary>Summaries (n, S) and the sum of their derivatives (P, S) of a chunk, in float64; null where it has none.</summary>
    private (Tensor? Summaries, Tensor? Derivative) Of(SimulationChunk chunk, double[]? width)
    {
        using var scope = NewDisposeScope();
        Tensor? x = null, d = null;
        if (chunk.Tangents is { } tangents)
        {
            var (all, derived) = (chunk.Count, chunk.Derivatives);
            var (summaries, along) = _tangent!(derived == all ? chunk.Simulations! : chunk.Simulations!.narrow(0, 0, derived), tangents);
            x = derived < all
                ? cat([summaries, Compressor.Network.forward(chunk.Simulations!.narrow(0, derived, all - derived))], 0)
                : summaries;
            d = along.to(ScalarType.Float64).sum([1L]);
        }
        else if (chunk.Simulations is { } simulations)
        {
            x = Compressor.Network.forward(simulations);
        }
        if (chunk.Pairs is { } pairs)
        {
            var all = Compressor.Network.forward(pairs.flatten(0, 2)).to(ScalarType.Float64);
            var sums = all.view(-1, 2, Parameters, all.size(1)).sum([0L]);                       // (2, P, S)
            d = (sums.select(0, 1) - sums.select(0, 0)) / tensor(width!).unsqueeze(1);
        }
        return (x?.to(ScalarType.Float64).MoveToOuterDisposeScope(), d?.MoveToOuterDisposeScope());
    }

    /// <summary>As many chunks as there are workers, or those that are left, in the running scope.</summary>
    private SimulationChunk[] Next(IEnumerator<SimulationChunk> chunks, int place)
    {
        var round = new List<SimulationChunk>(_options.Workers);
        while (round.Count < _options.Workers && chunks.MoveNext())
        {
            var chunk = chunks.Current;
            if (chunk.Simulations is null && chunk.Pairs is null)
                throw new InvalidDataException(
                    $"{nameof(AggregatedImnn)}: chunk {place + round.Count} of the source is empty: expected simulations or pairs.");
            round.Add(chunk);
        }
        return round.ToArray();
    }

    /// <summary>Does the chunks of a round at the same time; the tensors of the results belong to the running scope.</summary>
    private static T?[][] InParallel<T>(DisposeScope owner, SimulationChunk[] round, Func<int, SimulationChunk, T?[]> work) where T : Tensor
    {
        if (round.Length == 1) return [work(0, round[0])];
        var results = new T?[round.Length][];
        var failures = new Exception?[round.Length];
        var threads = round.Select((chunk, i) => new Thread(() =>
        {
            try
            {
                using var scope = NewDisposeScope();
                results[i] = work(i, chunk);
                foreach (var result in results[i]) result?.DetachFromDisposeScope();
            }
            catch (Exception failure)
            {
                failures[i] = failure;
            }
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        if (failures.OfType<Exception>().FirstOrDefault() is { } first) ExceptionDispatchInfo.Throw(first);
        foreach (var result in results.SelectMany(one => one).OfType<T>()) owner.Attach(result);
        return results;
    }

    private static void CheckRepeats(Tensor first, Tensor second)
    {
        using var scope = NewDisposeScope();
        if (allclose(first, second.detach(), 1e-4, 1e-5)) return;
        throw new ArgumentException(
            $"{nameof(AggregatedImnn)}: the same simulations gave other summaries in the second pass. A network that draws numbers "
            + "(Dropout) or looks at its batch (BatchNorm) cannot be computed in chunks, nor can a source that gives other simulations "
            + "each time.");
    }
}
