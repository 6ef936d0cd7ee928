using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Microsoft.CodeAnalysis;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>
/// HYB1030 and the faults of values: calls of generated programs in ordinary code. What is wrong for every size is reported; what may be
/// right, or is not known, is
/// not.
/// </summary>
public sealed class CalledShapes
{
    private const string Networks = """
        using Hybrid;
        namespace Net;
        [Network(Dims = "B, H, W", Where = "H % 8 == 0, W % 8 == 0")]
        [Derive(Variant.Functional)]
        public partial class Encoder
        {
            [Spec] internal static Sym Forward([Shape("B, 3, H, W")] Sym image) => image.MaxPool2d(8).Conv2d(64, k: 1).Relu();
        }
        [Network(Dims = "B")]
        [Derive(Variant.Functional)]
        public partial class Embedder
        {
            [Spec] internal static Sym Forward([Shape("B, 10")] Sym x) => x.Linear(32).Tanh();
        }
        [Network(Dims = "B, H, W", Where = "H >= 2")]
        [Derive(Variant.Functional)]
        public partial class Classifier
        {
            [Spec] internal static Sym Forward([Shape("B, 64, H, W")] Sym features) => features.MeanPool2d().Linear(7);
        }
        [Network(Dims = "B")]
        [Derive(Variant.Functional)]
        public partial class Narrow
        {
            [Spec] internal static Sym Forward([Shape("B, 16")] Sym code, [Shape("B, 32")] Sym other) => code.Linear(2).Cat(other);
        }
        [Network(Dims = "B")]
        public partial class Split
        {
            [Spec] internal static (Sym mean, Sym width) Forward([Shape("B, 32")] Sym x) => (x.Linear(16), x.Linear(4));
        }
        [Network(Dims = "B")]
        public partial class Tokens
        {
            [Spec] internal static Sym Forward([Shape("B"), Int64] Sym token, [Shape("B, 7")] Sym x) => x * token.Unsqueeze(1);
        }
        [Network(Dims = "B, T")]
        public partial class Lengths
        {
            [Spec] [return: Shape("B Int64")] internal static Sym Forward([Shape("B, T"), Bool] Sym mask) => mask.Sum(1);
        }
        [Network(Dims = "B")]
        public partial class Rescaled
        {
            [Spec] [return: Shape("B")] internal static Sym Forward([Shape("B")] Sym x) => x * 2;
        }
        [Network(Dims = "B")]
        public partial class Flat
        {
            [Spec] internal static Sym Forward([Shape("B, 3")] Sym x) => x.Linear(1).Squeeze(1);
        }
        [Network(Dims = "B, L", Where = "L >= 5")]
        public partial class Pairs
        {
            [Spec] internal static Sym Forward([Shape("B, 2*L")] Sym x) => x.Relu();
        }
        [Network(Dims = "B, L")]
        public partial class Odd
        {
            [Spec] internal static Sym Forward([Shape("B, 2*L + 1, L")] Sym x) => x.Relu();
        }
        [Loss(Dims = "B")]
        public partial class Squared
        {
            [Spec] static Sym Value([Shape("B, 7")] Sym x, [Shape("B, 7")] Sym target) => x.Mse(target);

            public static TorchSharp.torch.Tensor Correct(TorchSharp.torch.Tensor x, TorchSharp.torch.Tensor labels)
                => x.argmax(1).eq(labels);
        }
        [Network(Dims = "B")]
        [Derive(Variant.Functional)]
        public partial class Probabilities
        {
            [Spec] internal static Sym Forward([Shape("B, 10")] Sym x) => x.Linear(7).Softmax();
        }
        [Network(Dims = "B")]
        [Derive(Variant.Functional)]
        public partial class Scores
        {
            [Spec] internal static Sym Forward([Shape("B, 10")] Sym x) => x.Linear(7);
        }
        [Network(Dims = "B")]
        public partial class Mixture
        {
            [Spec] internal static Sym Forward([Shape("B, 7"), Probability] Sym weights) => (weights + 1e-8).Log();
        }
        [Loss(Dims = "B")]
        public partial class Classes
        {
            [Spec] static Sym Value([Shape("B, 7")] Sym x, [Shape("B"), Int64] Sym target) => x.CrossEntropy(target);
        }
        [Loss(Dims = "B")]
        public partial class Focal
        {
            [Spec] static Sym Value([Shape("B, 7")] Sym x, [Shape("B, 7")] Sym target)
                => -(target * (1 - x.Softmax()).Square() * x.LogSoftmax()).Mean();
        }
        [Loss(Dims = "B")]
        public partial class Labels
        {
            [Spec] static Sym Value([Shape("B, 7")] Sym x, [Shape("B, 7")] Sym target) => x.BceWithLogits(target);
        }
        [Loss(Dims = "B")]
        public partial class Certain
        {
            [Spec] static Sym Value([Shape("B, 7"), Probability] Sym x, [Shape("B, 7")] Sym target) => x.Bce(target);
        }
        [Loss(Dims = "B")]
        public partial class Spread
        {
            [Spec] static Sym Value([Shape("B, 7")] Sym x, [Shape("B, 7"), Positive] Sym width)
                => (x.Square() / width + width.Log()).Mean();
        }
        """;

