using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Data.Cache;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Adaptation;

/// <summary>The running statistics of a network's batch normalisations: what a domain leaves in a network beside its weights.</summary>
public static class BatchStatistics
{
    // Weight of a new batch in running statistics: PyTorch's default, and the language's.
    private const double Momentum = 0.1;

    /// <summary>
    /// Replaces running means and variances by those of other images: the mean over batches of each batch's own (adaptive batch
    /// normalisation, Li et al. 2017). Weights stay; so does the mode.
    /// </summary>
    /// <param name="module">Whose statistics; its normalisations have PyTorch's momentum, 0.1.</param>
    /// <param name="forward">Runs a batch through it, in training mode and without gradients.</param>
    /// <param name="batches">One pass over the images; batches of one row are left out, which have no variance.</param>
    /// <exception cref="ArgumentException">There is no batch of two rows.</exception>
    public static void Adapt(nn.Module module, Action<TensorBatch> forward, IBatchSource batches)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(forward);
        ArgumentNullException.ThrowIfNull(batches);
        var wasTraining = module.training;
        using var _ = no_grad();
        using var whole = NewDisposeScope();
        var running = Running(module);
        var sums = running.ToDictionary(entry => entry.Key, entry => entry.Value.zeros_like());
        var before = running.ToDictionary(entry => entry.Key, entry => entry.Value.clone());
        var count = 0.0;
        module.train();
        try
        {
            foreach (var batch in batches.Epoch(0))
            {
                using var scope = NewDisposeScope();
                if (batch.Rows < 2) continue;
                // From 0 a step leaves momentum times the batch's own.
                foreach (var buffer in running.Values) buffer.zero_();
                forward(batch);
                foreach (var (key, buffer) in running) sums[key].add_(buffer, alpha: batch.Rows / Momentum);
                count += batch.Rows;
            }
        }
        finally
        {
            module.train(wasTraining);
            foreach (var (key, buffer) in running) buffer.copy_(count > 0 ? sums[key] / count : before[key]);
        }
        if (count == 0)
            throw new ArgumentException("BatchStatistics.Adapt: expected a batch of at least two images, got none.", nameof(batches));
    }

    /// <summary>The same for the images of a cache.</summary>
    /// <param name="parts">Whose statistics.</param>
    /// <param name="cache">With a column <c>image</c>.</param>
    /// <param name="batchSize">Images of a batch.</param>
    public static void Adapt(EncoderWithHead parts, Cache cache, int batchSize)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var images = new CacheBatches(cache, new BatchOptions { BatchSize = batchSize, Shuffle = false }, "image");
        Adapt(parts.Module, batch => parts.Outputs(batch["image"].to(parts.Device)), images);
    }

    /// <summary>
    /// Keeps running statistics as they are: passes in training mode until the returned object is disposed leave no trace. Dispose it after
    /// the gradients of such passes, which libtorch computes from the same tensors.
    /// </summary>
    public static IDisposable Kept(nn.Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        using var _ = no_grad();
        return new Keeper(
            module.named_buffers().Select(entry => (entry.buffer, entry.buffer.clone().DetachFromDisposeScope())).ToArray());
    }

    private static Dictionary<string, Tensor> Running(nn.Module module)
        => module.named_buffers()
            .Where(entry => entry.name.EndsWith("running_mean", StringComparison.Ordinal)
                || entry.name.EndsWith("running_var", StringComparison.Ordinal))
            .ToDictionary(entry => entry.name, entry => entry.buffer);

    private sealed class Keeper((Tensor Buffer, Tensor Kept)[] buffers) : IDisposable
    {
        public void Dispose()
        {
            using var _ = no_grad();
            foreach (var (buffer, kept) in buffers)
            {
                buffer.copy_(kept);
                kept.Dispose();
            }
        }
    }
}
