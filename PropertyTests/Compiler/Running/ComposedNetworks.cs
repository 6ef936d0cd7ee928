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
/// Networks and hand-written modules as layers of a network: what is generated runs, and contracts hold across assemblies.
/// </summary>
[Collection(nameof(Tensors))]
public sealed class ComposedNetworks
{
    [Fact]
    public void ForwardComposesTheParts()
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        var network = new Composed();
        var (left, right) = (randn(5, 6, 4), randn(5, 6, 4));
        T Part<T>(string key) where T : nn.Module => (T)network.named_children().Single(child => child.name == key).module;
        var encoder = Part<PairEncoder>("encoder");
        var (mean, variance) = Part<Moments>("moments").forward(encoder.forward(left) - encoder.forward(right));
        var halved = Part<nn.Module<Tensor, Tensor>>("halver").forward(cat([mean, variance], 1));
        var expected = Part<nn.Module<Tensor, Tensor>>("linear_1").forward(halved);
        Assert.True(equal(expected, network.forward(left, right)).all().ToBoolean(), "the network differs from its parts");
    }

    [Fact]
    public void KeysAreNestedBelowTheLayers()
    {
        using var network = new Composed();
        Assert.Equal(
            ["encoder.linear_1.bias", "encoder.linear_1.weight", "halver.weight.weight", "linear_1.bias", "linear_1.weight"],
            network.state_dict().Keys.Order(StringComparer.Ordinal));
    }

    private const string Liar = """
        using Hybrid;
        using TorchSharp;
        using static TorchSharp.torch;

        public sealed class Liar : nn.Module<Tensor, Tensor>
        {
            public Liar() : base("Liar") => RegisterComponents();
            public override Tensor forward(Tensor x) => x.narrow(1, 0, 3).alias();
        }

        [Network(Dims = "B")]
        public partial class Trusting
        {
            [Spec] [return: Shape("B, 4")]
            static Sym Forward([Shape("B, 8")] Sym x) => Layer.Module<Liar>("B, N -> B, N/2").On(x);
        }
        """;

    [Fact]
    public void ABrokenPromiseIsNamedWhenItRuns()
    {
        var (compilation, _) = Specs.Generate(Specs.Compile(Liar));
        using var network = Construct(compilation, "Trusting");
        using var x = randn(2, 8);
        var failure = Assert.Throws<InvalidOperationException>(() => network.forward(x));
        Assert.Equal("Trusting: Liar promised (B, 4) = (2, 4) but gave (2, 3). Correct its promise or its forward.", failure.Message);
    }

    private const string Encoder = """
        using Hybrid;
        namespace Other;

        [Network(Dims = "B, N", Where = "N % 4 == 0")]
        public partial class Encoder
        {
            [Spec] [return: Shape("B, N/4", "B, 2")]
            public static (Sym code, Sym scale) Forward([Shape("B, N, 8")] Sym x)
                => (x.Mean(2).Reshape("B, N/4, 4").Sum(2), x.Mean(1).Linear(2));
        }
        """;

    private static string User(int length, int features) => $$"""
        using Hybrid;

        [Network(Dims = "B")]
        public partial class User
        {
            [Spec] [return: Shape("B, 1")]
            static Sym Forward([Shape("B, {{length}}, {{features}}")] Sym x)
            {
                var (code, scale) = Layer.Of(Other.Encoder.Forward).On(x);
                return code.Linear(1) + scale.Sum(1).Unsqueeze(1);
            }
        }
        """;

    /// <summary>The network's contract is all that its assembly carries over: the specs it came from may be private.</summary>
    [Fact]
    public void ContractsCrossAssemblies()
    {
        var (encoder, _) = Specs.Generate(Specs.Compile(Encoder));
        var image = Specs.Emit(encoder.WithAssemblyName("Other"));
        var reference = MetadataReference.CreateFromImage(image);

        var good = Specs.Compile(User(12, 8)).AddReferences(reference);
        Assert.Empty(Specs.Analyze(good));
        var (generated, _) = Specs.Generate(good);
        AppDomain.CurrentDomain.AssemblyResolve += (_, name) => name.Name.StartsWith(
            "Other,", StringComparison.Ordinal) ? Assembly.Load(image) : null;
        using var network = Construct(generated, "User");
        using var x = randn(3, 12, 8);
        using var y = network.forward(x);
        Assert.Equal([3, 1], y.shape);

        var odd = Assert.Single(Specs.Analyze(Specs.Compile(User(10, 8)).AddReferences(reference)));
        Assert.Contains("Encoder", odd.GetMessage());
        Assert.Contains("10", odd.GetMessage());
        var narrow = Assert.Single(Specs.Analyze(Specs.Compile(User(12, 7)).AddReferences(reference)));
        Assert.Equal("HYB1018", narrow.Id);
        Assert.Contains("axis 2 must be 8, not 7", narrow.GetMessage());
    }

    private static nn.Module<Tensor, Tensor> Construct(Compilation compilation, string name)
        // device, dtype
        => (nn.Module<Tensor, Tensor>)Assembly.Load(Specs.Emit(compilation)).GetType(name)!.GetConstructors().Single().Invoke([null, null]);
}