    // Generated once: each test adds ordinary code that calls it.
    private static readonly Lazy<MetadataReference> _networks = new(
        () => MetadataReference.CreateFromImage(Specs.Emit(Specs.Generate(Specs.Compile(Networks)).Compilation)));

    // One line of the program: messages count its lines.
    private const string Parameters = "Tensor x, Encoder encoder, Embedder embedder, Classifier classifier, Narrow narrow, Split split, "
        + "Tokens tokens, Flat flat, Pairs pairs, Odd odd, Lengths lengths, Rescaled rescaled, "
        + "Probabilities probabilities, Scores scores, Mixture mixture";

    private static string Program(string body) => $$"""
        using TorchSharp;
        using static TorchSharp.torch; using static TorchSharp.torch.nn;
        namespace Net;
        internal static class Program
        {
            private static Tensor Run({{Parameters}})
            {
                {{body}}
            }
        }
        """;

    [Theory]
    // Another number of channels, features, axes.
    [InlineData("return classifier.forward({|HYB1030:embedder.forward(x)|});")]
    [InlineData("return narrow.forward({|HYB1030:embedder.forward(x)|}, embedder.forward(x));")]
    [InlineData("return embedder.forward({|HYB1030:classifier.forward(encoder.forward(x))|});")]
    [InlineData("return classifier.call({|HYB1030:embedder.call(x)|});")]
    // Locals, tuples, what keeps a shape.
    [InlineData("var code = embedder.forward(x); return classifier.forward({|HYB1030:code|});")]
    [InlineData("var code = embedder.forward(x).detach().to(float64).relu(); return classifier.forward({|HYB1030:code|});")]
    [InlineData("Tensor code; code = embedder.forward(x); return classifier.forward(({|HYB1030:code|}));")]
    [InlineData("var (mean, width) = split.forward(embedder.forward(x)); return narrow.forward({|HYB1030:width|}, embedder.forward(x));")]
    [InlineData("var both = split.forward(embedder.forward(x)); return narrow.forward({|HYB1030:both.width|}, embedder.forward(x));")]
    [InlineData("var both = split.forward(embedder.forward(x)); return narrow.forward(both.Item1, {|HYB1030:both.Item2|});")]
    [InlineData("System.Func<Tensor, Tensor> f = y => classifier.forward({|HYB1030:embedder.forward(y)|}); return f(x);")]
    // The functional forms, and losses.
    [InlineData(
        "return Classifier.Forward(Classifier.Weights.Of(classifier), {|HYB1030:Embedder.Forward(Embedder.Weights.Of(embedder), x)|});")]
    [InlineData("return Squared.Value(classifier.forward(encoder.forward(x)), {|HYB1030:embedder.forward(x)|});")]
    // New tensors of constant sizes; facts; types.
    [InlineData("return encoder.forward({|HYB1030:torch.randn(8, 1, 32, 32)|});")]
    [InlineData("return encoder.forward({|HYB1030:zeros(8, 3, 30, 32)|});")]
    [InlineData("var image = torch.rand(new long[] { 8, 3, 32 }); return encoder.forward({|HYB1030:image|});")]
    [InlineData("return classifier.forward({|HYB1030:encoder.forward(torch.zeros(2, 3, 8, 8))|});")]
    [InlineData("return narrow.forward(randn(8, 16), {|HYB1030:embedder.forward(randn(4, 10))|});")]
    [InlineData("return tokens.forward({|HYB1030:flat.forward(x)|}, x);")]
    [InlineData("return tokens.forward({|HYB1030:lengths.forward(x).sqrt()|}, x);")]
    [InlineData("return rescaled.forward({|HYB1030:lengths.forward(x)|});")]
    // Sizes a·s + b, which give s.
    [InlineData("return pairs.forward({|HYB1030:randn(8, 15)|});")]
    [InlineData("return pairs.forward({|HYB1030:split.forward(embedder.forward(x)).width|});")]
    [InlineData("return odd.forward({|HYB1030:randn(8, 8, 4)|});")]
    [InlineData("return odd.forward({|HYB1030:randn(8, 9, 3)|});")]
    [InlineData("return embedder.forward({|HYB1030:pairs.forward(split.forward(x).mean)|});")]
    public void ArgumentThatNoSizeMakesRight_IsTold(string body) => Check(body);

