using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>
/// Turning the image turns the features and permutes the elements of each field. With small whole numbers in float64 every sum is exact,
/// whatever its order, so the two sides are the same bits; with real numbers they differ by the rounding of sums in another order.
/// </summary>
[Collection(nameof(Tensors))]
public sealed class Equivariance
{
    /// <summary>The elements of each group in the order of its channels, as what they do to an image; written again here.</summary>
    private static readonly Dictionary<Symmetry, Func<Tensor, Tensor>[]> _groups = new()
    {
        [Symmetry.C4] = [x => x, x => x.rot90(1, (-2, -1)), x => x.rot90(2, (-2, -1)), x => x.rot90(3, (-2, -1))],
        [Symmetry.D2] = [x => x, x => x.flip(-1), x => x.flip(-2), x => x.flip(-1, -2)],
        [Symmetry.D4] =
        [
            x => x, x => x.rot90(1, (-2, -1)), x => x.rot90(2, (-2, -1)), x => x.rot90(3, (-2, -1)),
            x => x.flip(-1), x => x.flip(-1).rot90(1, (-2, -1)), x => x.flip(-2), x => x.flip(-1).rot90(3, (-2, -1)),
        ],
    };

    public static TheoryData<Symmetry> Groups => [.. _groups.Keys];

    /// <summary>Which element does to a marked image what the composition does.</summary>
    private static int Find(Symmetry group, Func<Tensor, Tensor> action)
    {
        var marked = arange(9).view(3, 3);
        var moved = action(marked);
        return Array.FindIndex(_groups[group], element => element(marked).eq(moved).all().ToBoolean());
    }

    /// <summary>Fields (B, fields·|G|, H, W) of the image moved by r: the pixels moved, and at g what was at r⁻¹g.</summary>
    private static Tensor Moved(Symmetry group, int r, Tensor fields)
    {
        var elements = _groups[group];
        var byElement = fields.unflatten(1, -1, elements.Length);
        var sources = new int[elements.Length];
        // r after h is g: what was at h comes to g.
        for (var h = 0; h < elements.Length; h++) sources[Find(group, x => elements[r](elements[h](x)))] = h;
        return elements[r](stack(sources.Select(h => byElement.select(2, h)), 2)).flatten(1, 2);
    }

    private static Tensor Whole(params long[] sizes) => randint(-4, 5, sizes, dtype: ScalarType.Int64).to(ScalarType.Float64);

    private static Zoo.Layers.Equivariant Network(bool isWhole)
    {
        var network = new Zoo.Layers.Equivariant(dtype: ScalarType.Float64);
        network.eval();
        using var still = no_grad();
        foreach (var (name, tensor) in network.state_dict())
            if (isWhole && !name.Contains("atchNorm", StringComparison.Ordinal)) tensor.copy_(Whole(tensor.shape));
        return network;
    }

    [Theory]
    [MemberData(nameof(Groups))]
    public void TheGroupIsOne(Symmetry group)
    {
        using var scope = NewDisposeScope();
        var elements = _groups[group];
        for (var a = 0; a < elements.Length; a++)
        {
            Assert.Equal(a, Find(group, elements[a]));
            var products = Enumerable.Range(0, elements.Length).Select(b => Find(group, x => elements[a](elements[b](x)))).ToList();
            Assert.Equal(Enumerable.Range(0, elements.Length), products.Order());
        }
    }

