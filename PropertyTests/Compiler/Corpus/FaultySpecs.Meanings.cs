using System.Collections.Generic;

namespace Hybrid.PropertyTests.Compiler.Corpus;

/// <summary>Facts, losses and the language itself: HYB2xxx to HYB4xxx.</summary>
internal static partial class FaultySpecs
{
    private static IEnumerable<FaultySpec> Meanings =>
    [
        // Facts and batches.
        Net(
            "Expected more than 1 value per channel when training, got input size [1, 256, 1, 1]",
            "1, 256, 1, 1",
            "return {|HYB2001:x|}.BatchNorm();"),
        Net(
            "the last batch of an epoch has one example: global pool, then BatchNorm",
            "B, 64, 7, 7",
            "return x.Conv2d(256, k: 7).{|HYB2001:Relu()|}.BatchNorm();",
            where: "B >= 1"),
        Net("covariance of a single draw", "1, 5", "return {|HYB2001:x|}.Cov();", dims: ""),
        Net("view(64, -1): the last batch is smaller", "B, 25, 3, 3", """return x.Reshape({|HYB2002:"64, -1"|}).Linear(10);"""),
        Net("hidden state reshaped for a batch of 32", "B, 8, 16", """return x.Reshape({|HYB2002:"32, 128"|}).Linear(10);"""),
        Net(
            "a sequence of any length flattened into 10 steps",
            "B, T, 8",
            """return x.Reshape({|HYB2003:"B, 80"|}).Linear(10);""",
            dims: "B, T"),
        Net(
            "16 patches written out, images of any size",
            "B, 16, P",
            """return x.Reshape({|HYB2003:"B, 1024"|}).Linear(2);""",
            dims: "B, P"),
        new("facts that exclude each other", "")
        {
            Whole = """
                using Hybrid;
                namespace Net;
                [Network(Dims = "B, H", Where = {|HYB2004:"H % 4 == 0, H == 6"|})]
                public partial class Example
                {
                    [Spec] static Sym Forward([Shape("B, H")] Sym x) => x.Relu();
                }
                """,
        },

        // Losses.
        Loss(
            "0D or 1D target tensor expected, multi-target not supported",
            "B, 7",
            """, [Shape("B, 1"), Int64] Sym target""",
            "return x.CrossEntropy({|HYB3001:target|});"),
        Loss(
            "one-hot targets given as integers",
            "B, 7",
            """, [Shape("B, 7"), Int64] Sym target""",
            "return x.CrossEntropy({|HYB3001:target|});"),
        Loss(
            "segmentation target with a channel axis",
            "B, 5, 32, 32",
            """, [Shape("B, 1, 32, 32"), Int64] Sym target""",
            "return x.CrossEntropy({|HYB3001:target|});"),
        Loss(
            "soft labels of 10 classes for 7 logits",
            "B, 7",
            """, [Shape("B, 10")] Sym target""",
            "return x.CrossEntropy({|HYB3001:target|});"),
        Loss(
            "expected scalar type Long but found Float",
            "B, 7",
            """, [Shape("B")] Sym target""",
            "return x.CrossEntropy({|HYB3002:target|});"),
        Loss(
            "masks as booleans into a cross-entropy",
            "B, 2",
            """, [Shape("B"), Bool] Sym target""",
            "return x.CrossEntropy({|HYB3002:target|});"),
        Loss(
            "result type Float can't be cast to Long: integer targets of a regression",
            "B",
            """, [Shape("B"), Int64] Sym target""",
            "return x.Mse({|HYB3002:target|});"),
        Loss(
            "the loss does not go down: softmax before CrossEntropyLoss",
            "B, 7",
            """, [Shape("B"), Int64] Sym target""",
            "return x.{|HYB3003:Softmax()|}.CrossEntropy(target);"),
        Loss("probabilities kept in a local and scored", "B, 7", """, [Shape("B"), Int64] Sym target""", """
            var probabilities = x.Softmax(1);
            return {|HYB3003:probabilities|}.CrossEntropy(target);
            """),
        Loss("all elements of input should be between 0 and 1", "B", """, [Shape("B")] Sym target""", "return {|HYB3004:x|}.Bce(target);"),
        Loss(
            "sigmoid applied twice by BCEWithLogitsLoss",
            "B",
            """, [Shape("B")] Sym target""",
            "return x.{|HYB3004:Sigmoid()|}.BceWithLogits(target);"),
        Loss("ReLU taken for a probability", "B", """, [Shape("B")] Sym target""", "return x.{|HYB3004:Relu()|}.Bce(target);"),
        Loss(
            "class probabilities into BceWithLogits",
            "B, 4",
            """, [Shape("B, 4")] Sym target""",
            "return x.{|HYB3004:Softmax()|}.BceWithLogits(target);"),
        Loss(
            "Using a target size (64) that is different to the input size (64, 1)",
            "B, 1",
            """, [Shape("B")] Sym target""",
            "return x.Mse({|HYB3005:target|});"),
        Loss(
            "hand-written squared error of (B, 1) and (B)",
            "B, 1",
            """, [Shape("B")] Sym target""",
            "return (x - {|HYB3005:target|}).Square().Mean();"),
        Loss(
            "absolute error against one target column for three outputs",
            "B, 3",
            """, [Shape("B, 1")] Sym target""",
            "return x.L1({|HYB3005:target|});"),
        Loss(
            "variance head without its axis",
            "B",
            """, [Shape("B, 1"), Positive] Sym variance, [Shape("B")] Sym target""",
            "return x.GaussianNll({|HYB3005:variance|}, target);"),
        Loss(
            "nll becomes nan: the variance comes from a Linear",
            "B",
            """, [Shape("B")] Sym variance, [Shape("B")] Sym target""",
            "return x.GaussianNll({|HYB3007:variance|}, target);"),
        Loss(
            "nll becomes inf: ReLU lets the variance be zero",
            "B",
            """, [Shape("B")] Sym variance, [Shape("B")] Sym target""",
            "return x.GaussianNll(variance.{|HYB3007:Relu()|}, target);"),
        Loss(
            "standard deviations squared may still be zero",
            "B",
            """, [Shape("B")] Sym scale, [Shape("B")] Sym target""",
            "return x.GaussianNll(scale.{|HYB3007:Square()|}, target);"),
        Loss("errors compared with other examples", "B, 3", """, [Shape("B, 4")] Sym target""", "return x.Mse({|HYB1007:target|});"),
        Loss(
            "loss is nan: the logarithm of a probability that was not promised",
            "B",
            """, [Shape("B")] Sym target""",
            "return -(target * {|HYB3007:x|}.Log()).Mean();"),
        Net(
            "Implicit dimension choice for softmax: dim=0, so that every example alone is certain",
            "B, 8",
            "return x.Linear(4).Softmax({|HYB1025:0|});"),
        Net("fields of quarter turns read as those of turns and mirrors", "B, 3, 33, 33", """
            var x4 = x.LiftConv2d(8, k: 3, Symmetry.C4).Relu();
            return x4.GroupConv2d(8, k: 3, {|HYB1024:Symmetry.D4|}).GroupPool(Symmetry.D4);
            """),
        Net(
            "each channel of a rotated filter normalised for itself",
            "B, 3, 33, 33",
            "return x.{|HYB1024:LiftConv2d(8, k: 3, Symmetry.C4)|}.BatchNorm();"),
        Net(
            "fields pooled by windows that leave a row over",
            "B, 3, 33, 33",
            """return x.LiftConv2d(8, k: 3, Symmetry.C4).{|HYB1024:MaxPool2d(2)|}.GroupConv2d(4, k: 3, Symmetry.C4).GroupPool(Symmetry.C4);"""),
        Net(
            "fields of quarter turns pooled by windows that are not square",
            "B, 3, 33, 33",
            """return x.LiftConv2d(8, k: 3, Symmetry.C4).AvgPool2d({|HYB1024:(1, 31)|}).GroupPool(Symmetry.C4);"""),
        Net(
            "squeeze and excite weighs the turned copies of a filter apart",
            "B, 3, 33, 33",
            """return x.{|HYB1024:LiftConv2d(8, k: 3, Symmetry.C4)|}.SqueezeExcite(4).GroupPool(Symmetry.C4);"""),
        Net(
            "GroupNorm of fields", "B, 3, 33, 33",
            """return x.{|HYB1024:LiftConv2d(8, k: 3, Symmetry.C4)|}.GroupNorm(4).GroupPool(Symmetry.C4);"""),
        Net(
            "a slope for each channel of fields",
            "B, 3, 33, 33",
            """return x.{|HYB1024:LiftConv2d(8, k: 3, Symmetry.C4)|}.PRelu(perChannel: true).GroupPool(Symmetry.C4);"""),
        Net(
            "the group pool before the head was forgotten",
            "B, 3, 33, 33",
            """return x.LiftConv2d(8, k: 3, Symmetry.C4).{|HYB1024:MeanPool2d()|}.Linear(2);"""),
        Net(
            "an ordinary convolution between those of the group",
            "B, 3, 33, 33",
            """return x.{|HYB1024:LiftConv2d(8, k: 3, Symmetry.C4)|}.Conv2d(16, k: 3).Relu().MeanPool2d();"""),
        Net(
            "fields of an ordinary stem, never lifted",
            "B, 3, 33, 33",
            """return x.{|HYB1024:Conv2d(16, k: 3)|}.GroupConv2d(4, k: 3, Symmetry.C4).GroupPool(Symmetry.C4);"""),
        Net(
            "fields pooled over the group, and convolved over it again",
            "B, 3, 33, 33",
            """return x.LiftConv2d(8, k: 3, Symmetry.C4).{|HYB1024:GroupPool(Symmetry.C4)|}.GroupConv2d(4, k: 3, Symmetry.C4).GroupPool(Symmetry.C4);"""),
        Net(
            "fields of two groups joined",
            "B, 3, 33, 33",
            """return x.LiftConv2d(8, k: 3, Symmetry.C4).{|HYB1024:Cat(x.LiftConv2d(8, k: 3, Symmetry.D2))|}.GroupPool(Symmetry.C4);"""),
        Net(
            "a softmax across the batch of time-major features",
            "T, B, 8",
            "return x.Linear(4).Softmax({|HYB1025:1|});",
            dims: "T:time, B:batch"),
        Net(
            "a softmax down the rows of a flattened batch",
            "B, T, 8",
            """return x.Reshape("B*T, 8").Linear(4).Softmax({|HYB1025:0|});""",
            dims: "B:batch, T:time"),
        Loss(
            "cross-entropy by hand: the logarithm of 1 − p, and p was not promised",
            "B",
            """, [Shape("B")] Sym target""",
            "return -(target * ({|HYB3007:1 - x|}).Log()).Mean();"),
        Loss(
            "a small number does not keep a logarithm from what is negative",
            "B",
            """, [Shape("B")] Sym target""",
            "return (target - ({|HYB3007:x + 1e-8|}).Log()).Square().Mean();"),
        Net("a root of a shifted linear map", "B, 8", "return ({|HYB3007:x.Linear(4) + 1|}).Sqrt();"),
        Net(
            "indices counted from 1 by arithmetic with a number",
            "B, T",
            """return ({|HYB1023:tokens + 1|}).Embedding(11, 8).Sum(1) + x.Mean(1, keep: true);""",
            dims: "B, T",
            more: """, [Shape("B, T"), Int64] Sym tokens"""),
        Marked("Positive", "Log", "HYB3007"),
        Marked("Probability", "Sqrt", "HYB3004"),
        Net("softmax of the one output of each example", "B, 8", "return x.Linear(1).Squeeze(1).{|HYB1025:Softmax()|};"),
        new("one result of two has another type than promised", """
            [Spec] [return: Shape("B Int64", "B, T Int64")] static (Sym, Sym) Forward([Shape("B, T"), Int64] Sym tokens) => (tokens.Sum(1), tokens.{|HYB1018:Exp()|});
            """) { Dims = "B, T" },
        new("a loss that gives one number an example", """
            [Spec] static Sym Value([Shape("B")] Sym x, [Shape("B")] Sym target) => (x - target).{|HYB1018:Square()|};
            """) { IsLoss = true },
        new("a loss with weights of its own", """
            [Spec] static Sym Value([Shape("B, 3")] Sym x) => x.{|HYB4010:Linear(1)|}.Mean();
            """) { IsLoss = true },

        // Connections, sharing, keys.
        new("the ages input was added and never used", """
            [Spec] static Sym Forward([Shape("B, 3")] Sym x, [Shape("B, 1")] Sym {|HYB4001:ages|}) => x.Linear(2);
            """),
        Net("auxiliary head computed and dropped", "B, 8", "var aux = x.{|HYB4001:Linear(3)|}; return x.Linear(2);"),
        Net(
            "the second branch was forgotten in the concatenation",
            "B, 8",
            "var a = x.Linear(4).Relu(); var b = x.Linear(4).{|HYB4001:Relu()|}; return a.Cat(a);"),
        Net("siamese encoder fed with another width", "B, 32", """
            var encoder = Layer.Linear(16);
            return encoder.On(x) - encoder.{|HYB4003:On(other)|};
            """, more: """, [Shape("B, 48")] Sym other"""),
        Net("shared convolution on maps of other channels", "B, 8, 16, 16", """
            var shared = Layer.Conv2d(8, k: 3, pad: 1);
            return shared.On(x).Cat(shared.{|HYB4003:On(x.Cat(x))|});
            """),
        Net("two heads under one key", "B, 8", """return x.Linear(4, key: "fc").Relu().{|HYB4008:Linear(4, key: "fc")|};"""),

        // The language.
        Net("a list of copies instead of a loop", "B, 8", "return {|HYB4004:System.Linq.Enumerable.First(new[] { x, x })|};"),
        Net("branching on a tensor's values", "B, 8", "return {|HYB4004:x == null|} ? x : x.Relu();"),
        Net("a helper that is not a block", "B, 8", "return {|HYB4004:System.Convert.ToInt32(1.5)|} > 1 ? x.Relu() : x;"),
        new("depth from a field that is not a const", """
            static int depth = 3;
            [Spec] static Sym Forward([Shape("B, 8")] Sym x)
            {
                for (var i = 0; i < {|HYB4005:depth|}; i++) x = x.Linear(8).Relu();
                return x;
            }
            """),
        new("depth as a [Param]", """
            [Spec] static Sym Forward([Shape("B, 8")] Sym x, [Param] int depth = 2)
            {
                for (var i = 0; {|HYB4005:i < depth|}; i++) x = x.Linear(8).Relu();
                return x.Linear(depth);
            }
            """),
        new("a width read from the environment", """
            static int Width => 8;
            [Spec] static Sym Forward([Shape("B, 8")] Sym x) => x.Linear({|HYB4005:Width|});
            """),
        new("a block that calls itself without an end", """
            [Block] static Sym Deeper(Sym x) => {|HYB4007:Deeper(x)|}.Relu();
            [Spec] static Sym Forward([Shape("B, 4")] Sym x) => Deeper(x);
            """),
        new("a size that was never declared", """
            [Spec] static Sym Forward([Shape({|HYB4009:"B, C, H, W"|})] Sym x) => x.Relu();
            """),
        Net(
            "a product of two sizes taken apart: no input says which they are",
            "B, L*M",
            """return x.{|HYB4013:Reshape("B, L, M")|};""",
            dims: "B, L, M"),
        Net(
            "repeated as often as a symbol that no input has",
            "B, L",
            """return x.Unsqueeze(-1).{|HYB4013:Expand("B, L, Q")|};""",
            dims: "B, L, Q"),
        new("an ensemble of a network that never asks for the parts of a sum", """
            [Spec] static Sym Forward([Shape("B, L + M, 3")] Sym x) => x.Cat(x).Linear(4);
            """) { Dims = "B, L, M", Attributes = "[Derive({|HYB4013:Variant.Ensemble|})]\n" },
        new("an input without a shape", """
            [Spec] static Sym Forward(Sym {|HYB4009:x|}) => x.Relu();
            """),
        new("seven inputs of a multimodal network", """
            [Spec] static Sym Forward([Shape("B, 2")] Sym a, [Shape("B, 2")] Sym b, [Shape("B, 2")] Sym c, [Shape("B, 2")] Sym d, [Shape("B, 2")] Sym e, [Shape("B, 2")] Sym f, [Shape("B, 2")] Sym {|HYB4011:g|})
                => a + b + c + d + e + f + g;
            """),
        new("a network that outgrew its budget", """
            [Spec] static Sym Forward([Shape("B, 1000")] Sym x) => x.Linear(1000);
            """) { Attributes = "[Budget(Parameters = {|HYB4012:1000|})]\n" },
    ];
}
