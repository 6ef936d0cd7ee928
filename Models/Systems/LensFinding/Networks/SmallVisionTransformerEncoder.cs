using Hybrid;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>
/// A small vision transformer of lens candidates: words of 4×4 pixels, six layers of width 96, the mean over the words, 256 numbers.
/// Dosovitskiy et al. 2021, with the mean in place of a class token (Zhai et al. 2022, section 3.3).
/// </summary>
[Network(Dims = "B:batch", Where = "size % 4 == 0, size >= 16", Training = "B >= 2")]
public partial class SmallVisionTransformerEncoder
{
    private const int Patch = 4, Width = 96, Heads = 3, Layers = 6;

    [Spec]
    [return: Shape("B, 256")]
    internal static Sym Forward([Shape("B, bands, size:spatial, size:spatial")] Sym image, [Param] int bands = 1, [Param] int size = 64)
    {
        var words = image.Conv2d(Width, k: Patch, stride: Patch, key: "patches").Flatten(2).Transpose(1, 2);
        var x = words + Sym.Parameter("1, size / Patch * (size / Patch), Width", Init.Normal(0.02), key: "positions");
        for (var i = 0; i < Layers; i++)
        {
            x = x + x.LayerNorm(key: $"layers.{i}.attention_norm").Attention(Heads, key: $"layers.{i}.attention");
            var hidden = x.LayerNorm(key: $"layers.{i}.mlp_norm").Linear(4 * Width, key: $"layers.{i}.mlp_in").Gelu();
            x = x + hidden.Linear(Width, key: $"layers.{i}.mlp_out");
        }
        return x.LayerNorm(key: "norm").Mean(1).Dropout().Linear(256, key: "features").PRelu(key: "slope");
    }
}
