using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Literature;

/// <summary>Two layers of long short-term memory in both directions; the class of the whole series. Graves and Schmidhuber 2005.</summary>
[Network(Dims = "B:batch, T:time")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent)]
public partial class LstmClassifier
{
    [Spec]
    [return: Shape("B, 4")]
    internal static Sym Forward([Shape("B, T, 6")] Sym series)
    {
        var (sequence, last, _) = series.Lstm(10, layers: 2, bidirectional: true);
        var (forward, backward) = last.Slice(0, 2, 2).Unbind(0);
        return sequence.Mean(1).Cat(forward, backward).Linear(16).Relu().Linear(4);
    }
}

/// <summary>Gated recurrent units over a light curve with convolutions before them: what the last state says. Cho et al. 2014.</summary>
[Network(Dims = "B:batch, T:time")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent)]
public partial class GruRegressor
{
    [Spec]
    [return: Shape("B, 2")]
    internal static Sym Forward([Shape("B, 3, T")] Sym curve)
    {
        var features = curve.Conv1d(8, k: 5, same: true).Relu().Conv1d(8, k: 4, stride: 2, same: true).Relu();
        return features.Transpose(1, 2).Gru(12).last.Squeeze(0).Linear(2);
    }
}
