using System;
using System.Linq;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Hybrid.PropertyTests.Engine.Modules;

/// <summary>Laws of attention and recurrence that no single oracle case shows.</summary>
public class AttentionTests
{
    [Fact]
    public void Attention_SumsToOneAndIgnoresTheOrderOfKeys()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var attention = MultiheadAttention(8, 2);
        var (query, keys, values) = (randn(3, 2, 8), randn(5, 2, 8), randn(5, 2, 8));
        var (output, weights) = attention.call(query, keys, values);
        Assert.Equal([2, 3, 5], weights.shape);
        Assert.True(weights.sum(-1).allclose(ones(2, 3)), "attention does not sum to one");
        var order = tensor(new long[] { 4, 2, 0, 1, 3 });
        var (permuted, _) = attention.call(query, keys.index_select(0, order), values.index_select(0, order));
        Assert.True(permuted.allclose(output, 1e-4, 1e-5), "the order of keys changed the output");
        Assert.Null(attention.call(query, keys, values, need_weights: false).Item2);
    }

    [Fact]
    public void MaskedKeys_HaveNoInfluence()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        using var attention = MultiheadAttention(8, 2);
        var (query, keys) = (randn(3, 2, 8), randn(5, 2, 8));
        var padding = tensor(new[] { false, false, true, false, true, false, false, true, false, true }, [2, 5]); // keys 2 and 4 of both examples
        var (output, weights) = attention.call(query, keys, keys, key_padding_mask: padding);
        var kept = keys.index_select(0, tensor(new long[] { 0, 1, 3 }));
        Assert.True(output.allclose(attention.call(query, kept, kept).Item1, 1e-4, 1e-5), "masked keys influence the output");
        Assert.Equal(0, weights.select(2, 4).abs().sum().item<float>());

        var causal = ones([3, 3]).triu(1).to(ScalarType.Bool);
        var byBool = attention.call(query, query, query, attn_mask: causal).Item1;
        var byFloat = attention.call(query, query, query, attn_mask: zeros(3, 3).masked_fill(causal, double.NegativeInfinity)).Item1;
        Assert.True(byBool.allclose(byFloat), "bool and float masks differ");
        var first = query.narrow(0, 0, 1);
        Assert.True(byBool.narrow(0, 0, 1).allclose(attention.call(first, first, first).Item1, 1e-4, 1e-5), "the first query sees later keys");
    }

    [Fact]
    public void OtherWidthsAndExtraKeys_HaveTheirParameters()
    {
        using var scope = NewDisposeScope();
        using var attention = MultiheadAttention(8, 4, kdim: 5, vdim: 6, add_bias_kv: true, add_zero_attn: true);
        Assert.Equal(
            ["bias_k", "bias_v", "in_proj_bias", "k_proj_weight", "out_proj.bias", "out_proj.weight", "q_proj_weight", "v_proj_weight"],
            attention.state_dict().Keys.Order(StringComparer.Ordinal));
        var (output, weights) = attention.call(randn(3, 2, 8), randn(4, 2, 5), randn(4, 2, 6), key_padding_mask: zeros([2, 4], ScalarType.Bool));
        Assert.Equal([3, 2, 8], output.shape);
        Assert.Equal([2, 3, 6], weights.shape); // four keys, the trained one and the zero
        Assert.StartsWith("MultiheadAttention: expected num_heads that divides embedded_dim = 8, got 3.", Assert.Throws<ArgumentException>(() => MultiheadAttention(8, 3)).Message);
    }

    [Fact]
    public void RecurrentNetworks_TreatOneSequenceAsABatchOfOne()
    {
        using var scope = NewDisposeScope();
        var x = randn(6, 4);
        using var lstm = LSTM(4, 5, numLayers: 2, bidirectional: true);
        var (y, h, c) = lstm.call(x);
        var (batched, hb, cb) = lstm.call(x.unsqueeze(1));
        Assert.True(y.allclose(batched.squeeze(1)) && h.allclose(hb.squeeze(1)) && c.allclose(cb.squeeze(1)), "LSTM");
        using var gru = GRU(4, 5, batchFirst: true);
        Assert.True(gru.call(x).Item1.allclose(gru.call(x.unsqueeze(0)).Item1.squeeze(0)), "GRU");
        var start = randn(1, 5);
        Assert.True(gru.call(x, start).Item1.allclose(gru.call(x.unsqueeze(0), start.unsqueeze(1)).Item1.squeeze(0)), "GRU with a state");
    }

    [Theory]
    [InlineData(NonLinearities.Tanh)]
    [InlineData(NonLinearities.ReLU)]
    public void Rnn_IsItsRecurrence(NonLinearities kind)
    {
        using var scope = NewDisposeScope();
        using var rnn = RNN(4, 3, nonLinearity: kind);
        var x = randn(5, 2, 4);
        var (output, last) = rnn.call(x);
        var p = rnn.state_dict();
        var h = zeros(2, 3);
        for (var step = 0; step < 5; step++)
        {
            h = x.select(0, step).mm(p["weight_ih_l0"].t()) + p["bias_ih_l0"] + h.mm(p["weight_hh_l0"].t()) + p["bias_hh_l0"];
            h = kind == NonLinearities.Tanh ? h.tanh() : h.relu();
            Assert.True(output.select(0, step).allclose(h, 1e-4, 1e-5), $"step {step}");
        }
        Assert.True(last.squeeze(0).allclose(h, 1e-4, 1e-5));
    }

    [Fact]
    public void RandomSlopes_LieBetweenTheirBounds()
    {
        using var scope = NewDisposeScope();
        using var module = RReLU(0.1, 0.3);
        var x = ones(2000).neg();
        var slopes = module.call(x).neg();
        Assert.InRange(slopes.min().item<float>(), 0.1f, 0.11f);
        Assert.InRange(slopes.max().item<float>(), 0.29f, 0.3f);
        module.eval();
        Assert.True(module.call(x).allclose(x * 0.2), "evaluation does not take the mean slope");
    }

    [Fact]
    public void ConvTranspose_ReachesTheAskedOutputSize()
    {
        using var scope = NewDisposeScope();
        using var layer = ConvTranspose2d(2, 3, 3, stride: 2, padding: 1);
        Assert.Equal([1, 3, 9, 10], layer.forward(randn(1, 2, 5, 5), [9, 10]).shape);
        Assert.StartsWith("ConvTranspose2d.forward: axis 0 of the output can have 9 to 10 elements, output_size asks for 11.",
            Assert.Throws<ArgumentException>(() => layer.forward(randn(1, 2, 5, 5), [11, 9])).Message);
    }
}
