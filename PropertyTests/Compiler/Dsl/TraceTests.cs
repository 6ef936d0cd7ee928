using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;
using Hybrid.Programs;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Dsl;

public class TraceTests
{
    [Network(Dims = "B")]
    private static class Perceptron
    {
        [Spec]
        [return: Shape("B, 2")]
        public static Sym Forward([Shape("B, 10")] Sym data, [Param] int hidden = 128)
        {
            var x = data.Linear(hidden, weightInit: Init.GlorotNormal, biasInit: Init.Normal(0.01)).Relu();
            return x.Linear(2, key: "head");
        }
    }

    [Network(Dims = "N, T", Where = "T % 4 == 0")]
    private static class Twins
    {
        private const int Features = 6;

        [Spec]
        public static (Sym Difference, Sym) Forward(
            [Shape("N, Features")] Sym a,
            [Shape("N, Features")] Sym b,
            [Shape("N, T"), Int64] Sym tokens)
        {
            var encoder = Layer.Linear(3, key: "encoder");
            return (encoder.On(a) - encoder.On(b), tokens * 2.0);
        }
    }

    [Network(Dims = "B, N", Where = "N % 2 == 0")]
    private static class Halves
    {
        [Spec]
        [return: Shape("B, N/2")]
        public static Sym Forward([Shape("B, N, 4")] Sym x) => x.Reshape("B, N/2, 8").Mean(2);
    }

    [Network(Dims = "M, L", Where = "L % 4 == 0")]
    private static class Outer
    {
        [Spec]
        public static Sym Forward([Shape("M, L, 4")] Sym x) => Layer.Of(Halves.Forward, key: "inner").On(x).Relu();
    }

    [Network(Dims = "M, L")]
    private static class Odd
    {
        [Spec]
        public static Sym Forward([Shape("M, L, 4")] Sym x) => Layer.Of(Halves.Forward, key: "inner").On(x);
    }

    [Network(Dims = "M, H, W")]
    private static class Foreign
    {
        [Spec]
        public static Sym Forward([Shape("M, 3, H, W")] Sym x) => Layer.Module<List<int>>("B, C, H, W -> B, 64, H/2, W", key: "mine").On(x);
    }

    [Network(Dims = "B")]
    private static class Overpromise
    {
        [Spec]
        [return: Shape("B, 10")]
        public static Sym Forward([Shape("B, 4")] Sym data) => data.Linear(128);
    }

    [Fact]
    public void ASpec_TracesToItsGraph()
    {
        var graph = Trace.Of(typeof(Perceptron));
        Assert.Equal(["Linear", "Relu", "Linear"], graph.Nodes.Select(node => node.Operation));
        Assert.Equal("[B, 2]", graph.Results.Single().Shape.ToString());
        Assert.Equal(["linear_1", "head"], graph.Layers.Select(layer => layer.Key));
        Assert.Equal(["[128, 10]", "[128]"], graph.Layers[0].Weights.Select(weight => weight.Shape.ToString()));
        Assert.Equal("Init.Normal(0.01)", graph.Layers[0].Weights[1].Init.ToString());
    }

    [Fact]
    public void AParameter_TakesTheValueThatIsGiven()
        => Assert.Equal(
            "[64, 10]",
            Trace.Of(typeof(Perceptron), new Dictionary<string, int> { ["hidden"] = 64 }).Layers[0].Weights[0].Shape.ToString());

