using System;
using System.Linq;
using System.Reflection;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Hybrid.PropertyTests.Zoo;
using Microsoft.CodeAnalysis;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>
/// Programs of networks with networks inside, beyond the laws that the zoo's are held to: keys, sums, choices, memory, and contracts of
/// other assemblies.
/// </summary>
[Collection(nameof(Tensors))]
public sealed class NestedNetworks
{
    [Fact]
    public void Weights_AreNested_AndAllOfThemInOneVector()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var network = new SetComparison(dtype: ScalarType.Float64);
        var weights = SetComparison.Weights.Of(network);
        Assert.Equal(SetComparison.Weights.ParameterNames, network.named_parameters().Select(p => p.name));
        Assert.Equal(SetComparison.Weights.BufferNames, network.named_buffers().Select(b => b.name));
        Assert.Equal($"SetComparison.Weights of {network.state_dict().Count} tensors", weights.ToString());
        Assert.Same(network.get_parameter("coded_1.of_1.pairs.linear_1.weight"), weights.Coded1Of1.Pairs.Linear1Weight);

        // Each function of all parameters meets each of them once, in the order of their names.
        var vector = weights.ToVector();
        Assert.Equal(network.parameters().Sum(p => p.numel()), vector.numel());
        var back = weights.FromVector(vector * 2);
        foreach (var (doubled, parameter) in back.Parameters.Zip(weights.Parameters))
            Assert.True(doubled.equal(parameter * 2).all().ToBoolean());
        foreach (var wrong in new[] { vector.narrow(0, 0, 5), cat([vector, vector]), vector.unsqueeze(0) })
            Assert.Equal(
                $"expected a vector of {vector.numel()} numbers, got ({string.Join(", ", wrong.shape)}) (Parameter 'vector')",
                Assert.Throws<ArgumentException>(() => weights.FromVector(wrong)).Message);
        var sum = weights.Zip(back, (a, b) => a + b).ToVector();
        Assert.True(sum.equal(vector * 3).all().ToBoolean(), "Zip pairs other parameters");
        Assert.True(
            weights.WithParameters([.. back.Parameters]).ToVector().equal(vector * 2).all().ToBoolean(),
            "WithParameters gives them in another order");
        Assert.Throws<ArgumentException>(() => weights.WithParameters([vector]));
        Assert.Throws<ArgumentException>(() => weights.Zip([vector], (a, _) => a));

        var other = new SetComparison(dtype: ScalarType.Float64);
        weights.Map(p => p.detach() + 1).CopyTo(other);
        foreach (var (key, tensor) in network.named_parameters())
            Assert.True(other.get_parameter(key)!.equal(tensor + 1).all().ToBoolean(), $"CopyTo leaves '{key}'");
        var copy = weights.Copy();
        Assert.All(copy.Parameters, p => Assert.True(p.requires_grad && p.is_leaf));
        Assert.Equal(weights.Buffers.Count, copy.Buffers.Count);
    }

    [Fact]
    public void TheDivergence_IsTheSumOverAllNetworks_OfTheLayersThatAreDrawn()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        var network = new NoisySet(dtype: ScalarType.Float64);
        const double sigma = 0.2;
        var flipout = NoisySet.Flipout.From(network, sigma);
        var drawn = flipout.named_parameters().Where(p => flipout.get_parameter(p.name + "_rho") is not null).ToList();
        Assert.Equal(8, drawn.Count);
        var exact = drawn.Sum(p => (((p.parameter.square() + (sigma * sigma) - 1) / 2) - Math.Log(sigma)).sum().ToDouble());
        Assert.Equal(exact, flipout.Kl().ToDouble(), 1e-9 * Math.Abs(exact));
        Assert.Equal(FlipoutLayers.Linear, NoisySet.Flipout.Kinds);

        var still = NoisySet.Flipout.From(network, layers: FlipoutLayers.None);
        Assert.Equal(0, still.Kl().ToDouble());
        still.eval();
        network.eval();
        var x = randn(3, 4, 4, ScalarType.Float64);
        Assert.True(still.forward(x).equal(network.forward(x)).all().ToBoolean(), "nothing is drawn, and the result differs");
        flipout.eval();
        flipout.Predict(x, 3);
        flipout.IsDrawn = false;
        Assert.True(flipout.forward(x).allclose(network.forward(x), 1e-12, 1e-12), "the means differ from the network after a prediction");
        var sample = flipout.Sample();
        Assert.All(
            sample.named_parameters().Where(p => p.name.Contains("linear", StringComparison.Ordinal)),
            p => Assert.False(p.parameter.equal(network.get_parameter(p.name)!).all().ToBoolean(), $"'{p.name}' is not drawn"));
    }

    [Fact]
    public void StepsOfTraining_LeaveNoTensors()
    {
        using var outer = NewDisposeScope();
        var (ensemble, flipout) = (new NoisySet.Ensemble(3), new NoisySet.Flipout());
        var weights = NoisySet.Weights.Of(new NoisySet());
        var x = randn(4, 6, 4);
        void Step()
        {
            using var scope = NewDisposeScope();
            ensemble.zero_grad();
            ensemble.forward(x).sum().backward();
            (flipout.forward(x).sum() + flipout.Kl(10)).backward();
            NoisySet.Forward(weights, x, training: true).sum().backward();
            NoisySet.ForwardTangent(weights, x, randn(2, 4, 6, 4));
        }
        Step();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Step();
        using (ensemble.Member(1)) { }
        using (flipout.Mean()) { }
        new Wrapped.Ensemble(2).Dispose();
        new Wrapped.Flipout().Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private const string Inner = """
        using Hybrid;
        namespace Other;

        [Network(Dims = "B")]
        [Derive(Variant.Tangent, Variant.Ensemble, Variant.Flipout)]
        public partial class Encoder
        {
            [Spec] [return: Shape("B, 5", "B, 2")]
            public static (Sym code, Sym scale) Encode([Shape("B, 8")] Sym x) => (x.Linear(5).Tanh(), x.Linear(2).Softplus());
        }
        """;

    private const string Outer = """
        using Hybrid;

        [Network(Dims = "B")]
        [Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent)]
        public partial class User
        {
            [Spec] [return: Shape("B, 1")]
            static Sym Forward([Shape("B, 8")] Sym x)
            {
                var (code, scale) = Layer.Of(Other.Encoder.Encode, key: "encoder").On(x);
                return code.Linear(1) + scale.Sum(1).Unsqueeze(1);
            }
        }
        """;

    [Fact]
    public void ProgramsCrossAssemblies()
    {
        var (encoder, _) = Specs.Generate(Specs.Compile(Inner));
        var image = Specs.Emit(encoder.WithAssemblyName("Other2"));
        var reference = MetadataReference.CreateFromImage(image);
        var compilation = Specs.Compile(Outer).AddReferences(reference);
        Assert.Empty(Specs.Analyze(compilation));
        var (generated, _) = Specs.Generate(compilation);
        AppDomain.CurrentDomain.AssemblyResolve += (_, name) => name.Name.StartsWith(
            "Other2,", StringComparison.Ordinal) ? Assembly.Load(image) : null;
        var type = Assembly.Load(Specs.Emit(generated)).GetType("User")!;
        var graph = Reading.Evaluate(Reading.Models(compilation).Single().Value).Graph!;
        ProgramLaws.Hold(
            new RunningNetwork(type, graph, new System.Collections.Generic.Dictionary<string, int>(), ScalarType.Float64), new Random(1));
    }
}
