using System;
using System.Linq;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>
/// Trains on fixed simulations, with derivatives from pairs of simulations made below and above each fiducial parameter:
/// ∂x/∂θ_p = (x(θ_p + δθ_p/2) − x(θ_p − δθ_p/2))/δθ_p.
/// </summary>
public sealed class NumericalGradientImnn : InformationMaximiser
{
    private readonly Tensor _width;
    private readonly TensorBatch _training;
    private readonly TensorBatch? _validation;

    /// <param name="compressor">Network; needs no tangent program.</param>
    /// <param name="optimiser">Over the network's parameters.</param>
    /// <param name="fiducial">θ_fid, (P).</param>
    /// <param name="width">δθ, (P), the full distance between below and above, &gt; 0.</param>
    /// <param name="simulations">(n_s, …), at θ_fid.</param>
    /// <param name="derivatives">(n_d, 2, P, …): simulation, below or above, parameter, datum. Pairs share their random numbers.</param>
    /// <param name="validationSimulations">As <paramref name="simulations"/>; null: monitor the training set.</param>
    /// <param name="validationDerivatives">As <paramref name="derivatives"/>; given exactly when validationSimulations are.</param>
    /// <exception cref="ArgumentException">A shape, count, dtype or value is wrong; the message says which and what to change.</exception>
    public NumericalGradientImnn(
        Compressor compressor,
        optim.Optimizer optimiser,
        double[] fiducial,
        double[] width,
        Tensor simulations,
        Tensor derivatives,
        Tensor? validationSimulations = null,
        Tensor? validationDerivatives = null)
        : base(compressor, optimiser, fiducial, simulations.shape[1..])
    {
        ArgumentNullException.ThrowIfNull(width);
        if (width.Length != Parameters || !width.All(w => double.IsFinite(w) && w > 0))
            throw new ArgumentException(
                $"{nameof(NumericalGradientImnn)}: expected {Parameters} widths δθ > 0, "
                + $"one for each fiducial parameter, got [{string.Join(", ", width)}].",
                nameof(width));
        if (validationSimulations is null != validationDerivatives is null)
            throw new ArgumentException(
                $"{nameof(NumericalGradientImnn)}: validationSimulations and validationDerivatives go together; "
                + $"{(validationSimulations is null ? "validationSimulations" : "validationDerivatives")} is missing.");
        _width = tensor(width, device: simulations.device).unsqueeze(1).DetachFromDisposeScope();  // (P, 1)
        _training = Prepare("", simulations, derivatives);
        _validation = validationSimulations is null ? null : Prepare("validation", validationSimulations, validationDerivatives!);
    }

    private protected override bool HasValidation => _validation is not null;

    private protected override IBatchSource Simulations => BatchSource.From(_ => [_training], 1);

    private protected override (Tensor, Tensor) Validate() => Summarise(_validation ?? _training);

    private protected override (Tensor, Tensor) Summarise(TensorBatch batch)
    {
        var all = Compressor.Network.forward(batch["rows"]).to(ScalarType.Float64);     // (n_s + 2 P n_d, S)
        var summaries = all.narrow(0, 0, batch.Rows);
        var means = all.narrow(0, batch.Rows, all.size(0) - batch.Rows).view(-1, 2, Parameters, all.size(1)).mean([0L]); // (2, P, S)
        return (summaries, (means.select(0, 1) - means.select(0, 0)) / _width);
    }

    private TensorBatch Prepare(string prefix, Tensor simulations, Tensor derivatives)
    {
        var (simulationsName, derivativesName) = prefix.Length == 0
            ? ("simulations", "derivatives")
            : ("validationSimulations", "validationDerivatives");
        CheckData(nameof(NumericalGradientImnn), simulationsName, simulations, $"(n, {string.Join(", ", InputShape)})",
            simulations.dim() == InputShape.Length + 1 && simulations.shape.AsSpan(1).SequenceEqual(InputShape));
        CheckData(nameof(NumericalGradientImnn), derivativesName, derivatives,
            $"(n_d ≥ 1, 2, {Parameters}, {string.Join(", ", InputShape)}): simulation, below or above, parameter, datum",
            derivatives.dim() == InputShape.Length + 3 && derivatives.size(0) >= 1 && derivatives.size(1) == 2
                && derivatives.size(2) == Parameters
            && derivatives.shape.AsSpan(3).SequenceEqual(InputShape));
        CheckCount(
            nameof(NumericalGradientImnn), prefix.Length == 0 ? "training" : prefix, simulations.size(0),
            CountSummaries(nameof(NumericalGradientImnn), Compressor, simulations.narrow(0, 0, 1)));
        using var scope = NewDisposeScope();
        var rows = cat([simulations, derivatives.to(simulations.dtype).flatten(0, 2)], 0);
        // One tensor, so that all take one pass through the network: n_s at θ_fid, then (n_d, 2, P) others.
        return new TensorBatch(simulations.size(0), ("rows", rows.DetachFromDisposeScope()));
    }
}
