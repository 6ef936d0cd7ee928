using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Serialization;
using Hybrid.Models.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Training;

/// <summary>Where a fit stands between two steps, besides the tensors.</summary>
internal sealed record FitState
{
    /// <summary>Complete epochs, which is also how many lines of history.jsonl count.</summary>
    public int Epoch { get; set; }

    /// <summary>Batches of the running epoch that are done, those left out included.</summary>
    public int Batch { get; set; }

    /// <summary>Batches of all epochs that are done.</summary>
    public long Step { get; set; }

    /// <summary>Σ loss · rows of the running epoch, for each member.</summary>
    public double[] LossSums { get; set; } = [];

    /// <summary>What the running epoch's steps measured, by name: means over <see cref="Rows"/>.</summary>
    public Dictionary<string, double> MetricMeans { get; set; } = [];

    public double Rows { get; set; }

    public double LargestGradient { get; set; }

    public long SkippedSteps { get; set; }

    public int SkippedInARow { get; set; }

    /// <summary>Of each member.</summary>
    public double[] Best { get; set; } = [];

    public int[] BestEpochs { get; set; } = [];

    public int EpochsWithoutBetter { get; set; }

    /// <summary>The epochs whose weights are kept, best first.</summary>
    public List<KeptEpoch> Kept { get; set; } = [];

    public long AverageUpdates { get; set; }

    /// <summary>What best values are of, in words.</summary>
    public string? Follows { get; set; }

    /// <summary>Why the fit ended, if it did.</summary>
    public StopReason? Ended { get; set; }
}

internal sealed record KeptEpoch(int Epoch, double Metric)
{
    [JsonIgnore] public string File => $"epoch-{Epoch}.safetensors";
}

/// <summary>
/// Everything that a fit continues from, in one safetensors file: the network under <c>network.</c>, the best weights under <c>best.</c>,
/// the average under <c>average.</c>, what the algorithm keeps under <c>algorithm.</c>, the optimisers' states and the default random
/// generator's as bytes, and <see cref="FitState"/> as a text.
/// </summary>
internal static class FitCheckpoint
{
    private const string Format = "hybrid-fit 1";
    private const string AveragePrefix = "average.";
    private const string AlgorithmPrefix = "algorithm.";
    private static readonly JsonSerializerOptions _json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public static void Save(
        string path, FitState state, TrainingAlgorithm algorithm, WeightSnapshot? best, ExponentialMovingAverage? average)
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>();
        CheckpointParts.AddNetwork(tensors, algorithm.Network);
        for (var place = 0; place < algorithm.Optimisers.Count; place++)
            CheckpointParts.AddOptimiser(tensors, algorithm.Optimisers[place], place);
        if (best is not null) CheckpointParts.AddBest(tensors, best);
        foreach (var (key, tensor) in average?.Weights ?? new Dictionary<string, Tensor>()) tensors.Add(AveragePrefix + key, tensor);
        foreach (var (key, tensor) in algorithm.State()) tensors.Add(AlgorithmPrefix + key, tensor);
        CheckpointParts.AddRandom(tensors);
        Safetensors.Save(path, tensors, new Dictionary<string, string>
        {
            ["format"] = Format, ["optimiser"] = Names(algorithm), ["state"] = JsonSerializer.Serialize(state, _json),
        });
    }

    /// <summary>The file, checked against the networks and optimisers; none of them is touched yet.</summary>
    /// <exception cref="InvalidDataException">It is damaged or of other networks or optimisers.</exception>
    public static FitState Read(
        string path, SafetensorsFile file, TrainingAlgorithm algorithm, string follows, bool hasBest, bool hasAverage)
    {
        var network = algorithm.Network;
        if (!file.Metadata.TryGetValue("format", out var format) || format != Format)
            throw new InvalidDataException(
                $"{path}: expected a checkpoint of Trainer.Fit ('{Format}'), "
                + $"got {(format is null ? "a file without that mark" : $"'{format}'")}.");
        CheckpointParts.CheckOptimisers(path, file.Metadata.GetValueOrDefault("optimiser", ""), Names(algorithm));
        CheckpointParts.CheckNetwork(path, file.Tensors, network);
        if (!file.Tensors.ContainsKey(CheckpointParts.RandomKey))
            throw new InvalidDataException($"{path}: has no '{CheckpointParts.RandomKey}'.");
        FitState state;
        try
        {
            state = JsonSerializer.Deserialize<FitState>(file.Metadata.GetValueOrDefault("state", "null"), _json)
                ?? throw new InvalidDataException($"{path}: its metadata has no 'state'.");
        }
        catch (JsonException failure)
        {
            throw new InvalidDataException($"{path}: its metadata's 'state' cannot be read: {failure.Message}", failure);
        }
        if (state.Follows is { } before && before != follows)
            throw new InvalidDataException(
                $"{path}: the run followed {before}, this call follows {follows}: "
                + "the best values so far do not compare. Continue as the run was begun, or begin another one.");
        state.Follows = follows;
        Require(hasBest, CheckpointParts.BestPrefix, "best weights", "KeepBest");
        Require(hasAverage, AveragePrefix, "averaged weights", "AverageDecay");
        if (hasBest) CheckpointParts.CheckNetwork(path, file.Tensors, network, CheckpointParts.BestPrefix);
        return state;

        void Require(bool wanted, string prefix, string what, string option)
        {
            var has = file.Tensors.Keys.Any(key => key.StartsWith(prefix, StringComparison.Ordinal));
            if (wanted && !has)
                throw new InvalidDataException(
                    $"{path}: has no {what}. The run was begun without {option}: continue it without, or replace it.");
            if (has && !wanted)
                throw new InvalidDataException($"{path}: has {what}. The run was begun with {option}: continue it with it, or replace it.");
        }
    }

    /// <summary>Puts all of it back. The random generator comes last: nothing here draws after it.</summary>
    public static void PutBack(
        string path,
        SafetensorsFile file,
        FitState state,
        TrainingAlgorithm algorithm,
        WeightSnapshot? best,
        ExponentialMovingAverage? average)
    {
        algorithm.Restore(path, Below(file.Tensors, AlgorithmPrefix));
        for (var place = 0; place < algorithm.Optimisers.Count; place++)
            CheckpointParts.PutBackOptimiser(path, file.Tensors, algorithm.Optimisers[place], place);
        if (best is not null) CheckpointParts.PutBackBest(file.Tensors, algorithm.Network, best);
        average?.Restore(Below(file.Tensors, AveragePrefix), state.AverageUpdates);
        CheckpointParts.PutBackNetwork(file.Tensors, algorithm.Network);
        CheckpointParts.PutBackRandom(file.Tensors);
    }

    public static string Names(TrainingAlgorithm algorithm)
        => string.Join(", ", algorithm.Optimisers.Select(optimiser => optimiser.GetType().Name));

    private static Dictionary<string, Tensor> Below(IReadOnlyDictionary<string, Tensor> tensors, string prefix)
        => tensors.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key[prefix.Length..], pair => pair.Value);
}
