using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules;

/// <summary>Group normalisation (Wu and He 2018): channels in groups, each group of each example with its own statistics.</summary>
public sealed class GroupNorm : Module<Tensor, Tensor>
{
    [ComponentName(Name = nameof(bias))] private Parameter? _bias;
    [ComponentName(Name = nameof(weight))] private Parameter? _weight;

    internal GroupNorm(long num_groups, long num_channels, double eps, bool affine, Device? device, ScalarType? dtype) : base(nameof(GroupNorm))
    {
        if (num_groups < 1 || num_channels % num_groups != 0)
            throw new System.ArgumentException($"GroupNorm: expected num_groups that divides num_channels = {num_channels}, got {num_groups}.", nameof(num_groups));
        (this.num_groups, this.eps, this.affine) = (num_groups, eps, affine);
        if (!affine) return;
        weight = Parameter(ones([num_channels], dtype, device));
        bias = Parameter(zeros([num_channels], dtype, device));
    }

    public Parameter weight { get => _weight!; set => Own(ref _weight, value, nameof(weight)); }

    public Parameter? bias { get => _bias; set => Own(ref _bias, value, nameof(bias)); }

    public long num_groups { get; set; }

    public double eps { get; set; }

    public bool affine { get; set; }

    public override Tensor forward(Tensor tensor) => functional.group_norm(tensor, num_groups, _weight, _bias, eps);
}
