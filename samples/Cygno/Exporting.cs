using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using Hybrid.Data.Formats;
using Hybrid.Models.Deployment;
using Hybrid.Models.Systems.Cygno;
using Hybrid.Models.Training;
using Hybrid.Models.Weights;
using Hybrid.Programs;
using static TorchSharp.torch;

namespace Hybrid.Samples.Cygno;

/// <summary>./hybrid cygno export: a run as one archive, which scores, serves and is published.</summary>
internal static class Exporting
{
    /// <summary>Writes a run's archive: weights, ONNX, card, preprocessing, evaluation.</summary>
    /// <param name="run">Folder of a finished run.</param>
    /// <param name="place">The file, or a folder where its hash names it.</param>
    public static ModelArchive Write(string run, string place)
    {
        var notes = RunDirectory.NotesOf<RecoilNotes>(run);
        var metrics = Path.Combine(run, "evaluation.json");
        if (!File.Exists(metrics))
            throw new InvalidDataException($"{run}: expected a run that was judged, it has no evaluation.json. --resume finishes it.");
        using var network = RecoilNetworks.Create(notes.Network, notes.Classes.Count);
        RecoilNetworks.Load(network, Path.Combine(run, "weights.safetensors"));
        network.eval();

        var work = Directory.CreateTempSubdirectory("hybrid-export-");
        try
        {
            string At(string name) => Path.Combine(work.FullName, name);

            // Written again: the same numbers give the same bytes, whatever wrote the run.
            WeightFile.Save(network, At(ModelArchive.WeightsName));
            OnnxFile.Save(At(ModelArchive.OnnxName), network);
            File.WriteAllText(At(ModelArchive.CardName), Card(network, notes, metrics));
            File.Copy(metrics, At(ModelArchive.MetricsName));
            File.WriteAllText(At("preprocessing.txt"), notes.Preprocessing + "\n");
            var names = new[]
            {
                ModelArchive.WeightsName, ModelArchive.OnnxName, ModelArchive.CardName, ModelArchive.MetricsName, "preprocessing.txt",
            };
            return ModelArchive.Write(
                place,
                new ModelManifest
                {
                    Format = ModelManifest.CurrentFormat,
                    System = RecoilScorer.SystemName,
                    Network = notes.Network,
                    Name = Path.GetFileName(Path.GetFullPath(run).TrimEnd(Path.DirectorySeparatorChar)),
                    Version = $"{typeof(ModelArchive).Assembly.GetName().Version?.ToString(3)}",
                    Preprocessing = notes.Preprocessing,
                    Image = new ArchivedImage(1, 128, 128),
                    Quantities = RecoilScorer.Given,
                    Onnx = RecoilScorer.OnnxWords(notes.Network),
                    Settings = ModelManifest.SettingsFrom(notes.Settings),
                    Reference = Reference(Path.Combine(run, "scores.csv")),
                },
                names.ToDictionary(name => name, At));
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    /// <summary>Responses of the images that judged the run, by kind: what a service compares live ones with.</summary>
    private static ReferenceHistogram[] Reference(string scores)
    {
        if (!File.Exists(scores)) return [];
        var lines = File.ReadLines(scores).Select(line => line.Split(',')).ToArray();
        var (kind, response) = (Array.IndexOf(lines[0], "kind"), Array.IndexOf(lines[0], "response"));
        if (kind < 0 || response < 0) return [];
        return [.. lines.Skip(1).GroupBy(line => line[kind]).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => ReferenceHistogram.Count(
                RecoilScorer.Given[0],
                group.Key,
                "images that judged the run",
                group.Select(line => double.Parse(line[response], CultureInfo.InvariantCulture))))];
    }

    private static string Card(TorchSharp.torch.nn.Module network, RecoilNotes notes, string metrics)
    {
        using var evaluation = JsonDocument.Parse(File.ReadAllBytes(metrics));
        var area = evaluation.RootElement.GetProperty("pooled").GetProperty("area").GetProperty("auc").GetDouble();
        var error = evaluation.RootElement.GetProperty("meanAbsoluteErrorKeV").GetDouble();
        var count = evaluation.RootElement.GetProperty("count").GetInt32();
        var card = Cards.Of(Trace.Of(network.GetType(), new Dictionary<string, int> { ["classes"] = notes.Classes.Count }));
        var classes = notes.Classes.Select(
            one => FormattableString.Invariant($"{(one.Nuclear ? "NR" : "ER")} {one.EnergyKeV:0.##} keV"));
        return $"""
            {card.Markdown.TrimEnd()}

            ## This model

            Tells nuclear from electron recoils in images of the CYGNO camera, and estimates their energy.

            - **Trained on** {notes.Set}
            - **Classes** {string.Join(", ", classes)}
            - **Preprocessing** {notes.Preprocessing}
            - **ONNX** {RecoilScorer.OnnxWords(notes.Network)}
            - **Reached** AUC {area.ToString("0.0000", CultureInfo.InvariantCulture)}, mean absolute error of the energy {error
                .ToString("0.00", CultureInfo.InvariantCulture)} keV, on {count} images that judged it; metrics.json has the rest
            - **Not for** energies and detectors outside of what it was trained on: a nucleus of 1 keV is an almost dark image by the
              simulator's floor of the yield, so figures at 1 keV say nothing of real data

            """;
    }
}
