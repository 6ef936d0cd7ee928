using System;
using static TorchSharp.torch;

namespace Hybrid.Models.Adaptation;

/// <summary>How images are changed in training, so that a network learns what stays.</summary>
/// <param name="Weak">Augments images (B, …) slightly: what keeps a label.</param>
/// <param name="Strong">Augments them strongly.</param>
/// <remarks>Both draw from torch's default generator, whose state checkpoints keep.</remarks>
public sealed record Augmentation(Func<Tensor, Tensor> Weak, Func<Tensor, Tensor> Strong)
{
    /// <summary>Images as they are.</summary>
    public static Augmentation None { get; } = new(image => image, image => image);
}
