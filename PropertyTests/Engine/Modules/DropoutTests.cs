using FsCheck;
using FsCheck.Fluent;
using Hybrid.PropertyTests.Engine.Oracles;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Hybrid.PropertyTests.Engine.Modules;

/// <summary>Dropout in blocks draws what libtorch draws one by one.</summary>
public class DropoutTests
{
    [Fact]
    public void Dropout_IsLibtorchsBernoulliBitForBitAndLeavesTheSameGenerator()
        => Check.One(Seeded.Cases(200), Prop.ForAll(
            Gen.Choose(0, 3000).ToArbitrary(), Gen.Choose(1, 99).Two().ToArbitrary(), Gen.Choose(0, 700).ToArbitrary(), (int elements, (int P, int Seed) c, int drawnBefore) =>
        {
            using var scope = NewDisposeScope();
            foreach (var dtype in new[] { ScalarType.Float32, ScalarType.Float64 })
            {
                var p = c.P / 100.0;
                var x = linspace(-2, 3, elements, dtype);
                manual_seed(c.Seed);
                for (var i = 0; i < drawnBefore % 7; i++) rand(drawnBefore % 97 + 1); // odd places in the generator's state
                var state = Generator.Default.get_state();
                var ours = functional.dropout(x, p);
                var afterOurs = Generator.Default.get_state();
                Generator.Default.set_state(state);
                var noise = empty_like(x).bernoulli_(1 - p).div_(1 - p);
                Assert.Equal(SameNumbers.Digest(x * noise), SameNumbers.Digest(ours));
                Assert.Equal(SameNumbers.Digest(Generator.Default.get_state()), SameNumbers.Digest(afterOurs));
            }
        }));

    [Fact]
    public void Dropout_GradientIsItsOwnMask()
    {
        using var scope = NewDisposeScope();
        var x = ones(1000).requires_grad_();
        var y = functional.dropout(x, 0.4);
        y.sum().backward();
        Assert.Equal(SameNumbers.Digest(y), SameNumbers.Digest(x.grad!));
        Assert.InRange(y.ne(0).sum().item<long>(), 500, 700);
    }

    [Fact]
    public void Dropout_OfOtherLayoutsAndDtypes_IsLibtorchs()
    {
        using var scope = NewDisposeScope();
        foreach (var x in new[] { randn(30, 20).t(), randn(200).to(ScalarType.BFloat16), randn(4, 6, 5, 5).permute(0, 2, 3, 1) })
        {
            var y = functional.dropout(x, 0.25);
            var kept = y.ne(0);
            Assert.True(y.masked_select(kept).to(ScalarType.Float32).allclose((x / 0.75).masked_select(kept).to(ScalarType.Float32), 1e-2, 1e-2));
            Assert.InRange(kept.to(ScalarType.Float32).mean().item<float>(), 0.6f, 0.9f);
        }
        var ones_ = ones(10);
        Assert.Equal(0, functional.dropout(ones_, 1).sum().item<float>());
        Assert.Equal(10, functional.dropout(ones_, 0).sum().item<float>());
        Assert.Equal(10, functional.dropout(ones_, 0.5, training: false).sum().item<float>());
    }
}
