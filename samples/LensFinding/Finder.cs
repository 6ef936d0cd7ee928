using System.IO;
using System.Linq;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Deployment;
using Hybrid.Models.Systems.LensFinding;
using Hybrid.Models.Training;
using Hybrid.Models.Weights;
using TorchSharp;

namespace Hybrid.Samples.LensFinding;

/// <summary>What a trained lens finder expects of images; finder.json of its folder.</summary>
/// <param name="Method">By which it was trained.</param>
/// <param name="Bands">Of the images, in order.</param>
/// <param name="Size">Pixels each way; larger images are cut about their middle.</param>
/// <param name="ZeroPoint">Magnitude of a pixel value of 1.</param>
/// <param name="Preprocessing">By its name.</param>
/// <param name="Backbone">Its encoder.</param>
public sealed record FinderNotes(
    string Method, string Bands, int Size, double ZeroPoint, string Preprocessing, string Backbone = FinderNotes.FirstBackbone)
{
    /// <summary>What finders were built on before there were several.</summary>
    private const string FirstBackbone = "small";

    /// <summary>The same as an archive has it.</summary>
    public LensFinderSettings Settings => new(Method, Backbone, Bands.Split(' '), Size, ZeroPoint, Preprocessing);
}

/// <summary>The folder of a trained lens finder: its weights and what it expects.</summary>
internal static class Finder
{
    public const string WeightsName = "predictor.safetensors", NotesName = "finder.json";

    public static void Save(string folder, EncoderWithHead predictor, FinderNotes notes)
    {
        Directory.CreateDirectory(folder);
        WeightFile.Save(predictor.Module, Path.Combine(folder, WeightsName));
        RunDirectory.Save(Path.Combine(folder, NotesName), notes);
    }

    public static FinderNotes NotesOf(string folder)
    {
        var path = Path.Combine(folder, NotesName);
        return File.Exists(path)
            ? RunDirectory.Read<FinderNotes>(path)
            : throw new IOException(
                $"{Path.GetFullPath(folder)} holds no lens finder: {NotesName} is missing. "
                    + "Give a method's folder, such as runs/lens-finding/fold-0/adamatch-seed-1, or an archive that export made.");
    }

    /// <summary>The caller's, in evaluation mode.</summary>
    public static EncoderWithHead Load(string folder, torch.Device device)
    {
        var predictor = LensScorer.Create(NotesOf(folder).Settings, device);
        WeightFile.Load(predictor.Module, Path.Combine(folder, WeightsName));
        predictor.Module.eval();
        return predictor;
    }

    /// <summary>The lens finder of a folder or of an archive.</summary>
    public static LensScorer Scorer(string place, torch.Device device)
        => ModelArchive.Is(place)
            ? LensScorer.Load(ModelArchive.Open(place), device)
            : new LensScorer(Load(place, device), NotesOf(place).Settings, device);
}
