using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Hybrid.Data.Images;
using Hybrid.Data.Systems.Cygno;
using Hybrid.Models.Deployment;
using Hybrid.Models.Systems.Cygno;
using Hybrid.Models.Weights;
using TorchSharp;

namespace Hybrid.Bench.Cygno;

/// <summary>What both sides of CYGNO's benchmarks work on: simulated camera images, an archived model, our sample's program.</summary>
internal static class RecoilSamples
{
    private static readonly double[] _energies = [1, 3, 6, 10, 20, 30];

    /// <summary>Writes camera images of 576 × 576 pixels, kinds and energies in turn.</summary>
    public static string[] WriteImages(string folder, int count)
    {
        var simulator = new RecoilSimulator();
        for (var first = 0; first < count; first += 100)
        {
            var piece = Enumerable.Range(first, Math.Min(100, count - first)).ToArray();
            var kinds = piece.Select(i => i % 2 == 0 ? Recoil.Electron : Recoil.Nuclear).ToArray();
            var energies = piece.Select(i => _energies[i / 2 % _energies.Length]).ToArray();
            simulator.Simulate(kinds, energies, 1, first, default).Write(folder);
        }
        return Directory.GetFiles(folder, "*.png", SearchOption.AllDirectories);
    }

    /// <summary>An archive of the default network, not trained: how long it takes does not depend on its weights.</summary>
    public static ModelArchive WriteModel(string folder)
    {
        torch.manual_seed(1);
        using var network = new RecoilNetwork(classes: 2 * _energies.Length);
        var (weights, onnx) = (Path.Combine(folder, "weights.safetensors"), Path.Combine(folder, "model.onnx"));
        WeightFile.Save(network, weights);
        OnnxFile.Save(onnx, network);
        return ModelArchive.Write(
            Path.Combine(folder, "model.zip"),
            new ModelManifest
            {
                Format = ModelManifest.CurrentFormat, System = RecoilScorer.SystemName, Network = RecoilNetworks.Names[0], Name = "bench",
                Version = "0", Preprocessing = new Recipe(ImageStep.CentreCrop(128, 128), ImageStep.Window(60, 130)).ToString(),
                Image = new ArchivedImage(1, 128, 128), Quantities = RecoilScorer.Given,
                Onnx = RecoilScorer.OnnxWords(RecoilNetworks.Names[0]),
                Settings = ModelManifest.SettingsFrom(new RecoilArchiveSettings(
                    [.. from nuclear in (bool[])[false, true] from energy in _energies select new RecoilClass(nuclear, energy)], true)),
            },
            new Dictionary<string, string> { [ModelArchive.WeightsName] = weights, [ModelArchive.OnnxName] = onnx });
    }

    public static ProcessStartInfo Sample(params string[] arguments)
    {
        var sample = Environment.GetEnvironmentVariable("HYBRID_CYGNO_PROGRAM")
            ?? Path.Combine(AppContext.BaseDirectory, "..", "..", "Cygno", "release", "hybrid-cygno.dll");
        if (!File.Exists(sample)) throw new InvalidOperationException("bench: the CYGNO sample is not built; run ./hybrid setup first");
        return new ProcessStartInfo("dotnet", [sample, .. arguments]);
    }
}
