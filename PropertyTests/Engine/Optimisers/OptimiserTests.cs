using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Hybrid.PropertyTests.Engine.Modules;
using Hybrid.PropertyTests.Engine.Oracles;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.optim;

namespace Hybrid.PropertyTests.Engine.Optimisers;

/// <summary>Each optimiser against its formula in plain doubles, for random options and gradients; states, groups, memory.</summary>
public class OptimiserTests
{
    /// <summary>Options for one run, drawn so that every branch is met.</summary>
    public sealed record Options(int Seed, double Rate, double Beta1, double Beta2, double Epsilon, double Decay, double Momentum, double Dampening, bool Flag, bool Maximise)
    {
        public static Gen<Options> Gen =>
            from seed in FsCheck.Fluent.Gen.Choose(0, 1_000_000)
            from rate in FsCheck.Fluent.Gen.Elements(1e-4, 1e-2, 0.3)
            from beta1 in FsCheck.Fluent.Gen.Elements(0.0, 0.5, 0.9)
            from beta2 in FsCheck.Fluent.Gen.Elements(0.0, 0.9, 0.999)
            from epsilon in FsCheck.Fluent.Gen.Elements(1e-8, 1e-3)
            from decay in FsCheck.Fluent.Gen.Elements(0.0, 0.01, 0.3)
            from momentum in FsCheck.Fluent.Gen.Elements(0.0, 0.7, 0.95)
            from dampening in FsCheck.Fluent.Gen.Elements(0.0, 0.2)
            from flag in FsCheck.Fluent.Gen.Elements(true, false)
            from maximise in FsCheck.Fluent.Gen.Elements(true, false)
            select new Options(seed, rate, beta1, beta2, epsilon, decay, momentum, dampening, flag, maximise);
    }

    private const int Steps = 6;

    /// <summary>Runs the optimiser on a vector of each size and a reference on plain numbers with the same gradients.</summary>
    private static void Compare(Options o, Func<Parameter[], Optimizer> make, Func<State, double, double, double> reference, ScalarType dtype)
    {
        Compare(o, make, reference, dtype, transposed: false); // Adam's native pass
        Compare(o, make, reference, dtype, transposed: true); // operation by operation
    }

    private static void Compare(Options o, Func<Parameter[], Optimizer> make, Func<State, double, double, double> reference, ScalarType dtype, bool transposed)
    {
        using var scope = NewDisposeScope();
        manual_seed(o.Seed);
        // 1: scalar tail of a vector loop, 33: whole vectors and a tail, 40 × 30: many vectors.
        var last = randn([7, 5], dtype);
        Parameter[] parameters = [Parameter(randn([1], dtype)), Parameter(randn([33], dtype)), Parameter(randn([40, 30], dtype)), Parameter(transposed ? last.t() : last)];
        var values = parameters.Select(Elements).ToArray();
        var states = values.Select(v => v.Select(_ => new State()).ToArray()).ToArray();
        using var optimiser = make(parameters);
        for (var step = 0; step < Steps; step++)
        {
            for (var i = 0; i < parameters.Length; i++)
            {
                if (i == 1 && step == 2) // a parameter without gradient is left alone, and its step is not counted
                {
                    parameters[i].grad = null!;
                    continue;
                }
                var gradient = randn_like(parameters[i]);
                parameters[i].grad = gradient;
                var g = Elements(gradient);
                for (var j = 0; j < g.Length; j++) values[i][j] = reference(states[i][j], values[i][j], g[j]);
            }
            optimiser.step();
        }
        var tolerance = dtype == ScalarType.Float64 ? 1e-9 : 2e-4;
        for (var i = 0; i < parameters.Length; i++)
        {
            var actual = Elements(parameters[i]);
            for (var j = 0; j < actual.Length; j++)
                SameNumbers.AssertClose(values[i][j], actual[j], tolerance, tolerance * 0.1, $"{o}, {dtype}, transposed {transposed}: parameter {i}, element {j}");
        }
    }

    private static double[] Elements(Tensor tensor)
    {
        using var flat = tensor.detach().to(ScalarType.Float64).contiguous().view(-1);
        return flat.data<double>().ToArray();
    }

    private sealed class State
    {
        public int Step;
        public double? Buffer;
        public double A, B, C;
    }

    private static void ForAll(Action<Options> property, int count = 40)
        => Check.One(Seeded.Cases(count), Prop.ForAll(Options.Gen.ToArbitrary(), property));

    [Fact]
    public void Sgd_IsItsFormula() => ForAll(o =>
    {
        var nesterov = o.Flag && o.Momentum > 0;
        var dampening = nesterov ? 0 : o.Dampening;
        Compare(o, p => SGD(p, o.Rate, o.Momentum, dampening, o.Decay, nesterov, o.Maximise), (s, w, g) =>
        {
            if (o.Maximise) g = -g;
            g += o.Decay * w;
            if (o.Momentum > 0)
            {
                s.Buffer = s.Buffer is { } b ? o.Momentum * b + (1 - dampening) * g : g;
                g = nesterov ? g + o.Momentum * s.Buffer.Value : s.Buffer.Value;
            }
            return w - o.Rate * g;
        }, ScalarType.Float64);
    });

