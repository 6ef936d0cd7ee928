using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>Generated layers against the same computation written by hand from the same weights: the same bits.</summary>
[Collection(nameof(Tensors))]
public sealed class HandWrittenLayers
{
    private static void Same(Tensor actual, Tensor expected, string what)
    {
        Assert.True(
            actual.shape.SequenceEqual(expected.shape),
            $"{what}: ({string.Join(", ", actual.shape)}) against ({string.Join(", ", expected.shape)})");
        Assert.True(actual.eq(expected).all().ToBoolean(), $"{what} differs by {(actual - expected).abs().max().ToDouble()}");
    }

    private static Dictionary<string, Tensor> State(nn.Module module) => module.state_dict();

    [Fact]
    public void SeriesAndVolumes()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var series = new Zoo.Layers.Series();
        series.eval();
        var w = State(series);
        var x = randn(3, 21, 4);
        var y = F.conv1d(x.movedim([-1], [1]), w["conv1d_1.weight"], w["conv1d_1.bias"], padding: 2, dilation: 2);
        y = F.tanh(
            F.batch_norm(y, w["batchNorm_1.running_mean"], w["batchNorm_1.running_var"], w["batchNorm_1.weight"], w["batchNorm_1.bias"]));
        // (3, 8, 11)
        y = F.max_pool1d(F.conv1d(y, w["conv1d_2.weight"], w["conv1d_2.bias"], padding: 1, groups: 2), 3, stride: 2, padding: 1);
        // ⌈11/2⌉ = 6 windows of 4 every 2 reach over 14: one zero before, two after.
        y = F.softplus(F.avg_pool1d(F.conv1d(F.pad(y, [1L, 2L]), w["conv1d_3.weight"], null, stride: 2), 2, stride: 1));
        Same(series.forward(x), y.mean([-1]), "series");

