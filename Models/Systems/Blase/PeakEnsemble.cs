using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Hybrid.Data.Systems.Blase;
using Hybrid.Models.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Blase;

/// <summary>
/// Networks that estimate the synchrotron peak of blazars, with all that stands between an SED and its estimate: bins, scaling, and the bag
/// of each source of the training set. The networks of bag b were trained on all other bags, so that they estimate the sources of bag b out
/// of bag.
/// </summary>
public sealed partial class PeakEnsemble : IDisposable
{
    /// <summary>
    /// Files of a folder that <see cref="Save"/> writes; the last three are also those that BlaSE (v1) was released with.
    /// </summary>
    private const string WeightsFile = "weights.safetensors", ReleasedFile = "models.pth";
    private const string BinsFile = "bins.txt", ScalingFile = "scaling.npz", IndexFile = "bag_index.npy";

    private readonly PeakEstimator[] _members;

    /// <summary>The same networks as one program.</summary>
    private readonly PeakEstimator.Ensemble _batched;
    private Device _device = CPU;

    /// <param name="bins">Frequency bins of the inputs.</param>
    /// <param name="scaling">Of bins and label.</param>
    /// <param name="index">Bags by position.</param>
    /// <param name="members">Networks bag by bag: those of bag 0 first. Owned by this object, and in evaluation mode from here on.</param>
    /// <param name="bagCount">Number of bags, which divides the number of networks.</param>
    public PeakEnsemble(SedBins bins, SedScaling scaling, BagIndex index, IReadOnlyList<PeakEstimator> members, int bagCount)
    {
        if (scaling.Means.Length != bins.Count)
            throw new ArgumentException(
                $"PeakEnsemble: expected a scaling of {Plural.Of(bins.Count, "bin")}, got {scaling.Means.Length}.", nameof(scaling));
        if (bagCount < 1 || members.Count == 0 || members.Count % bagCount != 0)
            throw new ArgumentException(
                $"PeakEnsemble: expected the same number of networks for each of {bagCount} bags, "
                + $"got {Plural.Of(members.Count, "network")}.",
                nameof(members));
        if (index.BagCount > bagCount)
            throw new ArgumentException(
                $"PeakEnsemble: the index of sources names bag {index.BagCount - 1}, there are networks for bags 0 to {bagCount - 1}.",
                nameof(index));
        (Bins, Scaling, Index, BagCount, _members) = (bins, scaling, index, bagCount, members.ToArray());
        foreach (var member in _members) member.eval();
        _batched = PeakEstimator.Ensemble.Of(_members);
        _batched.eval();
    }

    public SedBins Bins { get; }

    public SedScaling Scaling { get; }

    /// <summary>Positions and bags of the sources that the networks were trained on.</summary>
    public BagIndex Index { get; }

    public int BagCount { get; }

    public int MembersPerBag => _members.Length / BagCount;

    public int MemberCount => _members.Length;

    /// <summary>Network number <paramref name="member"/> of those of a bag.</summary>
    public PeakEstimator Member(int bag, int member) => _members[(bag * MembersPerBag) + member];

