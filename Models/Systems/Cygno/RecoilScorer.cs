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

/// <summary>What an archive says of a network of recoils.</summary>
/// <param name="Classes">Its classes, in order.</param>
/// <param name="AreEnergiesKnown">Whether an energy is one of the classes' and no other.</param>
public sealed record RecoilArchiveSettings(IReadOnlyList<RecoilClass> Classes, bool AreEnergiesKnown);

/// <summary>
/// A trained network of <see cref="RecoilNetworks"/> that scores images: response and energy, as <see cref="RecoilReading"/> gives them.
/// </summary>
public sealed class RecoilScorer : IImageScorer
{
    /// <summary>What archives of these models say as their system.</summary>
    public const string SystemName = "cygno";

    private const int Side = 128;
    private readonly nn.Module<Tensor, (Tensor kinds, Tensor energy, Tensor logError)> _network;
    private readonly RecoilReading _reading;
    private readonly Device _device;

    /// <param name="network">The scorer owns it from now on, and sets it to evaluation mode.</param>
    /// <param name="settings">What its answers mean.</param>
    /// <param name="preprocessing">What the network was trained on.</param>
    /// <param name="device">Where the network is.</param>
    /// <exception cref="ArgumentException">There are classes of one kind only.</exception>
    public RecoilScorer(
        nn.Module<Tensor, (Tensor kinds, Tensor energy, Tensor logError)> network, RecoilArchiveSettings settings, Recipe preprocessing,
        Device device)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(settings);
        _reading = new RecoilReading(network, settings.Classes, settings.AreEnergiesKnown, device);
        (_network, Preprocessing, _device) = (network, preprocessing, device);
        _network.eval();
    }

    /// <summary>Response, the same as log odds, and readings of the energy.</summary>
    public static IReadOnlyList<ScoredQuantity> Given { get; } =
    [
        new("response", "", "probability of a nuclear recoil", 0, 1),
        new("score", "", "logarithm of the odds of a nuclear recoil", -20, 20),
        new("estimated_kev", "keV", "energy", 0, 35),
        new("regressed_kev", "keV", "energy by the light alone", 0, 35),
        new("expected_error_kev", "keV", "standard deviation expected of it", 0, 5),
    ];

    public IReadOnlyList<ScoredQuantity> Quantities => Given;

    public Recipe Preprocessing { get; }

    public ArchivedImage Image { get; } = new(1, Side, Side);

    /// <summary>What is left to do with the results of the archived ONNX file.</summary>
    /// <param name="network">One of <see cref="RecoilNetworks.Names"/>.</param>
    public static string OnnxWords(string network)
        => (network == RecoilNetworks.Names[0]
                ? "One evaluation of one orientation. The model's answer is the mean over the eight rotations and reflections of the "
                    + "image: kinds through log_softmax, averaged, through log_softmax again; "
                : "One evaluation; rotations and reflections of the image do not change it. Kinds through log_softmax; ")
            + "score = logsumexp over the nuclear classes less logsumexp over the others; response = sigmoid(score); "
            + "energy and exp(logError) times 30 keV.";

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
        if (!RecoilNetworks.Names.Contains(manifest.Network))
            throw new InvalidDataException(
                $"{archive.FilePath}: expected one of the networks {string.Join(", ", RecoilNetworks.Names)}, got '{manifest.Network}'.");
        var settings = manifest.SettingsOf<RecoilArchiveSettings>();
        var network = RecoilNetworks.Create(manifest.Network, settings.Classes.Count, device);
        try
        {
            archive.Use(ModelArchive.WeightsName, path => RecoilNetworks.Load(network, path));
            return new RecoilScorer(network, settings, PreprocessingOf(archive), device);
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
        var read = _reading.Read(batch);
        Tensor[] quantities = [read.Score.sigmoid(), read.Score, read.EstimatedKeV, read.RegressedKeV, read.ErrorKeV];
        for (var quantity = 0; quantity < quantities.Length; quantity++)
        {
            var values = quantities[quantity].cpu().to(ScalarType.Float64).data<double>();
            for (var i = 0; i < images.Count; i++) results[(Given.Count * i) + quantity] = values[i];
        }
        return results;
    }

    public void Dispose()
    {
        _reading.Dispose();
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
