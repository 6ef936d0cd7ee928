using System;
using Hybrid.Torch;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules;

/// <summary>A table of vectors, looked up by index.</summary>
public sealed class Embedding : Module<Tensor, Tensor>
{
    private readonly long? _paddingIndex;
    private readonly double? _maxNorm;
    private readonly double _normType;
    private readonly bool _scaleByFrequency;
    private readonly bool _sparse;
    [ComponentName(Name = nameof(weight))] private Parameter? _weight;

    internal Embedding(Parameter weight, long? padding_idx, double? max_norm, double norm_type, bool scale_grad_by_freq, bool sparse) : base(nameof(Embedding))
    {
        var rows = weight.shape[0];
        if (padding_idx is { } index && (index < -rows || index >= rows))
            throw new ArgumentException($"Embedding: expected padding_idx in [-{rows}, {rows - 1}] for {rows} embeddings, got {index}.", nameof(padding_idx));
        _paddingIndex = padding_idx is < 0 ? padding_idx + rows : padding_idx;
        (_maxNorm, _normType, _scaleByFrequency, _sparse) = (max_norm, norm_type, scale_grad_by_freq, sparse);
        this.weight = weight;
    }

    /// <summary>N(0, 1), with zeros for the padding index.</summary>
    internal static Parameter Draw(long num_embeddings, long embedding_dims, long? padding_idx, Device? device, ScalarType? dtype)
    {
        var weight = Parameter(empty([num_embeddings, embedding_dims], dtype, device));
        init.normal_(weight);
        if (padding_idx is { } index && index < num_embeddings && index >= -num_embeddings)
        {
            using var _ = no_grad();
            using var row = weight.select(0, index);
            row.zero_();
        }
        return weight;
    }

    /// <summary>(embeddings, dimensions).</summary>
    public Parameter weight { get => _weight!; set => Own(ref _weight, value, nameof(weight)); }

    /// <param name="input">Integer indices of any shape.</param>
    /// <returns>The indices' shape with the vectors as last axis.</returns>
    public override Tensor forward(Tensor input)
    {
        if (_maxNorm is { } norm)
        {
            using var _ = no_grad();
            EmbeddingOperations.renorm_(_weight!, input, norm, _normType);
        }
        return EmbeddingOperations.embedding(_weight!, input, _paddingIndex ?? -1, _scaleByFrequency, _sparse);
    }
}

internal static partial class EmbeddingOperations
{
    [Aten("embedding")] public static partial Tensor embedding(Tensor weight, Tensor indices, long padding_idx, bool scale_grad_by_freq, bool sparse);
    [Aten("embedding_renorm_")] public static partial Tensor renorm_(Tensor self, Tensor indices, double max_norm, double norm_type);
}
