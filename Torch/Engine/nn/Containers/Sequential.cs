using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>
/// Modules in a row. What one returns is disposed as soon as the next has used it (autograd keeps what it needs), so a
/// member that keeps its input for later must hold a tensor of its own.
/// </summary>
public class Sequential : nn.Module<Tensor, Tensor>
{
    private readonly List<(string Name, nn.IModule<Tensor, Tensor> Module)> _members = [];

    internal Sequential() : base(nameof(Sequential)) { }

    protected Sequential(params nn.Module<Tensor, Tensor>[] modules) : this()
    {
        foreach (var module in modules) append(module);
    }

    protected Sequential(params (string name, nn.Module<Tensor, Tensor> submodule)[] modules) : this()
    {
        foreach (var (name, module) in modules) append(name, module);
    }

    public int Count => _members.Count;

    [IndexerName("SequentialItems")]
    public nn.IModule<Tensor, Tensor> this[int index] => _members[index].Module;

    /// <summary>The members from start to before end, shared with this sequence.</summary>
    [IndexerName("SequentialItems")]
    public Sequential this[(int? start, int? end) index] => Slice(index.start ?? 0, index.end ?? Count);

    [IndexerName("SequentialItems")]
    public Sequential this[Range index] => Slice(index.Start.GetOffset(Count), index.End.GetOffset(Count));

    /// <summary>Adds a member under its index.</summary>
    public Sequential append(nn.IModule<Tensor, Tensor> module) => append(Count.ToString(System.Globalization.CultureInfo.InvariantCulture), module);

    /// <summary>Adds a member under a name, which is part of checkpoint keys.</summary>
    public Sequential append(string name, nn.IModule<Tensor, Tensor> module)
    {
        register_module(name, module as nn.Module
            ?? throw new ArgumentException($"Sequential: member '{name}' is {(module is null ? "null" : "no Module")}.", nameof(module)));
        _members.Add((name, module));
        return this;
    }

    public override Tensor forward(Tensor tensor)
    {
        if (_members.Count == 0) return tensor.alias();
        var current = tensor;
        foreach (var (_, module) in _members)
        {
            var next = module.call(current);
            if (!ReferenceEquals(current, tensor) && !ReferenceEquals(current, next)) current.Dispose();
            current = next;
        }
        return current;
    }

    private Sequential Slice(int start, int end)
    {
        if (start < 0 || end > Count || start > end)
            throw new ArgumentOutOfRangeException(nameof(start), $"Sequential: expected a range within 0..{Count}, got {start}..{end}.");
        var slice = new Sequential();
        foreach (var (name, module) in _members.Skip(start).Take(end - start)) slice.append(name, module);
        return slice;
    }
}