    [Fact]
    public void ASharedLayer_IsOneSetOfWeights()
    {
        var graph = Trace.Of(typeof(Twins));
        Assert.Equal("encoder", Assert.Single(graph.Layers).Key);
        Assert.Equal([0, 0], graph.Nodes.Where(node => node.Operation == "Linear").Select(node => node.Layer));
        Assert.Equal(ElementType.Int64, graph.Values[2].Shape.Element);
        Assert.Equal(["Difference", ""], graph.OutputNames);
        Assert.Contains(
            "public override (Tensor Difference, Tensor) forward(Tensor a, Tensor b, Tensor tokens)",
            new ModuleProgram().Write(graph, new TypeHeader("Zoo", default, "Twins")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void ANetworkInside_IsOneNodeByItsContract()
    {
        var graph = Trace.Of(typeof(Outer));
        Assert.Equal(["Of", "Relu"], graph.Nodes.Select(node => node.Operation));
        Assert.Equal("[M, L/2]", graph.Results.Single().Shape.ToString());
        Assert.Equal("inner", Assert.Single(graph.Layers).Key);
        var refused = Assert.Single(new FunctionalProgram().Check(graph));
        Assert.Equal("HYB5006", refused.Id);
        Assert.Equal(
            "Functional: Hybrid.PropertyTests.Compiler.Dsl.TraceTests.Halves, the network of 'inner', does not derive Functional. Add "
                + "Variant.Functional to the [Derive] of Hybrid.PropertyTests.Compiler.Dsl.TraceTests.Halves, or leave Functional out of "
                + "this one.",
            refused.Text);
    }

    [Fact]
    public void ANetworkInside_MustGetWhatItNeeds()
        => Assert.Equal(
            "HYB1018: Of 'inner': Hybrid.PropertyTests.Compiler.Dsl.TraceTests.Halves needs N % 2 == 0, which 'x' [M, L, 4] does not "
                + "always give (L = 1). Add the fact to Where.",
            Assert.Throws<SpecException>(() => Trace.Of(typeof(Odd))).Message);

    [Fact]
    public void AHandWrittenModule_IsTakenAtItsWordAndCheckedWhenItRuns()
    {
        var graph = Trace.Of(typeof(Foreign));
        Assert.Equal("[M, 64, H/2, W]", graph.Results.Single().Shape.ToString());
        var text = new ModuleProgram().Write(graph, new TypeHeader("Zoo", default, "Foreign"));
        // Where the lines break is the folding's to say.
        var flat = string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
        Assert.Contains("CheckPromise(\"System.Collections.Generic.List", flat, StringComparison.Ordinal);
        Assert.Contains(",y,M,64,(H/2),W);//aspromised", flat, StringComparison.Ordinal);
    }

    [Fact]
    public void TracingTwice_GivesEqualGraphs()
    {
        Assert.Equal(Trace.Of(typeof(Twins)), Trace.Of(typeof(Twins)));
        Assert.Equal(Trace.Of(typeof(Twins)).GetHashCode(), Trace.Of(typeof(Twins)).GetHashCode());
        Assert.Null(Trace.Of(typeof(Perceptron)).DifferenceFrom(Trace.Of(typeof(Perceptron))));
        Assert.StartsWith(
            "values[1]",
            Trace.Of(typeof(Perceptron)).DifferenceFrom(Trace.Of(typeof(Perceptron), new Dictionary<string, int> { ["hidden"] = 64 })),
            StringComparison.Ordinal);
    }

    [Fact]
    public void ABrokenPromise_IsRefusedWithBothShapes()
        => Assert.Equal(
            "HYB1018: Spec promises [B, 10] but returns [B, 128] from the result of Linear. Change the promise to [return: Shape(\"B, "
                + "128\")] or the last operation.",
            Assert.Throws<SpecException>(() => Trace.Of(typeof(Overpromise))).Message);

    [Fact]
    public void ASymThatOutlivesItsTrace_IsRefused()
    {
        Sym? kept = null;
        Trace.Of("Net", "B", "", [("x", "B, 3")], x => [kept = x[0].Relu()]);
        Assert.Equal(
            "Relu is applied to a Sym whose trace has ended. A Sym has no numbers: outside Trace.Of use the generated module or its "
                + "static functions.",
            Assert.Throws<InvalidOperationException>(() => kept!.Relu()).Message);
        Assert.Equal(
            "+: its tensors belong to two traces. A Sym lives inside one call of Trace; pass arrays or weights between traces instead.",
            Assert.Throws<InvalidOperationException>(() => Trace.Of("Net", "B", "", [("x", "B, 3")], x => [kept! + x[0]])).Message);
        Assert.Contains(
            "'right' is null",
            Assert.Throws<ArgumentNullException>(() => Trace.Of("Net", "B", "", [("x", "B, 3")], x => [x[0] + null!])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void ANetworkOfRunTimeDepth_IsBuiltByTracing()
    {
        foreach (var depth in new[] { 1, 5, 40 })
        {
            var graph = Trace.Of("Deep", "B", "", [("x", "B, 8")], x =>
            {
                var y = x[0];
                for (var i = 0; i < depth; i++) y = y.Linear(8).Tanh();
                return [y];
            });
            Assert.Equal(depth, graph.Layers.Count);
            Assert.Equal($"linear_{depth}", graph.Layers[depth - 1].Key);
        }
    }
}
