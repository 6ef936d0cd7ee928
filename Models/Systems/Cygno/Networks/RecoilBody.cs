using Hybrid;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>The second half of <see cref="RecoilNetwork"/> by itself, which each orientation of an image goes through.</summary>
[Network(Dims = "B:batch", Training = "B >= 2")]
[Derive(Variant.Functional)]
public partial class RecoilBody
{
    /// <summary>The whole network's answers, of what <see cref="RecoilStem"/> gives.</summary>
    [Spec]
    [return: Shape("B, classes", "B", "B")]
    internal static (Sym kinds, Sym energy, Sym logError) Forward(
        [Shape("B, knots, 32, 32")] Sym bends, [Param] int classes = 12, [Param] int knots = 12)
        => RecoilNetwork.Body(bends, classes);
}
