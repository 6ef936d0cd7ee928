using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Hybrid.PropertyTests.Engine.Oracles;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Hybrid.PropertyTests.Engine.Modules;

/// <summary>nn.init against PyTorch: the same bytes for the same seed, and what each filling promises.</summary>
public class InitialisationTests
{
    private static readonly Dictionary<string, Func<Tensor, Tensor>> Fillings = new()
    {
        ["uniform_"] = t => init.uniform_(t, -0.3, 0.7),
        ["normal_"] = t => init.normal_(t, 0.5, 2.0),
        ["constant_"] = t => init.constant_(t, 0.3),
        ["ones_"] = init.ones_,
        ["zeros_"] = init.zeros_,
        ["eye_"] = init.eye_,
        ["dirac_"] = init.dirac_,
        ["xavier_uniform_"] = t => init.xavier_uniform_(t, 1.7),
        ["xavier_normal_"] = t => init.xavier_normal_(t, 1.7),
        ["kaiming_uniform_"] = t => init.kaiming_uniform_(t, 0.2, init.FanInOut.FanOut),
        ["kaiming_normal_"] = t => init.kaiming_normal_(t, nonlinearity: init.NonlinearityType.ReLU),
        ["orthogonal_"] = t => init.orthogonal_(t, 1.3),
        ["orthogonal_ wide"] = t => init.orthogonal_(t),
        ["trunc_normal_"] = t => init.trunc_normal_(t, 0.1, 0.8, -1.0, 1.5),
        ["sparse_"] = t => init.sparse_(t, 0.3, 0.05),
    };

    public static IEnumerable<TheoryDataRow<string>> Names => Fillings.Keys.Select(name => new TheoryDataRow<string>(name));

    [Theory, MemberData(nameof(Names))]
    public void Filling_HasPyTorchsNumbers(string name)
    {
        using var scope = NewDisposeScope();
        var oracle = SameNumbers.Root.GetProperty("initialisers").GetProperty("tensors").EnumerateArray().Single(c => c.GetProperty("name").GetString() == name);
        manual_seed(oracle.GetProperty("seed").GetInt64());
        var tensor = empty(oracle.GetProperty("shape").Longs());
        Assert.Same(tensor, Fillings[name](tensor));
        SameNumbers.AssertSamples(oracle, tensor, name, 1e-6);
        // The bounds of trunc_normal_ pass through erf, and orthogonal_ through LAPACK, whose last bit may differ between callers.
        if (name is not ("trunc_normal_" or "orthogonal_" or "orthogonal_ wide"))
            Assert.True(oracle.GetProperty("digest").GetString() == SameNumbers.Digest(tensor), $"{name}: other bytes than PyTorch's");
    }

    [Fact]
    public void Gains_ArePyTorchs()
    {
        var oracle = SameNumbers.Root.GetProperty("initialisers").GetProperty("gains");
        var ours = new Dictionary<string, double>
        {
            ["linear"] = init.calculate_gain(init.NonlinearityType.Linear), ["conv2d"] = init.calculate_gain(init.NonlinearityType.Conv2D),
            ["conv_transpose3d"] = init.calculate_gain(init.NonlinearityType.ConvTranspose3D), ["sigmoid"] = init.calculate_gain(init.NonlinearityType.Sigmoid),
            ["tanh"] = init.calculate_gain(init.NonlinearityType.Tanh), ["relu"] = init.calculate_gain(init.NonlinearityType.ReLU),
            ["leaky_relu"] = init.calculate_gain(init.NonlinearityType.LeakyReLU, 0.3),
        };
        foreach (var (name, gain) in ours) Assert.Equal(oracle.GetProperty(name).GetDouble(), gain);
    }

    [Fact]
    public void Orthogonal_HasOrthonormalShortSide()
        => Check.One(Seeded.Cases(100), Prop.ForAll(Gen.Choose(1, 12).ToArbitrary(), Gen.Choose(1, 12).ToArbitrary(), (int rows, int columns) =>
        {
            using var scope = NewDisposeScope();
            var q = init.orthogonal_(empty([rows, columns], ScalarType.Float64));
            var gram = rows <= columns ? q.mm(q.t()) : q.t().mm(q);
            Assert.True(gram.allclose(eye(Math.Min(rows, columns), dtype: ScalarType.Float64), 1e-10, 1e-10), $"{rows} × {columns} is not orthogonal");
        }));

    [Fact]
    public void Filling_OfATrainedParameter_LeavesNoGraph()
    {
        using var scope = NewDisposeScope();
        var parameter = Parameter(empty(5, 4));
        foreach (var (name, fill) in Fillings.Where(f => f.Key != "dirac_" && !f.Key.EndsWith("wide")))
        {
            fill(parameter);
            Assert.True(parameter.is_leaf && parameter.requires_grad, $"{name} made the parameter part of a graph");
        }
    }

    [Fact]
    public void WrongRank_IsNamed()
    {
        using var scope = NewDisposeScope();
        var vector = empty(3);
        Assert.Equal("init.eye_: expected a tensor with 2 axes, got (3). (Parameter 'tensor')", Assert.Throws<ArgumentException>(() => init.eye_(vector)).Message);
        Assert.Equal("init.CalculateFanInAndFanOut: expected a tensor with at least 2 axes, got (3). (Parameter 'tensor')",
            Assert.Throws<ArgumentException>(() => init.xavier_uniform_(vector)).Message);
    }
}