    [Theory]
    // What fits, for some size at least.
    [InlineData("return classifier.forward(encoder.forward(x));")]
    [InlineData("return narrow.forward(split.forward(embedder.forward(x)).mean, embedder.forward(x));")]
    [InlineData("return classifier.forward(encoder.forward(torch.zeros(2, 3, 16, 8)));")]
    [InlineData("return encoder.forward(torch.zeros(2, 3, 16, 8));")]
    // What is not known.
    [InlineData("var code = embedder.forward(x); code = x; return classifier.forward(code);")]
    [InlineData("var code = x; if (x.dim() == 4) code = embedder.forward(x); return classifier.forward(code);")]
    [InlineData(
        "var code = embedder.forward(x); Change(ref code); return classifier.forward(code); static void Change(ref Tensor t) => t = "
            + "t.sum();")]
    [InlineData("return classifier.forward(embedder.forward(x).unsqueeze(-1).unsqueeze(-1).expand(1, 64, 2, 2));")]
    [InlineData("return classifier.forward(embedder.forward(x)[0]);")]
    [InlineData("return encoder.forward(torch.zeros(x.shape[0], 1, 8, 8));")]
    [InlineData("var code = embedder.forward(x); code.unsqueeze_(0); return classifier.forward(code);")]
    [InlineData("Tensor code = embedder.forward(x); foreach (var t in new[] { x }) { code = t; } return classifier.forward(code);")]
    [InlineData("nn.Module<Tensor, Tensor> any = classifier; return any.forward(embedder.forward(x));")]
    [InlineData("return tokens.forward(x, torch.zeros(2, 7));")]
    [InlineData("return tokens.forward(lengths.forward(x).abs(), x);")]
    [InlineData("var counts = lengths.forward(x); return rescaled.forward(counts.sqrt().detach()) + rescaled.forward(counts.log());")]
    [InlineData("return pairs.forward(embedder.forward(x)) + pairs.forward(randn(8, 10));")]
    [InlineData("return odd.forward(odd.forward(randn(8, 9, 4)));")]
    [InlineData("return embedder.forward(pairs.forward(randn(8, 10)));")]
    public void ArgumentThatMayBeRight_PassesInSilence(string body) => Check(body);

