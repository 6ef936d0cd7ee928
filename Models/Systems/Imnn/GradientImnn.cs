using System;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>
/// Trains on fixed simulations whose derivatives by the parameters are known: ∂x/∂θ = (∂x/∂d)(∂d/∂θ), the first factor by the network's
/// tangent program.
/// </summary>
public sealed class GradientImnn : InformationMaximiser
{
    private readonly TangentProgram _tangent;
    private readonly TensorBatch _training;
    private readonly TensorBatch? _validation;

    /// <param name="compressor">Network with its tangent program.</param>
    /// <param name="optimiser">Over the network's parameters.</param>
    /// <param name="fiducial">θ_fid, (P).</param>
    /// <param name="simulations">(n_s, …), at θ_fid.</param>
    /// <param name="derivatives">(n_d, …, P): ∂d/∂θ of the first n_d simulations, n_d ≤ n_s.</param>
    /// <param name="validationSimulations">As <paramref name="simulations"/>; null: monitor the training set.</param>
    /// <param name="validationDerivatives">As <paramref name="derivatives"/>; given exactly when validationSimulations are.</param>
    /// <exception cref="ArgumentException">A shape, count, dtype or value is wrong; the message says which and what to change.</exception>
    public GradientImnn(Compressor compressor, optim.Optimizer optimiser, double[] fiducial, Tensor simulations, Tensor derivatives,
        Tensor? validationSimulations = null, Tensor? validationDerivatives = null)
        : base(compressor, optimiser, fiducial, simulations.shape[1..])
    {
        _tangent = compressor.RequireTangent(nameof(GradientImnn));
        if (validationSimulations is null != validationDerivatives is null)
            throw new ArgumentException(
                $"{nameof(GradientImnn)}: validationSimulations and validationDerivatives go together; "
                + $"{(validationSimulations is null ? "validationSimulations" : "validationDerivatives")} is missing.");
        _training = Prepare("", simulations, derivatives);
        _validation = validationSimulations is null ? null : Prepare("validation", validationSimulations, validationDerivatives!);
    }

    private protected override bool HasValidation => _validation is not null;

    private protected override IBatchSource Simulations => BatchSource.From(_ => [_training], 1);

    private protected override (Tensor, Tensor) Validate() => Summarise(_validation ?? _training);

    private protected override (Tensor, Tensor) Summarise(TensorBatch batch)
    {
        var (data, dData) = (batch["simulations"], batch["tangents"]); // (n_s, …), (P, n_d, …)
        var (all, derived) = (data.size(0), dData.size(1));
        // The tangent program gives the summaries of the simulations with derivatives on its way; the rest needs the value only.
        var (summaries, tangents) = _tangent(derived == all ? data : data.narrow(0, 0, derived), dData);
        if (derived < all) summaries = cat([summaries, Compressor.Network.forward(data.narrow(0, derived, all - derived))], 0);
        return (summaries.to(ScalarType.Float64), tangents.to(ScalarType.Float64).mean([1L])); // (n_s, S), (P, S)
    }

    private TensorBatch Prepare(string prefix, Tensor simulations, Tensor derivatives)
    {
        var (simulationsName, derivativesName) = prefix.Length == 0
            ? ("simulations", "derivatives")
            : ("validationSimulations", "validationDerivatives");
        CheckData(nameof(GradientImnn), simulationsName, simulations, $"(n, {string.Join(", ", InputShape)})",
            simulations.dim() == InputShape.Length + 1 && simulations.shape.AsSpan(1).SequenceEqual(InputShape));
        var expected = $"(n_d ≤ {simulations.size(0)}, {string.Join(", ", InputShape)}, {Parameters}): simulation, datum, parameter";
        CheckData(nameof(GradientImnn), derivativesName, derivatives, expected,
            derivatives.dim() == InputShape.Length + 2 && derivatives.size(0) >= 1 && derivatives.size(0) <= simulations.size(0)
            && derivatives.shape.AsSpan(1, InputShape.Length).SequenceEqual(InputShape) && derivatives.size(-1) == Parameters);
        CheckCount(
            nameof(GradientImnn), prefix.Length == 0 ? "training" : prefix, simulations.size(0),
            CountSummaries(nameof(GradientImnn), Compressor, simulations.narrow(0, 0, 1)));
        using var scope = NewDisposeScope();
        var tangents = derivatives.moveaxis([-1L], [0L]).contiguous();                       // (P, n_d, …)
        return new TensorBatch(simulations.size(0), ("simulations", simulations), ("tangents", tangents.DetachFromDisposeScope()));
    }
}
