using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Data.Statistics;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Training;

/// <summary>
/// Batches of tensors in memory. For an ensemble the rows can be given for each member: batches then have a leading member axis, (M, B, …).
/// </summary>
/// <remarks>
/// Make one object for training and one, with <c>shuffle: false</c>, for validation. The tensors belong to the caller and must live as long
/// as this object is used.
/// </remarks>
public sealed class TensorBatches : IBatchSource
{
    private readonly (string Name, Tensor Value)[] _tensors;
    private readonly int[][] _rows;
    private readonly bool _isPerMember;
    private readonly int _batchSize;
    private readonly bool _shuffle;
    private readonly bool _dropLast;
    private readonly long _seed;
    private readonly int _longest;

    /// <param name="batchSize">Rows of a batch, ≥ 1; the last of an epoch may have fewer.</param>
    /// <param name="shuffle">Whether each epoch has an order of its own, from seed and number of the epoch.</param>
    /// <param name="seed">Of the orders.</param>
    /// <param name="dropLast">Whether a last batch that is not full is left out.</param>
    /// <param name="tensors">Tensors by name, all with the same first axis.</param>
    public TensorBatches(int batchSize, bool shuffle, long seed, bool dropLast, params (string Name, Tensor Value)[] tensors)
        : this(tensors, null, batchSize, shuffle, seed, dropLast)
    {
    }

    /// <summary>Shuffled, the last batch smaller where it must be.</summary>
    public TensorBatches(int batchSize, long seed, params (string Name, Tensor Value)[] tensors)
        : this(tensors, null, batchSize, true, seed, false)
    {
    }

    /// <summary>Only some rows of the tensors (a split), or for an ensemble the rows of each member.</summary>
    /// <param name="tensors">Tensors by name, all with the same first axis.</param>
    /// <param name="rows">
    /// Null: all rows, in batches (B, …). One list: these rows. With <paramref name="perMember"/> a list for each
    /// member: batches (M, B, …) in which every member goes through its own rows in an order of its own; an epoch ends with the longest
    /// list, and members of shorter ones begin again in another order. Without shuffling all lists must be of one length.
    /// </param>
    /// <param name="batchSize">Rows of a batch (of each member), ≥ 1.</param>
    /// <param name="shuffle">Whether each epoch has an order of its own.</param>
    /// <param name="seed">Of the orders.</param>
    /// <param name="dropLast">Whether a last batch that is not full is left out.</param>
    /// <param name="perMember">Whether <paramref name="rows"/> has a list for each member.</param>
    public TensorBatches(
        IReadOnlyList<(string Name, Tensor Value)> tensors,
        IReadOnlyList<int[]>? rows,
        int batchSize,
        bool shuffle = true,
        long seed = 1,
        bool dropLast = false,
        bool perMember = false)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        if (tensors.Count == 0) throw new ArgumentException("TensorBatches: expected at least one tensor, got none.", nameof(tensors));
        if (batchSize < 1)
            throw new ArgumentOutOfRangeException(
                nameof(batchSize), $"TensorBatches: expected a batch size of at least 1, got {batchSize}.");
        foreach (var (name, value) in tensors)
        {
            ArgumentNullException.ThrowIfNull(value, name);
            if (value.dim() == 0)
                throw new ArgumentException(
                    $"TensorBatches: expected '{name}' to have an axis of rows, got a single number.", nameof(tensors));
            if (value.size(0) != tensors[0].Value.size(0))
                throw new ArgumentException(
                    $"TensorBatches: '{tensors[0].Name}' has {Plural.Of(tensors[0].Value.size(0), "row")}, '{name}' has {value.size(0)}.",
                    nameof(tensors));
        }
        var all = checked((int)tensors[0].Value.size(0));
        _tensors = tensors.ToArray();
        _rows = rows is null ? [Enumerable.Range(0, all).ToArray()] : rows.Select(list => (int[])list.Clone()).ToArray();
        if (!perMember && _rows.Length != 1)
            throw new ArgumentException(
                $"TensorBatches: expected one list of rows, got {_rows.Length}. With perMember: true each member has its own.",
                nameof(rows));
        if (_rows.Length == 0 || _rows.Any(list => list.Length == 0))
            throw new ArgumentException("TensorBatches: expected at least one row in each list of rows.", nameof(rows));
        if (_rows.SelectMany(list => list).Where(row => row < 0 || row >= all).Cast<int?>().FirstOrDefault() is { } wrong)
            throw new ArgumentException($"TensorBatches: row {wrong} of {all}.", nameof(rows));
        if (!shuffle && _rows.Any(list => list.Length != _rows[0].Length))
            throw new ArgumentException(
                "TensorBatches: without shuffling every member needs as many rows, "
                + $"got {string.Join(", ", _rows.Select(list => list.Length))}.",
                nameof(rows));
        (_batchSize, _shuffle, _seed, _dropLast, _isPerMember) = (batchSize, shuffle, seed, dropLast, perMember);
        _longest = _rows.Max(list => list.Length);
        if (BatchesPerEpoch == 0)
            throw new ArgumentException(
                $"TensorBatches: {Plural.Of(_longest, "row makes", "rows make")} no full batch of {batchSize}. "
                + "Take smaller batches, or dropLast: false.",
                nameof(batchSize));
    }

    /// <inheritdoc/>
    public int? BatchesPerEpoch => _dropLast ? _longest / _batchSize : (_longest + _batchSize - 1) / _batchSize;

    /// <inheritdoc/>
    public IEnumerable<TensorBatch> Epoch(int epoch, int first = 0)
    {
        var orders = _rows.Select((list, member) => Order(list, epoch, member)).ToArray();
        for (var batch = first; batch < BatchesPerEpoch; batch++)
        {
            var start = batch * _batchSize;
            var count = Math.Min(_batchSize, _longest - start);
            var rows = new long[orders.Length * count];
            for (var member = 0; member < orders.Length; member++) Array.Copy(orders[member], start, rows, member * count, count);
            yield return Take(rows, count);
        }
    }

    // A member of fewer rows begins again in another order, until the longest is through.
    private long[] Order(int[] rows, int epoch, int member)
    {
        var (order, mixed) = (new long[_longest], (int[])rows.Clone());
        var random = _isPerMember
            ? SeededRandom.For(_seed, epoch, member)
            : SeededRandom.For(unchecked(_seed + (long)Seeds.Derive(0, "member")), epoch, 0);
        for (var at = 0; at < _longest;)
        {
            if (_shuffle) random.Shuffle(mixed.AsSpan());
            for (var i = 0; i < mixed.Length && at < _longest; i++, at++) order[at] = mixed[i];
        }
        return order;
    }

    private TensorBatch Take(long[] rows, int count)
    {
        using var scope = NewDisposeScope();
        var index = tensor(rows);
        return new TensorBatch(count, _tensors.Select(item => (item.Name, One(item.Value).MoveToOuterDisposeScope())).ToArray());

        Tensor One(Tensor whole)
        {
            var taken = whole.index_select(0, SameDevice(index, whole)); // (M·B, …)
            return _isPerMember ? taken.view([_rows.Length, count, .. whole.shape.AsSpan(1)]) : taken;
        }
    }

    private static Tensor SameDevice(Tensor index, Tensor whole) => whole.device_type == DeviceType.CPU ? index : index.to(whole.device);
}
