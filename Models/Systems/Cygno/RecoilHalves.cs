namespace Hybrid.Models.Systems.Cygno;

partial class RecoilStem
{
    /// <summary>Those of a whole network: its tensors themselves, not copies.</summary>
    /// <param name="whole">The network's.</param>
    internal static Weights Of(RecoilNetwork.Weights whole) => new()
    {
        Knots = whole.Knots,
        Stem1BendsWeight = whole.Stem1BendsWeight,
        Stem1BendsBias = whole.Stem1BendsBias,
        Stem1BendsNormWeight = whole.Stem1BendsNormWeight,
        Stem1BendsNormBias = whole.Stem1BendsNormBias,
        Stem1BendsNormRunningMean = whole.Stem1BendsNormRunningMean,
        Stem1BendsNormRunningVar = whole.Stem1BendsNormRunningVar,
        Stem1BendsNormNumBatchesTracked = whole.Stem1BendsNormNumBatchesTracked,
    };
}

partial class RecoilBody
{
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