    /// <summary>Each layer alone, from the generated functions: bit for bit, for each element and each composition of two.</summary>
    [Fact]
    public void Exactly()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        manual_seed(11);
        var network = Network(isWhole: true);
        var image = Whole(2, 2, 9, 9);
        var (turns, mirrors, both) = network.forward(image);
        for (var r = 0; r < 4; r++)
        {
            // Tanh and the statistics between the two convolutions are the same function of each element: only sums of products of
            // roundings differ.
            Close(network.forward(_groups[Symmetry.C4][r](image)).turns, Moved(Symmetry.C4, r, turns), $"C4, element {r}");
            Same(network.forward(_groups[Symmetry.D2][r](image)).mirrors, _groups[Symmetry.D2][r](mirrors), $"D2, element {r}");
        }
        var d4 = _groups[Symmetry.D4];
        for (var r = 0; r < 8; r++)
        {
            Close(network.forward(d4[r](image)).both, d4[r](both), $"D4, element {r}");
            for (var s = 0; s < 8; s++) Close(network.forward(d4[r](d4[s](image))).both, d4[r](d4[s](both)), $"D4, {r} after {s}");
        }
    }

    public static TheoryData<string, Symmetry> Layers => new()
    {
        { "Turns", Symmetry.C4 }, { "Mirrors", Symmetry.D2 }, { "Both", Symmetry.D4 },
    };

    private sealed record Program(string Name, Func<Tensor, (Tensor Lifted, Tensor Deep, Tensor Pooled)> Run);

    private static (nn.Module Module, Program[] Programs) Programs(string name)
    {
        static (Tensor, Tensor, Tensor) Part((Tensor, Tensor, Tensor) all, int i) => (all.Item1[i], all.Item2[i], all.Item3[i]);
        switch (name)
        {
            case "Turns":
                var turns = Filled(new Zoo.Layers.Turns(dtype: ScalarType.Float64));
                var w = Zoo.Layers.Turns.Weights.Of(turns);
                var members = Zoo.Layers.Turns.Ensemble.Of([Filled(new Zoo.Layers.Turns(dtype: ScalarType.Float64)), turns]);
                return (turns, [new("module", turns.forward), new("functional", x => Zoo.Layers.Turns.Forward(w, x)),
                    new("ensemble", x => Part(members.forward(x), 1)), new(
                        "tangent", x => Part(Zoo.Layers.Turns.ForwardTangent(w, x, x.unsqueeze(0)).Tangent, 0))]);
            case "Mirrors":
                var mirrors = Filled(new Zoo.Layers.Mirrors(dtype: ScalarType.Float64));
                var v = Zoo.Layers.Mirrors.Weights.Of(mirrors);
                var pair = Zoo.Layers.Mirrors.Ensemble.Of([Filled(new Zoo.Layers.Mirrors(dtype: ScalarType.Float64)), mirrors]);
                return (mirrors, [new("module", mirrors.forward), new("functional", x => Zoo.Layers.Mirrors.Forward(v, x)),
                    new("ensemble", x => Part(pair.forward(x), 1)), new(
                        "tangent", x => Part(Zoo.Layers.Mirrors.ForwardTangent(v, x, x.unsqueeze(0)).Tangent, 0))]);
            default:
                var both = Filled(new Zoo.Layers.TurnsAndMirrors(dtype: ScalarType.Float64));
                var u = Zoo.Layers.TurnsAndMirrors.Weights.Of(both);
                var two = Zoo.Layers.TurnsAndMirrors.Ensemble.Of([Filled(new Zoo.Layers.TurnsAndMirrors(dtype: ScalarType.Float64)), both]);
                return (both, [new("module", both.forward), new("functional", x => Zoo.Layers.TurnsAndMirrors.Forward(u, x)),
                    new("ensemble", x => Part(two.forward(x), 1)), new(
                        "tangent", x => Part(Zoo.Layers.TurnsAndMirrors.ForwardTangent(u, x, x.unsqueeze(0)).Tangent, 0))]);
        }
    }

    private static T Filled<T>(T module) where T : nn.Module
    {
        foreach (var (_, tensor) in module.state_dict()) tensor.copy_(Whole(tensor.shape));
        return module;
    }

    /// <summary>
    /// A lifting convolution and two over the group, with padding, strides and biases: the same bits, in every program. The derivative
    /// along the image itself turns with it too.
    /// </summary>
    [Theory]
    [MemberData(nameof(Layers))]
    public void Convolutions_AreEquivariantBitForBit(string name, Symmetry group)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        manual_seed(5);
        var (_, programs) = Programs(name);
        var image = Whole(2, 2, 9, 9);
        foreach (var (program, network) in programs)
        {
            var (lifted, deep, pooled) = network(image);
            // Something is to be seen: other elements of a field differ.
            Assert.False(lifted.select(1, 0).eq(lifted.select(1, 1)).all().ToBoolean(), $"{program}: two elements of a field are the same");
            for (var r = 0; r < _groups[group].Length; r++)
            {
                var (liftedOfMoved, deepOfMoved, pooledOfMoved) = network(_groups[group][r](image));
                Same(liftedOfMoved, Moved(group, r, lifted), $"{program}, {group}, lifted, element {r}");
                Same(deepOfMoved, Moved(group, r, deep), $"{program}, {group}, over the group, element {r}");
                Same(pooledOfMoved, pooled, $"{program}, {group}, pooled over elements and pixels, element {r}");
                for (var s = 0; s < _groups[group].Length; s++)
                    Same(
                        network(_groups[group][r](_groups[group][s](image))).Deep,
                        Moved(group, r, Moved(group, s, deep)),
                        $"{program}, {group}, {r} after {s}");
            }
        }
    }

    /// <summary>
    /// Weights of the head are drawn, with signs for each example; what is drawn does not depend on the image, so what is invariant stays
    /// so.
    /// </summary>
    [Fact]
    public void AFlipoutNetwork_IsInvariantAsItsNetworkIs()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        manual_seed(7);
        var flipout = Zoo.Whole.Turning.Flipout.From(new Zoo.Whole.Turning(dtype: ScalarType.Float64), initialSigma: 0.5);
        flipout.eval();
        var image = randn(3, 1, 9, 9, ScalarType.Float64);
        Tensor Drawn(Tensor x)
        {
            manual_seed(1);
            return flipout.forward(x);
        }
        Assert.False(Drawn(image).allclose(flipout.forward(image)), "nothing is drawn");
        foreach (var element in _groups[Symmetry.D4]) Close(Drawn(element(image)), Drawn(image), "D4, drawn");
    }

    /// <summary>
    /// The filters that are applied, one by one from the definition: channel (field, g) at a pixel is Σ over (input, h) of ψ(g⁻¹h) moved by
    /// g.
    /// </summary>
    [Theory]
    [InlineData(Symmetry.C4)]
    [InlineData(Symmetry.D4)]
    public void GroupConvolution_IsItsDefinition(Symmetry group)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        manual_seed(6);
        var elements = _groups[group];
        nn.Module module = group == Symmetry.C4
            ? new Zoo.Layers.Turns(dtype: ScalarType.Float64)
            : new Zoo.Layers.TurnsAndMirrors(dtype: ScalarType.Float64);
        foreach (var (_, tensor) in module.state_dict()) tensor.copy_(Whole(tensor.shape));
        var image = Whole(1, 2, 9, 9);
        var (lifted, deep, _) = group == Symmetry.C4
            ? ((Zoo.Layers.Turns)module).forward(image)
            : ((Zoo.Layers.TurnsAndMirrors)module).forward(image);
        var (weight, bias) = (module.state_dict()["of_1.deep.weight"], module.state_dict()["of_1.deep.bias"]); // (2, 2, |G|, 3, 3)
        var fields = lifted.unflatten(1, -1, elements.Length);
        for (var o = 0; o < 2; o++)
            for (var g = 0; g < elements.Length; g++)
            {
                var sum = full([1, 1, deep.shape[2], deep.shape[3]], bias[o].ToDouble(), ScalarType.Float64);
                for (var input = 0; input < 2; input++)
                    for (var h = 0; h < elements.Length; h++)
                    {
                        // g⁻¹h is the element that g brings to h.
                        var first = Enumerable.Range(0, elements.Length).Single(u => Find(group, x => elements[g](elements[u](x))) == h);
                        sum = sum
                            + nn.functional.conv2d(
                                fields.select(1, input).narrow(1, h, 1),
                                elements[g](weight[o, input, first]).unsqueeze(0).unsqueeze(0),
                                null, padding: [1, 1]);
                    }
                Same(deep.narrow(1, (o * elements.Length) + g, 1), sum, $"{group}: field {o}, element {g}");
            }
    }

    private static void Same(Tensor actual, Tensor expected, string what)
    {
        Assert.True(
            actual.shape.SequenceEqual(expected.shape),
            $"{what}: ({string.Join(", ", actual.shape)}) against ({string.Join(", ", expected.shape)})");
        Assert.True(actual.eq(expected).all().ToBoolean(), $"{what} differs by {(actual - expected).abs().max().ToDouble()}");
    }

    /// <summary>A few hundred terms of size one, each rounded to 2⁻⁵³: 10⁻¹² is far above what their order can change.</summary>
    private static void Close(Tensor actual, Tensor expected, string what)
    {
        Assert.True(
            actual.shape.SequenceEqual(expected.shape),
            $"{what}: ({string.Join(", ", actual.shape)}) against ({string.Join(", ", expected.shape)})");
        var scale = Math.Max(1, expected.abs().max().ToDouble());
        Assert.True(
            (actual - expected).abs().max().ToDouble() <= 1e-12 * scale,
            $"{what} differs by {(actual - expected).abs().max().ToDouble()} of {scale}");
    }
}
