using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Data.Cache;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Training;

/// <summary>
/// Batches of a Parquet cache, by the names of its columns: tensors in float32 (B, …), whole numbers in int64 (B), reals in float32 (B),
/// truth values in bool (B).
/// </summary>
public sealed class CacheBatches : IBatchSource
{
    private readonly Batches _batches;
    private readonly (string Name, long[] Shape)[] _tensors;
    private readonly (string Name, Tensor Values)[] _scalars;
    private readonly Lazy<int> _count;

    /// <param name="cache">The cache or a view of it (<c>cache.Where("split = 'train'")</c>); it stays open as long as batches are asked
    /// for.</param>
    /// <param name="options">Batch size, shuffling and its seed, stratification, reading ahead.</param>
    /// <param name="columns">The columns wanted; without any, all but the texts.</param>
    /// <exception cref="ArgumentException">A column does not exist or holds texts.</exception>
    public CacheBatches(Cache cache, BatchOptions options, params string[] columns)
    {
        ArgumentNullException.ThrowIfNull(cache);
        ArgumentNullException.ThrowIfNull(options);
        var wanted = columns.Length == 0
            ? cache.Columns.Where(column => column.Kind != CacheColumnKind.Text).ToArray()
            : columns.Select(name =>
                cache.Columns.FirstOrDefault(column => string.Equals(column.Name, name, StringComparison.OrdinalIgnoreCase))
                ?? throw new ArgumentException(
                    $"CacheBatches: the cache has no column '{name}'; "
                    + $"it has {string.Join(", ", cache.Columns.Select(column => column.Name))}.",
                    nameof(columns))).ToArray();
        if (wanted.FirstOrDefault(column => column.Kind == CacheColumnKind.Text) is { } text)
            throw new ArgumentException(
                $"CacheBatches: the column '{text.Name}' holds texts, which are not tensors. Store their numbers instead.",
                nameof(columns));
        _tensors = wanted.Where(column => column.Kind == CacheColumnKind.Tensor).Select(
            column => (column.Name, column.Shape.Select(size => (long)size).ToArray())).ToArray();
        _scalars = wanted.Where(column => column.Kind != CacheColumnKind.Tensor).Select(column => (column.Name, Scalars(cache, column)))
            .ToArray();
        if (_tensors.Length + _scalars.Length == 0)
            throw new ArgumentException("CacheBatches: the cache has no column but texts.", nameof(cache));
        _batches = cache.Batches(new BatchOptions
        {
            BatchSize = options.BatchSize, Shuffle = options.Shuffle, Seed = options.Seed, ShuffleBytes = options.ShuffleBytes,
            Stratify = options.Stratify, DropLast = options.DropLast, Rank = options.Rank, Ranks = options.Ranks,
            Tensors = _tensors.Select(tensor => tensor.Name).ToArray(), Prefetch = options.Prefetch, Threads = options.Threads,
        });
        _count = new Lazy<int>(() => _batches.Plan(0).Length); // every epoch has as many
    }

    /// <inheritdoc/>
    public int? BatchesPerEpoch => _count.Value;

    /// <inheritdoc/>
    public IEnumerable<TensorBatch> Epoch(int epoch, int first = 0)
    {
        foreach (var batch in _batches.From(epoch, first)) yield return Take(batch);
    }

    private TensorBatch Take(Batch batch)
    {
        using var scope = NewDisposeScope();
        var tensors = new List<(string, Tensor)>();
        foreach (var (name, shape) in _tensors)
        {
            var values = empty([batch.Count, .. shape], ScalarType.Float32);
            batch.Fill(name, System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(values.bytes));
            tensors.Add((name, values.MoveToOuterDisposeScope()));
        }
        if (_scalars.Length > 0)
        {
            var rows = new long[batch.Count];
            for (var i = 0; i < rows.Length; i++) rows[i] = batch.Rows.Span[i];
            var index = tensor(rows);
            foreach (var (name, values) in _scalars) tensors.Add((name, values.index_select(0, index).MoveToOuterDisposeScope()));
        }
        return new TensorBatch(batch.Count, tensors.ToArray());
    }

    private static Tensor Scalars(Cache cache, CacheColumn column)
    {
        var values = column.Kind switch
        {
            CacheColumnKind.Integer => tensor(cache.Integers(column.Name)),
            CacheColumnKind.Logical => tensor(cache.Logicals(column.Name)),
            _ => tensor(cache.Reals(column.Name)).to(ScalarType.Float32),
        };
        return values.DetachFromDisposeScope();
    }
}
