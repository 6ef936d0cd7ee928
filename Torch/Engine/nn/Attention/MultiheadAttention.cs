using System;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules;

/// <summary>
/// Attention with several heads (Vaswani et al. 2017): softmax(Q Kᵀ/√d) V for each head, joined and projected.
/// Sequences come first: queries (L, B, E), keys (S, B, kdim), values (S, B, vdim).
/// </summary>
public sealed class MultiheadAttention : Module<Tensor, Tensor, Tensor, Tensor?, bool, Tensor?, Tuple<Tensor, Tensor>>
{
    private readonly long _width;
    private readonly long _heads;
    private readonly double _dropout;
    private readonly bool _addZero;
    [ComponentName(Name = "in_proj_weight")] private readonly Parameter? _inputWeight;
    [ComponentName(Name = "q_proj_weight")] private readonly Parameter? _queryWeight;
    [ComponentName(Name = "k_proj_weight")] private readonly Parameter? _keyWeight;
    [ComponentName(Name = "v_proj_weight")] private readonly Parameter? _valueWeight;
    [ComponentName(Name = "in_proj_bias")] private readonly Parameter? _inputBias;
    [ComponentName(Name = "bias_k")] private readonly Parameter? _keyExtra;
    [ComponentName(Name = "bias_v")] private readonly Parameter? _valueExtra;
    [ComponentName(Name = "out_proj")] private readonly Linear _output;

    internal MultiheadAttention(long embedded_dim, long num_heads, double dropout, bool bias, bool add_bias_kv, bool add_zero_attn, long kdim, long vdim)
        : base(nameof(MultiheadAttention))
    {
        if (num_heads < 1 || embedded_dim % num_heads != 0)
            throw new ArgumentException($"MultiheadAttention: expected num_heads that divides embedded_dim = {embedded_dim}, got {num_heads}.", nameof(num_heads));
        (_width, _heads, _dropout, _addZero) = (embedded_dim, num_heads, dropout, add_zero_attn);
        var joint = kdim == embedded_dim && vdim == embedded_dim;
        if (joint)
        {
            _inputWeight = New(3 * embedded_dim, embedded_dim);
        }
        else
        {
            _queryWeight = New(embedded_dim, embedded_dim);
            _keyWeight = New(embedded_dim, kdim);
            _valueWeight = New(embedded_dim, vdim);
        }
        if (bias) _inputBias = New(3 * embedded_dim);
        _output = new Linear(embedded_dim, embedded_dim, bias, null, null);
        if (add_bias_kv)
        {
            _keyExtra = New(1, 1, embedded_dim);
            _valueExtra = New(1, 1, embedded_dim);
        }
        // PyTorch's order of draws.
        foreach (var weight in new[] { _inputWeight, _queryWeight, _keyWeight, _valueWeight })
        {
            if (weight is not null) init.xavier_uniform_(weight);
        }
        if (bias)
        {
            init.zeros_(_inputBias!);
            init.zeros_(_output.bias!);
        }
        foreach (var extra in new[] { _keyExtra, _valueExtra })
        {
            if (extra is not null) init.xavier_normal_(extra);
        }
        RegisterComponents();
    }

    private static Parameter New(params long[] sizes) => (Parameter)Parameter(empty(sizes)).DetachFromDisposeScope();

    /// <param name="query">(L, B, E).</param>
    /// <param name="key">(S, B, kdim).</param>
    /// <param name="value">(S, B, vdim).</param>
    /// <param name="key_padding_mask">bool (B, S): true keys are ignored; or float, added to the scores.</param>
    /// <param name="need_weights">Whether to return the attention, mean over heads, (B, L, S).</param>
    /// <param name="attn_mask">(L, S) or (B × heads, L, S): bool, true pairs are ignored; or float, added to the scores.</param>
    /// <returns>Output (L, B, E) and the attention or null.</returns>
    public override Tuple<Tensor, Tensor> forward(Tensor query, Tensor key, Tensor value, Tensor? key_padding_mask, bool need_weights, Tensor? attn_mask)
    {
        if (query.dim() != 3 || key.dim() != 3 || value.dim() != 3 || query.shape[2] != _width || key.shape[0] != value.shape[0])
        {
            throw new ArgumentException(
                $"MultiheadAttention.forward: expected query (L, B, {_width}), key (S, B, K) and value (S, B, V), got ({string.Join(", ", query.shape)}), ({string.Join(", ", key.shape)}) and ({string.Join(", ", value.shape)}).");
        }
        using var scope = NewDisposeScope();
        var (length, batch, size) = (query.shape[0], query.shape[1], _width / _heads);
        var (q, k, v) = Project(query, key, value);
        if (_keyExtra is not null)
        {
            k = cat([k, _keyExtra.expand(1, batch, _width)], 0);
            v = cat([v, _valueExtra!.expand(1, batch, _width)], 0);
        }
        q = Split(q, batch, size);
        k = Split(k, batch, size);
        v = Split(v, batch, size);
        if (_addZero)
        {
            var zero = zeros([batch * _heads, 1, size], k.dtype, k.device);
            k = cat([k, zero], 1);
            v = cat([v, zero], 1);
        }
        var scores = bmm(q / Math.Sqrt(size), k.transpose(1, 2)); // (B × heads, L, S)
        var keys = k.shape[1];
        scores = Mask(scores, attn_mask, keys);
        if (key_padding_mask is not null)
        {
            var perExample = Mask(scores.view(batch, _heads, length, keys), key_padding_mask.view(batch, 1, 1, key_padding_mask.shape[1]), keys);
            scores = perExample.view(batch * _heads, length, keys);
        }
        var attention = functional.softmax(scores, -1);
        var dropped = _dropout > 0 ? functional.dropout(attention, _dropout, training) : attention;
        var joined = bmm(dropped, v).transpose(0, 1).contiguous().view(length * batch, _width);
        var output = _output.call(joined).view(length, batch, _width).MoveToOuterDisposeScope();
        var weights = need_weights ? attention.view(batch, _heads, length, keys).mean([1L]).MoveToOuterDisposeScope() : null!;
        return Tuple.Create(output, weights);
    }

    public new Tuple<Tensor, Tensor> call(Tensor query, Tensor key, Tensor value, Tensor? key_padding_mask = null, bool need_weights = true, Tensor? attn_mask = null)
        => base.call(query, key, value, key_padding_mask, need_weights, attn_mask);

    private (Tensor, Tensor, Tensor) Project(Tensor query, Tensor key, Tensor value)
    {
        var weights = _inputWeight is not null ? _inputWeight.chunk(3, 0) : [_queryWeight!, _keyWeight!, _valueWeight!];
        var biases = _inputBias?.chunk(3, 0);
        return (functional.linear(query, weights[0], biases?[0]), functional.linear(key, weights[1], biases?[1]), functional.linear(value, weights[2], biases?[2]));
    }

    // (S, B, E) → (B × heads, S, E / heads)
    private Tensor Split(Tensor x, long batch, long size) => x.contiguous().view(x.shape[0], batch * _heads, size).transpose(0, 1);

    // Keys that add_bias_kv and add_zero_attn append are never masked.
    private static Tensor Mask(Tensor scores, Tensor? mask, long keys)
    {
        if (mask is null) return scores;
        var missing = keys - mask.shape[^1];
        if (missing > 0) mask = functional.pad(mask, [0L, missing]);
        return mask.dtype == ScalarType.Bool ? scores.masked_fill(mask, double.NegativeInfinity) : scores + mask;
    }
}
