using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Programs;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Dsl;

public class ContractTests
{
    [Fact]
    public void AContract_IsOneLineThatReadsBack()
    {
        var graph = Trace.Of("Net", "B, H, W", "H % 4 == 0, W >= 16", [("image", "B, 3, H, W"), ("mask", "B, H*W")], x => [x[0].Conv2d(8, k: 3, stride: 2, pad: 1).MaxPool2d(2).Flatten() * x[1].Mean()]);
        var contract = Contract.Of(graph);
        Assert.Equal("dims B, H, W; image [B, 3, H, W], mask [B, H*W] -> [B, 8*((H+1)/4)*((W+1)/4)]; where H % 4 == 0, W >= 16", contract.ToString());
        Assert.Equal(contract, Contract.Parse(contract.ToString()));
    }

    [Fact]
    public void RandomContracts_ReadBack()
    {
        var sizes = Algebra.Expression.Generator(2).Select(expression => expression.ToDim());
        var tensors = from shape in sizes.Short(0, 4)
                      from element in Gen.Elements(ElementType.Real, ElementType.Int64, ElementType.Bool)
                      from domain in Gen.Elements(Domain.Any, Domain.Positive, Domain.Distribution)
                      select new Shape(shape.Select(size => new Axis(size)).ToEquatable(), element, domain);
        var contracts = from inputs in tensors.Short(1, 3)
                        from outputs in tensors.Short(1, 3)
                        from hidden in Gen.Elements<long?>(null, 1, 128)
                        from derives in Gen.Elements<Variant[]>([], [Variant.Functional], [Variant.Functional, Variant.Tangent, Variant.Card])
                        from method in Gen.Elements("Forward", "Encode")
                        select Contract.Of(
                            inputs.Select((shape, i) => new ContractTensor($"x{i}", shape)),
                            outputs.Select(shape => new ContractTensor(null, shape)),
                            Facts.Over(Algebra.Expression.Symbols, DimParser.ParseFacts("H % 4 == 0, 3 <= W", name => Dim.Symbol(name)).ToArray()),
                            EquatableArray.Of(new SizeParameter("hidden", hidden))) with { Derives = derives.ToEquatable(), Method = method };
        Check.One(Seeded.Cases(500), Prop.ForAll(contracts.ToArbitrary(), contract => Assert.Equal(contract, Contract.Parse(contract.ToString()))));
    }

    [Theory]
    [InlineData("image [B]", "'image [B]': a contract starts with 'dims …; inputs -> outputs'")]
    [InlineData("dims B; x [B]", "'x [B]': expected 'inputs -> outputs'")]
    [InlineData("dims B; x [B -> [B]", "'x [B': expected a shape in brackets")]
    [InlineData("dims B; x [Q] -> [B]", "'Q' in 'Q' is neither declared in Dims nor a constant or [Param] of the spec")]
    [InlineData("dims B; x [B] Blue -> [B]", "'Blue' is neither an element type nor a domain")]
    [InlineData("dims B; x [B] -> [B]; derives Ensemble, Quantum", "'Quantum' is no program of this version")]
    public void TextThatIsNoContract_SaysWhatWasExpected(string text, string problem)
    {
        Assert.False(Contract.TryParse(text, out _, out var actual));
        Assert.Equal(problem, actual);
    }
}
