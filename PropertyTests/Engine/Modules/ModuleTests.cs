using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.PropertyTests.Engine.Oracles;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Hybrid.PropertyTests.Engine.Modules;

/// <summary>Registration, keys, traversal, moves, hooks, disposal.</summary>
public class ModuleTests
{
    private sealed class Sample : Module<Tensor, Tensor>
    {
        [ComponentName(Name = "stem")] private readonly Linear _first = Linear(4, 3);
        [ComponentName(Name = "scale")] private readonly Parameter _scale = Parameter(ones(3));
        private readonly Tensor shift = zeros(3);
        private readonly Sequential tail = Sequential(("norm", BatchNorm1d(3)), ("out", Linear(3, 2)));

        public Sample() : base(nameof(Sample))
        {
            RegisterComponents();
            register_buffer("scratch", arange(3, ScalarType.Float32), persistent: false);
        }

        public Parameter Scale => _scale;

        public Tensor Shift => shift;

        public override Tensor forward(Tensor input) => tail.call(_first.call(input) * _scale + shift);
    }

    private static readonly string[] Parameters = ["scale", "stem.weight", "stem.bias", "tail.norm.weight", "tail.norm.bias", "tail.out.weight", "tail.out.bias"];

    private static readonly string[] Buffers = ["shift", "tail.norm.running_mean", "tail.norm.running_var", "tail.norm.num_batches_tracked"];

    [Fact]
    public void Keys_AreFieldNamesOrComponentNames()
    {
        using var scope = NewDisposeScope();
        using var module = new Sample();
        Assert.Equal(Parameters.Order(), module.named_parameters().Select(p => p.name).Order());
        Assert.Equal(Buffers.Append("scratch").Order(), module.named_buffers().Select(b => b.name).Order());
        Assert.Equal(Buffers.Order(), module.named_buffers(include_nonpersistent: false).Select(b => b.name).Order());
        Assert.Equal(Parameters.Concat(Buffers).Order(), module.state_dict().Keys.Order());
        Assert.Equal(["scale"], module.named_parameters(recurse: false).Select(p => p.name));
        Assert.Equal(["stem", "tail"], module.named_children().Select(c => c.name));
        Assert.Equal(["stem", "tail", "tail.norm", "tail.out"], module.named_modules().Select(m => m.name));
        Assert.Same(module.Scale, module.get_parameter("scale"));
        Assert.True(module.has_parameter("tail.norm.weight") && module.has_buffer("tail.norm.running_mean"));
        Assert.False(module.has_parameter("tail.norm.running_mean") || module.has_buffer("tail.nothing.at.all") || module.has_parameter("nothing"));
        Assert.Equal(["pre.scale"], module.state_dict(prefix: "pre").Keys.Where(k => k.EndsWith("scale")));
    }

    [Fact]
    public void Training_ReachesEveryModule()
    {
        using var scope = NewDisposeScope();
        using var module = new Sample();
        module.eval();
        Assert.All(module.modules().Append(module), m => Assert.False(m.training));
        module.train();
        Assert.All(module.modules().Append(module), m => Assert.True(m.training));
        var visited = new List<string>();
        module.apply(m => visited.Add(m.GetName()));
        Assert.Equal(["Linear", "BatchNorm1d", "Linear", "Sequential", "Sample"], visited);
    }

    [Fact]
    public void Move_ReplacesParametersInTablesAndFields()
    {
        using var scope = NewDisposeScope();
        using var module = new Sample();
        module.call(randn(5, 4)).sum().backward();
        var former = module.Scale;
        var gradient = former.grad!.to(ScalarType.Float64);
        Assert.Same(module, module.to(ScalarType.Float64));
        Assert.True(former.IsInvalid);
        Assert.Same(module.get_parameter("scale"), module.Scale);
        Assert.Same(module.get_buffer("shift"), module.Shift);
        Assert.Equal(ScalarType.Float64, module.Shift.dtype);
        Assert.Equal(ScalarType.Float64, module.get_buffer("scratch")!.dtype);
        Assert.Equal(ScalarType.Int64, module.get_buffer("tail.norm.num_batches_tracked")!.dtype);
        Assert.True(module.Scale.requires_grad && module.Scale.is_leaf);
        Assert.True(module.Scale.grad!.equal(gradient).all().item<bool>(), "the gradient did not move along");
        Assert.Equal(ScalarType.Float64, module.call(randn([5, 4], ScalarType.Float64)).dtype);

        var moved = module.Scale;
        module.to(ScalarType.Float64).to(CPU).cpu();
        Assert.Same(moved, module.Scale);
        Assert.StartsWith("Sample.to: expected a floating-point or complex dtype, got Int32.", Assert.Throws<ArgumentException>(() => module.to(ScalarType.Int32)).Message);
    }

