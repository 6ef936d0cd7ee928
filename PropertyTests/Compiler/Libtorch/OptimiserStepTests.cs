using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Hybrid.Models.Training;
using Hybrid.Models.Training.Optimisers;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Libtorch;

/// <summary>OptimiserStep does what torch.optim does, to rounding, on the optimiser's own state.</summary>
[Collection(nameof(Running.Tensors))]
public sealed class OptimiserStepTests
{
    private sealed record Case(
        bool IsDecoupled,
        double Rate,
        double Beta1,
        double Beta2,
        double Decay,
        bool Amsgrad,
        bool Maximize,
        bool IsDouble,
        int[] Sizes,
        int Seed);

    private static readonly Gen<Case> _cases =
        from decoupled in Gen.Elements(false, true)
        from rate in Gen.Elements(1e-4, 1e-3, 1e-2, 0.3)
        from beta1 in Gen.Elements(0.0, 0.5, 0.9)
        from beta2 in Gen.Elements(0.9, 0.999)
        from decay in Gen.Elements(0.0, 1e-2, 0.3)
        from amsgrad in Gen.Elements(false, true)
        from maximize in Gen.Elements(false, true)
        from isDouble in Gen.Elements(false, true)
        from sizes in Gen.Elements(1, 2, 3, 17, 64, 1000).ArrayOf().Where(all => all.Length is > 0 and < 6)
        from seed in Gen.Choose(0, int.MaxValue)
        select new Case(decoupled, rate, beta1, beta2, decay, amsgrad, maximize, isDouble, sizes, seed);

    private static OptimizerHelper Make(Case c, IEnumerable<Parameter> parameters) => c.IsDecoupled
        ? optim.AdamW(parameters, c.Rate, c.Beta1, c.Beta2, 1e-8, c.Decay, c.Amsgrad, c.Maximize)
        : optim.Adam(parameters, c.Rate, c.Beta1, c.Beta2, 1e-8, c.Decay, c.Amsgrad, c.Maximize);

    [Fact]
    public void FusedAdam_IsTorchOptims()
        => Check.One(Seeded.Cases(100), Prop.ForAll(_cases.ToArbitrary(), c =>
        {
            using var scope = NewDisposeScope();
            manual_seed(c.Seed);
            var type = c.IsDouble ? ScalarType.Float64 : ScalarType.Float32;
            var ours = c.Sizes.Select(size => new Parameter(randn(size, dtype: type))).ToArray();
            var theirs = ours.Select(p => new Parameter(p.detach().clone())).ToArray();
            using var optimiser = Make(c, ours);
            using var reference = Make(c, theirs);
            using var update = OptimiserStep.Of(optimiser);
            for (var step = 0; step < 12; step++)
            {
                update.ClearGradients();
                Assert.True(ours.All(p => p.grad is null), "a gradient was left");
                for (var i = 0; i < ours.Length; i++) theirs[i].grad = ours[i].grad = randn(c.Sizes[i], dtype: type);
                // as a schedule does
                if (step == 6) foreach (var group in optimiser.ParamGroups.Concat(reference.ParamGroups)) group.LearningRate *= 0.5;
                // Half of the steps by the optimiser itself: both work on one state.
                if (step % 4 == 3) optimiser.step();
                else update.Apply();
                reference.step();
            }
            var tolerance = c.IsDouble ? 1e-12 : 2e-5;
            for (var i = 0; i < ours.Length; i++)
                Assert.True(
                    ours[i].allclose(theirs[i], tolerance, tolerance),
                    $"{c}: parameter {i} differs by {(ours[i] - theirs[i]).abs().max().ToDouble()}");
        }));

