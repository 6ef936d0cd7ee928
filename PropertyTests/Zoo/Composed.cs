using Hybrid;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Zoo;

/// <summary>A network that others use as a layer: shared by two inputs in <see cref="Composed"/>, and from other assemblies.</summary>
[Network(Dims = "B, N", Where = "N % 2 == 0")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent)]
public partial class PairEncoder
{
    internal const int Width = 8;

    [Spec]
    [return: Shape("B, N/2, Width")]
    public static Sym Forward([Shape("B, N, 4")] Sym x) => x.Reshape("B, N/2, 8").Linear(Width);
}

/// <summary>Two outputs, so that a tuple comes out of a layer.</summary>
[Network(Dims = "B, N")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Tangent)]
public partial class Moments
{
    [Spec]
    [return: Shape("B, 8", "B, 8")]
    public static (Sym mean, Sym variance) Forward([Shape("B, N, 8")] Sym x)
    {
        var mean = x.Mean(1);
        return (mean, (x - mean.Unsqueeze(1)).Square().Mean(1));
    }
}

/// <summary>Written by hand: x → softplus(x W), halves the features.</summary>
internal sealed class Halver : nn.Module<Tensor, Tensor>
{
    private readonly Linear weight = nn.Linear(16, 8, hasBias: false);

    public Halver() : base("Halver") => RegisterComponents();

    public override Tensor forward(Tensor x) => nn.functional.softplus(weight.forward(x));
}

/// <summary>Other networks and a hand-written module as layers.</summary>
[Network(Dims = "B, N", Where = "N % 2 == 0")]
public partial class Composed
{
    [Spec]
    [return: Shape("B, 3")]
    internal static Sym Forward([Shape("B, N, 4")] Sym left, [Shape("B, N, 4")] Sym right)
    {
        var encoder = Layer.Of(PairEncoder.Forward, key: "encoder");
        var (mean, variance) = Layer.Of(Moments.Forward, key: "moments").On(encoder.On(left) - encoder.On(right));
        var joined = mean.Cat(variance);
        return Layer.Module<Halver>("B, 16 -> B, 8", key: "halver").On(joined).Linear(3);
    }
}
