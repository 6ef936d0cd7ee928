using Hybrid;

namespace Hybrid.Models.Networks;

/// <summary>An image as 16×16 words. Dosovitskiy et al. 2021, with torchvision's checkpoint keys.</summary>
[Network(Dims = "B:batch")]
public partial class VisionTransformerB16
{
    private const int Width = 768, Heads = 12, Layers = 12, Tokens = 197; // 1 + (224/16)²

    [Spec]
    [return: Shape("B, 1000")]
    internal static Sym Forward([Shape("B, 3, 224, 224")] Sym image)
    {
        var patches = image.Conv2d(Width, k: 16, stride: 16, key: "conv_proj").Flatten(2).Transpose(1, 2);
        var token = Sym.Parameter("1, 1, Width", key: "class_token");
        var x = token.Expand("B, 1, Width").Cat(patches, axis: 1) + Sym.Parameter(
            "1, Tokens, Width", Init.Normal(0.02), key: "encoder.pos_embedding");
        for (var i = 0; i < Layers; i++)
        {
            x = x + x.LayerNorm(eps: 1e-6, key: $"encoder.layers.encoder_layer_{i}.ln_1").Attention(
                Heads, key: $"encoder.layers.encoder_layer_{i}.self_attention");
            var hidden = x.LayerNorm(eps: 1e-6, key: $"encoder.layers.encoder_layer_{i}.ln_2")
                .Linear(4 * Width, key: $"encoder.layers.encoder_layer_{i}.mlp.0").Gelu();
            x = x + hidden.Linear(Width, key: $"encoder.layers.encoder_layer_{i}.mlp.3");
        }
        return x.LayerNorm(eps: 1e-6, key: "encoder.ln").Slice(1, 0, 1).Squeeze(1).Linear(1000, key: "heads.head");
    }
}
