using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Hybrid.Models.Inference;
using Hybrid.Models.Losses;
using Hybrid.Models.Networks;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Adaptation;

/// <summary>What a feature flow's map is made of.</summary>
public enum FeatureFlowKind
{
    /// <summary>Affine couplings, <see cref="RealNvp"/>.</summary>
    Couplings,

    /// <summary><see cref="ContinuousFlow"/>.</summary>
    Continuous,
}

/// <summary>How a feature flow is fitted.</summary>
public sealed record FeatureFlowOptions
{
    /// <summary>What the map is made of.</summary>
    public FeatureFlowKind Kind { get; init; } = FeatureFlowKind.Continuous;

    /// <summary>Principal components of the source's features that are mapped, ≥ 2; what is left of a feature stays.</summary>
    public int Dimensions { get; init; } = 8;

    /// <summary>How a continuous map's gradients are computed.</summary>
    public FlowGradient Gradient { get; init; }

    /// <summary>Steps for the source's density and for the map each, ≥ 1.</summary>
    public int Steps { get; init; } = 600;

    /// <summary>Rows of a step.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>Adam's.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Of the hidden layers.</summary>
    public int Width { get; init; } = 64;

    /// <summary>Of weights and draws.</summary>
    public long Seed { get; init; } = 1;
}

/// <summary>
/// Features of a target domain mapped to where a source domain's are likely: a flow T that makes ln p_source(T(x)) + ln |det ∂T/∂x| large,
/// the mean over target features, p_source a flow of couplings fitted to the source's features. No label is read. Both work on the leading
/// principal components of the source's features, each of variance 1 there.
/// </summary>
/// <remarks>T begins as the identity, and the likelihood alone does not say which of many maps it becomes: where domains differ in what is
/// sought, it takes that out, too.</remarks>
public sealed class FeatureFlow : IFeatureMap
{
    // Features are mapped by less than a few deviations: the method of order 4 is right to 10⁻⁴ of one.
    private const int SolverSteps = 4;

    private readonly FlowAxes _axes;
    private readonly RealNvp? _couplings;
    private readonly Tensor? _masks;
    private readonly ContinuousFlow? _continuous;

    private FeatureFlow(FlowAxes axes, RealNvp? couplings, ContinuousFlow? continuous)
    {
        (_axes, _couplings, _continuous) = (axes, couplings, continuous);
        if (couplings is not null) _masks = CouplingMasks.Of(axes.Dimensions).DetachFromDisposeScope();
        Module = new ModuleGroup(("axes", axes), ("map", couplings is not null ? couplings : continuous!.Velocity));
    }

    /// <inheritdoc/>
    public nn.Module Module { get; }

    /// <summary>−ln p of the target's features before and after the fit, under the source's density: how well the map does.</summary>
    public (double Before, double After) Surprise { get; private set; }

    /// <summary>An unfitted map of the same shape, for its weights to be read into.</summary>
    /// <param name="features">F.</param>
    /// <param name="options">With which the other was fitted.</param>
    public static FeatureFlow Empty(int features, FeatureFlowOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var axes = new FlowAxes(zeros(features), zeros(features, options.Dimensions), ones(options.Dimensions));
        return Of(axes, options);
    }

