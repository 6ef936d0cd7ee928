using System;
using System.Linq;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Base of the transposed convolutions, whose output size is ambiguous where the stride is above 1.</summary>
public abstract class ConvolutionTranspose : Convolution
{
    protected ConvolutionTranspose(string name, long in_channels, long out_channels, long[] kernel_size, long[] stride, long[]? padding, Padding? padding_type,
        long[] dilation, bool transposed, long[] output_padding, long groups, bool bias, PaddingModes padding_mode, Device? device = null, ScalarType? dtype = null)
        : base(name, in_channels, out_channels, kernel_size, stride, padding, padding_type, dilation, transposed, output_padding, groups, bias, padding_mode, device, dtype)
    {
    }

    public override Tensor forward(Tensor input) => forward(input, null);

    /// <param name="input">(B, C, …) or (C, …).</param>
    /// <param name="output_size">The spatial sizes to reach (or all sizes); null: those of <see cref="Convolution.output_padding"/>.</param>
    public abstract Tensor forward(Tensor input, long[]? output_size);

    /// <summary>What to add to one side of each axis so that the output has the wanted size.</summary>
    protected long[] _output_padding(Tensor input, long[]? output_size, long[] kernel_size, long[] stride, long[] padding, long[] dilation, long num_spatial_dims)
    {
        if (output_size is null) return output_padding;
        var axes = (int)num_spatial_dims;
        var leading = (int)input.dim() - axes;
        var wanted = output_size.Length == leading + axes ? output_size[leading..] : output_size;
        if (wanted.Length != axes)
            throw new ArgumentException($"{GetName()}.forward: expected output_size of {axes} or {leading + axes} numbers, got {output_size.Length}.", nameof(output_size));
        var added = new long[axes];
        for (var i = 0; i < axes; i++)
        {
            var smallest = (input.size(i + leading) - 1) * stride[i] - 2 * padding[i] + dilation[i] * (kernel_size[i] - 1) + 1;
            added[i] = wanted[i] - smallest;
            if (added[i] < 0 || added[i] >= stride[i])
            {
                throw new ArgumentException(
                    $"{GetName()}.forward: axis {i} of the output can have {smallest} to {smallest + stride[i] - 1} elements, output_size asks for {wanted[i]}.",
                    nameof(output_size));
            }
        }
        return added;
    }
}