        var images = new Zoo.Layers.SameImages();
        var v = State(images);
        var image = randn(2, 3, 9, 10);
        var (symmetric, even, strided) = images.forward(image);
        Same(symmetric, F.conv2d(image, v["symmetric.weight"], v["symmetric.bias"], padding: [1, 2]), "a symmetric padding");
        Same(even, F.conv2d(F.pad(image, [3L, 3L, 0L, 1L]), v["conv2d_2.weight"], v["conv2d_2.bias"], dilation: [1, 2]), "an even kernel");
        // Height 9 → 5 at stride 2: 8 + 7 − 9 = 6 zeros; width 10 → 4 at stride 3: 9 + 7 − 10 = 6.
        Same(strided, F.conv2d(F.pad(symmetric, [3L, 3L, 3L, 3L]), v["conv2d_3.weight"], v["conv2d_3.bias"], strides: [2, 3]), "a stride");
    }

    [Fact]
    public void LearnedTensors()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var network = new Zoo.Layers.LearnedTensors();
        var w = State(network);
        Assert.Equal(
            ["position", "head.temperature", "shifted_1.parameter_1", "shifted_1.linear_1.weight", "shifted_1.linear_1.bias"], w.Keys);
        Assert.Equal(w.Keys.Order(), network.named_parameters().Select(p => p.name).Order());
        Same(w["head.temperature"], ones(1), "Init.Ones");
        var x = randn(2, 4, 6);
        var (tokens, scale) = network.forward(x);
        var shifted = F.linear(x + w["position"], w["shifted_1.linear_1.weight"], w["shifted_1.linear_1.bias"]);
        Same(tokens, F.relu(shifted + w["shifted_1.parameter_1"]) * w["head.temperature"] + w["position"], "learned tensors");
        // What a network gives out is its caller's to dispose of; the parameter stays.
        scale.Dispose();
        Same(network.forward(x).tokens, tokens, "after its result was disposed of");
        Assert.Equal(Zoo.Layers.LearnedTensors.Weights.ParameterNames, network.named_parameters().Select(p => p.name));
    }

    [Fact]
    public void Embeddings()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var network = new Zoo.Layers.Words();
        var w = State(network);
        var (words, mask, features, language) = (
            randint(0, 100, [2, 7], dtype: ScalarType.Int64), randn(2, 7).gt(0), randn(2, 7, 5), tensor([2L, 0L]));
        mask[0, 0] = tensor(true);
        features.index_put_(tensor(float.NaN), TensorIndex.Tensor(mask.logical_not()));
        var x = w["words.weight"][words] * w["language.weight"][language].unsqueeze(1) + features;
        var (mean, sum, all) = network.forward(words, mask, features, language);
        Assert.True(all.isfinite().ToBoolean(), "a NaN under the mask is counted");
        for (var b = 0; b < 2; b++)
        {
            if (mask[b].sum().ToInt64() == 0) continue;
            var chosen = x[b].index_select(0, mask[b].nonzero().squeeze(1));
            Assert.True(mean[b].allclose(chosen.mean([0]), 1e-5, 1e-6), $"masked mean of example {b}");
        }
        var kept = x.flatten(0, 1).index_select(0, mask.flatten().nonzero().squeeze(1));
        Assert.True(sum.allclose(kept.square().sum([0]), 1e-5, 1e-6), "masked sum");

        words[1, 3] = tensor(100L);
        Assert.StartsWith(
            "Words: embedding 'words' expects indices in [0, 100), got ",
            Assert.Throws<ArgumentException>(() => network.forward(words, mask, features, language)).Message,
            StringComparison.Ordinal);
        Assert.StartsWith(
            "Words: embedding 'words' expects",
            Assert.Throws<ArgumentException>(
                () => Zoo.Layers.Words.Forward(Zoo.Layers.Words.Weights.Of(network), words, mask, features, language)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Excited()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var network = new Zoo.Layers.Excited();
        network.eval();
        var w = State(network);
        var x = randn(2, 4, 9, 8);
        Tensor Excite(Tensor t, string key, Func<Tensor, Tensor> activation)
            => t * F.conv2d(
                activation(F.conv2d(t.mean([-2, -1], keepdim: true), w[key + ".fc1.weight"], w[key + ".fc1.bias"])),
                w[key + ".fc2.weight"], w[key + ".fc2.bias"]).sigmoid();
        Tensor Blur(Tensor t, double sigma, long[] strides, long pad)
        {
            var reach = (int)Math.Round(3 * sigma);
            var r = arange(-reach, reach + 1, dtype: ScalarType.Float64).square();
            var window = (-(r.unsqueeze(1) + r) / (2 * sigma * sigma)).exp();
            window = (window / window.sum()).to(ScalarType.Float32).expand(t.shape[1], 1, -1, -1);
            return F.conv2d(t, window, null, strides, [pad, pad], groups: t.shape[1]);
        }
        var y = F.batch_norm(
            F.conv2d(x, w["conv2d_1.weight"], w["conv2d_1.bias"], padding: [1, 1]),
            w["batchNorm_1.running_mean"],
            w["batchNorm_1.running_var"],
            w["batchNorm_1.weight"], w["batchNorm_1.bias"]);
        y = x + Excite(y, "squeezeExcite_1", t => F.relu(t));
        y = F.tanh(F.conv2d(Blur(y, 0.66, [2, 2], 2), w["conv2d_2.weight"], w["conv2d_2.bias"], padding: [1, 1]));
        y = Blur(Excite(y, "excite", t => F.silu(t)), 0.5, [1, 2], 1).mean([-2, -1]);
        Assert.True(network.forward(x).allclose(y, 1e-5, 1e-6), "squeeze-and-excite and anti-aliased pools");

        // A constant image stays constant where the window is inside: its weights sum to 1.
        var flat = Blur(full([1, 2, 9, 9], 3.0, ScalarType.Float32), 0.66, [1, 1], 0);
        Assert.True(flat.allclose(full([1, 2, 5, 5], 3.0, ScalarType.Float32)), "the window's sum is not 1");
    }

    /// <summary>Attention head by head and place by place, from the definition and PyTorch's layout of the weights.</summary>
    [Fact]
    public void Attentions()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        manual_seed(2);
        var network = new Zoo.Layers.Attentions(dtype: ScalarType.Float64);
        network.eval();
        var w = State(network);
        Assert.Equal([6, 6], w["other.q_proj_weight"].shape);
        Assert.Equal([6, 4], w["other.k_proj_weight"].shape);
        Assert.DoesNotContain("masked.in_proj_bias", w.Keys);
        var (x, context, narrow) = (
            randn([2, 5, 6], ScalarType.Float64), randn([2, 3, 6], ScalarType.Float64), randn([2, 3, 4], ScalarType.Float64));
        var (pairs, places) = (rand(2, 5, 5).gt(0.4), rand(2, 3).gt(0.4));
        pairs[0, 2] = tensor(false); // one place may attend to none
        var (own, masked, crossed, other, major) = network.forward(x, context, narrow, pairs, places);
        Near(own, Slow("own", x, x, 2, (b, t, s) => s <= t), "causal");
        Near(masked, Slow("masked", x, x, 3, (b, t, s) => pairs[b, t, s].ToBoolean()), "masked by pairs");
        Near(crossed, Slow("crossed", x, context, 2, (b, t, s) => places[b, s].ToBoolean()), "masked by places, another context");
        Near(other, Slow("other", x, narrow, 1, (b, t, s) => true), "a narrower context");
        Near(major, Slow("major", x, x, 3, (b, t, s) => true).transpose(0, 1), "time first");

        Tensor Slow(string key, Tensor asks, Tensor told, int heads, Func<int, int, int, bool> allowed)
            => SlowAttention(w, key, asks, told, heads, (b, _, t, s) => allowed(b, t, s));
    }

    /// <summary>A mask of each shape that PyTorch takes.</summary>
    [Fact]
    public void MasksOfAttention()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        manual_seed(3);
        var network = new Zoo.Layers.AttentionMasks(dtype: ScalarType.Float64);
        network.eval();
        var w = State(network);
        var (x, context) = (randn([2, 5, 6], ScalarType.Float64), randn([2, 4, 6], ScalarType.Float64));
        var (pairs, heads, places) = (rand(5, 4).gt(0.4), rand(2, 3, 5, 4).gt(0.4), rand(2, 4).gt(0.4));
        // PyTorch counts the heads of the first example, then those of the second.
        var joined = heads.roll(1, 3).reshape(6, 5, 4);
        var (all, ofPairs, ofHeads, ofJoined, place, row) = network.forward(x, context, pairs, heads, joined, places);
        Slow("all", all, (b, _, t, s) => places[b, s].ToBoolean() && s <= t);
        Slow("pairs", ofPairs, (_, _, t, s) => pairs[t, s].ToBoolean());
        Slow("heads", ofHeads, (b, h, t, s) => heads[b, h, t, s].ToBoolean());
        Slow("joined", ofJoined, (b, h, t, s) => joined[(b * 3) + h, t, s].ToBoolean());
        Slow("place", place.transpose(0, 1), (b, _, _, s) => places[b, s].ToBoolean());
        Slow("row", row, (_, _, _, s) => pairs[0, s].ToBoolean());

        void Slow(string key, Tensor actual, Func<int, int, int, int, bool> allowed)
            => Near(actual, SlowAttention(w, key, x, context, 3, allowed), key);
    }

    private static void Near(Tensor actual, Tensor expected, string what)
        => Assert.True(actual.allclose(expected, 1e-12, 1e-12), $"{what} differs by {(actual - expected).abs().max().ToDouble()}");

    /// <summary>
    /// Attention of two examples; what may be attended to is asked of example, head, query and key.
    /// </summary>
    private static Tensor SlowAttention(
        Dictionary<string, Tensor> w,
        string key,
        Tensor asks,
        Tensor told,
        int heads,
        Func<int, int, int, int, bool> allowed)
    {
        const int width = 6;
        var size = width / heads;
        Tensor Map(int which, Tensor t)
        {
            var weight = w.TryGetValue(key + ".in_proj_weight", out var packed)
                ? packed.narrow(0, which * width, width)
                : w[key + (which == 0 ? ".q" : which == 1 ? ".k" : ".v") + "_proj_weight"];
            var y = t.matmul(weight.t());
            return w.TryGetValue(key + ".in_proj_bias", out var bias) ? y + bias.narrow(0, which * width, width) : y;
        }
        var (q, k, v) = (Map(0, asks), Map(1, told), Map(2, told));
        var joined = zeros([2, asks.shape[1], width], ScalarType.Float64);
        for (var b = 0; b < 2; b++)
            for (var t = 0; t < asks.shape[1]; t++)
                for (var h = 0; h < heads; h++)
                {
                    double sum = 0;
                    var value = zeros([size], ScalarType.Float64);
                    for (var s = 0; s < told.shape[1]; s++)
                    {
                        if (!allowed(b, h, t, s)) continue;
                        var weight = Math.Exp(
                            (q[b, t].narrow(0, h * size, size) * k[b, s].narrow(0, h * size, size)).sum().ToDouble() / Math.Sqrt(size));
                        sum += weight;
                        value += weight * v[b, s].narrow(0, h * size, size);
                    }
                    if (sum > 0) joined[b, t].narrow(0, h * size, size).copy_(value / sum);
                }
        var output = joined.matmul(w[key + ".out_proj.weight"].t());
        return w.TryGetValue(key + ".out_proj.bias", out var outBias) ? output + outBias : output;
    }

    /// <summary>PyTorch's keys, and a cell by its equations over two steps.</summary>
    [Fact]
    public void Recurrences()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var network = new Zoo.Layers.Recurrences(dtype: ScalarType.Float64);
        var w = State(network);
        string[] ofCells = [.. w.Keys.Where(key => key.StartsWith("cells.", StringComparison.Ordinal))];
        Assert.Equal(["cells.weight_ih_l0", "cells.weight_hh_l0", "cells.bias_ih_l0", "cells.bias_hh_l0"], ofCells);
        Assert.Contains(w.Keys, key => key.EndsWith(".weight_hh_l1_reverse", StringComparison.Ordinal));
        var x = randn([2, 2, 3], ScalarType.Float64);
        var shared = network.forward(x).shared;

        Tensor[] Cells(Tensor[] inputs)
        {
            Tensor h = zeros([2, 3], ScalarType.Float64), c = h;
            return [.. inputs.Select(input =>
            {
                // Hochreiter and Schmidhuber 1997 with the forget gate of Gers et al. 2000: rows are input, forget, cell, output.
                var gates = (
                    input.matmul(w["cells.weight_ih_l0"].t())
                        + w["cells.bias_ih_l0"]
                        + h.matmul(w["cells.weight_hh_l0"].t())
                        + w["cells.bias_hh_l0"]).chunk(4, 1);
                c = gates[1].sigmoid() * c + gates[0].sigmoid() * gates[2].tanh();
                return h = gates[3].sigmoid() * c.tanh();
            })];
        }
        var twice = Cells(Cells([x.select(1, 0), x.select(1, 1)]));
        Assert.True(shared.squeeze(0).allclose(twice[1], 1e-12, 1e-12), "a shared cell applied twice");

        // float32 may take oneDNN's kernel in the module; the functional form is the same function.
        var single = new Zoo.Layers.Recurrences();
        var input = randn(4, 9, 3);
        var (module, functional) = (
            single.forward(input), Zoo.Layers.Recurrences.Forward(Zoo.Layers.Recurrences.Weights.Of(single), input));
        Assert.True(
            module.sequence.allclose(functional.sequence, 1e-5, 1e-6) && module.state.allclose(functional.state, 1e-5, 1e-6), "float32");
    }

    /// <summary>A causal network's result at one time does not change with what comes later.</summary>
    [Fact]
    public void CausalConvolutions_SeeNoLaterTime()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var network = new Zoo.Literature.TemporalConvolution();
        network.eval();
        var x = randn(2, 4, 40);
        var before = network.forward(x);
        x.narrow(2, 25, 15).normal_();
        var after = network.forward(x);
        Same(after.narrow(2, 0, 25), before.narrow(2, 0, 25), "times before the change");
        Assert.False(after.narrow(2, 25, 1).eq(before.narrow(2, 25, 1)).all().ToBoolean(), "the change itself is not seen");
    }

    /// <summary>Forward, loss and backward through every kind of layer leave as many tensors as there were.</summary>
    [Fact]
    public void ATrainingStepLeavesNoTensor()
    {
        var (words, transformer, lstm, symmetric) = (
            new Zoo.Literature.TextClassifier(),
            new Zoo.Literature.SmallVisionTransformer(),
            new Zoo.Literature.LstmClassifier(),
            new Zoo.Layers.TurnsAndMirrors());
        long[] counts = [Step(), Step(), Step()];
        Assert.Equal(counts[0], counts[1]);
        Assert.Equal(counts[0], counts[2]);

        long Step()
        {
            using (NewDisposeScope())
            {
                var indices = randint(0, 100, [2, 6], dtype: ScalarType.Int64);
                var loss = words.forward(indices, indices.remainder(6), indices.ge(0)).square().mean()
                    + transformer.forward(randn(2, 1, 16, 16)).square().mean()
                    + lstm.forward(randn(2, 5, 6)).square().mean() + symmetric.forward(randn(2, 2, 9, 9)).pooled.square().mean();
                loss.backward();
            }
            return DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        }
    }

    /// <summary>In training, an example's branch is dropped whole or divided by 1 − p.</summary>
    [Fact]
    public void StochasticDepth_DropsWholeExamples()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        manual_seed(3);
        var network = new Zoo.Layers.Dropped();
        var x = rand(4000, 3) + 0.5;
        var ratio = network.forward(x) / x; // (4000, 3)
        Assert.True(
            (ratio.isclose(zeros_like(ratio)).logical_or(ratio.isclose(full_like(ratio, 1.25)))).all().ToBoolean(),
            "neither dropped nor scaled");
        Assert.True(ratio.isclose(ratio.narrow(1, 0, 1).expand_as(ratio)).all().ToBoolean(), "an example is dropped in part");
        // 4000 draws with p = 0.2: the standard deviation of the share is 0.0063.
        Assert.InRange(ratio.eq(0).to(ScalarType.Float32).mean().ToDouble(), 0.17, 0.23);
        network.eval();
        Same(network.forward(x), x, "evaluation");
    }

    /// <summary>A value whose derivative is cut: gradients and tangents pass by the other factor alone.</summary>
    [Fact]
    public void Detach_CutsTheGradient()
    {
        using var scope = NewDisposeScope();
        var (mean, variance, target) = (randn(5).requires_grad_(true), (rand(5) + 0.5).requires_grad_(true), randn(5));
        Zoo.Layers.BetaNll.Value(mean, variance, target).backward();
        // Seitzer et al. 2022, eq. 5 with β = 1/2: each term of the likelihood weighed by σ, which is not differentiated.
        var weight = variance.detach().sqrt();
        Assert.True(mean.grad!.allclose(weight * (mean - target).detach() / variance.detach() / 5, 1e-5, 1e-7), "the mean's gradient");
        Assert.True(
            variance.grad!.allclose(weight * 0.5 * (1 / variance - (target - mean).square() / variance.square()).detach() / 5, 1e-5, 1e-7),
            "the variance's gradient");

        var (dMean, dVariance) = (randn(2, 5), randn(2, 5));
        var (_, tangent) = Zoo.Layers.BetaNll.ValueTangent(mean, variance, target, dMean, dVariance, zeros(2, 5));
        Assert.True(
            tangent.allclose((dMean * mean.grad).sum(1) + (dVariance * variance.grad).sum(1), 1e-5, 1e-6),
            "the tangent is the gradient along the direction");
    }
}
