using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp;

namespace Hybrid.Models.Training;

/// <summary>Batch sources made of others. Each resumes in an epoch's middle as its sources do.</summary>
public static class BatchTransforms
{
    /// <summary>Changes every batch as it is made: augmentation, normalisation, choice of tensors.</summary>
    /// <param name="source">Where batches come from.</param>
    /// <param name="transform"> In the step's dispose scope. It may draw from torch's default generator, whose state checkpoints keep; a
    /// source of <see cref="BatchSource.From"/> draws again what a resumed epoch skips, so for exact resuming transform sources that skip
    /// without making batches (<see cref="TensorBatches"/>, <see cref="CacheBatches"/>, <see cref="BatchSource.Stream"/>).
    /// </param>
    public static IBatchSource Transform(this IBatchSource source, Func<TensorBatch, TensorBatch> transform)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(transform);
        return new Transformed(source, transform);
    }

    /// <summary>
    /// Several sources in one step, as domain adaptation and semi-supervised learning need: the tensors of a batch are named
    /// <c>source.tensor</c>. An epoch has the batches of the longest source; shorter ones begin another epoch of their own when they are
    /// through.
    /// </summary>
    /// <param name="sources">Names without a dot, at least one; each source knows its <see cref="IBatchSource.BatchesPerEpoch"/>.</param>
    /// <remarks>The rows of a batch, which weight its loss, are those of the first source.</remarks>
    /// <exception cref="ArgumentException">A name is empty, has a dot or comes twice, or a source does not know its number of
    /// batches.</exception>
    public static IBatchSource Together(params (string Name, IBatchSource Source)[] sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        if (sources.Length == 0)
            throw new ArgumentException("BatchTransforms.Together: expected at least one source, got none.", nameof(sources));
        if (sources.Select(source => source.Name).Distinct().Count() < sources.Length)
            throw new ArgumentException(
                $"BatchTransforms.Together: expected different names, got {string.Join(", ", sources.Select(source => source.Name))}.",
                nameof(sources));
        foreach (var (name, source) in sources)
        {
            if (string.IsNullOrEmpty(name) || name.Contains('.'))
                throw new ArgumentException($"BatchTransforms.Together: expected names without a dot, got '{name}'.", nameof(sources));
            if (source.BatchesPerEpoch is not > 0)
                throw new ArgumentException(
                    $"BatchTransforms.Together: '{name}' does not know how many batches an epoch has. Give its source a number of them.",
                    nameof(sources));
        }
        return new Joined(sources);
    }

    private sealed class Transformed(IBatchSource source, Func<TensorBatch, TensorBatch> transform) : IBatchSource
    {
        public int? BatchesPerEpoch => source.BatchesPerEpoch;

        public IEnumerable<TensorBatch> Epoch(int epoch, int first) => source.Epoch(epoch, first).Select(transform);
    }

    private sealed class Joined((string Name, IBatchSource Source)[] sources) : IBatchSource
    {
        private readonly int _length = sources.Max(source => source.Source.BatchesPerEpoch!.Value);

        public int? BatchesPerEpoch => _length;

        public IEnumerable<TensorBatch> Epoch(int epoch, int first)
        {
            var streams = sources.Select(source => Endless(source.Source, ((long)epoch * _length) + first).GetEnumerator()).ToArray();
            try
            {
                for (var batch = first; batch < _length; batch++)
                {
                    var parts = streams.Select(stream => stream.MoveNext()
                        ? stream.Current
                        : throw new InvalidOperationException("BatchTransforms.Together: a source ended early.")).ToArray();
                    yield return new TensorBatch(
                        parts[0].Rows,
                        parts.SelectMany((part, place) => part.Names.Select(name => ($"{sources[place].Name}.{name}", part[name])))
                            .ToArray());
                }
            }
            finally
            {
                foreach (var stream in streams) stream.Dispose();
            }
        }

        // Step s of a source of n batches is batch s % n of its own epoch s / n, whatever the others do.
        private static IEnumerable<TensorBatch> Endless(IBatchSource source, long step)
        {
            var length = source.BatchesPerEpoch!.Value;
            for (var (epoch, first) = ((int)(step / length), (int)(step % length)); ; epoch++, first = 0)
            {
                var any = false;
                foreach (var batch in source.Epoch(epoch, first))
                {
                    any = true;
                    yield return batch;
                }
                if (!any) yield break;
            }
        }
    }
}
