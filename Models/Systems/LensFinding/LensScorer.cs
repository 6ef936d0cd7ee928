using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hybrid.Data.Images;
using Hybrid.Data.Systems.LensFinding;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Deployment;
using Hybrid.Models.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>What a lens finder expects of images.</summary>
/// <param name="Method">By which it was trained.</param>
/// <param name="Backbone">Its encoder, by name.</param>
/// <param name="Bands">Of the images, in order.</param>
/// <param name="Size">Pixels each way; larger images are cut about their middle.</param>
/// <param name="ZeroPoint">Magnitude of a pixel value of 1.</param>
/// <param name="Preprocessing">One of LensDomains.Preprocessings.</param>
public sealed record LensFinderSettings(
    string Method, string Backbone, IReadOnlyList<string> Bands, int Size, double ZeroPoint, string Preprocessing)
{
    /// <summary>What turns fluxes at <see cref="ZeroPoint"/> into what the network sees: a cut about the middle, then the named
    /// steps.</summary>
    public Recipe Recipe => new([ImageStep.CentreCrop(Size, Size), .. LensDomains.Preprocess(Preprocessing).Steps]);
}

/// <summary>A trained lens finder that scores images: log odds of a lens, averaged over rotations and reflections.</summary>
public sealed class LensScorer : IImageScorer
{
    /// <summary>What archives of these models say as their system.</summary>
    public const string SystemName = "lens-finding";

    /// <summary>The head as ONNX, in an archive.</summary>
    public const string HeadName = "head.onnx";

    private readonly EncoderWithHead _classifier;
    private readonly Device _device;

    /// <param name="classifier">The scorer owns it from now on, and sets it to evaluation mode.</param>
    /// <param name="settings">What it expects.</param>
    /// <param name="device">Where the classifier is.</param>
    public LensScorer(EncoderWithHead classifier, LensFinderSettings settings, Device device)
    {
        ArgumentNullException.ThrowIfNull(classifier);
        ArgumentNullException.ThrowIfNull(settings);
        (_classifier, _device, Settings, Preprocessing) = (classifier, device, settings, settings.Recipe);
        Image = new ArchivedImage(settings.Bands.Count, settings.Size, settings.Size);
        classifier.Module.eval();
    }

    /// <summary>Probability of a lens, and the logarithm of its odds.</summary>
    public static IReadOnlyList<ScoredQuantity> Given { get; } =
    [
        new("probability", "", "probability of a lens", 0, 1),
        new("score", "", "logarithm of the odds of a lens", -20, 20),
    ];

    /// <summary>What is left to do with the results of the archived ONNX files.</summary>
    public static string OnnxWords
        => $"model.onnx gives features of an image, {HeadName} two logits of features. The model's score is the second logit less the "
            + "first, averaged over the eight rotations and reflections of the image; probability = sigmoid(score).";

    /// <summary>What it expects.</summary>
    public LensFinderSettings Settings { get; }

    /// <inheritdoc/>
    public IReadOnlyList<ScoredQuantity> Quantities => Given;

    /// <inheritdoc/>
    public Recipe Preprocessing { get; }

    /// <inheritdoc/>
    public ArchivedImage Image { get; }

    /// <summary>A new classifier for settings, with drawn weights.</summary>
    /// <exception cref="ArgumentException">There is no such backbone.</exception>
    public static EncoderWithHead Create(LensFinderSettings settings, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return LensBackbones.Create(LensBackbones.Named(settings.Backbone), settings.Bands.Count, settings.Size, device: device);
    }

    /// <summary>Loads an archived lens finder.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="device">Where it shall compute.</param>
    /// <exception cref="InvalidDataException">The archive is another system's, or of a network that this version does not know.</exception>
    public static LensScorer Load(ModelArchive archive, Device device)
    {
        ArgumentNullException.ThrowIfNull(archive);
        var manifest = archive.Manifest;
        if (manifest.System != SystemName)
            throw new InvalidDataException($"{archive.FilePath}: expected a model of {SystemName}, got one of {manifest.System}.");
        var settings = manifest.SettingsOf<LensFinderSettings>();
        if (!LensBackbones.All.Any(one => one.Name == settings.Backbone) || !LensDomains.Preprocessings.Contains(settings.Preprocessing))
            throw new InvalidDataException(
                $"{archive.FilePath}: expected a backbone and a preprocessing that this version knows, got '{settings.Backbone}' and "
                    + $"'{settings.Preprocessing}'.");
        var classifier = Create(settings, device);
        try
        {
            archive.Use(ModelArchive.WeightsName, path => WeightFile.Load(classifier.Module, path));
            return new LensScorer(classifier, settings, device);
        }
        catch
        {
            classifier.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public double[] Score(ImageSet images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.BandCount != Image.Bands || images.Height != Image.Height || images.Width != Image.Width)
            throw new ArgumentException(
                $"LensScorer: expected images (N, {Image.Bands}, {Image.Height}, {Image.Width}), got "
                    + $"({images.Count}, {images.BandCount}, {images.Height}, {images.Width}).", nameof(images));
        var results = new double[images.Count * Given.Count];
        if (images.Count == 0) return results;
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var batch = tensor(images.Pixels, [images.Count, images.BandCount, images.Height, images.Width]).to(_device);
        var scores = LensScores.Average(_classifier, batch).cpu().to(ScalarType.Float64).data<double>();
        for (var i = 0; i < images.Count; i++)
        {
            results[2 * i] = 1 / (1 + Math.Exp(-scores[i]));
            results[(2 * i) + 1] = scores[i];
        }
        return results;
    }

    /// <inheritdoc/>
    public void Dispose() => _classifier.Dispose();
}
