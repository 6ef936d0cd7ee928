using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Hybrid.Algebra;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Dsl.Algebra;

/// <summary>
/// Every verdict against brute force over a box of sizes: a wrong "proved" or "refuted" is the one thing a checker must not say.
/// </summary>
public class AlgebraProperties
{
    private static readonly string[] _facts =
    [
        "",
        "H % 2 == 0",
        "H % 4 == 0, W % 4 == 0, H >= 16",
        "H % 3 == 1",
        "H >= 5",
        "W == H",
        "H == 2*W",
        "3 <= H, H <= 9",
        "H % 4 == 2, H % 6 == 4",
        "H == 12",
        "H % N == 0",
        "H >= W, N != 2",
        "H/2 >= 3",
        "H == W + N",
    ];

    private static Dim? Named(string name) => Expression.Symbols.Contains(name) ? Dim.Symbol(name) : null;

    private static Facts Where(string text) => Facts.Over(Expression.Symbols, DimParser.ParseFacts(text, Named).ToArray());

    private static bool Admits(Facts facts, IReadOnlyDictionary<string, long> point)
        => facts.Declared.All(fact => fact.Holds(name => point[name]) == true);

    [SeededProperty(MaxTest = 3000)]
    public Property CanonicalForm_IsTheSameFunction()
        => Prop.ForAll(Expression.Generator(4).ToArbitrary(), expression =>
        {
            var dim = expression.ToDim();
            foreach (var point in Expression.Points(7))
                Assert.True(
                    expression.Evaluate(point) == dim.Evaluate(name => point[name]),
                    $"{expression} is {expression.Evaluate(point)} at {Text(point)}; its canonical form {dim} gives "
                        + $"{dim.Evaluate(name => point[name])}");
        });

    [SeededProperty(MaxTest = 2000)]
    public Property TextOfAForm_ParsesToTheSameForm()
        => Prop.ForAll(Expression.Generator(4).ToArbitrary(), expression =>
        {
            var dim = expression.ToDim();
            Assert.Equal(dim, DimParser.ParseDim(dim.ToString(), Named));
            Assert.Equal(dim, DimParser.ParseDim(expression.ToString(), Named));
        });

    [Fact]
    public void Equality_IsNeverWronglyProvedOrRefuted()
    {
        var undecided = 0;
        var tried = 0;
        var pairs = from facts in Gen.Elements(_facts)
                    from left in Expression.Generator(3)
                    from right in Gen.Frequency((3, Expression.Variation(left)), (1, Expression.Generator(3)))
                    select (facts, left, right);
        Check.One(Seeded.Cases(4000), Prop.ForAll(pairs.ToArbitrary(), c =>
        {
            var facts = Where(c.facts);
            var (left, right) = (c.left.ToDim(), c.right.ToDim());
            var verdict = facts.AreEqual(left, right);
            tried++;
            if (verdict.IsRefuted)
            {
                var point = Complete(verdict.Witness!);
                Assert.True(point.Any(full => Admits(facts, full)), $"where {c.facts}: the witness {verdict.Witness} is not admissible");
                Assert.True(
                    verdict.Witness!.Evaluate(left) != verdict.Witness.Evaluate(right),
                    $"{left} and {right} agree at the witness {verdict.Witness}");
            }
            else if (verdict.IsProved)
            {
                foreach (var point in Expression.Points(26).Where(point => Admits(facts, point)))
                    Assert.True(
                        c.left.Evaluate(point) == c.right.Evaluate(point),
                        $"where {c.facts}: {left} = {right} was proved, but at {Text(point)} it is {c.left.Evaluate(point)} = "
                            + $"{c.right.Evaluate(point)}");
            }
            else undecided++;
        }));
        Assert.True(undecided * 50 < tried, $"{undecided} of {tried} equalities were not decided; at most one in 50 is expected");
    }

