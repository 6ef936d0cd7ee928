using Hybrid;

namespace Hybrid.PropertyTests.Zoo;

/// <summary>The IMNN's compressor: 3 × 128, LeakyReLU, two summaries. Charnock et al. 2018.</summary>
[Network(Dims = "B")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble)]
public partial class Compressor
{
    [Spec]
    [return: Shape("B, 2")]
    internal static Sym Forward([Shape("B, 10")] Sym data)
    {
        var x = data;
        for (var i = 0; i < 3; i++) x = x.Linear(128, weightInit: Init.GlorotNormal).LeakyRelu(0.01);
        return x.Linear(2, weightInit: Init.GlorotNormal);
    }
}