    [Fact]
    public void FrozenParameter_StaysFrozenWhenMoved()
    {
        using var scope = NewDisposeScope();
        using var module = Linear(3, 2);
        module.weight.requires_grad = false;
        module.to(ScalarType.Float64);
        Assert.False(module.weight.requires_grad);
        Assert.True(module.bias!.requires_grad);
    }

    [Fact]
    public void SharedModule_CountsOnceAndKeepsBothKeys()
    {
        using var scope = NewDisposeScope();
        var shared = Linear(3, 3);
        using var module = Sequential(shared, ReLU(), shared);
        Assert.Equal(2, module.parameters().Count());
        Assert.Equal(["0.weight", "0.bias", "2.weight", "2.bias"], module.state_dict().Keys);
    }

    [Fact]
    public void ZeroGrad_ForgetsOrFills()
    {
        using var scope = NewDisposeScope();
        using var module = new Sample();
        module.call(randn(5, 4)).sum().backward();
        module.zero_grad(set_to_none: false);
        Assert.All(module.parameters(), p => Assert.Equal(0, p.grad!.abs().sum().ToDouble()));
        module.zero_grad();
        Assert.All(module.parameters(), p => Assert.Null(p.grad));
    }

    [Fact]
    public void Hooks_RunInOrderSeeAndReplaceValues()
    {
        using var scope = NewDisposeScope();
        using var module = ReLU();
        var log = new List<string>();
        var first = module.register_forward_pre_hook((_, x) => { log.Add("pre"); return x.neg(); });
        module.register_forward_pre_hook(m => log.Add("pre " + m.GetName()));
        module.register_forward_hook((_, x, y) => { log.Add("post"); return y + 1; });
        Assert.Equal(3, module.call(tensor(-2.0f)).item<float>());
        Assert.Equal(["pre", "pre ReLU", "post"], log);
        first.remove();
        Assert.Equal(1, module.call(tensor(-2.0f)).item<float>());
        Assert.Equal(0, module.forward(tensor(-2.0f)).item<float>());
    }

    [Fact]
    public void Dispose_FreesEveryTensorOfTheTree()
    {
        var before = Tensor.TotalCount;
        var module = new Sample();
        Assert.True(Tensor.TotalCount > before);
        module.Dispose();
        Assert.Equal(before, Tensor.TotalCount);
        Assert.True(module.Scale.IsInvalid);
        module.Dispose();
    }

    [Fact]
    public void LayersOutliveTheScopeTheyAreMadeIn()
    {
        Sequential module;
        using (NewDisposeScope())
        {
            module = Sequential(Linear(4, 3), BatchNorm1d(3), PReLU(1), LayerNorm(3), GroupNorm(1, 3));
        }
        using (module)
        {
            using var scope = NewDisposeScope();
            Assert.Equal([2, 3], module.call(randn(2, 4)).shape);
        }
    }

    [Fact]
    public void WrongRegistration_IsNamed()
    {
        using var scope = NewDisposeScope();
        using var module = Linear(3, 2);
        Assert.Equal("Linear: a parameter 'weight' is already registered; names are checkpoint keys and must differ.",
            Assert.Throws<InvalidOperationException>(() => module.register_parameter("weight", Parameter(zeros(1)))).Message);
        Assert.StartsWith("Linear: a submodule's name must not contain '.', which separates levels of checkpoint keys; got 'a.b'.",
            Assert.Throws<ArgumentException>(() => module.register_module("a.b", ReLU())).Message);
        Assert.StartsWith("Linear: buffer 'b' is null or disposed.", Assert.Throws<ArgumentNullException>(() => module.register_buffer("b", null!)).Message);
        Assert.Equal("ReLU is declared to have no parameters: it cannot register the parameter 'w'. Derive from Module instead of ParameterLessModule.",
            Assert.Throws<InvalidOperationException>(() => ReLU().register_parameter("w", Parameter(zeros(1)))).Message);
    }