    /// <summary>
    /// Loads a folder: one that <see cref="Save"/> wrote, or the files that BlaSE (v1) was released with (models.pth, scaling.npz,
    /// bins.txt, bag_index.npy).
    /// </summary>
    /// <exception cref="InvalidDataException">A file is missing, damaged or does not fit the others; the message names it.</exception>
    public static PeakEnsemble Load(string folder)
    {
        string At(string name) => Path.Combine(folder, name);
        if (!Directory.Exists(folder))
            throw new InvalidDataException(
                $"{folder}: there is no such folder. "
                + $"Expected one with {WeightsFile} or {ReleasedFile}, and {BinsFile}, {ScalingFile}, {IndexFile}.");
        foreach (var name in (ReadOnlySpan<string>)[BinsFile, ScalingFile, IndexFile])
        {
            if (!File.Exists(At(name)))
                throw new InvalidDataException($"{folder}: expected a file {name}, which the networks' inputs depend on.");
        }
        var bins = SedBins.Read(At(BinsFile));
        var (members, bagCount) = File.Exists(At(WeightsFile)) ? OwnWeights(At(WeightsFile), bins)
            : File.Exists(At(ReleasedFile)) ? ReleasedWeights(At(ReleasedFile), bins)
            : throw new InvalidDataException(
                $"{folder}: expected {WeightsFile} (trained here) or {ReleasedFile} (as released), found neither.");
        try
        {
            return new PeakEnsemble(bins, SedScaling.Read(At(ScalingFile)), BagIndex.Read(At(IndexFile)), members, bagCount);
        }
        catch (Exception failure)
        {
            foreach (var member in members) member.Dispose();
            if (failure is ArgumentException) throw new InvalidDataException($"{folder}: {failure.Message}", failure);
            throw;
        }
    }