    [Fact]
    public void State_IsSavedAndLoadedByTheOptimiser()
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        var a = new Parameter(randn(20));
        var b = new Parameter(a.detach().clone());
        using var first = optim.Adam([a], 1e-2);
        using var second = optim.Adam([b], 1e-2);
        using var update = OptimiserStep.Of(first);
        using var again = OptimiserStep.Of(second); // made before the state is loaded
        void Step(Parameter p, OptimiserStep by)
        {
            by.ClearGradients();
            (p - 1).square().sum().backward();
            by.Apply();
        }
        for (var i = 0; i < 5; i++) Step(a, update);
        using var file = new MemoryStream();
        using (var writer = new BinaryWriter(file, System.Text.Encoding.UTF8, leaveOpen: true)) first.save_state_dict(writer);
        file.Position = 0;
        using (var reader = new BinaryReader(file, System.Text.Encoding.UTF8, leaveOpen: true)) second.load_state_dict(reader);
        using (no_grad()) b.copy_(a);
        for (var i = 0; i < 5; i++)
        {
            Step(a, update);
            Step(b, again);
        }
        Assert.True(a.equal(b).all().ToBoolean(), "a continued optimiser took other steps");
    }

    [Fact]
    public void ParameterWithoutGradient_StaysAsItIs()
    {
        using var scope = NewDisposeScope();
        var (used, unused) = (new Parameter(ones(3)), new Parameter(ones(3)));
        using var optimiser = optim.Adam([used, unused], 0.1);
        using var update = OptimiserStep.Of(optimiser);
        for (var i = 0; i < 3; i++)
        {
            update.ClearGradients();
            used.sum().backward();
            update.Apply();
        }
        Assert.Equal([1f, 1f, 1f], unused.detach().data<float>().ToArray());
        Assert.True((used < 1).all().ToBoolean());
    }

    [Fact]
    public void OtherOptimisers_StepAsTheyDo()
    {
        using var scope = NewDisposeScope();
        var p = new Parameter(ones(2));
        using var optimiser = optim.SGD([p], 0.5);
        using var update = OptimiserStep.Of(optimiser);
        for (var i = 0; i < 2; i++)
        {
            update.ClearGradients();
            p.sum().backward();
            update.Apply();
        }
        Assert.Equal([0f, 0f], p.detach().data<float>().ToArray());
    }

    [Fact]
    public void Vectors_OfFlatParametersKeepTheirGradients()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        using var network = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1));
        using var flat = new FlatParameters(network);
        using var optimiser = optim.Adam([flat.Vector], 1e-2);
        using var update = OptimiserStep.Of(optimiser);
        var x = randn(8, 3);
        var losses = new List<double>();
        for (var i = 0; i < 200; i++)
        {
            update.ClearGradients();
            var loss = (network.forward(x) - 1).square().mean();
            loss.backward();
            update.Apply();
            losses.Add(loss.ToDouble());
        }
        Assert.True(flat.IsCurrent);
        Assert.True(losses[^1] < losses[0] / 2, $"the loss went from {losses[0]} to {losses[^1]}");
    }

    [Fact]
    public void Optimiser_LivesAsLongAsItsStep()
    {
        using var p = new Parameter(ones(3));
        using var update = Made(p);
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            using var scope = NewDisposeScope();
            update.ClearGradients();
            p.sum().backward();
            update.Apply();
        }
        Assert.True((p < 1).all().ToBoolean());

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static OptimiserStep Made(Parameter p) => OptimiserStep.Of(optim.Adam([p], 0.1));
    }

    [Fact]
    public void Steps_LeaveNoTensor()
    {
        using var network = nn.Linear(5, 4);
        using var optimiser = optim.Adam(network.parameters(), 1e-3);
        using var update = OptimiserStep.Of(optimiser);
        using var x = randn(3, 5);
        void Step()
        {
            using var scope = NewDisposeScope();
            update.ClearGradients();
            network.forward(x).sum().backward();
            update.Apply();
        }
        Step();
        var before = Tensor.TotalCount;
        for (var i = 0; i < 50; i++) Step();
        Assert.Equal(before, Tensor.TotalCount);
    }
}