    [Theory]
    // Probabilities into a loss of logits: of the project's own and of TorchSharp's.
    [InlineData("return Classes.Value({|HYB3003:probabilities.forward(x)|}, x);")]
    [InlineData("var p = probabilities.forward(x).detach(); return Classes.Value({|HYB3003:p|}, x);")]
    [InlineData("return Classes.Value({|HYB3003:scores.forward(x).softmax(1)|}, x);")]
    [InlineData("return Classes.Value({|HYB3003:functional.softmax(scores.forward(x), 1)|}, x);")]
    [InlineData("return Focal.Value({|HYB3003:probabilities.call(x)|}, x);")]
    [InlineData("return Labels.Value({|HYB3003:torch.sigmoid(scores.forward(x))|}, x);")]
    [InlineData("System.Func<Tensor, Tensor> loss = batch => Classes.Value({|HYB3003:probabilities.forward(batch)|}, x); return loss(x);")]
    [InlineData(
        "return Classes.Value({|HYB3003:Probabilities.Forward(Probabilities.Weights.Of(probabilities), x)|}, x);")]
    [InlineData("return functional.cross_entropy({|HYB3003:probabilities.forward(x)|}, x);")]
    [InlineData("return functional.binary_cross_entropy_with_logits({|HYB3003:scores.forward(x).sigmoid()|}, x);")]
    [InlineData("return nn.CrossEntropyLoss().forward({|HYB3003:probabilities.forward(x)|}, x);")]
    // What a linear map gives, where probabilities or positive numbers belong.
    [InlineData("return Certain.Value({|HYB3004:scores.forward(x)|}, x);")]
    [InlineData("return mixture.forward({|HYB3004:scores.forward(x)|});")]
    [InlineData("return functional.binary_cross_entropy({|HYB3004:scores.forward(x)|}, x);")]
    [InlineData("return functional.nll_loss({|HYB3004:scores.forward(x)|}, x);")]
    [InlineData("return functional.nll_loss({|HYB3004:probabilities.forward(x)|}, x);")]
    [InlineData("return nn.NLLLoss().forward({|HYB3004:scores.forward(x).softmax(1)|}, x);")]
    [InlineData("return Spread.Value(x, {|HYB3007:scores.forward(x)|});")]
    // A softmax over the examples of a batch.
    [InlineData("return functional.softmax(scores.forward(x), {|HYB1025:0|});")]
    [InlineData("var y = scores.forward(x); return y.log_softmax({|HYB1025:-2|});")]
    public void ValuesThatTheProgramDoesNotTake_AreTold(string body) => CheckValues(body);

    [Theory]
    [InlineData("return Classes.Value(scores.forward(x), x) + Focal.Value(scores.forward(x), x) + Labels.Value(scores.forward(x), x);")]
    [InlineData("return Classes.Value(probabilities.forward(x).log(), x);")]
    [InlineData("return Certain.Value(probabilities.forward(x), x) + Certain.Value(scores.forward(x).sigmoid(), x);")]
    [InlineData("return mixture.forward(probabilities.forward(x)) + mixture.forward(functional.softmax(scores.forward(x), 1));")]
    [InlineData("return Spread.Value(scores.forward(x), functional.softplus(scores.forward(x)));")]
    [InlineData("return Spread.Value(x, scores.forward(x).exp()) + Squared.Value(probabilities.forward(x), x);")]
    [InlineData("return functional.nll_loss(scores.forward(x).log_softmax(1), x);")]
    [InlineData("return functional.nll_loss(probabilities.forward(x).log(), x);")]
    [InlineData("return scores.forward(x).softmax(1) + scores.forward(randn(8, 10)).softmax(0);")]
    [InlineData("return pairs.forward(x).softmax(x.shape[0] - 1);")]
    // Changed where it stands.
    [InlineData("var p = scores.forward(x); p.sigmoid_(); return Certain.Value(p, x);")]
    [InlineData("var p = probabilities.forward(x); p.log_(); return Classes.Value(p, x);")]
    // A method of the author's own in the class of a loss.
    [InlineData("var labels = torch.zeros(64, int64); return Squared.Correct(scores.forward(randn(64, 10)), labels);")]
    [InlineData("var labels = torch.zeros(64, int64); return Classes.Value(scores.forward(randn(64, 10)), labels);")]
    public void ValuesThatMayBeRight_PassInSilence(string body) => CheckValues(body);

    [Fact]
    public void MessageOfValues_SaysWhereTheyComeFrom() => Assert.Equal(
        "Classes.Value: 'x' is given 'p' (from Probabilities.forward, line 8); it takes logits and makes probabilities of them itself, and "
            + "these are probabilities already. Feed the logits.",
        CheckValues("var p = probabilities.forward(x);\n        return Classes.Value({|HYB3003:p|}, x);")[0].GetMessage());

