using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Training;

/// <summary>A copy of a module's weights and buffers that can be taken again and put back, without new memory each time.</summary>
internal sealed class WeightSnapshot : IDisposable
{
    private readonly string[] _keys;
    private readonly Tensor[] _live;
    private readonly Tensor[] _kept;

    public WeightSnapshot(nn.Module module)
    {
        using var _ = no_grad();
        var state = module.state_dict();
        _keys = state.Keys.ToArray();
        _live = state.Values.ToArray();
        _kept = _live.Select(tensor => tensor.clone().DetachFromDisposeScope()).ToArray();
    }

    /// <summary>The kept tensors by key; this object's own, not copies.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Kept => _keys.Zip(_kept, KeyValuePair.Create);

    public void Take() => Copy(_live, _kept);

    /// <summary>
    /// Takes one member of an ensemble, whose tensors have the members as their first axis. What has no such axis (a count of batches) is
    /// taken whole.
    /// </summary>
    public void TakeMember(int member, int members)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        for (var i = 0; i < _live.Length; i++)
        {
            if (IsPerMember(_live[i], members)) _kept[i].select(0, member).copy_(_live[i].select(0, member));
            else _kept[i].copy_(_live[i]);
        }
    }

    public void PutBack() => Copy(_kept, _live);

    public static bool IsPerMember(Tensor tensor, int members) => tensor.dim() > 0 && tensor.size(0) == members;

    private static void Copy(Tensor[] from, Tensor[] to)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        for (var i = 0; i < from.Length; i++) to[i].copy_(from[i]);
    }

    public void Dispose()
    {
        foreach (var tensor in _kept) tensor.Dispose();
    }
}
