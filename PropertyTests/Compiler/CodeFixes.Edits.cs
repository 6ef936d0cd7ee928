using Xunit;

namespace Hybrid.PropertyTests.Compiler;

public sealed partial class CodeFixes
{
    /// <summary>The repairs that faults of networks offer: which of them, Dims, Where, the members, what becomes what.</summary>
    public static TheoryData<int, string, string, string, string, string> Edits => new()
    {
        {
            0, "B, H:spatial, W:spatial", "",
            """[Spec] static Sym Forward([Shape("B, H, W, 3")] Sym x) => {|HYB1003:x|}.Conv2d(8, k: 1);""",
            "x.Conv2d(8, k: 1)", "x.ToChannelsFirst().Conv2d(8, k: 1)"
        },
        {
            0, "B, H, W", "", """[Spec] static Sym Forward([Shape("B, H, W, 3")] Sym x) => x.{|HYB1003:Relu()|}.Conv2d(8, k: 1);""",
            "x.Relu().Conv2d(8, k: 1)", "x.Relu().ToChannelsFirst().Conv2d(8, k: 1)"
        },
        {
            0, "B", "",
            """
            [Spec] static Sym Forward([Shape("B, 8, 8, 8")] Sym x)
                { var y = x.Conv2d(8, k: 1); return y + y.Permute(0, 2, 3, 1).{|HYB1003:Relu()|}; }
            """,
            "y.Permute(0, 2, 3, 1).Relu()", "y.Permute(0, 2, 3, 1).Relu().ReinterpretUnsafe()"
        },
        {
            0, "B", "", """[Spec] static Sym Forward([Shape("B, 8, 8")] Sym x) => {|HYB1004:x|}.Conv2d(4, k: 3);""",
            "x.Conv2d(4, k: 3)", "x.Unsqueeze(1).Conv2d(4, k: 3)"
        },
        {
            0, "B, H", "H >= 2",
            """
            [Spec] static Sym Forward([Shape("B, 4, H, 8")] Sym x)
                { var up = x.MaxPool2d((2, 1)).Upsample((2, 1)); return up.Cat({|HYB1006:x|}); }
            """,
            "up.Cat(x)", "up.Cat(x.CropTo(up))"
        },
        {
            0, "B, H, W", "",
            """
            [Spec] static Sym Forward([Shape("B, 16, H, W")] Sym x)
                { var y = x.Conv2d(32, k: 3, stride: 2, pad: 1); return y + {|HYB1007:x|}; }
            """,
            "y + x", "y + x.Conv2d(32, k: 1, stride: 2)"
        },
        {
            0, "B", "", """[Spec] static Sym Forward([Shape("B, 1")] Sym q, [Shape("B")] Sym t) => q - {|HYB1008:t|};""",
            "q - t", "q - t.Unsqueeze(1)"
        },
        {
            1, "B", "", """[Spec] static Sym Forward([Shape("B, 1")] Sym q, [Shape("B")] Sym t) => q - {|HYB1008:t|};""",
            "q - t", "q - t.Broadcast()"
        },
        {
            0, "B", "", """[Spec] static Sym Forward([Shape("B, 6")] Sym x) => x.Reshape({|HYB1009:"B, 2, 4"|});""",
            """x.Reshape("B, 2, 4")""", """x.Reshape("B, 2, -1")"""
        },
        {
            0, "B, T", "", """[Spec] static Sym Forward([Shape("B, T, 8")] Sym x) => x.Reshape({|HYB1010:"B, 8, T"|});""",
            "x.Reshape", "x.Permute(0, 2, 1).Reshape"
        },
        {
            1, "B, T", "", """[Spec] static Sym Forward([Shape("B, T, 8")] Sym x) => x.Reshape({|HYB1010:"B, 8, T"|});""",
            "x.Reshape", "x.ReinterpretUnsafe().Reshape"
        },
        {
            0, "B", "", """[Spec] static Sym Forward([Shape("B, 1, 4")] Sym x) => x.{|HYB1011:Squeeze()|};""",
            "x.Squeeze()", "x.Squeeze(1)"
        },
        {
            0, "B", "", """[Spec] static Sym Forward([Shape("B, 1, 4")] Sym x) => x.Squeeze({|HYB1011:2|});""",
            "x.Squeeze(2)", "x.Squeeze(1)"
        },
        {
            0, "B, T", "", """[Spec] static Sym Forward([Shape("B, T, 1600")] Sym x) => x.Attention(heads: {|HYB1012:48|});""",
            "heads: 48", "heads: 40"
        },
        {
            1, "B, T", "", """[Spec] static Sym Forward([Shape("B, T, 1600")] Sym x) => x.Attention({|HYB1012:48|}, causal: true);""",
            "x.Attention(48, causal: true)", "x.Attention(50, causal: true)"
        },
        {
            0, "B:batch, T:time", "",
            """[Spec] static Sym Forward([Shape("B, T, 8")] Sym x) => {|HYB1013:x|}.Attention(4, batchFirst: false);""",
            "batchFirst: false", "batchFirst: true"
        },
        {
            0, "B:batch, T:time", "", """[Spec] static Sym Forward([Shape("T, B, 8")] Sym x) => {|HYB1013:x|}.Gru(4).sequence;""",
            "x.Gru(4)", "x.Gru(4, batchFirst: false)"
        },
        {
            0, "B, T", "", """[Spec] static Sym Forward([Shape("B, T")] Sym x) => {|HYB1023:x|}.Embedding(10, 4);""",
            """[Shape("B, T")]""", """[Shape("B, T"), Int64]"""
        },
        {
            0, "B", "", """[Spec] static Sym Forward([Shape("B, 64, 8, 8")] Sym x) => x.Conv2d(96, k: 1, groups: {|HYB1014:3|});""",
            "groups: 3", "groups: 2"
        },
        {
            0, "B", "", """[Spec] static Sym Forward([Shape("B, 64, 8, 8")] Sym x) => x.GroupNorm({|HYB1014:12|});""",
            "GroupNorm(12)", "GroupNorm(8)"
        },
        {
            0, "B, H, W", "H % 2 == 0, W % 2 == 0",
            """
            [Spec] static Sym Forward([Shape("B, 3, H, W")] Sym x)
                => x.Conv2d(8, k: 3, stride: 2, pad: 1).{|HYB1015:ConvTranspose2d(3, k: 3, stride: 2, pad: 1)|}.Relu().Cat(x);
            """,
            "ConvTranspose2d(3, k: 3, stride: 2, pad: 1)", "ConvTranspose2d(3, k: 3, stride: 2, pad: 1, outputPad: 1)"
        },
        {
            0, "B", "",
            """
            [Spec] static Sym Forward([Shape("B, 3, 9, 8")] Sym x)
                => x.Conv2d(3, k: 3, stride: 2, pad: 1).{|HYB1015:ConvTranspose2d(3, k: 3, stride: 2, pad: 1, outputPad: 1)|} + x;
            """,
            "outputPad: 1", "outputPad: (0, 1)"
        },
        {
            0, "B", "", """[Spec] static Sym Forward([Shape("2, 3")] Sym x, [Shape("5, 3")] Sym y) => x.MatMul({|HYB1017:y|});""",
            "x.MatMul(y)", "x.MatMul(y.Transpose())"
        },
        {
            0, "B", "", """[Spec] static Sym Forward([Shape("2, 3")] Sym x, [Shape("2, 4")] Sym y) => x.MatMul({|HYB1017:y|});""",
            "x.MatMul(y)", "x.Transpose().MatMul(y)"
        },
        {
            0, "B", "", """[Spec] static Sym Forward([Shape("B, 64, 14, 14")] Sym x) => x.Is({|HYB1019:"B, 64, 28, 28"|}).Relu();""",
            """x.Is("B, 64, 28, 28")""", """x.Is("B, 64, 14, 14")"""
        },
        {
            0, "B", "B >= 1", """[Spec] static Sym Forward([Shape("B, 4")] Sym x) => x.{|HYB2001:Linear(8)|}.BatchNorm();""",
            """Where = "B >= 1")""", """Where = "B >= 1", Training = "B >= 2")"""
        },
        {
            0, "B", "", """[Spec] static Sym Forward([Shape("B, 100")] Sym z) => {|HYB1004:z|}.ConvTranspose2d(8, k: 4);""",
            "z.ConvTranspose2d", "z.Unsqueeze(-1).Unsqueeze(-1).ConvTranspose2d"
        },
        {
            0, "B", "B >= 2",
            """[Spec] static Sym Forward([Shape("B, 9, 8")] Sym x, [Shape("1, 1, 8")] Sym token) => token.Cat({|HYB1006:x|});""",
            "token.Cat(x)", """token.Expand("B, 1, 8").Cat(x)"""
        },
        {
            0, "B", "", """[Spec] static Sym Forward([Shape("B, 8")] Sym x) => x / x.Square().{|HYB1007:Sum(1)|};""",
            "x / x.Square().Sum(1)", "x / x.Square().Sum(1).Unsqueeze(-1)"
        },
        {
            0, "B, H", "",
            """[Spec] static Sym Forward([Shape("B, 8, H, 4")] Sym x, [Shape("B, 3")] Sym c) => x * c.{|HYB1007:Linear(8)|};""",
            "x * c.Linear(8)", "x * c.Linear(8).Unsqueeze(-1).Unsqueeze(-1)"
        },
        {
            0, "B", "", """[Spec] static Sym Forward([Shape("B, 8")] Sym x) => x.{|HYB3007:Linear(1)|}.Log();""",
            "x.Linear(1).Log()", "x.Linear(1).Softplus().Log()"
        },
        {
            0, "B", "", """[Spec] static Sym Forward([Shape("B, 8")] Sym x) => x.Linear(4).Softmax({|HYB1025:0|});""",
            "x.Linear(4).Softmax(0)", "x.Linear(4).Softmax(-1)"
        },
        {
            0, "B:batch", "", """[Spec] static Sym Forward([Shape("B, 8")] Sym x) => x.LogSoftmax(axis: {|HYB1025:-2|});""",
            "x.LogSoftmax(axis: -2)", "x.LogSoftmax(axis: -1)"
        },
        {
            0, "B", "", """[Spec] static Sym Forward([Shape("B, 2, 3")] Sym x) => x.Reshape({|HYB2002:"64, 6"|}).Linear(2);""",
            """x.Reshape("64, 6")""", """x.Reshape("B, 6")"""
        },
        {
            0, "B", "", """[Spec] static Sym Forward([Shape("B, 5, 3")] Sym x) => x.Reshape({|HYB2002:"64, -1"|}).Linear(2);""",
            """x.Reshape("64, -1")""", """x.Reshape("B, -1")"""
        },
    };

