using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Models.Adaptation;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>
/// What the answers of a <see cref="RecoilNetwork"/> or a <see cref="RecoilEquivariant"/> mean: the score of a nuclear recoil and estimates
/// of the energy, of images. The first one's answers are averaged over the eight rotations and reflections of each image, which the
/// detector does not distinguish; the second one's are the same for all.
/// </summary>
public sealed class RecoilReading : IDisposable
{
    private readonly nn.Module<Tensor, (Tensor kinds, Tensor energy, Tensor logError)> _network;
    private readonly Tensor _signal;
    private readonly Tensor _background;
    private readonly Tensor _energies;
    private readonly bool _isOneOfThem;

    /// <param name="network">Stays the caller's; in evaluation mode when it reads.</param>
    /// <param name="classes">Of the network's outputs, in order.</param>
    /// <param name="isOneOfThem">Whether an energy is one of the classes' and no other, as in the exercise.</param>
    /// <param name="device">Where the network is.</param>
    /// <exception cref="ArgumentException">There are classes of one kind only.</exception>
    public RecoilReading(
        nn.Module<Tensor, (Tensor kinds, Tensor energy, Tensor logError)> network, IReadOnlyList<RecoilClass> classes, bool isOneOfThem,
        Device device)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(classes);
        if (classes.All(one => one.Nuclear) || !classes.Any(one => one.Nuclear))
            throw new ArgumentException("RecoilReading: expected classes of both kinds, got one kind alone.", nameof(classes));
        (_network, _isOneOfThem) = (network, isOneOfThem);
        _signal = tensor(Places(true), device: device);
        _background = tensor(Places(false), device: device);
        _energies = tensor(classes.Select(one => (float)one.EnergyKeV).ToArray(), device: device);

        long[] Places(bool kind) => [.. Enumerable.Range(0, classes.Count).Where(i => classes[i].Nuclear == kind).Select(i => (long)i)];
    }

    /// <summary>
    /// Reads images (B, 1, 128, 128), preprocessed, on the network's device. All results are (B).
    /// </summary>
    /// <returns>
    /// <c>Score</c>: the logarithm of the odds of a nuclear recoil, ln Σ p(nuclear classes) − ln Σ p(electron classes).
    /// <c>EstimatedKeV</c>: the energy; where it is one of the classes', the mean of theirs by their probabilities, else
    /// <c>RegressedKeV</c>. <c>RegressedKeV</c>: the energy that the network reads off the light, of whatever energies.
    /// <c>ErrorKeV</c>: the standard deviation that it expects of that reading.
    /// </returns>
    public (Tensor Score, Tensor EstimatedKeV, Tensor RegressedKeV, Tensor ErrorKeV) Read(Tensor image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var (turns, (kinds, energy, logOfError)) = Answers(image);
        // (turns · B, …): the answers of all orientations, averaged image by image.
        var logProbabilities = Averaged(kinds.log_softmax(1)).log_softmax(1);
        var score = logProbabilities.index_select(1, _signal).logsumexp(1) - logProbabilities.index_select(1, _background).logsumexp(1);
        var regressed = Averaged(energy) * RecoilTraining.EnergyScaleKeV;
        var error = Averaged(logOfError).exp() * RecoilTraining.EnergyScaleKeV;
        return (score, _isOneOfThem ? logProbabilities.exp().matmul(_energies) : regressed, regressed, error);

        Tensor Averaged(Tensor answers) => turns == 1 ? answers : answers.unflatten(0, turns, image.shape[0]).mean([0]);
    }

    /// <summary>How many orientations are averaged over, and the network's answers to them, one orientation after another.</summary>
    private (int Turns, (Tensor Kinds, Tensor Energy, Tensor LogError) Answers) Answers(Tensor image)
    {
        switch (_network)
        {
            case RecoilEquivariant:
                return (1, _network.forward(image));
            case RecoilNetwork whole:
                // What the stem gives turns with the image: one evaluation serves all orientations.
                var weights = RecoilNetwork.Weights.Of(whole);
                var bends = RecoilStem.Forward(RecoilStem.Of(weights), image);
                return (ImageAugmentation.Turns, RecoilBody.Forward(RecoilBody.Of(weights), RecoilTurns.All(bends)));
            default:
                return (ImageAugmentation.Turns, _network.forward(RecoilTurns.All(image)));
        }
    }

    public void Dispose()
    {
        _signal.Dispose();
        _background.Dispose();
        _energies.Dispose();
    }
}
