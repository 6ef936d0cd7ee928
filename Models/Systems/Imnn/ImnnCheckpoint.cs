using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text.Json;
using System.Text.Json.Serialization;
using Hybrid.Models.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>
/// All that a fit continues from, in one safetensors file: the network's tensors under <c>network.</c>, the optimiser's and the simulations'
/// states as bytes, statistics and counts as texts; in the middle of a fit also the best weights under <c>best.</c>, the default random generator's
/// state and <see cref="ImnnFitState"/> as a text. Other programs read the weights from it as from any such file.
/// </summary>
internal static class ImnnCheckpoint
{
    private const string Format = "hybrid-imnn 1";
    private static readonly JsonSerializerOptions _json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <param name="path">The file; replaced only when the new one is complete.</param>
    /// <param name="network">Its weights and buffers are saved.</param>
    /// <param name="optimiser">Its options and moments are saved.</param>
    /// <param name="fiducial">θ_fid, (P).</param>
    /// <param name="statistics">Null when there are none yet.</param>
    /// <param name="iterations">Iterations of all fits so far.</param>
    /// <param name="more">Further tensors of this form of training.</param>
    /// <param name="running">Where the running fit stands and its best weights; null between fits.</param>
    public static void Save(
        string path, nn.Module network, optim.Optimizer optimiser, double[] fiducial, FisherStatistics? statistics, int iterations, IReadOnlyDictionary<string, Tensor> more,
        (ImnnFitState State, WeightSnapshot Best)? running = null)
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>(more);
        CheckpointParts.AddNetwork(tensors, network);
        CheckpointParts.AddOptimiser(tensors, optimiser);
        var texts = new Dictionary<string, string>
        {
            ["format"] = Format,
            ["optimiser"] = optimiser.GetType().Name,
            ["fiducial"] = JsonSerializer.Serialize(fiducial),
            ["iterations"] = iterations.ToString(CultureInfo.InvariantCulture),
        };
        if (statistics is not null) texts["statistics"] = JsonSerializer.Serialize(statistics);
        if (running is var (state, best))
        {
            CheckpointParts.AddBest(tensors, best);
            CheckpointParts.AddRandom(tensors);
            texts["fit"] = JsonSerializer.Serialize(state, _json);
        }
        Safetensors.Save(path, tensors, texts);
    }

    /// <summary>Puts a saved state into a network and an optimiser of the same kind; the network is not touched when something does not fit.</summary>
    /// <param name="path">A file that <see cref="Save"/> wrote.</param>
    /// <param name="user">Who reads, for messages.</param>
    /// <param name="network">Of the same tensors.</param>
    /// <param name="optimiser">Of the same kind over the same parameters.</param>
    /// <param name="fiducial">θ_fid, (P); must be the saved one.</param>
    /// <param name="more">Puts the further tensors back.</param>
    /// <param name="best">Where a running fit's best weights go; null when the fit is not gone on with.</param>
    /// <returns>The last is null when no running fit was asked for.</returns>
    /// <exception cref="InvalidDataException">The file is damaged or of something else; the message says what differs.</exception>
    public static (FisherStatistics? Statistics, int Iterations, ImnnFitState? Running) Load(
        string path, string user, nn.Module network, optim.Optimizer optimiser, double[] fiducial, Action<IReadOnlyDictionary<string, Tensor>> more, WeightSnapshot? best = null)
    {
        using var file = Safetensors.Load(path);
        using var scope = NewDisposeScope();
        if (!file.Metadata.TryGetValue("format", out var format) || format != Format)
            throw new InvalidDataException($"{path}: expected a file that {user}.Save wrote ('{Format}'), got {(format is null ? "one without that mark" : $"'{format}'")}. Weights alone are loaded with PartialLoading.");
        CheckpointParts.CheckOptimiser(path, user, Text("optimiser"), optimiser);
        var saved = Parse<double[]>("fiducial");
        if (!saved.AsSpan().SequenceEqual(fiducial))
            throw new InvalidDataException($"{path}: saved at the fiducial parameters [{string.Join(", ", saved)}], this {user} has [{string.Join(", ", fiducial)}].");

        CheckpointParts.CheckNetwork(path, file.Tensors, network);
        var (statistics, iterations) = (file.Metadata.ContainsKey("statistics") ? Parse<FisherStatistics>("statistics") : null, Parse<int>("iterations"));

        ImnnFitState? running = null;
        if (best is not null)
        {
            if (!file.Metadata.ContainsKey("fit") || !file.Tensors.ContainsKey(CheckpointParts.RandomKey)) throw new InvalidDataException($"{path}: expected the checkpoint of a running fit, got one that was saved between fits. Take it over with {user}.Load.");
            CheckpointParts.CheckNetwork(path, file.Tensors, network, CheckpointParts.BestPrefix);
            running = Parse<ImnnFitState>("fit");
        }

        more(file.Tensors);
        CheckpointParts.PutBackOptimiser(path, file.Tensors, optimiser);
        if (best is not null) CheckpointParts.PutBackBest(file.Tensors, network, best);
        CheckpointParts.PutBackNetwork(file.Tensors, network);
        if (best is not null) CheckpointParts.PutBackRandom(file.Tensors);
        return (statistics, iterations, running);

        string Text(string key) => file.Metadata.TryGetValue(key, out var text) ? text : throw new InvalidDataException($"{path}: its metadata has no '{key}'.");

        T Parse<T>(string key)
        {
            try
            {
                return JsonSerializer.Deserialize<T>(Text(key), _json) ?? throw new InvalidDataException($"{path}: its metadata has null for '{key}'.");
            }
            catch (JsonException failure)
            {
                throw new InvalidDataException($"{path}: its metadata's '{key}' cannot be read: {failure.Message}", failure);
            }
        }
    }
}

/// <summary>Where a fit stands between two iterations, besides the tensors.</summary>
internal sealed record ImnnFitState
{
    /// <summary>Iterations of this fit, which is also how many lines of history.jsonl count.</summary>
    public int Done { get; set; }

    public double MaxDetF { get; set; } = double.NegativeInfinity;

    /// <summary>Counted over all fits of the object.</summary>
    public int BestIteration { get; set; }

    public int Patience { get; set; }
}