    [Fact]
    public void LowerBound_IsNeverWronglyProvedOrRefuted()
    {
        var undecided = 0;
        var tried = 0;
        var cases = from facts in Gen.Elements(_facts)
                    from value in Expression.Generator(3)
                    from least in Gen.Choose(-3, 6)
                    select (facts, value, least);
        Check.One(Seeded.Cases(3000), Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var facts = Where(c.facts);
            var value = c.value.ToDim();
            var verdict = facts.IsAtLeast(value, c.least);
            tried++;
            if (verdict.IsRefuted)
            {
                Assert.True(
                    Complete(verdict.Witness!).Any(full => Admits(facts, full)),
                    $"where {c.facts}: the witness {verdict.Witness} is not admissible");
                Assert.True(verdict.Witness!.Evaluate(value) < c.least, $"{value} >= {c.least} holds at the witness {verdict.Witness}");
            }
            else if (verdict.IsProved)
            {
                foreach (var point in Expression.Points(26).Where(point => Admits(facts, point)))
                    Assert.True(
                        c.value.Evaluate(point) >= c.least,
                        $"where {c.facts}: {value} >= {c.least} was proved, but at {Text(point)} it is {c.value.Evaluate(point)}");
            }
            else undecided++;
        }));
        Assert.True(undecided * 20 < tried, $"{undecided} of {tried} bounds were not decided; at most one in 20 is expected");
    }

    /// <summary>Sizes as polynomials of degree 3 with floor divisions, and symbols as divisors.</summary>
    [Fact]
    public void PolynomialsAndSymbolicDivisors_AreNeverWronglyDecided()
    {
        var factor = from a in Gen.Choose(-2, 3) from b in Gen.Choose(-3, 4)
                     from symbol in Gen.Elements(Expression.Symbols)
                     from m in Gen.Choose(1, 4)
                     select (Func<Dim>)(() => ((Dim)a * Dim.Symbol(symbol)).FloorDiv(m) + b);
        var product = factor.ListOf(3).Select(factors => (Func<Dim>)(() => factors.Aggregate(Dim.One, (all, one) => all * one())));
        var sum = product.ListOf(2).Select(products => (Func<Dim>)(() => products.Aggregate(Dim.Zero, (all, one) => all + one())));
        var divisor = Gen.Elements<Func<Dim>>(
            () => Dim.Symbol("N"), () => Dim.Symbol("N") + 1, () => Dim.Symbol("W") * 2, () => Dim.Symbol("W") + Dim.Symbol("N"));
        var cases = from facts in Gen.Elements(_facts)
                    from p in sum from q in sum from d in divisor
                    from kind in Gen.Choose(0, 3)
                    select (facts, p, q, d, kind);
        int tried = 0, decided = 0;
        Check.One(Seeded.Cases(2000), Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var facts = Where(c.facts);
            var (p, q, d) = (c.p(), c.q(), c.d());
            Dim left, right;
            try
            {
                (left, right) = c.kind switch
                {
                    0 => ((p * d).FloorDiv(d), p),
                    1 => (((p * d) + q).FloorDiv(d), p + q.FloorDiv(d)),
                    2 => (p + q - q, p),
                    _ => (p * q, q * (p + 1)),
                };
            }
            catch (OverflowException)
            {
                // A product of more terms than a size may have is refused, not decided.
                return;
            }
            var verdict = facts.AreEqual(left, right);
            tried++;
            if ((verdict.IsProved || verdict.IsRefuted)) decided++;
            foreach (var point in Expression.Points(13).Where(point => Admits(facts, point)))
            {
                if (left.Evaluate(name => point[name]) is not { } a || right.Evaluate(name => point[name]) is not { } b) continue;
                // The oracle of a quotient is plain division, not the canonical form that is asked about.
                if (c.kind <= 1
                    && (c.kind == 0 ? p * d : (p * d) + q).Evaluate(name => point[name]) is { } numerator
                    && d.Evaluate(name => point[name]) is > 0 and var by)
                    Assert.True(a == (long)Math.Floor((decimal)numerator / by), $"({p})·({d}) … / ({d}) is {a} at {Text(point)}");
                if (verdict.IsProved)
                    Assert.True(a == b, $"where {c.facts}: {left} = {right} was proved, but at {Text(point)} it is {a} = {b}");
            }
            if (verdict.IsRefuted)
            {
                Assert.True(
                    Complete(verdict.Witness!).Any(full => Admits(facts, full)),
                    $"where {c.facts}: the witness {verdict.Witness} is not admissible");
                Assert.True(
                    verdict.Witness!.Evaluate(left) != verdict.Witness.Evaluate(right),
                    $"{left} and {right} agree at the witness {verdict.Witness}");
            }
        }));
        Assert.True(decided * 10 > tried * 9, $"only {decided} of {tried} were decided");
    }

    /// <summary>
    /// Where facts only give residues and least sizes, and divisors are numbers, every equality is decided: proved class by class, or
    /// refuted at one of degree + 1 sizes of a class (docs/algebra.md).
    /// </summary>
    [SeededProperty(MaxTest = 2000)]
    public Property EqualitiesOfNumberedDivisors_AreAlwaysDecided()
    {
        string[] facts = ["", "H % 4 == 0", "H >= 5, W % 3 == 1", "H % 4 == 2, H % 6 == 4", "H > 100, N >= 2"];
        var cases = from fact in Gen.Elements(facts) from left in Expression.Generator(3) from right in Gen.OneOf(
            Expression.Variation(left), Expression.Generator(2))
                    from shift in Gen.Choose(0, 200) from m in Gen.Elements(1, 7, 30, 180) select (fact, left, right, shift, m);
        return Prop.ForAll(cases.ToArbitrary(), c =>
        {
            // A far residue of a long period: small sizes do not show it.
            var (left, right) = (
                c.left.ToDim() + (Dim.Symbol("H") + c.shift).FloorDiv(c.m), c.right.ToDim() + Dim.Symbol("H").FloorDiv(c.m));
            var where = Where(c.fact);
            var verdict = where.AreEqual(left, right);
            if (!verdict.IsProved && !verdict.IsRefuted)
            {
                Assert.True(Classes(c.m, c.left, c.right) > 1024, $"where {c.fact}: {left} = {right} was not decided");
                return;
            }
            if (!verdict.IsRefuted) return;
            // Each of these facts is about one symbol, so those that the witness does not name can be fulfilled by themselves.
            var known = verdict.Witness!.Values.ToDictionary(value => value.Symbol, value => value.Value);
            Assert.True(
                where.Declared.Where(fact => fact.Left.Symbols.Concat(fact.Right.Symbols).All(known.ContainsKey))
                    .All(fact => fact.Holds(name => known[name]) == true),
                $"where {c.fact}: the witness {verdict.Witness} is not admissible");
            Assert.True(
                verdict.Witness!.Evaluate(left) != verdict.Witness.Evaluate(right),
                $"{left} and {right} agree at the witness {verdict.Witness}");
        });

        // A bound from above of the residue classes: the product of the symbols' periods.
        static long Classes(int far, params Expression[] sides)
        {
            var periods = new Dictionary<string, long> { ["H"] = far };
            foreach (var side in sides) Collect(side, 1);
            return periods.Values.Aggregate(1L, (product, period) => product * period);

            void Collect(Expression expression, long around)
            {
                switch (expression)
                {
                    case Expression.Symbol symbol:
                        var known = periods.GetValueOrDefault(symbol.Name, 1);
                        periods[symbol.Name] = known * around / (long)System.Numerics.BigInteger.GreatestCommonDivisor(known, around);
                        break;
                    case Expression.Binary binary:
                        Collect(binary.Left, around);
                        Collect(binary.Right, around);
                        break;
                    case Expression.Divide division:
                        Collect(division.Inner, around * division.By);
                        break;
                }
            }
        }
    }

    /// <summary>
    /// Divisors of hundreds and thousands, where verdicts rest on the jumps of divisions and not on trying all sizes: brute force over
    /// whole periods.
    /// </summary>
    [Fact]
    public void LargeDivisors_AreDecidedAsBruteForceDoes()
    {
        var (proved, refuted) = DecideLargeDivisors(Seeded.Cases(400));
        Assert.True(proved > 20 && refuted > 100, $"{proved} proved, {refuted} refuted");
    }

    /// <summary>A case in which the quotients cancel and two different numbers are left.</summary>
    [Fact]
    public void TwoNumbers_AreRefutedWithoutAnExample()
        => Assert.Equal((0, 1), DecideLargeDivisors(Seeded.Cases(1).WithReplay(852918969208579396, 3739472971594233395, 81)));

    /// <summary>Checks the verdicts on equalities of sums of quotients, and counts them.</summary>
    private static (int Proved, int Refuted) DecideLargeDivisors(Config configuration)
    {
        string[] facts = ["", "H % 4 == 0", "H >= 50", "H % 3 == 1, H >= 5", "H <= 700", "H != 899"];
        var division = from slope in Gen.Choose(1, 5) from shift in Gen.Choose(-40, 4100) from m in Gen.Elements(
            2, 3, 7, 40, 64, 100, 255, 300, 512, 900, 1024)
                       select (Func<Dim>)(() => (slope * Dim.Symbol("H") + shift).FloorDiv(m));
        var factor = Gen.Frequency((4, division), (1, Gen.Constant<Func<Dim>>(() => Dim.Symbol("H"))));
        var term = from a in Gen.Choose(-3, 3) from f in factor from g in Gen.Frequency(
            (3, Gen.Constant<Func<Dim>>(() => Dim.One)), (1, factor)) select (Func<Dim>)(() => a * f() * g());
        // Half of the time the same function: ⌊e/m⌋ as a sum over the residues of a multiple of m.
        var same = from f in factor from parts in Gen.Elements(2, 3) select (Func<Dim>)(
            () => Enumerable.Range(0, parts).Aggregate(Dim.Zero, (sum, i) => sum + (f() + i).FloorDiv(parts)) - f());
        var cases = from fact in Gen.Elements(facts) from terms in term.ListOf(2) from zero in same from off in Gen.Frequency(
            (2, Gen.Constant(0)), (1, Gen.Choose(0, 2)))
                    select (fact, terms, zero, off);
        int proved = 0, refuted = 0;
        Check.One(configuration, Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var where = Where(c.fact);
            var left = c.terms.Aggregate(c.zero(), (sum, next) => sum + next());
            var right = c.off == 0
                ? Dim.Zero
                : c.terms.Aggregate(Dim.Zero, (sum, next) => sum + next())
                    + (c.off == 1 ? Dim.Zero : (Dim.Symbol("H") + 1).FloorDiv(900) - Dim.Symbol("H").FloorDiv(900));
            var difference = left - right;
            long? first = null;
            for (long h = 1; h <= 3000 && first is null; h++)
                if (where.Declared.All(fact => fact.Holds(_ => h) == true) && difference.Evaluate(_ => h) != 0) first = h;
            var verdict = where.AreEqual(left, right);
            if (verdict.IsProved) proved++;
            if (verdict.IsRefuted) refuted++;
            Assert.True(
                first is null || verdict.IsRefuted, $"where {c.fact}: {left} = {right} fails at H = {first}; the verdict is {verdict}");
            if (!verdict.IsRefuted) return;
            // An example names the symbols of the two sides; numbers have none.
            if (verdict.Witness!.Values.Count == 0)
            {
                Assert.True(
                    left.IsConstant && right.IsConstant && first is not null,
                    $"where {c.fact}: {left} = {right} was refuted without an example");
                return;
            }
            var witness = verdict.Witness!.Values.Single().Value;
            Assert.True(
                where.Declared.All(fact => fact.Holds(_ => witness) == true) && difference.Evaluate(_ => witness) != 0,
                $"where {c.fact}: {left} = {right} does not fail at {witness}");
            // The very first, but where a fact that is not solved shuts it out.
            Assert.True(
                first is null || witness == first || c.fact.Contains("!=", StringComparison.Ordinal),
                $"where {c.fact}: {left} = {right} fails at H = {first} first; the example is {witness}");
        }));
        return (proved, refuted);
    }

    /// <summary>The least value of a size without products is found at the ends of its runs.</summary>
    [Fact]
    public void LowerBoundsOfLargeDivisors_AreDecidedAsBruteForceDoes()
    {
        string[] facts = ["", "H % 4 == 0", "H >= 50", "H % 3 == 1, H >= 5", "H <= 700", "20 <= H, H <= 4000"];
        var division = from a in Gen.Choose(-3, 3)
                       from slope in Gen.Choose(1, 5)
                       from shift in Gen.Choose(-40, 4100)
                       from m in Gen.Elements(1, 2, 3, 7, 40, 64, 100, 255, 300)
                       select (Func<Dim>)(() => a * (slope * Dim.Symbol("H") + shift).FloorDiv(m));
        var cases = from fact in Gen.Elements(facts)
                    from terms in division.ListOf(3)
                    from shift in Gen.Choose(-2, 3)
                    select (fact, terms, shift);
        var decided = 0;
        Check.One(Seeded.Cases(400), Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var where = Where(c.fact);
            var value = c.terms.Aggregate(Dim.Zero, (sum, next) => sum + next());
            var sizes = Enumerable.Range(1, 3000)
                .Select(h => (long)h)
                .Where(h => where.Declared.All(fact => fact.Holds(_ => h) == true))
                .Select(h => value.Evaluate(_ => h)!.Value)
                .ToList();
            var least = sizes.Min() + c.shift;
            var verdict = where.IsAtLeast(value, least);
            Assert.True(c.shift <= 0 || verdict.IsRefuted, $"where {c.fact}: {value} >= {least} fails; the verdict is {verdict}");
            if (verdict.IsProved || verdict.IsRefuted) decided++;
            if (!verdict.IsRefuted) return;
            // A constant has no example.
            var point = verdict.Witness!.Values.FirstOrDefault().Value;
            if (verdict.Witness.Values.Count == 0)
            {
                Assert.True(value.IsConstant && value.Evaluate(_ => 1) < least, $"{value} >= {least} was refuted without an example");
                return;
            }
            Assert.True(
                where.Declared.All(fact => fact.Holds(_ => point) == true) && value.Evaluate(_ => point) < least,
                $"where {c.fact}: {value} >= {least} does not fail at {point}");
        }));
        Assert.True(decided > 395, $"{decided} of 400 were decided");
    }

    /// <summary>Evaluation at many points gives what plain evaluation does.</summary>
    [SeededProperty(MaxTest = 500)]
    public Property AFunctionOfNumberedSymbols_IsTheSize()
        => Prop.ForAll(Expression.Generator(4).ToArbitrary(), expression =>
        {
            var dim = expression.ToDim();
            var function = SizeFunction.Of(dim, Expression.Symbols);
            foreach (var point in Expression.Points(7))
            {
                Assert.Equal(Valuation.Value, function.At([.. Expression.Symbols.Select(symbol => point[symbol])], out var value));
                Assert.True(
                    expression.Evaluate(point) == value,
                    $"{expression} is {expression.Evaluate(point)} at {Text(point)}; as a function it is {value}");
            }
        });

    [Fact]
    public void AMissingFact_MakesTheRelationHold()
    {
        var suggested = 0;
        var pairs = from left in Expression.Generator(3) from right in Expression.Variation(left) select (left, right);
        Check.One(Seeded.Cases(1500), Prop.ForAll(pairs.ToArbitrary(), c =>
        {
            var (left, right) = (c.left.ToDim(), c.right.ToDim());
            if (Where("").AreEqual(left, right).Missing is not { } missing) return;
            suggested++;
            Assert.True(
                Where(missing).AreEqual(left, right).IsProved, $"{missing} was suggested for {left} = {right}, which it does not prove");
        }));
        Assert.True(suggested > 50, $"only {suggested} facts were suggested in 1500 cases");
    }

    private static string Text(IReadOnlyDictionary<string, long> point)
        => string.Join(", ", point.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Key} = {p.Value}")));

    /// <summary>
    /// A witness names the symbols of the question only; the others take any size that the facts of these tests could tie to it.
    /// </summary>
    private static IEnumerable<Dictionary<string, long>> Complete(Witness witness)
    {
        var known = witness.Values.ToDictionary(value => value.Symbol, value => value.Value);
        var sums = known.Values.SelectMany(a => known.Values.SelectMany(b => new[] { a - b, a + b })); // H == W + N ties the third to two
        var near = known.Values.SelectMany(value => new[] { value, value - 1, 2 * value, value / 2 })
            .Concat(sums)
            .Concat(Enumerable.Range(1, 30).Select(value => (long)value))
            .Where(value => value > 0)
            .Distinct()
            .ToList();
        IEnumerable<Dictionary<string, long>> points = [known];
        foreach (var symbol in Expression.Symbols.Where(symbol => !known.ContainsKey(symbol)))
            points = points.SelectMany(point => near.Select(value => new Dictionary<string, long>(point) { [symbol] = value }));
        return points;
    }
}
