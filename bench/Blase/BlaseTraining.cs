using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Hybrid.Bench.Data;
using Hybrid.Bench.Harness;
using Hybrid.Data.Formats;
using Hybrid.Data.Systems.Blase;
using Hybrid.Models.Systems.Blase;

namespace Hybrid.Bench.Blase;

/// <summary>
/// Training 25 networks, as whole processes, for a few epochs (a full training takes 200): ours from SED files to the evaluated ensemble,
/// the peer from samples that are scaled and augmented already to its best validation losses.
/// </summary>
internal sealed class BlaseTraining : Benchmark
{
    private const int Epochs = 5;

    public override string Name => "blase-training";

    public override string Description
        => FormattableString.Invariant(
            $"25 peak estimators, {Epochs} epochs of about 10,000 samples, against a PyTorch loop over the networks");

    public override IEnumerable<Measurement> Run(BenchOptions options)
    {
        using var scratch = new ScratchFolder();
        var seds = BlaseSamples.WriteSeds(scratch.File("seds"), 3800);
        var training = new PeakTrainingOptions();
        var set = new PeakTrainingSet(LabelledSeds.Read(seds, SedBins.Version1), training);
        var width = set.Inputs.Length / set.Labels.Length;
        var arrays = new Dictionary<string, NdArray>
        {
            ["inputs"] = BlaseSamples.Array(set.Inputs, set.Labels.Length, width),
            ["labels"] = BlaseSamples.Array(set.Labels, set.Labels.Length),
            ["validation_inputs"] = BlaseSamples.Array(set.ValidationInputs, set.ValidationLabels.Length, width),
            ["validation_labels"] = BlaseSamples.Array(set.ValidationLabels, set.ValidationLabels.Length),
        };
        for (var bag = 0; bag < training.Bags; bag++)
        {
            arrays[$"rows{bag}"] = BlaseSamples.Rows(set.TrainingRows(bag));
            arrays[$"held{bag}"] = BlaseSamples.Rows(set.ValidationRows(bag));
        }
        var samples = scratch.File("samples.npz");
        Npz.Write(samples, arrays, compress: false);

        var run = scratch.File("run");
        var epochs = Epochs.ToString(CultureInfo.InvariantCulture);
        var ours = WholeProcess.Fastest(options.Threads.Select(threads => new WholeProcess(
            "hybrid-blase train",
            () => BlaseSamples.Sample(
                "train", seds, "--epochs", epochs, "--stop-after", "0", "--no-figures", "--out", run, "--cache", scratch.File("cache")),
            threads, Epochs, "")));
        var peer = WholeProcess.Fastest(options.Threads.Select(threads => new WholeProcess(
            "blase_training.py", () => PythonPeer.Command("blase_training.py", samples, epochs),
            threads, Epochs, BlaseSamples.PythonHint)));
        yield return Comparison.Run("blase-training, an epoch", ours, peer, Math.Min(options.Rounds, 3), 3);

        var (our, their) = (Loss(ours.LastLine), Loss(peer.LastLine));
        // Both are means over 25 networks of one run each; between seeds they differ by about a hundredth.
        yield return new Measurement(
            "blase-training, mean of the networks' best validation losses", FormattableString.Invariant($"{our:0.000}"), FormattableString
                .Invariant($"{their:0.000}"), double.NaN, "",
            "≤ peer + 0.02", our <= their + 0.02);
    }

    private static double Loss(string line)
    {
        const string words = "best validation loss ";
        var at = line.IndexOf(words, StringComparison.Ordinal);
        var text = at < 0 ? "" : line[(at + words.Length)..].Split(' ', ',', ';')[0];
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var loss)
            ? loss
            : throw new InvalidOperationException($"bench: expected '{words}…' in the last line, got '{line}'");
    }
}
