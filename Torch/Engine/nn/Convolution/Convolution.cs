using System;
using System.Linq;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules;

/// <summary>Base of the convolutions: weight, bias and what the kernel does at the borders.</summary>
public abstract class Convolution : Module<Tensor, Tensor>
{
    [ComponentName(Name = nameof(bias))] protected Parameter? _bias;
    [ComponentName(Name = nameof(weight))] protected Parameter? _weight;

    /// <summary>The padding as functional.pad takes it: both sides of each axis, last axis first.</summary>
    protected long[] _reversed_padding_repeated_twice = [];

    protected Convolution(string name, long in_channels, long out_channels, long[] kernel_size, long[] stride, long[]? padding, Padding? padding_type,
        long[] dilation, bool transposed, long[] output_padding, long groups, bool bias, PaddingModes padding_mode, Device? device = null, ScalarType? dtype = null)
        : base(name)
    {
        if (transposed && padding_mode != PaddingModes.Zeros)
            throw new ArgumentException($"{name}: only PaddingModes.Zeros is possible for a transposed convolution, got {padding_mode}.", nameof(padding_mode));
        if (groups < 1 || in_channels % groups != 0 || out_channels % groups != 0)
            throw new ArgumentException($"{name}: expected groups that divide both in_channels = {in_channels} and out_channels = {out_channels}, got {groups}.", nameof(groups));
        (this.in_channels, this.out_channels, this.transposed, this.groups, this.padding_mode) = (in_channels, out_channels, transposed, groups, padding_mode);
        (this.kernel_size, this.stride, this.dilation, this.output_padding) = (kernel_size, stride, dilation, output_padding);
        if (padding_type is { } type) SetPadding(type);
        else SetPadding(padding ?? new long[kernel_size.Length]);

        long[] channels = transposed ? [in_channels, out_channels / groups] : [out_channels, in_channels / groups];
        weight = Parameter(empty([.. channels, .. kernel_size], dtype, device));
        if (bias) this.bias = Parameter(empty([out_channels], dtype, device));
        reset_parameters();
    }

    public Parameter weight { get => _weight!; set => Own(ref _weight, value, nameof(weight)); }

    /// <summary>(output channels), or null.</summary>
    public Parameter? bias { get => _bias; set => Own(ref _bias, value, nameof(bias)); }

    public long in_channels { get; }

    public long out_channels { get; }

    public bool transposed { get; }

    public Padding? padding_type { get; private set; }

    public long[]? padding { get; private set; }

    public PaddingModes padding_mode { get; set; }

    public long groups { get; set; }

    public long[] kernel_size { get; set; }

    public long[] stride { get; set; }

    public long[] dilation { get; set; }

    public long[] output_padding { get; set; }

    /// <summary>Draws new weights and biases, both uniform in ±1/√(fan-in).</summary>
    public void reset_parameters()
    {
        init.kaiming_uniform_(weight, Math.Sqrt(5));
        if (bias is not null) init.UniformByFanIn(bias, weight);
    }

    public void SetPadding(long[] padding)
    {
        (padding_type, this.padding) = (null, padding);
        _reversed_padding_repeated_twice = padding.Reverse().SelectMany(p => new[] { p, p }).ToArray();
    }

    public void SetPadding(Padding padding)
    {
        if (transposed) throw new ArgumentException($"{GetName()}: a transposed convolution takes padding in numbers, not Padding.{padding}.", nameof(padding));
        if (padding == Padding.Same && stride.Any(s => s != 1))
            throw new ArgumentException($"{GetName()}: Padding.Same needs stride 1, got ({string.Join(", ", stride)}).", nameof(padding));
        (padding_type, this.padding) = (padding, null);
        _reversed_padding_repeated_twice = new long[2 * kernel_size.Length];
        if (padding != Padding.Same) return;
        for (var axis = 0; axis < kernel_size.Length; axis++)
        {
            var total = dilation[axis] * (kernel_size[axis] - 1);
            var place = 2 * (kernel_size.Length - 1 - axis);
            _reversed_padding_repeated_twice[place] = total / 2;
            _reversed_padding_repeated_twice[place + 1] = total - total / 2;
        }
    }

    /// <summary>Whether the input is (B, C, …) or (C, …) with that many spatial axes and this module's input channels.</summary>
    protected bool ValidateShape(Tensor input, long dimensions)
    {
        var shape = input.shape;
        return (shape.Length == dimensions + 2 && shape[1] == in_channels) || (shape.Length == dimensions + 1 && shape[0] == in_channels);
    }

    private protected void RequireShape(Tensor input, int dimensions)
    {
        if (ValidateShape(input, dimensions)) return;
        var axes = string.Join(", ", new[] { "D", "H", "W" }[(3 - dimensions)..]);
        throw new ArgumentException(
            $"{GetName()}.forward: expected input (B, {in_channels}, {axes}) or ({in_channels}, {axes}), got ({string.Join(", ", input.shape)}).", nameof(input));
    }
}
