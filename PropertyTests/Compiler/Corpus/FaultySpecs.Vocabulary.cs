using System.Collections.Generic;

namespace Hybrid.PropertyTests.Compiler.Corpus;

/// <summary>Faults with reductions, comparisons, indices and what else losses are made of.</summary>
internal static partial class FaultySpecs
{
    private static IReadOnlyList<FaultySpec> Vocabulary =>
    [
        Net("variance of the one feature that is left, NaN in every row", "B, 8", "return x.Linear(1).Var({|HYB2001:1|});"),
        Net(
            "the largest over an axis that pooling took away",
            "B, 3, H, W", "return x.MeanPool2d().Max({|HYB1004:2|});", "B, H, W"),
        Net(
            "Index tensor must have the same number of dimensions as input tensor",
            "B, 10", "return -x.LogSoftmax().Gather({|HYB1004:label|}, 1).Mean();", more: ", [Shape(\"B\"), Int64] Sym label"),
        Net(
            "labels read from a CSV as float and gathered by",
            "B, 10", "return x.Gather(label.{|HYB1023:Unsqueeze(1)|}, 1);", more: ", [Shape(\"B\")] Sym label"),
        Net(
            "gathered words of one sentence for all",
            "B, T, 8", "return x.Gather({|HYB1007:places|}, 1);", "B, T, K", more: ", [Shape(\"K, T, 8\"), Int64] Sym places"),
        Net("one_hot is only applicable to index tensor", "B, 10", "return {|HYB1023:x|}.OneHot(10);"),
        Net("a mask as it comes from a sigmoid, without a threshold", "B, 8", "return Sym.Where(x.{|HYB1023:Sigmoid()|}, x, 0);"),
        Net("a step function of two constants", "B, 8", "return Sym.Where(x > 0, {|HYB4004:1|}, 0) * x;"),
        Net("the opposite of logits instead of their mask", "B, 8", "return Sym.Where(!{|HYB1023:x|}, x, 0);"),
        Net("embeddings normalised over the batch, axis 0 as in a tutorial on matrices", "B, 8", "return x.Normalize({|HYB1025:0|});"),
        Net(
            "a threshold for each example beside its one prediction",
            "B, 8", "return Sym.Where({|HYB4015:x.Linear(1) > {|HYB1008:threshold|}|}, x.Mean(1, keep: true), 0);", more: ", [Shape(\"B\")] Sym threshold"),
        Net("three-dimensional target in atan2", "B, 3", "return x.Atan2(x.{|HYB1007:Linear(2)|});"),
        Net("largest over one axis twice", "B, 3, 4", "return x.Max({|HYB1004:(1, -2)|});"),
        Net("CumSum along the channels of a vector that has none", "B, 3", "return x.Mean(1).CumSum({|HYB1004:1|});"),
        Net(
            "einsum(): subscript d has size 32 for operand 1 which does not broadcast with previously seen size 64",
            "B, T, 64", "return Sym.Einsum(\"b t d, b s d -> b t s\", x, x.{|HYB1017:Linear(32)|});", "B, T"),
        Net(
            "einsum over heads that were not split off yet",
            "B, T, 64", "return Sym.Einsum(\"b t h d, b s h d -> b h t s\", {|HYB1004:x|}, x);", "B, T"),
        Net("einsum pattern in single letters, as NumPy writes it", "B, 8", "return Sym.Einsum({|HYB4009:\"bi,bj\"|}, x, x);"),
        Net("einsum whose result has an axis of no tensor", "B, 8", "return Sym.Einsum({|HYB4009:\"b i -> b k\"|}, x);"),
        Net("inverse transform of an image that was not transformed", "B, 32, 32", "return {|HYB1004:x|}.Ifft2();"),
        Net("whitening one vector by a factor", "B, 4, 4", "return x.Cholesky().SolveTriangular({|HYB1004:mean|});", more: ", [Shape(\"4\")] Sym mean"),
        Net(
            "residuals with examples in rows, where the factor wants them in columns",
            "B, 8", "return x.Cov().Cholesky().SolveTriangular({|HYB1017:x|}).Transpose();", where: "B >= 2"),
        Net("Cholesky of the data instead of its covariance", "B, 8", "return {|HYB1021:x|}.Cholesky();"),
        Net("last time step of what has no time any more", "B, T, 8", "return {|HYB1004:x.Mean(1)[.., 0, -1]|};", "B, T"),
        Net("index 3 is out of bounds for dimension 1 with size 3", "B, 3, 4", "return x[.., {|HYB1005:3|}];"),
        Net("a range from the end in NumPy's way", "B, 8", "return x[.., {|HYB4004:-3|}..];"),
        Net("a stretch as long as a tensor's value", "B, 8, 4", "var n = x.Sum(); return x[.., {|HYB4004:n|}];"),
        Net(
            "position table of 512 for sequences of up to 1024",
            "B, T, 8", "return x + Sym.Parameter(\"512, 8\").Range(0, \"0\", {|HYB1005:\"T\"|});", "B, T", "T <= 1024"),
        Net("two differences of a series that may be of one step", "B, T", "return x[.., {|HYB1005:2..|}] - x[.., {|HYB1005:..^2|}];", "B, T", "T >= 2"),
        Net(
            "Padding size should be less than the corresponding input dimension, but got: padding (4, 4)",
            "B, 3, 4, 4", "return x.Pad({|HYB1005:4|}, mode: Padding.Reflect);"),
        Net(
            "weight tensor should be defined either for all 3 classes or no classes",
            "B, 3", "return x.CrossEntropy(label, {|HYB3001:weight|});", more: ", [Shape(\"B\"), Int64] Sym label, [Shape(\"4\")] Sym weight"),
        Net(
            "ignore_index is not supported for floating point target",
            "B, 3", "return x.CrossEntropy(chance, ignoreIndex: {|HYB3002:255|});", more: ", [Shape(\"B, 3\"), Probability] Sym chance"),
        Net("a decoder of series fed images", "B, 8, 4, 4", "return {|HYB1004:x|}.ConvTranspose1d(4, k: 4, stride: 2);"),
        Net(
            "an embedding table for each example",
            "B, 100, 8", "return {|HYB1004:x|}.Lookup(tokens);", more: ", [Shape(\"B, T\"), Int64] Sym tokens", dims: "B, T"),
        Net(
            "enlarged to the size of what was pooled to a vector",
            "B, 3, H, W", "return x.MaxPool2d(2).UpsampleTo(x.{|HYB1004:MeanPool2d()|});", "B, H, W", "H >= 2, W >= 2"),
        Net(
            "skips taken from the wrong end of their list",
            "B, 4, H, W",
            "var skips = new System.Collections.Generic.List<Sym>(); for (var i = 0; i < 2; i++) { skips.Add(x); x = x.MaxPool2d(2); } "
                + "return x.Upsample(2).Cat({|HYB1006:skips[0]|}, axis: 1);", "B, H, W", "H % 4 == 0, W % 4 == 0"),
        Net(
            "one skip too many asked of the list",
            "B, 8", "var skips = new System.Collections.Generic.List<Sym>(); skips.Add(x); return x + {|HYB4004:skips[1]|};"),
        Net(
            "Expected hidden size (1, B, 16), got [2, B, 16]",
            "B, T, 8", "return x.Gru(16, state: {|HYB1004:state|}).sequence;", "B, T", more: ", [Shape(\"2, B, 16\")] Sym state"),
        Net(
            "lengths of a padded batch as real numbers",
            "B, T, 8", "return x.Gru(16, lengths: {|HYB1023:lengths|}).last;", "B, T", more: ", [Shape(\"B\")] Sym lengths"),
    ];
}
