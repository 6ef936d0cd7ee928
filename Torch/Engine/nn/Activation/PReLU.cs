using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules;

/// <summary>x above 0, a·x below, with a trained slope a for all channels together or for each (He et al. 2015).</summary>
public sealed class PReLU : Module<Tensor, Tensor>
{
    [ComponentName(Name = nameof(weight))] private Parameter? _weight;

    internal PReLU(long num_parameters, double init, Device? device, ScalarType? dtype) : base(nameof(PReLU))
    {
        (this.num_parameters, this.init) = (num_parameters, init);
        weight = Parameter(full([num_parameters], init, dtype, device));
    }

    /// <summary>(num_parameters): one slope, or one for each channel on axis 1.</summary>
    public Parameter weight { get => _weight!; set => Own(ref _weight, value, nameof(weight)); }

    public long num_parameters { get; }

    public double init { get; }

    public override Tensor forward(Tensor tensor) => functional.prelu(tensor, _weight!);
}
