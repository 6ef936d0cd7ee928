using System;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Training.Imnn;

/// <summary>A copy of a module's weights and buffers that can be taken again and put back, without new memory each time.</summary>
internal sealed class WeightSnapshot : IDisposable
{
    private readonly Tensor[] _live;
    private readonly Tensor[] _kept;

    public WeightSnapshot(nn.Module module)
    {
        using var _ = no_grad();
        _live = module.state_dict().Values.ToArray();
        _kept = _live.Select(tensor => tensor.clone().DetachFromDisposeScope()).ToArray();
    }

    public void Take() => Copy(_live, _kept);

    public void PutBack() => Copy(_kept, _live);

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
