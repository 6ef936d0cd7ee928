using System;
using System.Linq;
using System.Threading;
using Hybrid.Data.Statistics;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Blase;

/// <summary>Where the training of an ensemble is written.</summary>
/// <param name="Directory">The run's folder.</param>
public sealed record PeakRun(string Directory)
{
    /// <summary>What to do where the folder holds a run.</summary>
    public ExistingRun Existing { get; init; }

    /// <summary>What else options.json shall say.</summary>
    public object? Notes { get; init; }
}

/// <summary>
/// Trains all networks of an ensemble at once, as one batched program: every network sees its own bags in its own order, draws its own
/// dropout and keeps its own best epoch by validation loss. The learning rate is common to all and falls when their mean validation loss
/// stays on a plateau.
/// </summary>
public static class PeakTraining
{
    /// <param name="set">Samples of all bags.</param>
    /// <param name="options">As the set was made with.</param>
    /// <param name="run">Where the run is written; null writes nothing.</param>
    /// <param name="device">Where to train; null is the CPU.</param>
    /// <param name="progress">Receives each step and epoch.</param>
    /// <param name="cancellation">Ends the training after the running step; what was trained stays.</param>
    /// <returns>The networks, as they were at their best epochs and bag by bag, and what the fit did.</returns>
    public static (PeakEstimator[] Members, TrainingResult Result) Train(
        PeakTrainingSet set,
        PeakTrainingOptions options,
        PeakRun? run = null,
        Device? device = null,
        IProgress<FitProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        options.Check();
        device ??= CPU;
        using var scope = NewDisposeScope();
        var batches = Training(set, options, device);
        manual_seed(unchecked((long)Seeds.Derive((ulong)options.Seed, "weights")));
        using var ensemble = new PeakEstimator.Ensemble(
            options.Bags * options.MembersPerBag, set.Inputs.Length / set.Labels.Length, device);
        using var optimiser = optim.Adam(ensemble.parameters(), lr: options.LearningRate, weight_decay: options.WeightDecay);
        var validation = Validation(set, options, device);
        var result = Trainer.Fit(
            ensemble, optimiser, Loss, batches, BatchSource.From(_ => [validation], 1),
            new TrainingOptions
            {
                Epochs = options.Epochs,
                Patience = options.Patience == 0 ? null : options.Patience,
                Schedule = RateSchedule.Plateau(options.PlateauFactor, options.PlateauPatience),
                Seed = options.Seed,
                Directory = run?.Directory,
                Existing = run?.Existing ?? ExistingRun.Refuse,
                Notes = run?.Notes,
            },
            progress, cancellation);
        var members = Enumerable.Range(0, ensemble.Members).Select(ensemble.Member).ToArray();
        foreach (var member in members) member.to(CPU);
        return (members, result);

        Tensor Loss(TensorBatch batch)
        {
            var (mean, variance) = ensemble.forward(batch["sed"]);
            var label = batch["label"];
            // Validation is always by the likelihood itself.
            return !ensemble.training ? WeightedPeakNll.ValueEnsemble(mean, variance, label, batch["weight"])
                : options.Beta > 0 ? WeightedPeakNll.ValueEnsemble(mean, variance, label, variance.detach().pow(options.Beta))
                : PeakNll.ValueEnsemble(mean, variance, label);
        }
    }

    /// <summary>
    /// Batches for all networks at once, (members, batch, 2·bins): every network sees the samples of its own bags in its own order. An
    /// epoch has whole batches of the largest bag's samples.
    /// </summary>
    private static IBatchSource Training(PeakTrainingSet set, PeakTrainingOptions options, Device device)
    {
        var bags = Enumerable.Range(0, options.Bags).Select(set.TrainingRows).ToArray();
        if (bags.Min(rows => rows.Length) is var least && least < options.BatchSize)
        {
            throw new ArgumentException(
                $"PeakTraining: expected at least one batch of {Plural.Of(options.BatchSize, "sample")} in each bag, "
                + $"got {Plural.Of(least, "sample")}. Use a smaller batch.",
                nameof(options));
        }
        var rows = bags.SelectMany(bag => Enumerable.Repeat(bag, options.MembersPerBag)).ToArray();
        var inputs = tensor(set.Inputs, [set.Labels.Length, set.Inputs.Length / set.Labels.Length], device: device);
        var labels = tensor(set.Labels, device: device);
        var source = new TensorBatches(
            [("sed", inputs), ("label", labels)], rows, options.BatchSize, seed: options.Seed, dropLast: true, perMember: true);
        if (options.Brightness == 0 && options.Noise == 0) return source;
        var scales = tensor(set.Scaling.Scales.Select(scale => (float)scale).ToArray(), device: device);
        return source.Transform(batch => Disturbed(batch, scales, options));
    }

    /// <summary>
    /// Makes each SED as a whole brighter or fainter, and each filled bin a little wrong. Draws from torch's default generator.
    /// </summary>
    private static TensorBatch Disturbed(TensorBatch batch, Tensor scales, PeakTrainingOptions options)
    {
        var sed = batch["sed"]; // (members, batch, 2·bins): the batch's own
        var (members, count, bins) = (sed.size(0), sed.size(1), scales.size(0));
        var shift = randn([members, count, 1], device: sed.device).mul_(options.Brightness)
            .add(randn([members, count, bins], device: sed.device).mul_(options.Noise)); // (members, batch, bins), dex
        sed.narrow(2, 0, bins).add_(shift.div_(scales).mul_(sed.narrow(2, bins, bins)));
        return batch;
    }

    /// <summary>
    /// One batch for all networks, (members, V, 2·bins), V the most samples that a bag's networks validate on. The places of those with
    /// fewer are filled with their first sample at weight 0; all others have the weight that makes the mean over V that over the network's
    /// own samples.
    /// </summary>
    private static TensorBatch Validation(PeakTrainingSet set, PeakTrainingOptions options, Device device)
    {
        var rows = Enumerable.Range(0, options.Bags).Select(set.ValidationRows).ToArray();
        var count = rows.Max(bag => bag.Length);
        var members = options.Bags * options.MembersPerBag;
        var chosen = new long[members * count];
        var weights = new float[members * count];
        for (var place = 0; place < chosen.Length; place++)
        {
            var own = rows[place / count / options.MembersPerBag];
            var isOwn = place % count < own.Length;
            chosen[place] = own[isOwn ? place % count : 0];
            weights[place] = isOwn ? (float)count / own.Length : 0;
        }
        var width = set.Inputs.Length / set.Labels.Length;
        var places = tensor(chosen, device: device);
        return new TensorBatch(
            count,
            (
                "sed",
                tensor(set.ValidationInputs, [set.ValidationLabels.Length, width], device: device)
                    .index_select(0, places).view(members, count, width)),
            ("label", tensor(set.ValidationLabels, device: device).index_select(0, places).view(members, count)),
            ("weight", tensor(weights, [members, count], device: device)));
    }
}
