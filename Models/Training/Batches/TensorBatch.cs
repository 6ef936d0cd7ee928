using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Training;

/// <summary>
/// Some rows of named tensors. The tensors belong to whoever made them: a source makes them in the step's dispose scope, which ends with
/// the step.
/// </summary>
public sealed class TensorBatch
{
    private readonly (string Name, Tensor Value)[] _tensors;

    /// <param name="rows">Examples in it, which weight its loss in an epoch's mean.</param>
    /// <param name="tensors">At least one; names are different.</param>
    public TensorBatch(long rows, params (string Name, Tensor Value)[] tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        if (tensors.Length == 0) throw new ArgumentException("TensorBatch: expected at least one tensor, got none.", nameof(tensors));
        if (rows < 1) throw new ArgumentOutOfRangeException(nameof(rows), $"TensorBatch: expected at least 1 row, got {rows}.");
        if (tensors.Select(tensor => tensor.Name).Distinct().Count() < tensors.Length)
            throw new ArgumentException(
                $"TensorBatch: expected different names, got {string.Join(", ", tensors.Select(tensor => tensor.Name))}.", nameof(tensors));
        (Rows, _tensors) = (rows, tensors);
    }

    /// <summary>As many rows as the first tensor's first axis has.</summary>
    public TensorBatch(params (string Name, Tensor Value)[] tensors) : this(RowsOf(tensors), tensors)
    {
    }

    /// <summary>Examples in it (for an ensemble with batches of its own for each member: in one member's).</summary>
    public long Rows { get; }

    public IEnumerable<string> Names => _tensors.Select(tensor => tensor.Name);

    /// <summary>A tensor by its name.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message lists those there are.</exception>
    public Tensor this[string name]
    {
        get
        {
            foreach (var (key, value) in _tensors)
            {
                if (key == name) return value;
            }
            throw new KeyNotFoundException($"TensorBatch: expected one of {string.Join(", ", Names)}, got '{name}'.");
        }
    }

    /// <summary>A tensor by its place, from 0.</summary>
    public Tensor this[int place] => _tensors[place].Value;

    /// <summary>The batch on another device; itself where it is there already.</summary>
    internal TensorBatch To(Device device)
        => _tensors.All(tensor => SameDevice(tensor.Value, device))
            ? this
            : new TensorBatch(Rows, _tensors.Select(tensor => (tensor.Name, tensor.Value.to(device))).ToArray());

    private static bool SameDevice(Tensor tensor, Device device)
        => tensor.device_type == device.type && (device.index < 0 || tensor.device_index < 0 || tensor.device_index == device.index);

    private static long RowsOf((string Name, Tensor Value)[] tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        if (tensors.Length == 0 || tensors[0].Value.dim() == 0)
            throw new ArgumentException("TensorBatch: expected a first tensor with an axis of rows.", nameof(tensors));
        return tensors[0].Value.size(0);
    }
}