    [Fact]
    public void WrongInputShapes_AreNamed()
    {
        using var scope = NewDisposeScope();
        Assert.Equal("Conv2d.forward: expected input (B, 3, H, W) or (3, H, W), got (2, 4, 8, 8). (Parameter 'input')",
            Assert.Throws<ArgumentException>(() => Conv2d(3, 5, 3).call(zeros(2, 4, 8, 8))).Message);
        Assert.Equal("BatchNorm1d.forward: expected 2 or 3 axes, got (2, 3, 4, 5). (Parameter 'input')",
            Assert.Throws<ArgumentException>(() => BatchNorm1d(3).call(zeros(2, 3, 4, 5))).Message);
        Assert.Equal("LSTM.forward: expected input (steps, batch, 4) or (steps, 4), got (2, 3, 5). (Parameter 'input')",
            Assert.Throws<ArgumentException>(() => LSTM(4, 5).call(zeros(2, 3, 5))).Message);
        Assert.StartsWith("Conv2d: expected groups that divide both in_channels = 3 and out_channels = 4, got 2.", Assert.Throws<ArgumentException>(() => Conv2d(3, 4, 1, groups: 2)).Message);
    }

    [Fact]
    public void Containers_NumberAndNameTheirMembers()
    {
        using var scope = NewDisposeScope();
        var list = ModuleList(Linear(2, 2), Linear(2, 3));
        list.Insert(1, Linear(2, 4));
        Assert.Equal([2, 4, 3], Enumerable.Range(0, 3).Select(i => list.get_parameter($"{i}.weight")!.shape[0]));
        list.RemoveAt(0);
        Assert.Equal(["0.weight", "0.bias", "1.weight", "1.bias"], list.state_dict().Keys);

        var table = ModuleDict(("a", Linear(2, 2)), ("b", Linear(2, 3)));
        table["a"] = Linear(2, 5);
        Assert.Equal(5, table.get_parameter("a.weight")!.shape[0]);
        Assert.True(table.Remove("b") && !table.ContainsKey("b"));
        Assert.Equal(["a.weight", "a.bias"], table.state_dict().Keys);

        var parameters = ParameterList(Parameter(zeros(1)), Parameter(zeros(2)));
        parameters.to(ScalarType.Float64);
        Assert.Equal([ScalarType.Float64, ScalarType.Float64], parameters.Select(p => p.dtype));
        Assert.Same(parameters.get_parameter("1"), parameters[1]);
    }

    [Fact]
    public void Sequential_SlicesShareMembers()
    {
        using var scope = NewDisposeScope();
        using var whole = Sequential(Linear(4, 3), ReLU(), Linear(3, 2));
        var x = randn(5, 4);
        var piecewise = whole[1..].call(whole[(null, 1)].call(x));
        Assert.Equal(SameNumbers.Digest(whole.call(x)), SameNumbers.Digest(piecewise));
        Assert.Same(whole[0], whole[..1][0]);
        Assert.False(x.IsInvalid, "Sequential disposed its input");
        using var empty = Sequential();
        Assert.Equal(SameNumbers.Digest(x), SameNumbers.Digest(empty.call(x)));
        Assert.Throws<ArgumentOutOfRangeException>(() => whole[(2, 7)]);
    }

    private sealed class Passing() : Module<Tensor, Tensor>(nameof(Passing))
    {
        public override Tensor forward(Tensor input) => input;
    }

    [Fact]
    public void Sequential_AllowsMembersThatReturnTheirInput()
    {
        using var scope = NewDisposeScope();
        using var module = Sequential(Linear(4, 3), new Passing(), new Passing());
        Assert.Equal([5, 3], module.call(randn(5, 4)).shape);
        using var passing = Sequential(new Passing());
        var x = randn(2);
        passing.call(x);
        Assert.False(x.IsInvalid);
    }
}
