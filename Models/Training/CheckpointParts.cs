using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Hybrid.Models.Engine;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hybrid.Models.Training;

/// <summary>What checkpoints of every kind hold: a module's tensors under a prefix, and an optimiser's state as bytes.</summary>
internal static class CheckpointParts
{
    public const string NetworkPrefix = "network.";
    public const string BestPrefix = "best.";
    public const string RandomKey = "random";
    private const string OptimiserKey = "optimiser";

    public static void AddNetwork(Dictionary<string, Tensor> tensors, nn.Module network)
    {
        foreach (var (key, tensor) in network.state_dict()) tensors.Add(NetworkPrefix + key, tensor);
    }

    /// <param name="tensors">Where its state goes, as bytes.</param>
    /// <param name="optimiser">Of torch.optim.</param>
    /// <param name="place">Its place among a fit's optimisers.</param>
    public static void AddOptimiser(Dictionary<string, Tensor> tensors, optim.Optimizer optimiser, int place = 0)
    {
        using var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(bytes, Encoding.UTF8, leaveOpen: true)) Helper(optimiser).save_state_dict(writer);
        tensors.Add(KeyOf(place), tensor(bytes.ToArray()));
    }

    public static void AddBest(Dictionary<string, Tensor> tensors, WeightSnapshot best)
    {
        foreach (var (key, tensor) in best.Kept) tensors.Add(BestPrefix + key, tensor);
    }

    /// <summary>The default random generator's state.</summary>
    public static void AddRandom(Dictionary<string, Tensor> tensors) => tensors.Add(RandomKey, get_rng_state());

    /// <summary>Whether the file has the network's tensors under a prefix, all of them and no other.</summary>
    /// <exception cref="InvalidDataException">It has not; the message says what differs.</exception>
    public static void CheckNetwork(
        string path, IReadOnlyDictionary<string, Tensor> tensors, nn.Module network, string prefix = NetworkPrefix)
    {
        var own = network.state_dict();
        foreach (var (key, target) in own)
        {
            if (!tensors.TryGetValue(prefix + key, out var source))
                throw new InvalidDataException($"{path}: has no '{key}', which the network has. It was saved from another network.");
            if (!source.shape.AsSpan().SequenceEqual(target.shape))
                throw new InvalidDataException($"{path}: '{key}' is {ShapeText.Of(source)}, the network's is {ShapeText.Of(target)}.");
        }
        var unknown = tensors.Keys.FirstOrDefault(
            key => key.StartsWith(prefix, StringComparison.Ordinal) && !own.ContainsKey(key[prefix.Length..]));
        if (unknown is not null)
            throw new InvalidDataException(
                $"{path}: has '{unknown[prefix.Length..]}', which the network does not have. It was saved from another network.");
    }

    /// <summary>Copies what <see cref="CheckNetwork"/> found good.</summary>
    public static void PutBackNetwork(IReadOnlyDictionary<string, Tensor> tensors, nn.Module network, string prefix = NetworkPrefix)
    {
        using var _ = no_grad();
        foreach (var (key, target) in network.state_dict()) target.copy_(tensors[prefix + key]);
    }

    /// <summary>Puts the best weights into a snapshot, through the network, whose own come afterwards.</summary>
    public static void PutBackBest(IReadOnlyDictionary<string, Tensor> tensors, nn.Module network, WeightSnapshot best)
    {
        PutBackNetwork(tensors, network, BestPrefix);
        best.Take();
    }

    /// <summary>Comes last: nothing may draw between it and the fit.</summary>
    public static void PutBackRandom(IReadOnlyDictionary<string, Tensor> tensors) => set_rng_state(tensors[RandomKey]);

    /// <param name="path">For messages.</param>
    /// <param name="saved">Classes of the saved optimisers, separated by commas.</param>
    /// <param name="own">Of this fit's.</param>
    public static void CheckOptimisers(string path, string saved, string own)
    {
        if (saved != own)
            throw new InvalidDataException($"{path}: saved with the optimiser {saved}, this one is {own}. Construct the fit with {saved}.");
    }

    public static void PutBackOptimiser(string path, IReadOnlyDictionary<string, Tensor> tensors, optim.Optimizer optimiser, int place = 0)
    {
        if (!tensors.TryGetValue(KeyOf(place), out var state) || state.dtype != ScalarType.Byte)
            throw new InvalidDataException($"{path}: has no '{KeyOf(place)}'.");
        try
        {
            using var reader = new BinaryReader(new MemoryStream(state.data<byte>().ToArray()));
            Helper(optimiser).load_state_dict(reader);
        }
        catch (Exception failure) when (failure is ArgumentException or EndOfStreamException)
        {
            throw new InvalidDataException($"{path}: the optimiser's state does not fit: {failure.Message}", failure);
        }
    }

    private static string KeyOf(int place) => place == 0 ? OptimiserKey : $"{OptimiserKey}.{place}";

    private static OptimizerHelper Helper(optim.Optimizer optimiser)
        => optimiser as OptimizerHelper
            ?? throw new ArgumentException(
                $"{optimiser.GetType().Name} has no state that can be saved: use an optimiser of torch.optim.", nameof(optimiser));
}
