using Hybrid;

namespace HybridNetwork1;

/// <summary>Tells two kinds of points in the plane apart.</summary>
[Network(Dims = "B:batch")]
[Derive(Variant.Functional, Variant.Card)]
public partial class Classifier
{
    [Spec]
    [return: Shape("B, 2")]
    internal static Sym Forward([Shape("B, 2")] Sym points, [Param] int hidden = 32)
    {
        // Sizes that the shapes determine are never written. Pin one to see the checker: .Linear(2, inputs: 31).
        var x = points.Linear(hidden).Relu();
        x = x.Linear(hidden).Relu();
        return x.Linear(2);
    }
}

/// <summary>Cross-entropy of the logits.</summary>
[Loss(Dims = "B:batch")]
public partial class ClassifierLoss
{
    [Spec]
    internal static Sym Value([Shape("B, 2")] Sym logits, [Shape("B"), Int64] Sym kind) => logits.CrossEntropy(kind);
}
