using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.PropertyTests.Engine.Oracles;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Hybrid.PropertyTests.Engine.Modules;

/// <summary>Each loss against PyTorch's.</summary>
public class LossTests
{
    private static Dictionary<string, Tensor> Compute()
    {
        manual_seed(5);
        Tensor a = randn(6, 4), b = randn(6, 4), v = rand(6, 4) + 0.1;
        Tensor p = sigmoid(a), q = sigmoid(b);
        var classes = tensor(new long[] { 0, 3, 1, 2, 2, 0 });
        var w = tensor(new[] { 0.5f, 1.0f, 2.0f, 0.25f });
        var s = b.sign();
        Tensor logP = functional.log_softmax(a, 1), logQ = functional.log_softmax(b, 1);
        var labels = tensor(Enumerable.Repeat(new long[] { 3, 0, -1, 1 }, 6).SelectMany(row => row).ToArray(), [6, 4]);
        return new Dictionary<string, Tensor>
        {
            ["MSELoss"] = MSELoss().call(a, b),
            ["MSELoss sum"] = MSELoss(Reduction.Sum).call(a, b),
            ["MSELoss none"] = MSELoss(Reduction.None).call(a, b),
            ["L1Loss"] = L1Loss().call(a, b),
            ["SmoothL1Loss"] = SmoothL1Loss(beta: 0.5).call(a, b),
            ["HuberLoss"] = HuberLoss(0.7).call(a, b),
            ["BCELoss"] = BCELoss(w).call(p, q),
            ["BCEWithLogitsLoss"] = BCEWithLogitsLoss(w, pos_weights: w + 1).call(a, q),
            ["CrossEntropyLoss"] = CrossEntropyLoss().call(a, classes),
            ["CrossEntropyLoss weighted"] = new TorchSharp.Modules.CrossEntropyLoss(w, 2, label_smoothing: 0.1).call(a, classes),
            ["NLLLoss"] = NLLLoss(w).call(logP, classes),
            ["KLDivLoss"] = KLDivLoss(true).call(logP, logQ),
            ["KLDivLoss plain target"] = KLDivLoss(false, Reduction.Sum).call(logP, logQ.exp()),
            ["GaussianNLLLoss"] = GaussianNLLLoss(eps: 1e-8f).call(a, b, v),
            ["GaussianNLLLoss full"] = GaussianNLLLoss(full: true, eps: 1e-8f).call(a, b, v),
            ["PoissonNLLLoss"] = PoissonNLLLoss().call(a, v),
            ["PoissonNLLLoss full"] = PoissonNLLLoss(full: true).call(a, v * 5),
            ["SoftMarginLoss"] = SoftMarginLoss().call(a, s),
            ["HingeEmbeddingLoss"] = HingeEmbeddingLoss(0.3).call(a, s),
            ["MarginRankingLoss"] = MarginRankingLoss(0.2).call(a, b, s),
            ["CosineEmbeddingLoss"] = CosineEmbeddingLoss(0.1).call(a, b, s.select(1, 0)),
            ["TripletMarginLoss"] = TripletMarginLoss(0.5).call(a, b, v),
            ["MultiMarginLoss"] = MultiMarginLoss(2, 0.7, w).call(a, classes),
            ["MultiLabelMarginLoss"] = MultiLabelMarginLoss().call(a, labels),
            ["MultiLabelSoftMarginLoss"] = MultiLabelSoftMarginLoss().call(a, (s + 1) / 2),
        };
    }

    [Fact]
    public void EveryLoss_EqualsPyTorchs()
    {
        using var scope = NewDisposeScope();
        var ours = Compute();
        var oracle = SameNumbers.Root.GetProperty("losses").EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
        Assert.Equal(oracle.Keys.Order(StringComparer.Ordinal), ours.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, value) in ours) SameNumbers.AssertSamples(oracle[name], value, name);
    }
}
