using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Layers;

/// <summary>Layers whose sizes the constructor takes: every size of a weight is a formula in width.</summary>
[Network(Dims = "B:batch, T:time")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble)]
public partial class Sized
{
    [Spec]
    internal static Sym Forward([Shape("B, T, 5")] Sym x, [Shape("B"), Int64] Sym kind, [Param] int width = 3)
    {
        var y = x.Linear(2 * width) + Sym.Parameter("1, 1, 2*width", Init.Ones) + kind.Embedding(7, 2 * width).Unsqueeze(1);
        y = y.Attention(2) + y.Attention(2, context: x) + y.Attention(1, context: y, bias: false);
        var (sequence, last) = y.Gru(width + 1, layers: 2, bidirectional: true);
        var z = sequence.Transpose(1, 2).Conv1d(2 * width, k: 3, same: true).Unsqueeze(2).SqueezeExcite(width + 2).MeanPool2d();
        return z.Cat(last.Mean(0), sequence.Lstm(width).cell.Squeeze(0));
    }
}
