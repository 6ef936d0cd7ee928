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

    /// <summary>Those of a whole network: its tensors themselves, not copies.</summary>
    /// <param name="whole">The network's.</param>
    internal static Weights Of(RecoilNetwork.Weights whole) => new()
    {
        Classes = whole.Classes,
        Knots = whole.Knots,
        Body1FirstWeight = whole.Body1FirstWeight,
        Body1FirstBias = whole.Body1FirstBias,
        Body1FirstNormWeight = whole.Body1FirstNormWeight,
        Body1FirstNormBias = whole.Body1FirstNormBias,
        Body1FirstNormRunningMean = whole.Body1FirstNormRunningMean,
        Body1FirstNormRunningVar = whole.Body1FirstNormRunningVar,
        Body1FirstNormNumBatchesTracked = whole.Body1FirstNormNumBatchesTracked,
        Body1SecondWeight = whole.Body1SecondWeight,
        Body1SecondBias = whole.Body1SecondBias,
        Body1SecondNormWeight = whole.Body1SecondNormWeight,
        Body1SecondNormBias = whole.Body1SecondNormBias,
        Body1SecondNormRunningMean = whole.Body1SecondNormRunningMean,
        Body1SecondNormRunningVar = whole.Body1SecondNormRunningVar,
        Body1SecondNormNumBatchesTracked = whole.Body1SecondNormNumBatchesTracked,
        Body1EnergyWeight = whole.Body1EnergyWeight,
        Body1EnergyBias = whole.Body1EnergyBias,
        Body1KindWeight = whole.Body1KindWeight,
        Body1KindBias = whole.Body1KindBias,
    };
}
