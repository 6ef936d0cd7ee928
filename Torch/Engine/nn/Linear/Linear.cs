using System;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules;

/// <summary>y = x Wᵀ + b over the last axis.</summary>
public sealed class Linear : Module<Tensor, Tensor>
{
    [ComponentName(Name = nameof(bias))] private Parameter? _bias;
    [ComponentName(Name = nameof(weight))] private Parameter? _weight;

    internal Linear(Parameter weight, Parameter? bias = null) : base(nameof(Linear))
    {
        in_features = weight.shape[1];
        out_features = weight.shape[0];
        this.weight = weight;
        this.bias = bias;
    }

    internal Linear(long inputSize, long outputSize, bool hasBias, Device? device, ScalarType? dtype) : base(nameof(Linear))
    {
        in_features = inputSize;
        out_features = outputSize;
        weight = Parameter(empty([outputSize, inputSize], dtype, device));
        init.kaiming_uniform_(weight, Math.Sqrt(5));
        if (!hasBias) return;
        bias = Parameter(empty([outputSize], dtype, device));
        init.UniformByFanIn(bias, weight);
    }

    /// <summary>(outputs, inputs).</summary>
    public Parameter weight { get => _weight!; set => Own(ref _weight, value, nameof(weight)); }

    /// <summary>(outputs), or null.</summary>
    public Parameter? bias { get => _bias; set => Own(ref _bias, value, nameof(bias)); }

    public long in_features { get; set; }

    public long out_features { get; set; }

    /// <param name="tensor">(…, inputs).</param>
    /// <returns>(…, outputs).</returns>
    public override Tensor forward(Tensor tensor) => functional.linear(tensor, _weight!, _bias);
}