    /// <summary>The repairs that faults of losses offer: which of them, the members, and what of the source becomes what.</summary>
    public static TheoryData<int, string, string, string> LossEdits => new()
    {
        {
            0, """[Spec] static Sym Value([Shape("B, 7")] Sym x, [Shape("B, 1"), Int64] Sym t) => x.CrossEntropy({|HYB3001:t|});""",
            "x.CrossEntropy(t)", "x.CrossEntropy(t.Squeeze(1))"
        },
        {
            0, """[Spec] static Sym Value([Shape("B, 9, 7")] Sym x, [Shape("B, 9"), Int64] Sym t) => {|HYB3001:x|}.CrossEntropy(t);""",
            "x.CrossEntropy(t)", "x.ToChannelsFirst().CrossEntropy(t)"
        },
        {
            0, """[Spec] static Sym Value([Shape("B, 1, 1, 1")] Sym x, [Shape("B")] Sym t) => x.BceWithLogits({|HYB3005:t|});""",
            "x.BceWithLogits(t)", "x.Squeeze(3).Squeeze(2).Squeeze(1).BceWithLogits(t)"
        },
        {
            1, """[Spec] static Sym Value([Shape("B, 1, 1, 1")] Sym x, [Shape("B")] Sym t) => x.BceWithLogits({|HYB3005:t|});""",
            "x.BceWithLogits(t)", "x.BceWithLogits(t.Unsqueeze(1).Unsqueeze(2).Unsqueeze(3))"
        },
        {
            0, """[Spec] static Sym Value([Shape("B, 7")] Sym x, [Shape("B")] Sym t) => x.CrossEntropy({|HYB3002:t|});""",
            """[Shape("B")] Sym t""", """[Shape("B"), Int64] Sym t"""
        },
        {
            0, """[Spec] static Sym Value([Shape("B, 7")] Sym x, [Shape("B"), Int64] Sym t) => x.{|HYB3003:Softmax()|}.CrossEntropy(t);""",
            "=> x.Softmax().CrossEntropy(t)", "=> x.CrossEntropy(t)"
        },
        {
            0,
            """
            [Spec] static Sym Value([Shape("B, 7")] Sym x, [Shape("B"), Int64] Sym t)
                { var p = x.Softmax(); return {|HYB3003:p|}.CrossEntropy(t); }
            """,
            "var p = x.Softmax();", "var p = x;"
        },
        {
            0, """[Spec] static Sym Value([Shape("B")] Sym x, [Shape("B")] Sym t) => {|HYB3004:x|}.Bce(t);""",
            "x.Bce(t)", "x.BceWithLogits(t)"
        },
        {
            1, """[Spec] static Sym Value([Shape("B")] Sym x, [Shape("B")] Sym t) => {|HYB3004:x|}.Bce(t);""",
            "x.Bce(t)", "x.Sigmoid().Bce(t)"
        },
        {
            0, """[Spec] static Sym Value([Shape("B")] Sym x, [Shape("B")] Sym t) => x.{|HYB3004:Sigmoid()|}.BceWithLogits(t);""",
            "=> x.Sigmoid().BceWithLogits(t)", "=> x.BceWithLogits(t)"
        },
        {
            0, """[Spec] static Sym Value([Shape("B, 1")] Sym x, [Shape("B")] Sym t) => x.Mse({|HYB3005:t|});""",
            "x.Mse(t)", "x.Squeeze(1).Mse(t)"
        },
        {
            1, """[Spec] static Sym Value([Shape("B, 1")] Sym x, [Shape("B")] Sym t) => x.Mse({|HYB3005:t|});""",
            "x.Mse(t)", "x.Mse(t.Unsqueeze(1))"
        },
        {
            0, """[Spec] static Sym Value([Shape("B, 1")] Sym x, [Shape("B")] Sym t) => (x - {|HYB3005:t|}).Square().Mean();""",
            "x - t", "x - t.Unsqueeze(1)"
        },
        {
            0,
            """[Spec] static Sym Value([Shape("B")] Sym m, [Shape("B")] Sym v, [Shape("B")] Sym t) => m.GaussianNll({|HYB3007:v|}, t);""",
            "m.GaussianNll(v, t)", "m.GaussianNll(v.Softplus(), t)"
        },
        {
            0, """[Spec] static Sym Value([Shape("B")] Sym x) => {|HYB3007:x|}.Log().Mean();""",
            """[Shape("B")] Sym x""", """[Shape("B"), Positive] Sym x"""
        },
        {
            1, """[Spec] static Sym Value([Shape("B")] Sym x) => {|HYB3007:x|}.Log().Mean();""",
            "x.Log().Mean()", "x.Softplus().Log().Mean()"
        },
    };
}
