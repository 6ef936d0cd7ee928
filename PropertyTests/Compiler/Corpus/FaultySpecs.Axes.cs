using System.Collections.Generic;

namespace Hybrid.PropertyTests.Compiler.Corpus;

/// <summary>What runs along another axis than the one that was meant, and throws nowhere: HYB1008, HYB1028, HYB1029, HYB3005.</summary>
internal static partial class FaultySpecs
{
    private static IEnumerable<FaultySpec> Axes =>
    [
        // An axis of one element.
        Net("scores of states, softmax over the one score", "B, 16", "return x.Linear(1).{|HYB1028:Softmax()|};"),
        Net(
            "attention pooling: the weights are normalised over the axis of the score",
            "B, T, 16",
            "return (x.Linear(1).{|HYB1028:Softmax()|} * x).Sum(1);",
            dims: "B, T"),
        Net(
            "attention pooling, the axis written as a number",
            "B, T, 16",
            "return (x.Linear(1).Softmax({|HYB1028:2|}) * x).Sum(1);",
            dims: "B, T"),
        Net("a segmentation of one class", "B, 3, H, W", "return x.Conv2d(1, k: 1).Softmax({|HYB1028:1|});", dims: "B, H, W"),
        Net("a gate of one expert", "B, 8", "const int Experts = 1; return x.Linear(Experts).{|HYB1028:LogSoftmax()|};"),
        Net(
            "a softmax over an axis that a fact fixes at 1",
            "B, C",
            "return x.{|HYB1028:Softmax()|};",
            dims: "B, C",
            where: "C == 1"),
        Net("a value normalised with itself", "B, T, 4", "return x.Linear(1).{|HYB1028:LayerNorm()|};", dims: "B, T"),
        Net(
            "layer normalisation after the axis for a convolution was put in",
            "B, 8",
            "return x.Unsqueeze(-1).{|HYB1028:LayerNorm()|}.Squeeze(-1).Linear(3);"),
        Net("layer normalisation of two axes of one element", "B, 8", """return x.Reshape("B, 8, 1, 1").LayerNorm({|HYB1028:2|});"""),
        Net("a group for each feature of a vector", "B, 8", "return x.Linear(8).GroupNorm({|HYB1028:8|});"),
        Net("a group for each channel after the global pool", "B, 8, 7, 7", "return x.MeanPool2d().GroupNorm({|HYB1028:8|}).Linear(2);"),
        Net(
            "self-attention among the features of a vector, taken for a sequence of one",
            "B, 64",
            "return x.Unsqueeze(1).{|HYB1028:Attention(8)|}.Squeeze(1);"),
        Net(
            "attention to one token: the query does not count",
            "B, T, 64",
            "return x.Attention(8, context: {|HYB1028:c|});",
            dims: "B, T",
            more: """, [Shape("B, 1, 64")] Sym c"""),
        Loss(
            "cross-entropy of the one logit of a binary classifier: the loss is 0 from the first step",
            "B, 1",
            """, [Shape("B"), Int64] Sym target""",
            "return {|HYB1028:x|}.CrossEntropy(target);"),
        Loss(
            "cross-entropy over time steps with one class between",
            "B, 1, T",
            """, [Shape("B, T"), Int64] Sym target""",
            "return {|HYB1028:x|}.CrossEntropy(target);",
            dims: "B, T"),
        Net(
            "the variance of one value, written out",
            "B, 5",
            """
            var y = x.Linear(1);
            return (y - y.{|HYB1028:Mean(1, keep: true)|}).Square().Mean(1, keep: true);
            """),
        Net(
            "standardised along the axis of the one channel",
            "B, 1, T",
            "return x - x.{|HYB1028:Mean(1, keep: true)|};",
            dims: "B, T"),
        Net(
            "shares of one positive number",
            "B, 5",
            """
            var e = x.Linear(1).Softplus();
            return e / e.{|HYB1028:Sum(-1, keep: true)|};
            """),
        Net(
            "a softmax by hand over one element",
            "B, 5",
            """
            var scores = x.Linear(1);
            return scores.Exp() / scores.Exp().{|HYB1028:Sum(1, keep: true)|};
            """),

        // The batch against itself.
        Net("a row for each example times a matrix for each", "B, 16", "return x.MatMul({|HYB1008:m|});", more: """, [Shape("B, 16, 8")] Sym m"""),
        Net(
            "the example's own transformation, as bmm without the axis",
            "B, 3",
            "return x.MatMul(x.Linear(9).{|HYB1008:Reshape(\"B, 3, 3\")|});"),
        Net(
            "tokens times the query of each example, transposed",
            "B, 8, 16",
            "return x.MatMul(q.{|HYB1008:Transpose()|});",
            more: """, [Shape("B, 16")] Sym q"""),
        Net(
            "a product whose batches broadcast",
            "B, 1, 4, 16",
            "return x.MatMul({|HYB1008:m|});",
            more: """, [Shape("B, 16, 8")] Sym m"""),
        Net(
            "heads of a batch against maps of a batch",
            "B, 16",
            "return x.MatMul({|HYB1008:m|});",
            more: """, [Shape("B, 4, 16, 8")] Sym m"""),

        // Losses written out.
        Loss(
            "three outputs against one target, squared by hand",
            "B, 3",
            """, [Shape("B, 1")] Sym t""",
            "return (x - {|HYB3005:t|}).Square().Mean();"),
        Loss(
            "one prediction against a batch of targets",
            "1, 18",
            """, [Shape("B, 18")] Sym t""",
            """
            var d = x - {|HYB3005:t|};
            return (d * d).Mean();
            """),
        Loss(
            "mean absolute error by hand, of a vector for all examples",
            "B, 3",
            """, [Shape("3")] Sym t""",
            "return (x - {|HYB3005:t|}).Abs().Mean();"),
        Loss(
            "a weighted square by hand",
            "B, 1",
            """, [Shape("B, 4")] Sym t, [Shape("B, 4")] Sym w""",
            "return (w * (x - {|HYB3005:t|}).Square()).Sum() / w.Sum();"),
        Loss(
            "a power of two by hand",
            "B, 1, 32",
            """, [Shape("B, 3, 32")] Sym t""",
            "return (x - {|HYB3005:t|}).Pow(2).Mean();"),
        Loss(
            "a residual in units of its error",
            "B, 1",
            """, [Shape("B, 5")] Sym t""",
            "return ((x.Tanh() - t.{|HYB3005:Tanh()|}).Square() / 2).Mean();"),

        // Maps: the width where channels were meant.
        Net(
            "class probabilities of a map along its last axis",
            "B, 3, H, W",
            "return x.Conv2d(10, k: 3, pad: 1).{|HYB1029:Softmax()|};",
            dims: "B, H, W"),
        Net(
            "class probabilities of a map of numbers",
            "B, 3, 32, 32",
            "return x.Conv2d(10, k: 3, pad: 1).{|HYB1029:Softmax()|};"),
        Net(
            "log-probabilities of declared channels",
            "B, C, H, W",
            "return x.LogSoftmax({|HYB1029:-1|});",
            dims: "B, C:channel, H:spatial, W:spatial"),
        Net(
            "an attention map of one channel, normalised by rows",
            "B, 16, 28, 28",
            "return (x.Conv2d(1, k: 1).{|HYB1029:Softmax()|} * x).Sum((2, 3));"),
        Net(
            "class probabilities of a volume along its last axis",
            "B, 1, 16, 16, 16",
            "return x.Conv3d(4, k: 3, pad: 1).{|HYB1029:Softmax()|};"),
        Net(
            "ConvNeXt without its permutation",
            "B, 96, 56, 56",
            "return x.Conv2d(96, k: 7, pad: 3, groups: 96).{|HYB1029:LayerNorm()|};"),
        Net(
            "features of a series normalised along its length",
            "B, 4, 128",
            "return x.Conv1d(16, k: 3, pad: 1).{|HYB1029:LayerNorm()|}.Relu().MeanPool1d().Linear(2);"),
        Net(
            "layer normalisation of an image that a convolution reads",
            "B, 16, 32, 32",
            "return x.{|HYB1029:LayerNorm()|}.Relu().Conv2d(8, k: 3, pad: 1);"),
        Net(
            "layer normalisation before a pool",
            "B, 16, 32, 32",
            "return x.{|HYB1029:LayerNorm()|}.Gelu().MeanPool2d().Linear(2);"),
        Net(
            "a bias of the channels added along the width",
            "B, 3, 64, 64",
            """
            var bias = Sym.Parameter("64");
            return x.Conv2d(64, k: 3, pad: 1) + {|HYB1029:bias|};
            """),
        Net(
            "a scale of the channels along the width, another size",
            "B, 3, 32, 48",
            """
            var scale = Sym.Parameter("48", Init.Ones);
            return {|HYB1029:scale|} * x.Conv2d(16, k: 3, pad: 1);
            """),
        Net(
            "features of the time added along a series, whose length is the number of channels",
            "B, 8, 64",
            "return x.Conv1d(64, k: 3, pad: 1) + t.Linear(64).{|HYB1029:Unsqueeze(1)|};",
            more: """, [Shape("B, 5")] Sym t"""),
        Net(
            "FiLM along the width",
            "B, 3, 32, 32",
            "return x.Conv2d(32, k: 3, pad: 1) * c.Linear(32).Sigmoid().Unsqueeze(1).{|HYB1029:Unsqueeze(1)|};",
            more: """, [Shape("B, 5")] Sym c"""),
        Net(
            "a gate of the channels along the length",
            "B, 1, 16",
            "return c.Linear(16).Tanh().{|HYB1029:Unsqueeze(1)|} * x.Conv1d(16, k: 5, pad: 2);",
            more: """, [Shape("B, 5")] Sym c"""),

        // Channels last, in numbers.
        Net("a square image with its bands last", "B, 44, 44, 4", "return {|HYB1029:x|}.Conv2d(8, k: 3, pad: 1).MeanPool2d();"),
        Net("a colour image as it comes from a file", "B, 480, 640, 3", "return {|HYB1029:x|}.MaxPool2d((2, 1)).Conv2d(8, k: 3, pad: 1);"),
        Net("a grey image with its channel last", "B, 28, 28, 1", "return ({|HYB1029:x / 255|}).Conv2d(8, k: 3, pad: 1).MeanPool2d();"),
        Net("a volume with its channel last", "B, 32, 32, 32, 1", "return {|HYB1029:x|}.Conv3d(8, k: 3, pad: 1).MeanPool3d();"),
        Net("a cube of ten bands, last", "B, 64, 64, 10", "return {|HYB1029:x|}.Conv2d(8, k: 3, pad: 1).MeanPool2d();"),
        Net(
            "a square image whose numbers say what they are",
            "B, 44:spatial, 44:spatial, 4:channel",
            "return {|HYB1003:x|}.Conv2d(8, k: 3, pad: 1).MeanPool2d();"),
        new("a role that there is not", """
            [Spec] static Sym Forward([Shape({|HYB4009:"B, 44:height"|})] Sym x) => x.Relu();
            """),

        // What is computed for nothing, in loops and blocks.
        Net(
            "a head after each block, all but the last forgotten",
            "B, 8",
            """
            var y = x;
            for (var i = 0; i < 3; i++)
            {
                x = x.Linear(8).Relu();
                y = x.{|HYB4001:Linear(3)|};
            }
            return y;
            """),
        Net(
            "a head after each block, none of them used",
            "B, 8",
            """
            for (var i = 0; i < 3; i++)
            {
                x = x.Linear(8).Relu();
                var y = x.{|HYB4001:Linear(3)|};
            }
            return x;
            """),
        new("a block called twice, one of the results forgotten", """
            [Spec] static Sym Forward([Shape("B, 8")] Sym x)
            {
                var a = Piece(x);
                var b = Piece(x);
                return a;
            }
            [Block] static Sym Piece(Sym x) => x.Linear(8).{|HYB4001:Relu()|};
            """),
        new("a network that contains itself through another", "")
        {
            Whole = """
                using Hybrid;
                namespace Net;
                [Network(Dims = "B")] public partial class Outer
                {
                    [Spec] [return: Shape("B, 8")] internal static Sym Forward([Shape("B, 8")] Sym x) => Layer.Of({|HYB4004:Inner.Forward|}).On(x);
                }
                [Network(Dims = "B")] public partial class Inner
                {
                    [Spec] [return: Shape("B, 8")] internal static Sym Forward([Shape("B, 8")] Sym x) => Layer.Of({|HYB4004:Outer.Forward|}).On(x);
                }
                """,
        },
        new("a network that contains itself through another and a block of a third class", "")
        {
            Whole = """
                using Hybrid;
                namespace Net;
                [Network(Dims = "B")] public partial class Outer
                {
                    [Spec] [return: Shape("B, 8")] internal static Sym Forward([Shape("B, 8")] Sym x) => Layer.Of({|HYB4004:Middle.Forward|}).On(x);
                }
                [Network(Dims = "B")] public partial class Middle
                {
                    [Spec] [return: Shape("B, 8")] internal static Sym Forward([Shape("B, 8")] Sym x) => Pieces.Last(x);
                }
                public static class Pieces
                {
                    [Block] public static Sym Last(Sym x) => Layer.Of({|HYB4004:Outer.Forward|}).On(x);
                }
                """,
        },

        // Time and batch, joined with others or only named.
        Net(
            "series of all sensors as one batch, into a time-major GRU",
            "B, N, T, 8",
            """return x.{|HYB1013:Reshape("B*N, T, 8")|}.Gru(16, batchFirst: false).last.Squeeze(0);""",
            dims: "B, N, T"),
        Net(
            "patches' series as one batch, into time-major attention",
            "B, N, T, 8",
            """return x.{|HYB1013:Reshape("B*N, T, 8")|}.Attention(2, batchFirst: false);""",
            dims: "B:batch, N, T"),
        Net(
            "frames of maps as one batch, time-major",
            "B, T, 4, 4, 8",
            """return x.Permute(0, 2, 3, 1, 4).{|HYB1013:Reshape("B*16, T, 8")|}.Lstm(8, batchFirst: false).sequence;""",
            dims: "B, T"),
        Net(
            "time-major series of all sensors, batch-first attention",
            "T, B, N, 8",
            """return x.{|HYB1013:Reshape("T, B*N, 8")|}.Attention(2);""",
            dims: "B:batch, N, T"),
        Net(
            "all pixels' light curves as one batch, into a time-major LSTM",
            "B, H, W, T",
            """return x.{|HYB1013:Reshape("B*H*W, T, 1")|}.Lstm(8, batchFirst: false).last.Squeeze(0);""",
            dims: "B, H, W, T"),
        Net(
            "words of all sentences of a document, time-major",
            "D, S, T, 8",
            """return x.{|HYB1013:Reshape("D*S, T, 8")|}.Attention(2, batchFirst: false);""",
            dims: "D, S, T"),

        // The batch, though no role says so.
        Net(
            "probabilities over all tokens of all examples",
            "B, T, S",
            """return x.Reshape("B*T, S").Softmax({|HYB1025:0|});""",
            dims: "B, T, S"),
        Net(
            "probabilities over all patches, the batch being called N",
            "N, T, S",
            """return x.Reshape("N*T, S").LogSoftmax({|HYB1025:0|});""",
            dims: "N, T, S"),
        Net("a set pooled over the batch", "B, N, 8", "return x.Linear(16).Relu().Mean({|HYB1029:0|}).Linear(3);", dims: "B, N"),
        Net("points summed over the batch", "B, N, 3", "return x.Linear(64).Relu().Sum({|HYB1029:0|});", dims: "B:batch, N:spatial"),
        Net("an image of any size, channels last, into a pool", "B, H, W, 3", "return {|HYB1029:x|}.AvgPool2d(2);", dims: "B, H, W"),
        Net(
            "attention by hand, normalised over the queries",
            "B, T, 8",
            """
            var (q, k, v) = (x.Linear(8), x.Linear(8), x.Linear(8));
            return (q.MatMul(k.Transpose()) / 2.8).Softmax({|HYB1029:1|}).MatMul(v);
            """,
            dims: "B, T"),
        Net(
            "attention of heads by hand, normalised over the queries",
            "B, 4, T, 8",
            """
            var weights = (q.MatMul(x.Transpose()) * 0.35).Softmax({|HYB1029:-2|}).Dropout(0.1);
            return weights.MatMul(x);
            """,
            dims: "B, T, S",
            more: """, [Shape("B, 4, S, 8")] Sym q"""),
        Loss(
            "a gradient penalty of each pixel",
            "B, 1",
            """, [Shape("B, 1")] Sym fake, [Shape("B, 3, 32, 32")] Sym gradient""",
            """
            var norm = (gradient.Square().{|HYB1029:Sum(1)|} + 1e-12).Sqrt();
            return fake.Mean() - x.Mean() + 10 * (norm - 1).Square().Mean();
            """),
        Net("patches of 16 of an image of 100", "B, 3, 100, 96", "return x.Conv2d(64, k: {|HYB1031:16|}, stride: 16).MeanPool2d();"),
        Net("a vision transformer's patches of 14 on 256 pixels", "B, 3, 252, 256", "return x.Conv2d(64, k: {|HYB1031:14|}, stride: 14).Flatten(2);"),
        Net("a pool of 8 on a map of 28", "B, 8, 28, 32", "return x.AvgPool2d({|HYB1031:8|}).Flatten().Linear(2);"),
    ];
}
