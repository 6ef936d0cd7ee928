using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hybrid.Data.Images;
using Hybrid.Models.Deployment;
using Hybrid.Models.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>A kind and energy that an archived network tells apart.</summary>
/// <param name="Nuclear">A nuclear recoil, or an electron's.</param>
/// <param name="EnergyKeV">Its energy.</param>
public sealed record ArchivedRecoilClass(bool Nuclear, double EnergyKeV);

/// <summary>What an archive says of a <see cref="RecoilNetwork"/>.</summary>
/// <param name="Classes">Its classes, in order.</param>
public sealed record RecoilArchiveSettings(IReadOnlyList<ArchivedRecoilClass> Classes);

/// <summary>
/// A trained <see cref="RecoilNetwork"/> that scores images: response and energy, averaged over the eight rotations and reflections.
/// </summary>
public sealed class RecoilScorer : IImageScorer
{
    /// <summary>What archives of these models say as their system.</summary>
    public const string SystemName = "cygno";

    private const int Side = 128;
    private readonly RecoilNetwork _network;
    private readonly Device _device;
    private readonly Tensor _signal;
    private readonly Tensor _background;

    /// <param name="network">The scorer owns it from now on, and sets it to evaluation mode.</param>
    /// <param name="isNuclear">Of each class of the network, whether it is a nuclear recoil's.</param>
    /// <param name="preprocessing">What the network was trained on.</param>
    /// <param name="device">Where the network is.</param>
    /// <exception cref="ArgumentException">There are classes of one kind only.</exception>
    public RecoilScorer(RecoilNetwork network, IReadOnlyList<bool> isNuclear, Recipe preprocessing, Device device)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(isNuclear);
        if (!isNuclear.Contains(true) || !isNuclear.Contains(false))
            throw new ArgumentException("RecoilScorer: expected classes of both kinds, got one kind alone.", nameof(isNuclear));
        (_network, Preprocessing, _device) = (network, preprocessing, device);
        _network.eval();
        _signal = tensor(Places(true), device: device);
        _background = tensor(Places(false), device: device);

        long[] Places(bool kind) => Enumerable.Range(0, isNuclear.Count).Where(i => isNuclear[i] == kind).Select(i => (long)i).ToArray();
    }

    /// <summary>Response, the same as log odds, and energy.</summary>
    public static IReadOnlyList<ScoredQuantity> Given { get; } =
    [
        new("response", "", "probability of a nuclear recoil", 0, 1),
        new("score", "", "logarithm of the odds of a nuclear recoil", -20, 20),
        new("estimated_kev", "keV", "energy", 0, 35),
    ];

    public IReadOnlyList<ScoredQuantity> Quantities => Given;

    public Recipe Preprocessing { get; }

    public ArchivedImage Image { get; } = new(1, Side, Side);

    /// <summary>What is left to do with the results of the archived ONNX file.</summary>
    public static string OnnxWords
        => "One evaluation of one orientation. The model's answer is averaged over the eight rotations and reflections of the image: "
            + "kinds through log_softmax, averaged; score = logsumexp over the nuclear classes less logsumexp over the others; "
            + "response = sigmoid(score); energy, averaged, times 30 keV.";

    /// <summary>Loads an archived network.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="device">Where it shall compute.</param>
    /// <exception cref="InvalidDataException">The archive is another system's, or of a network that this version does not know.</exception>
    public static RecoilScorer Load(ModelArchive archive, Device device)
    {
        ArgumentNullException.ThrowIfNull(archive);
        var manifest = archive.Manifest;
        if (manifest.System != SystemName)
            throw new InvalidDataException($"{archive.FilePath}: expected a model of {SystemName}, got one of {manifest.System}.");
        if (manifest.Network != nameof(RecoilNetwork))
            throw new InvalidDataException($"{archive.FilePath}: expected a {nameof(RecoilNetwork)}, got a {manifest.Network}.");
        var classes = manifest.SettingsOf<RecoilArchiveSettings>().Classes;
        var network = new RecoilNetwork(classes: classes.Count, device: device);
        try
        {
            archive.Use(ModelArchive.WeightsName, path => WeightFile.Load(network, path));
            var isNuclear = classes.Select(one => one.Nuclear).ToArray();
            return new RecoilScorer(network, isNuclear, PreprocessingOf(archive), device);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    public double[] Score(ImageSet images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.BandCount != 1 || images.Height != Side || images.Width != Side)
            throw new ArgumentException(
                $"RecoilScorer: expected images (N, 1, {Side}, {Side}), got "
                    + $"({images.Count}, {images.BandCount}, {images.Height}, {images.Width}).", nameof(images));
        var results = new double[images.Count * Given.Count];
        if (images.Count == 0) return results;
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var batch = tensor(images.Pixels, [images.Count, 1, Side, Side]).to(_device);
        var (score, energy) = RecoilPredictions.Predict(_network, batch, _signal, _background);
        var scores = score.cpu().to(ScalarType.Float64).data<double>();
        var energies = energy.cpu().to(ScalarType.Float64).data<double>();
        for (var i = 0; i < images.Count; i++)
        {
            var odds = scores[i];
            results[Given.Count * i] = 1 / (1 + Math.Exp(-odds));
            results[(Given.Count * i) + 1] = odds;
            results[(Given.Count * i) + 2] = energies[i];
        }
        return results;
    }

    public void Dispose()
    {
        _signal.Dispose();
        _background.Dispose();
        _network.Dispose();
    }

    private static Recipe PreprocessingOf(ModelArchive archive)
    {
        try
        {
            return RecipeText.Parse(archive.Manifest.Preprocessing);
        }
        catch (FormatException failure)
        {
            throw new InvalidDataException($"{archive.FilePath}: {failure.Message}", failure);
        }
    }
}
