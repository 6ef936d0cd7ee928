using System;
using System.Collections.Generic;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Hybrid.PropertyTests.Engine.Modules;

/// <summary>The layers of bench/peers/same_numbers.py by the names they have there, with how each is called.</summary>
internal static class LayerCatalogue
{
    public sealed record Entry(Func<Module> Make, Func<Module, Tensor[], Tensor[]> Call);

    public static IReadOnlyDictionary<string, Entry> All { get; } = new Dictionary<string, Entry>
    {
        ["Linear"] = One(() => Linear(5, 3)),
        ["Linear without bias"] = One(() => Linear(5, 3, hasBias: false)),
        ["Bilinear"] = Two(() => Bilinear(5, 4, 3)),
        ["Conv1d"] = One(() => Conv1d(4, 6, 3, stride: 2, padding: 1, dilation: 2, groups: 2)),
        ["Conv1d same"] = One(() => Conv1d(2, 3, 4, Padding.Same)),
        ["Conv2d"] = One(() => Conv2d(3, 5, (3, 2), stride: (2, 1), padding: (1, 0))),
        ["Conv2d circular"] = One(() => Conv2d(3, 5, 3, padding: 1, padding_mode: PaddingModes.Circular)),
        ["Conv2d reflect"] = One(() => Conv2d(3, 5, 3, padding: 1, padding_mode: PaddingModes.Reflect, bias: false)),
        ["Conv2d same"] = One(() => Conv2d(3, 5, 3, Padding.Same, dilation: 2)),
        ["Conv3d"] = One(() => Conv3d(2, 3, 2, padding: 1)),
        ["ConvTranspose1d"] = One(() => ConvTranspose1d(4, 6, 3, stride: 2, padding: 1, output_padding: 1, groups: 2)),
        ["ConvTranspose2d"] = One(() => ConvTranspose2d(3, 5, (3, 2), stride: (2, 2), padding: (1, 0), output_padding: (1, 0))),
        ["ConvTranspose3d"] = One(() => ConvTranspose3d(2, 3, 2, stride: 2)),
        ["BatchNorm1d"] = One(() => BatchNorm1d(5)),
        ["BatchNorm2d"] = One(() => BatchNorm2d(3, eps: 1e-3, momentum: 0.3)),
        ["BatchNorm3d"] = One(() => BatchNorm3d(3, affine: false)),
        ["BatchNorm1d untracked"] = One(() => BatchNorm1d(5, track_running_stats: false)),
        ["InstanceNorm1d"] = One(() => InstanceNorm1d(4)),
        ["InstanceNorm2d"] = One(() => InstanceNorm2d(4, affine: true, track_running_stats: true)),
        ["InstanceNorm3d"] = One(() => InstanceNorm3d(2)),
        ["LayerNorm"] = One(() => LayerNorm([4, 6])),
        ["GroupNorm"] = One(() => GroupNorm(2, 6)),
        ["LocalResponseNorm"] = One(() => LocalResponseNorm(3)),
        ["Dropout"] = One(() => Dropout(0.3)),
        ["Dropout1d"] = One(() => Dropout1d(0.4)),
        ["Dropout2d"] = One(() => Dropout2d(0.4)),
        ["Dropout3d"] = One(() => Dropout3d(0.4)),
        ["AlphaDropout"] = One(() => AlphaDropout(0.2)),
        ["MaxPool1d"] = One(() => MaxPool1d(3, stride: 2, padding: 1)),
        ["MaxPool2d"] = One(() => MaxPool2d(3, stride: 2, padding: 1, ceil_mode: true)),
        ["MaxPool3d"] = One(() => MaxPool3d(2)),
        ["AvgPool1d"] = One(() => AvgPool1d(3, stride: 2, padding: 1)),
        ["AvgPool2d"] = One(() => AvgPool2d((3, 2), stride: (2, 2), padding: (1, 0), count_include_pad: false)),
        ["AvgPool2d divisor"] = One(() => AvgPool2d(2, divisor_override: 3)),
        ["AvgPool3d"] = One(() => AvgPool3d(2)),
        ["AdaptiveAvgPool1d"] = One(() => AdaptiveAvgPool1d(3)),
        ["AdaptiveAvgPool2d"] = One(() => AdaptiveAvgPool2d((3, 2))),
        ["AdaptiveAvgPool3d"] = One(() => AdaptiveAvgPool3d(2)),
        ["AdaptiveMaxPool1d"] = One(() => AdaptiveMaxPool1d(3)),
        ["AdaptiveMaxPool2d"] = One(() => AdaptiveMaxPool2d([3, 2])),
        ["Flatten"] = One(() => Flatten(1, 2)),
        ["Unflatten"] = One(() => Unflatten(1, [2, 3])),
        ["Identity"] = One(() => Identity()),
        ["LSTM"] = Lstm(() => LSTM(4, 5, numLayers: 2, batchFirst: true, bidirectional: true)),
        ["LSTM without bias"] = Lstm(() => LSTM(4, 5, bias: false)),
        ["GRU"] = Gru(() => GRU(4, 5, numLayers: 2)),
        ["GRU batch first"] = Gru(() => GRU(4, 5, batchFirst: true, bidirectional: true)),
        ["MultiheadAttention"] = new(() => MultiheadAttention(8, 2), (module, x) =>
        {
            var (output, weights) = ((TorchSharp.Modules.MultiheadAttention)module).call(x[0], x[0], x[0]);
            return [output, weights];
        }),
        ["PixelShuffle"] = One(() => PixelShuffle(2)),
        ["PixelUnshuffle"] = One(() => PixelUnshuffle(2)),
        ["Upsample nearest"] = One(() => Upsample(scale_factor: [2, 2])),
        ["Upsample bilinear"] = One(() => Upsample(size: [7, 9], mode: UpsampleMode.Bilinear, align_corners: true)),
        ["ZeroPad2d"] = One(() => ZeroPad2d((1, 2, 0, 3))),
        ["ReflectionPad1d"] = One(() => ReflectionPad1d(2)),
        ["ReflectionPad2d"] = One(() => ReflectionPad2d((1, 2, 0, 3))),
        ["ReplicationPad2d"] = One(() => ReplicationPad2d(2)),
        ["ConstantPad2d"] = One(() => ConstantPad2d(1, 3.5)),
        ["ReLU"] = One(() => ReLU()),
        ["ReLU6"] = One(() => ReLU6()),
        ["LeakyReLU"] = One(() => LeakyReLU(0.2)),
        ["PReLU"] = One(() => PReLU(3, init: 0.1)),
        ["ELU"] = One(() => ELU(0.7)),
        ["CELU"] = One(() => CELU(0.7)),
        ["SELU"] = One(() => SELU()),
        ["GELU"] = One(() => GELU()),
        ["GELU tanh"] = One(() => GELU(TorchSharp.Modules.GELU.Approximate.tanh)),
        ["GLU"] = One(() => GLU()),
        ["SiLU"] = One(() => SiLU()),
        ["Mish"] = One(() => Mish()),
        ["Sigmoid"] = One(() => Sigmoid()),
        ["Hardsigmoid"] = One(() => Hardsigmoid()),
        ["Hardswish"] = One(() => Hardswish()),
        ["Hardtanh"] = One(() => Hardtanh(-0.5, 0.7)),
        ["Hardshrink"] = One(() => Hardshrink(0.4)),
        ["Softshrink"] = One(() => Softshrink(0.4)),
        ["Softsign"] = One(() => Softsign()),
        ["Tanh"] = One(() => Tanh()),
        ["Tanhshrink"] = One(() => Tanhshrink()),
        ["Threshold"] = One(() => Threshold(0.1, -2.0)),
        ["Softplus"] = One(() => Softplus(beta: 2, threshold: 1)),
        ["Softmax"] = One(() => Softmax(1)),
        ["Softmin"] = One(() => Softmin(1)),
        ["Softmax2d"] = One(() => Softmax2d()),
        ["LogSoftmax"] = One(() => LogSoftmax(1)),
        ["LogSigmoid"] = One(() => LogSigmoid()),
        ["CosineSimilarity"] = Two(() => CosineSimilarity(1)),
        ["PairwiseDistance"] = Two(() => PairwiseDistance()),
        ["Embedding"] = One(() => Embedding(7, 3, padding_idx: 2)),
    };

    private static Entry One(Func<Module<Tensor, Tensor>> make) => new(make, (module, x) => [((Module<Tensor, Tensor>)module).call(x[0])]);

    private static Entry Two(Func<Module<Tensor, Tensor, Tensor>> make) => new(make, (module, x) => [((Module<Tensor, Tensor, Tensor>)module).call(x[0], x[1])]);

    private static Entry Lstm(Func<TorchSharp.Modules.LSTM> make) => new(make, (module, x) =>
    {
        var (output, h, c) = ((TorchSharp.Modules.LSTM)module).call(x[0]);
        return [output, h, c];
    });

    private static Entry Gru(Func<TorchSharp.Modules.GRU> make) => new(make, (module, x) =>
    {
        var (output, h) = ((TorchSharp.Modules.GRU)module).call(x[0]);
        return [output, h];
    });
}
