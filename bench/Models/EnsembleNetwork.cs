using Hybrid;

namespace Hybrid.Bench.Models;

/// <summary>The network of the ensemble bench: 52-152-80-72-48-2 with normalisation, ReLU and dropout.</summary>
[Network(Dims = "B", Where = "B >= 2")]
[Derive(Variant.Ensemble)]
public partial class EnsembleNetwork
{
    internal const int Features = 52;

    [Spec]
    [return: Shape("B, 2")]
    internal static Sym Forward([Shape("B, Features")] Sym x) => x.Hidden(152).Hidden(80).Hidden(72).Hidden(48).Linear(2);
}

internal static class EnsembleBlocks
{
    [Block]
    public static Sym Hidden(this Sym x, int width) => x.Linear(width).BatchNorm().Relu().Dropout(0.1);
}

/// <summary>Cross-entropy of two classes.</summary>
[Loss(Dims = "B")]
[Derive(Variant.Ensemble)]
public partial class EnsembleLoss
{
    [Spec]
    internal static Sym Value([Shape("B, 2")] Sym logits, [Shape("B"), Int64] Sym label) => logits.CrossEntropy(label);
}
