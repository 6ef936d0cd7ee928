using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using Hybrid.Data.Formats;
using Hybrid.Models.Deployment;
using Hybrid.Models.Systems.LensFinding;
using Hybrid.Models.Weights;
using Hybrid.Programs;

namespace Hybrid.Samples.LensFinding;

/// <summary>./hybrid lens-finding export: a lens finder as one archive, which scores, serves and is published.</summary>
internal static class Exporting
{
    /// <summary>Writes a finder's archive: weights, ONNX, card, preprocessing, evaluation.</summary>
    /// <param name="folder">Of a trained lens finder.</param>
    /// <param name="place">The file, or a folder where its hash names it.</param>
    public static ModelArchive Write(string folder, string place)
    {
        var settings = Finder.NotesOf(folder).Settings;
        using var classifier = Finder.Load(folder, TorchSharp.torch.CPU);
        var evaluation = Path.Combine(folder, MethodRun.EvaluationName);
        var work = Directory.CreateTempSubdirectory("hybrid-export-");
        try
        {
            string At(string name) => Path.Combine(work.FullName, name);

            // Written again: the same numbers give the same bytes, whatever wrote the finder.
            WeightFile.Save(classifier.Module, At(ModelArchive.WeightsName));
            OnnxFile.Save(At(ModelArchive.OnnxName), classifier.Encoder);
            OnnxFile.Save(At(LensScorer.HeadName), classifier.Head);
            File.WriteAllText(At(ModelArchive.CardName), Card(settings, evaluation));
            File.WriteAllText(At("preprocessing.txt"), settings.Recipe + "\n");
            if (File.Exists(evaluation)) File.Copy(evaluation, At(ModelArchive.MetricsName));
            else File.WriteAllText(At(ModelArchive.MetricsName), "{}\n");
            string[] names =
            [
                ModelArchive.WeightsName, ModelArchive.OnnxName, LensScorer.HeadName, ModelArchive.CardName, ModelArchive.MetricsName,
                "preprocessing.txt",
            ];
            return ModelArchive.Write(
                place,
                new ModelManifest
                {
                    Format = ModelManifest.CurrentFormat,
                    System = LensScorer.SystemName,
                    Network = settings.Backbone,
                    Name = Path.GetFileName(Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar)),
                    Version = $"{typeof(ModelArchive).Assembly.GetName().Version?.ToString(3)}",
                    Preprocessing = $"{settings.Recipe}",
                    Image = new ArchivedImage(settings.Bands.Count, settings.Size, settings.Size),
                    Quantities = LensScorer.Given,
                    Onnx = LensScorer.OnnxWords,
                    Settings = ModelManifest.SettingsFrom(settings),
                    Reference = Reference(Path.Combine(folder, MethodRun.ScoresName)),
                },
                names.ToDictionary(name => name, At));
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    /// <summary>Probabilities of the images that judged the finder, by kind: what a service compares live ones with.</summary>
    private static ReferenceHistogram[] Reference(string path)
    {
        if (!File.Exists(path)) return [];
        var scores = MethodRun.ReadScores(path);
        return [.. new[] { ("lens", true), ("none", false) }.Select(kind => ReferenceHistogram.Count(
            LensScorer.Given[0], kind.Item1, "images that judged the lens finder",
            Enumerable.Range(0, scores.Count).Where(i => scores.IsLens[i] == kind.Item2).Select(i => scores.Probability[i])))];
    }

    private static string Card(LensFinderSettings settings, string evaluation)
    {
        var backbone = LensBackbones.Named(settings.Backbone);
        var sizes = new Dictionary<string, int> { ["bands"] = settings.Bands.Count };
        if (backbone.IsSized) sizes["size"] = settings.Size;
        var card = Cards.Of(Trace.Of(backbone.Network, sizes));
        var reached = "was not judged: it was trained without labelled images of the survey";
        if (File.Exists(evaluation))
        {
            using var numbers = JsonDocument.Parse(File.ReadAllBytes(evaluation));
            var area = numbers.RootElement.GetProperty("area");
            reached = F($"AUROC {area.GetProperty("auc").GetDouble():0.0000} on {area.GetProperty("positives").GetInt32()} lenses and ")
                + F($"{area.GetProperty("negatives").GetInt32()} others that nothing trained on or chose by; metrics.json has the rest");
        }
        return $"""
            {card.Markdown.TrimEnd()}

            ## This model

            Finds strong gravitational lenses in cut-outs of galaxies.

            - **Trained by** {settings.Method} on the encoder {settings.Backbone}
            - **Images** bands {string.Join(", ", settings.Bands)}; {settings.Size} × {settings.Size} pixels; {F(
                $"magnitude {settings.ZeroPoint} is a pixel value of 1")}
            - **Preprocessing** {settings.Recipe}
            - **ONNX** {LensScorer.OnnxWords}
            - **Reached** {reached}
            - **Not for** surveys with another PSF, depth or pixel scale than it was adapted to: adapt it again, on unlabelled images of
              that survey. Few distinct non-lenses judged it: false-positive rates below a hundredth are not known

            """;
    }

    private static string F(FormattableString text) => FormattableString.Invariant(text);
}