    [Fact]
    public void Message_SaysBothShapesAndWhereTheOtherComesFrom()
    {
        var found = Check("var code = embedder.forward(x);\n        return classifier.forward({|HYB1030:code|});");
        Assert.Equal(
            "Classifier.forward: 'features' is [B, 64, H, W], but 'code' (from Embedder.forward, line 8) is [B, 32]; the rank must be 4, "
                + "not 2. Reshape it first, or call a network that takes it.",
            found[0].GetMessage());
        Assert.Equal(
            "embedder.forward(x)",
            found[0].AdditionalLocations[0].SourceTree!.GetText(TestContext.Current.CancellationToken)
                .ToString(found[0].AdditionalLocations[0].SourceSpan));
        Assert.Contains(
            "axis 1 must be 16, not 32.",
            Check("return narrow.forward({|HYB1030:embedder.forward(x)|}, embedder.forward(x));")[0].GetMessage(),
            StringComparison.Ordinal);
        Assert.Contains(
            "H % 8 == 0 must hold, and H = 30.",
            Check("return encoder.forward({|HYB1030:zeros(8, 3, 30, 32)|});")[0].GetMessage(),
            StringComparison.Ordinal);
        Assert.Contains(
            "axis 1 must be 2·L for a whole L ≥ 1, not 15.",
            Check("return pairs.forward({|HYB1030:randn(8, 15)|});")[0].GetMessage(),
            StringComparison.Ordinal);
        Assert.Contains(
            "L >= 5 must hold, and L = 2.",
            Check("return pairs.forward({|HYB1030:split.forward(x).width|});")[0].GetMessage(),
            StringComparison.Ordinal);
        Assert.Contains(
            "its elements must be Int64, not Real.",
            Check("return tokens.forward({|HYB1030:flat.forward(x)|}, x);")[0].GetMessage(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void NetworksOfTheSameProject_AreKnownOnceTheyAreGenerated()
    {
        var marked = Marked.Parse(Program("return classifier.forward({|HYB1030:embedder.forward(x)|});"));
        var (compilation, _) = Specs.Generate(Specs.Compile(marked.Source, Networks));
        Assert.Equal(
            marked.Expected.Select(e => (e.Id, e.Span)),
            Specs.Analyze(compilation).Where(d => d.Id == "HYB1030").Select(d => (d.Id, d.Location.SourceSpan)));
    }

    [Fact]
    public void NetworksOfAnotherAssembly_AreKnownByTheirContracts()
    {
        var (library, _) = Specs.Generate(Specs.Compile(Networks.Replace("internal static", "public static", StringComparison.Ordinal)));
        using var stream = new MemoryStream();
        // A reference assembly: no bodies, no private members.
        var emitted = library.Emit(
            stream,
            options: new Microsoft.CodeAnalysis.Emit.EmitOptions(metadataOnly: true, includePrivateMembers: false),
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(emitted.Success, string.Join("\n", emitted.Diagnostics.Take(5)));
        var marked = Marked.Parse(Program("return classifier.forward({|HYB1030:embedder.forward(x)|});"));
        var user = Specs.Compile(marked.Source).WithAssemblyName("User").AddReferences(MetadataReference.CreateFromImage(stream.ToArray()));
        Assert.Empty(Specs.Errors(user));
        var found = Specs.Analyze(user);
        Assert.Equal(marked.Expected.Select(e => (e.Id, e.Span)), found.Select(d => (d.Id, d.Location.SourceSpan)));
    }

    private static IReadOnlyList<Diagnostic> CheckValues(string body) => Check(body, "HYB1025", "HYB1030", "HYB3003", "HYB3004", "HYB3007");

    private static IReadOnlyList<Diagnostic> Check(string body) => Check(body, "HYB1030");

    private static IReadOnlyList<Diagnostic> Check(string body, params string[] ids)
    {
        var marked = Marked.Parse(Program(body));
        var compilation = Specs.Compile(marked.Source).WithAssemblyName("User").AddReferences(_networks.Value);
        Assert.True(Specs.Errors(compilation).Count == 0, string.Join("\n", Specs.Errors(compilation)));
        ImmutableArray<Diagnostic> found = [.. Specs.Analyze(compilation).Where(d => ids.Contains(d.Id))];
        string Place(Diagnostic d) => marked.Source.Substring(d.Location.SourceSpan.Start, d.Location.SourceSpan.Length);
        Assert.True(
            marked.Expected.SequenceEqual(found.Select(d => (d.Id, d.Location.SourceSpan))),
            $"found: {string.Join("\n", found.Select(d => $"{d} at '{Place(d)}'"))}\nin {body}");
        return found;
    }
}