    private static Func<State, double, double, double> AdamReference(Options o, bool decoupled) => (s, w, g) =>
    {
        s.Step++;
        if (o.Maximise) g = -g;
        if (decoupled) w *= 1 - o.Rate * o.Decay;
        else g += o.Decay * w;
        s.A = o.Beta1 * s.A + (1 - o.Beta1) * g;
        s.B = o.Beta2 * s.B + (1 - o.Beta2) * g * g;
        s.C = Math.Max(s.C, s.B);
        var root = Math.Sqrt(o.Flag ? s.C : s.B) / Math.Sqrt(1 - Math.Pow(o.Beta2, s.Step)) + o.Epsilon;
        return w - o.Rate / (1 - Math.Pow(o.Beta1, s.Step)) * s.A / root;
    };

    [Fact]
    public void Adam_IsItsFormula_InFloat64()
        => ForAll(o => Compare(o, p => Adam(p, o.Rate, o.Beta1, o.Beta2, o.Epsilon, o.Decay, o.Flag, o.Maximise), AdamReference(o, false), ScalarType.Float64));

    // A step is g/(√v + ε): where a gradient and its decay cancel, the rounding of float32 is divided by ε, so ε must not be small here.
    [Fact]
    public void Adam_IsItsFormula_InFloat32()
        => ForAll(o =>
        {
            var steady = o with { Rate = Math.Min(o.Rate, 1e-2), Epsilon = 0.1 };
            Compare(steady, p => Adam(p, steady.Rate, steady.Beta1, steady.Beta2, steady.Epsilon, steady.Decay, steady.Flag, steady.Maximise), AdamReference(steady, false), ScalarType.Float32);
        });

    [Fact]
    public void AdamW_IsItsFormula()
        => ForAll(o => Compare(o, p => AdamW(p, o.Rate, o.Beta1, o.Beta2, o.Epsilon, o.Decay, o.Flag, o.Maximise), AdamReference(o, true), ScalarType.Float64));

    [Fact]
    public void RmsProp_IsItsFormula() => ForAll(o =>
    {
        var alpha = Math.Max(0.5, o.Beta2);
        Compare(o, p => RMSProp(p, o.Rate, alpha, o.Epsilon, o.Decay, o.Momentum, o.Flag, o.Maximise), (s, w, g) =>
        {
            if (o.Maximise) g = -g;
            g += o.Decay * w;
            s.A = alpha * s.A + (1 - alpha) * g * g;
            s.B = alpha * s.B + (1 - alpha) * g;
            var root = Math.Sqrt(o.Flag ? s.A - s.B * s.B : s.A) + o.Epsilon;
            if (o.Momentum == 0) return w - o.Rate * g / root;
            s.C = o.Momentum * s.C + g / root;
            return w - o.Rate * s.C;
        }, ScalarType.Float64);
    });

    public static IEnumerable<TheoryDataRow<string>> Kinds => new[] { "SGD", "Adam", "AdamW", "RMSProp" }.Select(kind => new TheoryDataRow<string>(kind));

    private static OptimizerHelper Make(string kind, IEnumerable<Parameter> parameters, double rate) => kind switch
    {
        "SGD" => SGD(parameters, rate, momentum: 0.9, weight_decay: 1e-3),
        "Adam" => Adam(parameters, rate, amsgrad: true),
        "AdamW" => AdamW(parameters, rate, weight_decay: 1e-2),
        _ => RMSProp(parameters, rate, momentum: 0.5, centered: true),
    };

