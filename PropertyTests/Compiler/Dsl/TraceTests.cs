using System;
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
        public static Sym Forward([Shape("B, 10")] Sym data)
        {
            var x = data.Linear(128, weightInit: Init.GlorotNormal, biasInit: Init.Normal(0.01)).Relu();
            return x.Linear(2, key: "head");
        }
    }

    [Network(Dims = "B")]
    private static class Overpromise
    {
        [Spec]
        [return: Shape("B, 10")]
        public static Sym Forward([Shape("B, 4")] Sym data) => data.Linear(128);
    }

    [Fact]
    public void Perceptron_TracesToItsGraph()
    {
        var graph = Trace.Of(typeof(Perceptron));
        Assert.Equal(["Linear", "Relu", "Linear"], graph.Nodes.Select(node => node.Operation));
        Assert.Equal("[B, 2]", graph.Results.Single().Shape.ToString());
        Assert.Equal(["linear_1", "head"], graph.Layers.Select(layer => layer.Key));
        Assert.Equal("[128, 10]", graph.Layers[0].Weights[0].Shape.ToString());
        var text = new ModuleProgram().Write(graph, new TypeHeader("Zoo", default, "Perceptron"));
        Assert.Contains("y = _head.forward(y); // (B, 2)\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void BrokenPromise_IsRefusedWithBothShapes()
    {
        var exception = Assert.Throws<SpecException>(() => Trace.Of(typeof(Overpromise)));
        Assert.Equal("HYB1018: Spec promises [B, 10] but returns [B, 128] from the result of Linear. Change the promise to [return: Shape(\"B, 128\")] or the last operation.", exception.Message);
    }
}