    /// <summary>
    /// Writes weights (each tensor with a leading axis of members, bag by bag), bins, scaling and index into a folder, which is made where
    /// it is missing.
    /// </summary>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        string At(string name) => Path.Combine(folder, name);
        using (NewDisposeScope())
        using (no_grad())
        {
            var states = _members.Select(member => member.state_dict()).ToArray();
            var stacked = states[0].Keys.ToDictionary(key => key, key => stack(states.Select(state => state[key]).ToArray()));
            Safetensors.Save(
                At(WeightsFile), stacked, new Dictionary<string, string> { ["network"] = nameof(PeakEstimator), ["bags"] = $"{BagCount}" });
        }
        Bins.Write(At(BinsFile));
        Scaling.Write(At(ScalingFile));
        Index.Write(At(IndexFile));
    }

    /// <summary>Moves the networks to a device, on which they work from then on.</summary>
    public void MoveTo(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        _batched.to(device);
        _device = device;
    }

    /// <summary>What every network says of binned SEDs.</summary>
    /// <param name="rows">Binned SEDs: as many numbers as bins, 0 where empty.</param>
    public PeakPredictions Predict(IReadOnlyList<double[]> rows)
    {
        var (count, width) = (rows.Count, 2 * Bins.Count);
        var means = new double[_members.Length][];
        var variances = new double[_members.Length][];
        if (count == 0)
        {
            for (var k = 0; k < _members.Length; k++) (means[k], variances[k]) = ([], []);
            return new PeakPredictions(means, variances, MembersPerBag);
        }
        var inputs = new float[count * width];
        for (var i = 0; i < count; i++) Scaling.Scale(rows[i], inputs.AsSpan(i * width, width));
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var (mean, variance) = _batched.forward(tensor(inputs, [count, width], device: _device)); // (networks, rows) each
        var (allMeans, allVariances) = (
            mean.cpu().contiguous().data<float>().ToArray(), variance.cpu().contiguous().data<float>().ToArray());
        for (var k = 0; k < _members.Length; k++)
        {
            means[k] = Array.ConvertAll(allMeans[(k * count)..((k + 1) * count)], value => Scaling.UnscaleLabel(value));
            variances[k] = Array.ConvertAll(
                allVariances[(k * count)..((k + 1) * count)], value => value * Scaling.LabelScale * Scaling.LabelScale);
        }
        return new PeakPredictions(means, variances, MembersPerBag);
    }

    public void Dispose()
    {
        _batched.Dispose();
        foreach (var member in _members) member.Dispose();
    }

    // BlaSE's nn.Sequential: Linear, BatchNorm1d, Dropout, ReLU four times, then Linear.
    private static string? OurKey(string released) => ReleasedKey().Match(released) is { Success: true } match
        ? match.Groups[1].Value switch
        {
            "0" => "first.",
            "1" => "first_norm.",
            "4" => "second.",
            "5" => "second_norm.",
            "8" => "third.",
            "9" => "third_norm.",
            "12" => "fourth.",
            "13" => "fourth_norm.",
            "16" => "head.",
            _ => null,
        } + match.Groups[2].Value
        : null;

    [GeneratedRegex(@"^model\.(\d+)\.(\w+)$")]
    private static partial Regex ReleasedKey();

    private static (PeakEstimator[] Members, int BagCount) ReleasedWeights(string path, SedBins bins)
    {
        using var file = PthFile.Load(path);
        var places = new List<(int Bag, int Member, string Key)>();
        foreach (var key in file.Root.Keys)
        {
            var parts = key.Split('.');
            if (parts.Length != 2 || !int.TryParse(parts[0], out var bag) || !int.TryParse(parts[1], out var member)
                || bag < 0 || member < 0)
                throw new InvalidDataException($"{path}: expected state dictionaries named BAG.MEMBER such as '0.3', got '{key}'.");
            places.Add((bag, member, key));
        }
        places.Sort();
        var bagCount = places.Count == 0 ? 0 : places[^1].Bag + 1;
        if (bagCount == 0 || places.Count % bagCount != 0 || places.Where((place, i) => place.Bag != i / (places.Count / bagCount)).Any())
            throw new InvalidDataException(
                $"{path}: expected as many networks in each of {bagCount} bags, "
                + $"got {string.Join(", ", places.Select(place => place.Key))}.");
        return (Members(places.Count, bins, (network, i) =>
        {
            var report = PartialLoading.Load(network, file.Root[places[i].Key].Tensors, OurKey);
            if (!report.IsComplete)
                throw new InvalidDataException(
                    $"{path}, network '{places[i].Key}': its weights do not fit a PeakEstimator of "
                    + $"{Plural.Of(bins.Count, "bin")}. {report}");
        }), bagCount);
    }

    private static (PeakEstimator[] Members, int BagCount) OwnWeights(string path, SedBins bins)
    {
        using var file = Safetensors.Load(path);
        if (!file.Metadata.TryGetValue("bags", out var text) || !int.TryParse(text, out var bagCount) || bagCount < 1)
            throw new InvalidDataException(
                $"{path}: expected the number of bags in the metadata ('bags'), got '{text}'. "
                + "Expected a file that ./hybrid blase train wrote.");
        if (!file.Tensors.TryGetValue("first.weight", out var first) || first.dim() != 3)
            throw new InvalidDataException(
                $"{path}: expected a tensor first.weight with a leading axis of networks, "
                + $"got {(first is null ? "none" : $"({string.Join(", ", first.shape)})")}.");
        foreach (var (key, value) in file.Tensors)
        {
            if (value.dim() == 0 || value.shape[0] != first.shape[0])
                throw new InvalidDataException(
                    $"{path}: expected {Plural.Of(first.shape[0], "network")} along the first axis of {key}, "
                    + $"got ({string.Join(", ", value.shape)}).");
        }
        return (Members((int)first.shape[0], bins, (network, i) =>
        {
            using var scope = NewDisposeScope();
            var report = PartialLoading.Load(network, file.Tensors.ToDictionary(entry => entry.Key, entry => entry.Value[i]));
            if (!report.IsComplete)
                throw new InvalidDataException(
                    $"{path}, network {i}: its weights do not fit a PeakEstimator of "
                    + $"{Plural.Of(bins.Count, "bin")}. {report}");
        }), bagCount);
    }

    private static PeakEstimator[] Members(int count, SedBins bins, Action<PeakEstimator, int> load)
    {
        var members = new List<PeakEstimator>();
        try
        {
            for (var i = 0; i < count; i++)
            {
                members.Add(new PeakEstimator(2 * bins.Count));
                load(members[i], i);
            }
            return members.ToArray();
        }
        catch
        {
            foreach (var member in members) member.Dispose();
            throw;
        }
    }
}
