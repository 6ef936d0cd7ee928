using System;
using System.Collections.Generic;
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
        var graph = Trace.Of(
            "Net", "B, H, W", "H % 4 == 0, W >= 16",
            [("image", "B, 3, H, W"), ("mask", "B, H*W")],
            x => [x[0].Conv2d(8, k: 3, stride: 2, pad: 1).MaxPool2d(2).Flatten() * x[1].Mean()]);
        var contract = Contract.Of(graph);
        Assert.Equal(
            "dims B, H, W; image [B, 3, H, W], mask [B, H*W] -> [B, 8*((H+1)/4)*((W+1)/4)]; where H % 4 == 0, W >= 16",
            contract.ToString());
        Assert.Equal(contract, Contract.Parse(contract.ToString()));
    }

    [SeededProperty(MaxTest = 500)]
    public Property RandomContracts_ReadBack()
    {
        var sizes = Algebra.Expression.Generator(2).Select(expression => expression.ToDim());
        var tensors = from shape in sizes.Short(0, 4)
                      from element in Gen.Elements(ElementType.Real, ElementType.Int64, ElementType.Bool)
                      from domain in Gen.Elements(Domain.Any, Domain.Positive, Domain.Distribution)
                      select new Shape(shape.Select(size => new Axis(size)).ToEquatable(), element, domain);
        var contracts = from inputs in tensors.Short(1, 3)
                        from outputs in tensors.Short(1, 3)
                        from hidden in Gen.Elements<long?>(null, 1, 128)
                        from derives in Gen.Elements<Variant[]>(
                            [], [Variant.Functional], [Variant.Functional, Variant.Tangent, Variant.Card])
                        from method in Gen.Elements("Forward", "Encode")
                        select Contract.Of(
                            inputs.Select((shape, i) => new ContractTensor($"x{i}", shape)),
                            outputs.Select(shape => new ContractTensor(null, shape)),
                            Facts.Over(
                                Algebra.Expression.Symbols, DimParser.ParseFacts("H % 4 == 0, 3 <= W", name => Dim.Symbol(name)).ToArray()),
                            EquatableArray.Of(new SpecParameter("hidden", hidden)))
                            with { Derives = derives.ToEquatable(), Method = method };
        return Prop.ForAll(contracts.ToArbitrary(), contract => Assert.Equal(contract, Contract.Parse(contract.ToString())));
    }

    [Theory]
    [InlineData("image [B]", "'image [B]': a contract starts with 'dims …; inputs -> outputs'")]
    [InlineData("dims B; x [B]", "'x [B]': expected 'inputs -> outputs'")]
    [InlineData("dims B; x [B -> [B]", "'x [B': expected a shape in brackets")]
    [InlineData("dims B; x [Q] -> [B]", "'Q' in 'Q' is neither declared in Dims nor a constant or [Param] of the spec")]
    [InlineData("dims B; x [B] Blue -> [B]", "'Blue' is neither an element type nor a domain")]
    [InlineData("dims B; x [B] -> [B]; derives Ensemble, Quantum", "'Quantum' is not a program of this version")]
    public void TextThatIsNoContract_SaysWhatWasExpected(string text, string problem)
    {
        Assert.False(Contract.TryParse(text, out _, out var actual));
        Assert.Equal(problem, actual);
    }

    private static readonly string[] _promised =
    [
        "L", "2*L", "3*L", "2*L + 1", "L - 1", "3*L - 2", "12 - L", "L + 3", "K", "2*K", "K + 2", "K + 5", "2*K + 1", "L + K", "2*L + 3*K",
        "K*L", "6",
    ];

    private static readonly string[] _given = ["S", "2*S", "3*S", "2*S + 1", "S + 4", "6*S", "T", "4*T", "S + T", "S*T", "6", "7", "8"];

    private static readonly string[] _where = ["", "S % 2 == 0", "S >= 4", "S % 6 == 0, T <= 9", "S <= 5, T >= 2"];

    /// <summary>
    /// Whether a network takes an argument: the verdict, what it demands of the sizes, and the result's size, against all values of the
    /// symbols.
    /// </summary>
    [Fact]
    public void SizesOfAContract_AreSolvedAsEnumerationSolvesThem()
    {
        // Random sizes of several axes seldom fit: one axis half of the time.
        var cases = from contract in Gen.OneOf(Gen.Elements(_promised).Short(1, 1), Gen.Elements(_promised).Short(2, 3))
                    from given in Gen.Elements(_given).ListOf(contract.Length)
                    from at in Gen.Choose(0, _where.Length - 1)
                    select (Contract: contract.ToList(), Given: given.ToList(), Where: _where[at]);
        int taken = 0, refused = 0, conditional = 0;
        Check.One(Seeded.Cases(2000), Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var result = c.Contract.Any(size => size.Contains('L')) ? "L" : "K";
            var text = $"dims L, K; x [{string.Join(", ", c.Contract)}] -> [{result}]".Replace(" + ", "+").Replace(" - ", "-");
            Graph? graph = null;
            SpecException? fault = null;
            try
            {
                graph = Trace.Of(
                    "Outer", "S, T", c.Where,
                    [("x", string.Join(", ", c.Given))],
                    x => [new NetworkLayer<Sym>(new Layer("Of", "Inner", text, null)).On(x[0])]);
            }
            catch (SpecException exception)
            {
                fault = exception;
            }
            // A symbol that no axis gives is said to be one.
            if (fault?.Fault.Id is "HYB4013" || (graph is null && c.Contract.All(size => size == "6"))) return;
            var (what, failing) = ($"{text} given [{string.Join(", ", c.Given)}] where {c.Where}", false);
            var facts = Facts.Over(["S", "T"], DimParser.ParseFacts(c.Where, Dim.Symbol).ToArray());
            var given = c.Given.Select(size => DimParser.ParseShape(size, Dim.Symbol)[0]).ToList();
            for (var s = 1; s <= 24; s++)
                for (var t = 1; t <= 24; t++)
                {
                    long At(string name) => name == "S" ? s : t;
                    if (facts.Declared.Any(fact => fact.Holds(At) != true)) continue;
                    var axes = c.Contract.Zip(given, (promised, size) => (Promised: promised, Size: size.Evaluate(At)!.Value)).ToList();
                    var solutions = Solutions(axes).Select(sizes => result == "L" ? sizes.L : sizes.K).Distinct().Take(2).ToList();
                    Assert.True(
                        graph is null || solutions.Count < 2,
                        $"{what}: {result} = {string.Join(" or ", solutions)} at S = {s}, T = {t}, and one was chosen");
                    failing |= solutions.Count == 0;
                    if (graph is null) continue;
                    var demanded = graph.Facts.Inferred.All(fact => fact.Holds(At) == true)
                        && graph.Guards.All(guard => new Comparison(guard.Left, guard.Relation, guard.Right, "").Holds(At) == true);
                    Assert.True(
                        demanded == (solutions.Count > 0),
                        $"{what}: taken{(demanded ? "" : ", but not")} at S = {s}, T = {t}, where "
                            + $"{(solutions.Count > 0 ? $"{result} = {solutions[0]}" : "no sizes fit")}; it asks for {graph.Facts} and "
                            + $"{string.Join(", ", graph.Guards.Select(guard => guard.Message))}");
                    if (solutions.Count > 0) Assert.Equal(solutions[0], graph.Results.Single().Shape[0].Evaluate(At));
                }
            Assert.True(graph is not null || failing, $"{what}: refused, though it always fits: {fault?.Message}");
            if (graph is null)
            {
                Assert.Equal("HYB1018", fault!.Fault.Id);
                refused++;
            }
            else if (failing) conditional++;
            else taken++;
        }));
        Assert.True(
            taken > 100 && refused > 100 && conditional > 20,
            $"{taken} taken, {refused} refused, {conditional} taken under conditions: too few of a kind");

        // Sizes of one symbol leave few values of it for those of both. No symbol is above the largest size and 12.
        static IEnumerable<(long L, long K)> Solutions(IReadOnlyList<(string Promised, long Size)> axes)
        {
            var most = (int)axes.Max(axis => axis.Size) + 12;
            var (ofL, ofK) = (
                axes.Where(axis => !axis.Promised.Contains('K')).ToArray(), axes.Where(axis => !axis.Promised.Contains('L')).ToArray());
            static bool Hold(IReadOnlyList<(string Promised, long Size)> axes, long l, long k)
            {
                foreach (var (promised, size) in axes) if (Value(promised, l, k) != size) return false;
                return true;
            }
            var ls = axes.Any(axis => axis.Promised.Contains('L')) ? Enumerable.Range(1, most).Where(l => Hold(ofL, l, 1)).ToList() : [1];
            var ks = axes.Any(axis => axis.Promised.Contains('K')) ? Enumerable.Range(1, most).Where(k => Hold(ofK, 1, k)).ToList() : [1];
            return from l in ls from k in ks where Hold(axes, l, k) select ((long)l, (long)k);
        }

        static long Value(string size, long l, long k) => size switch
        {
            "L" => l, "2*L" => 2 * l, "3*L" => 3 * l, "2*L + 1" => (2 * l)
                + 1, "L - 1" => l - 1, "3*L - 2" => (3 * l) - 2, "12 - L" => 12 - l,
            "K" => k, "2*K" => 2 * k, "L + 3" => l
                + 3, "K + 2" => k
                + 2, "K + 5" => k
                + 5, "2*K + 1" => (2 * k)
                + 1, "L + K" => l
                + k, "2*L + 3*K" => (2 * l)
                + (3 * k), "K*L" => k * l,
            "6" => 6,
            _ => throw new ArgumentException(size),
        };
    }
}
