using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Models.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Training;

/// <summary>What an epoch measures after its steps: validation loss and metrics, one number for each member or one for all.</summary>
internal static class EpochMeasures
{
    /// <param name="algorithm">Whose validation loss it is.</param>
    /// <param name="validation">Null: none.</param>
    /// <param name="options">Metrics.</param>
    /// <param name="device">Where the batches go.</param>
    /// <param name="members">Of the loss.</param>
    /// <exception cref="ArgumentException">There are no validation batches, two metrics have one name, or a metric has a shape of its
    /// own.</exception>
    public static Dictionary<string, double[]> Of(
        TrainingAlgorithm algorithm, IBatchSource? validation, TrainingOptions options, Device device, int members)
    {
        var measured = new Dictionary<string, double[]>();
        if (validation is not null) Average(measured, algorithm, validation, options, device, members);
        else if (options.Metrics.Count > 0)
        {
            throw new ArgumentException(
                "Trainer.Fit: Metrics are means over validation batches, and no validation is given. "
                + "Give it, or compute them in AfterEpoch.",
                nameof(TrainingOptions.Metrics));
        }
        using var scope = NewDisposeScope();
        Add("TrainingAlgorithm.AfterEpoch", algorithm.AfterEpoch());
        if (options.AfterEpoch is not null) Add("TrainingOptions.AfterEpoch", options.AfterEpoch());
        return measured;

        void Add(string user, IReadOnlyDictionary<string, double> metrics)
        {
            foreach (var (name, value) in metrics)
            {
                if (!measured.TryAdd(name, [value]))
                    throw new ArgumentException($"{user}: there is a metric '{name}' already.", nameof(options));
            }
        }
    }

    private static void Average(
        Dictionary<string, double[]> measured,
        TrainingAlgorithm algorithm,
        IBatchSource validation,
        TrainingOptions options,
        Device device,
        int members)
    {
        var functions = new Dictionary<string, Func<TensorBatch, Tensor>>(options.Metrics)
        {
            ["validationLoss"] = batch => algorithm.ValidationLoss(batch)
                ?? throw new ArgumentException(
                    $"{algorithm.Name}: validation batches are given, and the algorithm has no ValidationLoss. "
                    + "Leave them out, or override it.",
                    nameof(validation)),
        };
        double rows = 0;
        using var batches = validation.Epoch(0).GetEnumerator();
        while (true)
        {
            using var scope = NewDisposeScope();
            if (!batches.MoveNext()) break;
            var batch = batches.Current.To(device);
            using var autocast = options.Autocast ? Autocast.Begin(device) : null;
            foreach (var (name, function) in functions)
            {
                var values = TrainingStep.Values(function(batch), name == "validationLoss" ? "the loss" : $"the metric '{name}'");
                if (!measured.TryGetValue(name, out var sums)) measured.Add(name, sums = new double[values.Length]);
                if (values.Length != sums.Length || (values.Length != 1 && values.Length != members))
                    throw new ArgumentException(
                        $"Trainer.Fit: expected '{name}' to have one value or one for each of {members} members, got {values.Length}.",
                        nameof(members));
                for (var i = 0; i < sums.Length; i++) sums[i] += values[i] * batch.Rows;
            }
            rows += batch.Rows;
        }
        if (rows == 0) throw new ArgumentException("Trainer.Fit: expected at least one validation batch, got none.", nameof(validation));
        foreach (var sums in measured.Values)
        {
            for (var i = 0; i < sums.Length; i++) sums[i] /= rows;
        }
    }
}
