using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Dozen;

/// <summary>A vision transformer of four layers, Dosovitskiy et al. 2021.</summary>
[Network(Dims = "B")]
public partial class PatchTransformer
{
    [Spec]
    [return: Shape("B, 10")]
    static Sym Forward([Shape("B, 3, 32, 32")] Sym image, [Param(Max = 6)] int depth = 4, [Param] double dropout = 0.1)
    {
        var token = Sym.Parameter("1, 1, 64", Init.Normal(0.02));
        var position = Sym.Parameter("1, 65, 64", Init.Normal(0.02));
        var x = token.Expand("B, 1, 64").Cat(image.Conv2d(64, k: 4, stride: 4).Flatten(2).Transpose()) + position;
        for (var i = 0; i < depth; i++)
        {
            x = x + x.LayerNorm().Attention(4, dropout: dropout);
            x = x + x.LayerNorm().Linear(256).Gelu().Dropout(dropout).Linear(64);
        }
        return x.LayerNorm()[.., 0].Linear(10);
    }
}
