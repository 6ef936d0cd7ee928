using Hybrid;

namespace Hybrid.Models.Adaptation;

/// <summary>Class logits of features: one linear layer, so that what aligns features aligns what it sees.</summary>
[Network(Dims = "B:batch")]
public partial class ClassHead
{
    [Spec]
    [return: Shape("B, classes")]
    internal static Sym Forward([Shape("B, features")] Sym x, [Param] int features = 64, [Param] int classes = 2)
        => x.Linear(classes, key: "out");
}
