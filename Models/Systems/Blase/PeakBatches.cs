using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Data.Statistics;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Blase;

/// <summary>
/// Batches for all networks of an ensemble at once, (members, batch, 2·bins): every network sees the samples of its own bags in its own
/// order, which the seed and the epoch's number give. An epoch has whole batches of the largest bag's samples; a network with fewer begins
/// anew, in another order, and which samples are left over is drawn each time.
/// </summary>
internal sealed class PeakBatches : IBatchSource, IDisposable
{
    private readonly PeakTrainingOptions _options;
    private readonly int[][] _rows;
    private readonly Tensor _inputs, _labels, _scales;

    public PeakBatches(PeakTrainingSet set, PeakTrainingOptions options, Device device)
    {
        _options = options;
        _rows = Enumerable.Range(0, options.Bags).Select(set.TrainingRows).ToArray();
        Steps = _rows.Max(rows => rows.Length) / options.BatchSize;
        if (_rows.Min(rows => rows.Length) < options.BatchSize)
            throw new ArgumentException(
                $"PeakTraining: expected at least one batch of {options.BatchSize} samples in each bag, got {_rows.Min(rows => rows.Length)} samples. Use a smaller batch.",
                nameof(options));
        using var scope = NewDisposeScope();
        _inputs = tensor(set.Inputs, [set.Labels.Length, set.Inputs.Length / set.Labels.Length], device: device).DetachFromDisposeScope();
        _labels = tensor(set.Labels, device: device).DetachFromDisposeScope();
        _scales = tensor(set.Scaling.Scales.Select(scale => (float)scale).ToArray(), device: device).DetachFromDisposeScope();
    }

    public int Steps { get; }

    public int? BatchesPerEpoch => Steps;

    public IEnumerable<TensorBatch> Epoch(int epoch, int first = 0)
    {
        var (members, batch) = (_options.Bags * _options.MembersPerBag, _options.BatchSize);
        var order = Order(epoch);
        var rows = new long[members * batch];
        for (var step = first; step < Steps; step++)
        {
            for (var k = 0; k < rows.Length; k++) rows[k] = order[k / batch][(step * batch) + (k % batch)];
            var chosen = tensor(rows, device: _inputs.device);
            var sed = _inputs.index_select(0, chosen).view(members, batch, -1);
            if (_options.Brightness > 0 || _options.Noise > 0) Disturb(sed, members, batch);
            yield return new TensorBatch(batch, ("sed", sed), ("label", _labels.index_select(0, chosen).view(members, batch)));
        }
    }

    public void Dispose()
    {
        foreach (var kept in (ReadOnlySpan<Tensor>)[_inputs, _labels, _scales]) kept.Dispose();
    }

    /// <summary>Rows of each network in an epoch's order, enough for all steps.</summary>
    private int[][] Order(int epoch)
    {
        var order = new int[_options.Bags * _options.MembersPerBag][];
        for (var member = 0; member < order.Length; member++)
        {
            var random = SeededRandom.For(_options.Seed, epoch, member);
            var rows = (int[])_rows[member / _options.MembersPerBag].Clone();
            order[member] = new int[Steps * _options.BatchSize];
            for (var filled = 0; filled < order[member].Length; filled += rows.Length)
            {
                random.Shuffle(rows.AsSpan());
                rows.AsSpan(0, Math.Min(rows.Length, order[member].Length - filled)).CopyTo(order[member].AsSpan(filled));
            }
        }
        return order;
    }

    /// <summary>
    /// Makes each SED as a whole brighter or fainter, and each filled bin a little wrong. Draws from torch's default generator.
    /// </summary>
    private void Disturb(Tensor sed, int members, int batch)
    {
        var bins = _scales.size(0);
        var shift = randn([members, batch, 1], device: sed.device).mul_(_options.Brightness)
            .add(randn([members, batch, bins], device: sed.device).mul_(_options.Noise)); // (members, batch, bins), dex
        sed.narrow(2, 0, bins).add_(shift.div_(_scales).mul_(sed.narrow(2, bins, bins)));
    }
}