    private static void Train(Module<Tensor, Tensor> model, Optimizer optimiser, Tensor x, int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            using var scope = NewDisposeScope();
            optimiser.zero_grad();
            model.call(x).square().mean().backward();
            optimiser.step();
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void SavedState_ContinuesBitForBit(string kind)
    {
        using var scope = NewDisposeScope();
        var x = randn(16, 6);
        using var model = Sequential(Linear(6, 5), Tanh(), Linear(5, 2));
        using var optimiser = Make(kind, model.parameters(), 1e-2);
        Train(model, optimiser, x, 3);
        using var weights = new MemoryStream();
        model.save(weights);
        using var file = new MemoryStream();
        optimiser.save_state_dict(new BinaryWriter(file));
        Train(model, optimiser, x, 3);

        using var again = Sequential(Linear(6, 5), Tanh(), Linear(5, 2));
        again.load(new MemoryStream(weights.ToArray()));
        using var resumed = Make(kind, again.parameters(), 0.5);
        file.Position = 0;
        resumed.load_state_dict(new BinaryReader(file));
        Assert.Equal(1e-2, resumed.ParamGroups.Single().LearningRate);
        Train(again, resumed, x, 3);
        Assert.Equal(model.parameters().Select(SameNumbers.Digest), again.parameters().Select(SameNumbers.Digest));
        Assert.All(optimiser.state_dict().State.Zip(resumed.state_dict().State), pair => Assert.True(pair.First.ApproximatelyEquals(pair.Second)));

        using var copied = Make(kind, again.parameters(), 0.5);
        copied.load_state_dict(resumed.state_dict());
        Assert.All(copied.state_dict().State.Zip(resumed.state_dict().State), pair => Assert.True(pair.First.ApproximatelyEquals(pair.Second)));
        Train(again, copied, x, 1);
        Assert.Contains(copied.state_dict().State.Zip(resumed.state_dict().State), pair => !pair.First.ApproximatelyEquals(pair.Second));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void TrainingStep_LeavesTheLiveTensorCountUnchanged(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = Networks.Mlp();
        using var optimiser = Make(kind, model.parameters(), 1e-3);
        var x = randn(64, 52);
        Train(model, optimiser, x, 2);
        var before = Tensor.TotalCount;
        Train(model, optimiser, x, 3);
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Dispose_FreesTheStates()
    {
        using var scope = NewDisposeScope();
        using var model = Linear(3, 2);
        var before = Tensor.TotalCount;
        var optimiser = Adam(model.parameters(), amsgrad: true);
        Assert.Equal(before + 6, Tensor.TotalCount);
        optimiser.Dispose();
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void StatesOutliveTheScopeOfTheStep()
    {
        using var model = Linear(3, 2);
        SGD optimiser;
        using (NewDisposeScope()) optimiser = SGD(model.parameters(), 0.1, momentum: 0.9);
        using var x = ones(4, 3);
        Train(model, optimiser, x, 3);
        optimiser.Dispose();
    }

    [Fact]
    public void Groups_HaveTheirOwnOptions()
    {
        using var scope = NewDisposeScope();
        var (fast, slow, frozen) = (Parameter(ones(2)), Parameter(ones(2)), Parameter(ones(2)));
        using var optimiser = SGD([new SGD.ParamGroup([fast], new SGD.Options()), new SGD.ParamGroup([slow], lr: 0.01)], 0.5);
        optimiser.add_param_group(new SGD.ParamGroup([frozen], new SGD.Options { LearningRate = 0 }));
        foreach (var parameter in optimiser.parameters()) parameter.grad = ones(2);
        optimiser.step();
        Assert.Equal([0.5, 0.99, 1.0], new[] { fast, slow, frozen }.Select(p => Math.Round(Elements(p)[0], 6)));
        Assert.Equal([0.5, 0.01, 0.0], optimiser.ParamGroups.Select(g => g.InitialLearningRate));
    }

    [Fact]
    public void Closure_RunsWithGradientsAndItsLossIsReturned()
    {
        using var scope = NewDisposeScope();
        var parameter = Parameter(tensor(new[] { 3.0f }));
        using var optimiser = SGD([parameter], 0.1);
        using var _ = no_grad();
        var loss = optimiser.step(() =>
        {
            var value = parameter.square().sum();
            value.backward();
            return value;
        });
        Assert.Equal(9, loss.item<float>());
        Assert.Equal(3 - 0.6, Elements(parameter)[0], 1e-6);
    }

    [Fact]
    public void WrongOptions_AreNamed()
    {
        using var scope = NewDisposeScope();
        var parameter = Parameter(zeros(3));
        Assert.Equal("Adam: expected beta1 in [0, 1), got 1.5. (Parameter 'beta1')", Assert.Throws<ArgumentException>(() => Adam([parameter], beta1: 1.5)).Message);
        Assert.Equal("SGD: expected lr ≥ 0, got -1. (Parameter 'lr')", Assert.Throws<ArgumentException>(() => SGD([parameter], -1)).Message);
        Assert.StartsWith("SGD: nesterov needs momentum > 0 and dampening 0, got 0 and 0.", Assert.Throws<ArgumentException>(() => SGD([parameter], 1, nesterov: true)).Message);
        Assert.StartsWith("SGD: a parameter of shape (3) is in the group twice.", Assert.Throws<ArgumentException>(() => SGD([parameter, parameter], 1)).Message);
        using var one = Adam([parameter]);
        using var two = SGD([parameter], 0.1);
        using var file = new MemoryStream();
        two.save_state_dict(new BinaryWriter(file));
        file.Position = 0;
        Assert.Equal("expected the state of Adam, got that of 'SGD'", Assert.Throws<InvalidDataException>(() => one.load_state_dict(new BinaryReader(file))).Message);
        parameter.Dispose();
        Assert.StartsWith("Adam: a parameter of the group is null or disposed. Moving a module replaces its parameters: make the optimiser afterwards.",
            Assert.Throws<ArgumentException>(() => Adam([parameter])).Message);
    }
}
