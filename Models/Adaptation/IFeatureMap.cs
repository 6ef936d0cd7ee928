using System;
using static TorchSharp.torch;

namespace Hybrid.Models.Adaptation;

/// <summary>What maps features of one domain to those of another.</summary>
public interface IFeatureMap : IDisposable
{
    /// <summary>Mapped features, (B, F) to (B, F), without gradients.</summary>
    Tensor Map(Tensor features);

    /// <summary>Everything with weights or statistics.</summary>
    nn.Module Module { get; }
}
