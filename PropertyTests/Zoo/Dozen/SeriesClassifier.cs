using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Dozen;

/// <summary>Series of different lengths, classified by the last state of a GRU, Cho et al. 2014.</summary>
[Network(Dims = "B, T")]
public partial class SeriesClassifier
{
    [Spec]
    [return: Shape("B, 4")]
    static Sym Forward([Shape("B, T, 3")] Sym series, [Shape("B"), Int64] Sym lengths, [Param] int width = 24, [Param] double dropout = 0.1)
    {
        var states = series.Gru(width, layers: 2, bidirectional: true, lengths: lengths).last;
        return states.Transpose(0, 1).Flatten().Dropout(dropout).Linear(4);
    }
}