    /// <summary>Fits density and map.</summary>
    /// <param name="source">Features (N, F), N &gt; D.</param>
    /// <param name="target">Features (M, F).</param>
    /// <param name="options">Kind, sizes, steps.</param>
    /// <param name="progress">Receives each step's epoch.</param>
    /// <param name="cancellation">Ends it after the running step.</param>
    /// <exception cref="ArgumentException">There are too few features.</exception>
    public static FeatureFlow Fit(
        Tensor source, Tensor target, FeatureFlowOptions? options = null, IProgress<FitProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        options ??= new FeatureFlowOptions();
        if (source.size(1) != target.size(1) || source.size(0) <= options.Dimensions || target.size(0) < 2
            || options.Dimensions < 2 || source.size(1) < options.Dimensions)
            throw new ArgumentException(
                $"FeatureFlow.Fit: expected features of one length ≥ {options.Dimensions}, more than {options.Dimensions} of the source "
                    + $"and two of the target; got {source.size(0)} × {source.size(1)} and {target.size(0)} × {target.size(1)}.",
                nameof(source));
        using var scope = NewDisposeScope();
        manual_seed(unchecked((long)(Seeds.Derive((ulong)options.Seed, "feature flow") >> 1)));
        var axes = FlowAxes.Of(source.detach(), options.Dimensions);
        var (x, y) = (axes.Project(source).detach(), axes.Project(target).detach());
        var flow = Of(axes, options);
        using var density = Identity(new RealNvp(options.Dimensions, 1, options.Width));
        var masks = CouplingMasks.Of(options.Dimensions);
        Tensor Surprised(Tensor z)
        {
            var (normal, scales) = density.forward(z, zeros(z.size(0), 1), masks);
            return FlowNll.Value(normal, scales);
        }

        Tensor Missed(Tensor mapped, Tensor logDeterminant) => Surprised(mapped) - logDeterminant.mean();

        Train(density, Surprised, x);
        foreach (var parameter in density.parameters()) parameter.requires_grad = false;
        density.eval();
        double before;
        using (no_grad()) before = Surprised(y).ToDouble();
        Train(
            flow._couplings is not null ? flow._couplings : flow._continuous!.Velocity,
            batch =>
            {
                if (options.Gradient == FlowGradient.Adjoint && flow._continuous is { } continuous)
                    return continuous.Adjoint(batch, Missed, FlowTrace.Hutchinson);
                var (mapped, logDeterminant) = flow.Carried(batch);
                return Missed(mapped, logDeterminant);
            },
            y);
        double after;
        using (no_grad())
        {
            var (mapped, logDeterminant) = flow.Carried(y);
            after = Missed(mapped, logDeterminant).ToDouble();
        }
        foreach (var parameter in flow.Module.parameters()) parameter.requires_grad = false;
        flow.Surprise = (before, after);
        return flow;

        void Train(nn.Module module, Func<Tensor, Tensor> loss, Tensor rows)
        {
            var batch = (int)Math.Min(options.BatchSize, rows.size(0));
            using var optimiser = optim.Adam(module.parameters(), lr: options.LearningRate);
            var batches = new TensorBatches(batch, shuffle: true, options.Seed, dropLast: true, ("row", rows));
            Trainer.Fit(
                module, optimiser, one => loss(one["row"]), batches, null,
                new TrainingOptions
                {
                    Epochs = (options.Steps + batches.BatchesPerEpoch!.Value - 1) / batches.BatchesPerEpoch.Value, KeepBest = false,
                    Schedule = RateSchedule.WarmUpCosine(), ClipNorm = 5, Seed = null,
                },
                progress, cancellation);
        }
    }

    /// <inheritdoc/>
    public Tensor Map(Tensor features)
    {
        ArgumentNullException.ThrowIfNull(features);
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var place = _axes.Project(features);
        var moved = _continuous is not null ? _continuous.Moved(place) : _couplings!.forward(place, zeros(place.size(0), 1), _masks!).Item1;
        return _axes.Back(features, moved - place).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _masks?.Dispose();
        Module.Dispose();
    }

    private (Tensor Place, Tensor LogDeterminant) Carried(Tensor place)
    {
        if (_continuous is not null) return _continuous.Forward(place, FlowTrace.Hutchinson);
        var (mapped, scales) = _couplings!.forward(place, zeros(place.size(0), 1), _masks!);
        return (mapped, scales.sum(1));
    }

    private static FeatureFlow Of(FlowAxes axes, FeatureFlowOptions options)
        => options.Kind == FeatureFlowKind.Couplings
            ? new FeatureFlow(axes, Identity(new RealNvp(options.Dimensions, 1, options.Width)), null)
            : new FeatureFlow(axes, null, new ContinuousFlow(new VelocityField(options.Dimensions, options.Width)) { Steps = SolverSteps });

    /// <summary>Couplings whose shifts are zero, too.</summary>
    private static RealNvp Identity(RealNvp flow)
    {
        using var _ = no_grad();
        foreach (var (name, parameter) in flow.named_parameters())
        {
            if (name.Contains(".shift.", StringComparison.Ordinal)) parameter.zero_();
        }
        return flow;
    }

    /// <summary>Principal axes of the source's features.</summary>
    private sealed class FlowAxes : nn.Module
    {
        private readonly Tensor _mean, _axes, _deviations;

        public FlowAxes(Tensor mean, Tensor axes, Tensor deviations) : base(nameof(FlowAxes))
        {
            (_mean, _axes, _deviations) = (mean, axes, deviations);
            register_buffer("mean", _mean);
            register_buffer("axes", _axes);
            register_buffer("deviations", _deviations);
        }

        public int Dimensions => (int)_deviations.size(0);

        public static FlowAxes Of(Tensor features, int dimensions)
        {
            using var _ = no_grad();
            using var scope = NewDisposeScope();
            var mean = features.mean([0L]);
            var centred = features - mean;
            var (_, values, vectors) = linalg.svd(centred, fullMatrices: false);
            var deviations = (values.narrow(0, 0, dimensions) / Math.Sqrt(features.size(0) - 1)).clamp(min: 1e-6);
            return new FlowAxes(
                mean.MoveToOuterDisposeScope().DetachFromDisposeScope(),
                vectors.narrow(0, 0, dimensions).t().contiguous().DetachFromDisposeScope(), deviations.DetachFromDisposeScope());
        }

        public Tensor Project(Tensor features) => (features - _mean).mm(_axes) / _deviations;

        public Tensor Back(Tensor features, Tensor moved) => features + (moved * _deviations).mm(_axes.t());
    }
}
