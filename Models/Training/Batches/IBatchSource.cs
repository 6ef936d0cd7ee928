using System;
using System.Collections.Generic;
using System.Linq;

namespace Hybrid.Models.Training;

/// <summary>
/// Where a fit's batches come from. What an epoch holds depends on its number alone (and on the source's seed), so that a fit can resume in
/// its middle.
/// </summary>
public interface IBatchSource
{
    /// <summary>
    /// The batches of an epoch from number <paramref name="first"/> on, each made when it is asked for, in the dispose scope of that
    /// moment.
    /// </summary>
    IEnumerable<TensorBatch> Epoch(int epoch, int first = 0);

    /// <summary>Batches in each epoch, where that is known beforehand: schedules over the whole fit need it.</summary>
    int? BatchesPerEpoch { get; }
}

/// <summary>Sources from functions: generators, simulators, files of one's own.</summary>
public static class BatchSource
{
    /// <summary>Any enumerable. To resume in an epoch's middle, earlier batches are made and thrown away.</summary>
    /// <param name="epoch">The batches of an epoch by its number, from 0; the same each time for the same number.</param>
    /// <param name="batchesPerEpoch">How many, where that is known.</param>
    public static IBatchSource From(Func<int, IEnumerable<TensorBatch>> epoch, int? batchesPerEpoch = null)
    {
        ArgumentNullException.ThrowIfNull(epoch);
        return new Enumerated(epoch, batchesPerEpoch);
    }

    /// <summary>An endless stream, cut into epochs: a simulator. Nothing is thrown away to resume in its middle.</summary>
    /// <param name="step">The batch of a step by its number, from 0 over all epochs. It may draw from torch's default generator, whose
    /// state checkpoints keep.</param>
    /// <param name="batchesPerEpoch">Steps in an epoch, ≥ 1.</param>
    public static IBatchSource Stream(Func<long, TensorBatch> step, int batchesPerEpoch)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (batchesPerEpoch < 1)
            throw new ArgumentOutOfRangeException(
                nameof(batchesPerEpoch), $"BatchSource.Stream: expected at least 1 batch in an epoch, got {batchesPerEpoch}.");
        return new Streamed(step, batchesPerEpoch);
    }

    private sealed class Enumerated(Func<int, IEnumerable<TensorBatch>> epoch, int? batchesPerEpoch) : IBatchSource
    {
        public int? BatchesPerEpoch => batchesPerEpoch;

        public IEnumerable<TensorBatch> Epoch(int number, int first) => epoch(number).Skip(first);
    }

    private sealed class Streamed(Func<long, TensorBatch> step, int batchesPerEpoch) : IBatchSource
    {
        public int? BatchesPerEpoch => batchesPerEpoch;

        public IEnumerable<TensorBatch> Epoch(int number, int first)
        {
            for (var batch = first; batch < batchesPerEpoch; batch++) yield return step(((long)number * batchesPerEpoch) + batch);
        }
    }
}
