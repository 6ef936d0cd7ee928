using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Adaptation;

/// <summary>An encoder of images into features and a head of them: what domains are adapted in.</summary>
/// <remarks>Disposing it disposes both.</remarks>
public sealed class EncoderWithHead : IDisposable
{
    /// <param name="encoder">Images to (B, F).</param>
    /// <param name="head">(B, F) to outputs (B, C): logits of C ≥ 2 classes, or what else a <see cref="SourceTask"/> asks for.</param>
    public EncoderWithHead(nn.Module<Tensor, Tensor> encoder, nn.Module<Tensor, Tensor> head)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(head);
        (Encoder, Head) = (encoder, head);
        Module = new ModuleGroup(("encoder", encoder), ("head", head));
    }

    public nn.Module<Tensor, Tensor> Encoder { get; }

    public nn.Module<Tensor, Tensor> Head { get; }

    /// <summary>Both as one, with keys <c>encoder.…</c> and <c>head.…</c>.</summary>
    public ModuleGroup Module { get; }

    /// <summary>Where their weights are; the CPU where there are no weights.</summary>
    public Device Device => Module.parameters().FirstOrDefault()?.device ?? CPU;

    /// <summary>Outputs of images, (B, C).</summary>
    public Tensor Outputs(Tensor image) => Head.forward(Encoder.forward(image));

    /// <summary>Copies weights and buffers of another one of the same networks.</summary>
    public void CopyFrom(EncoderWithHead other)
    {
        ArgumentNullException.ThrowIfNull(other);
        using var _ = no_grad();
        var state = other.Module.state_dict();
        foreach (var (key, weight) in Module.state_dict()) weight.copy_(state[key]);
    }

    /// <summary>Features of images, and what they say of classes: for two the log odds of the second, else log probabilities.</summary>
    /// <param name="image">Images of one batch.</param>
    /// <returns>(B, F), and (B) for two classes or (B, C) for more.</returns>
    public (Tensor Features, Tensor Score) Score(Tensor image)
    {
        var features = Encoder.forward(image);
        var logits = Head.forward(features);
        return (features, logits.size(1) == 2 ? logits.select(1, 1) - logits.select(1, 0) : logits.log_softmax(1));
    }

    public void Dispose() => Module.Dispose();
}
