using System.Linq;
using Hybrid.Algebra;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Dsl.Algebra;

/// <summary>The identities of strides and pools that real networks rest on.</summary>
public class IdentityTests
{
    private static readonly string[] _symbols = ["B", "C", "D", "H", "N", "W"];

    private static Dim? Named(string name) => _symbols.Contains(name) ? Dim.Symbol(name) : null;

    private static Facts Where(string text) => Facts.Over(_symbols, DimParser.ParseFacts(text, Named).ToArray());

    private static Dim Size(string text) => DimParser.ParseDim(text, Named);

    [Theory]
    [InlineData("", "(H-2)/2+1", "H/2")]
    [InlineData("", "(H+2-3)/2+1", "(H-1)/2+1")]
    [InlineData("", "(((H-1)/2+1)-1)/2+1", "(H-1)/4+1")]
    [InlineData("H % 2 == 0", "((H-2)/2+1)*2", "H")]
    [InlineData("D % N == 0", "N*(D/N)", "D")]
    [InlineData("", "C*(H/2)*(W/2)", "(W/2)*C*(H/2)")]
    [InlineData("H == 28, W == 28", "64*(H/4)*(W/4)", "3136")]
    [InlineData("", "64 + 32 + 32 + 32", "64 + 3*32")]
    [InlineData("H % 8 == 0", "(H/8)*2", "H/4")]
    [InlineData("", "(H/2)/3", "H/6")]
    [InlineData("", "H/2 + (H+1)/2", "H")]
    [InlineData("H % 6 == 0", "(H/2)/3*6", "H")]
    [InlineData("", "(H%4)/4", "0")]
    [InlineData("", "(2*H+1)%2", "1")]
    [InlineData("H == W", "H*W", "W*W")]
    [InlineData("C == 2*D", "C*H", "2*D*H")]
    [InlineData("H <= 3", "H*H*H + 11*H", "6*H*H + 6")]
    [InlineData("", "(D*N + D)/(N + 1)", "D")]
    [InlineData("", "(H*H - 1)/(H + 1)", "H - 1")]
    [InlineData("", "(2*H*W + 2*W + H*N + N)/(2*W + N)", "H + 1")]
    [InlineData("", "(H*(H+1))/2*2", "H*H + H")]
    [InlineData("H % 2 == 0, W % 2 == 0", "4*((H/2)*(W/2))", "H*W")]
    [InlineData("", "((H-1)/2+1)*2 - H", "H % 2")]
    [InlineData("", "64 + 12*32 + 24*32", "1216")]
    [InlineData("H >= 3", "(H + 2*1 - 1*(3-1) - 1)/1 + 1", "H")]
    [InlineData("", "H/1024 + (H + 512)/1024", "H/512")]
    [InlineData("", "H/4096 + (H + 1024)/4096 + (H + 2048)/4096 + (H + 3072)/4096", "H/1024")]
    [InlineData("", "((H + 1)/2)*((H + 1)/2) + (H/2)*(H/2)", "(H*H + 1)/2")]
    [InlineData("", "(H/3 + 2*(H/5))/7*7 + (H/3 + 2*(H/5))%7", "H/3 + 2*(H/5)")]
    public void HoldsForAllSizes(string where, string left, string right)
    {
        var verdict = Where(where).AreEqual(Size(left), Size(right));
        Assert.True(verdict.IsProved, $"{left} = {right} where {where}: {verdict}");
    }

    [Theory]
    [InlineData("H >= 2", "((H-2)/2+1)*2", "H", "H = 3", "H % 2 == 0")]
    [InlineData("H >= 700", "(H/8)*2", "H/4", "H = 700", "H % 8 == 0")]
    [InlineData("D >= N", "N*(D/N)", "D", "D = 3, N = 2", "D % N == 0")]
    [InlineData("", "H", "W", "H = 1, W = 2", "H == W")]
    [InlineData("", "B*H", "B*W", "B = 1, H = 1, W = 2", "H == W")]
    [InlineData("", "C", "64", "C = 1", "C == 64")]
    [InlineData("", "(H + 1)/900", "H/900", "H = 899", "H % 2 == 0")]
    [InlineData("H % 5 == 0", "(H + 2500)/5000", "H/5000", "H = 2500", "H % 5000 == 0")]
    [InlineData("", "(H + 1)/4096", "H/4096", "H = 4095", "H % 4096 == 0")]
    [InlineData("H != 899", "(H + 1)/900", "H/900", "H = 1799", "H % 2 == 0")]
    [InlineData("H >= 900, H % 3 == 1", "(H + 2)/900", "H/900", "H = 1798", "H % 4 == 0")]
    [InlineData("", "(H + W)/4096", "H/4096 + W/4096", "H = 1, W = 4095", "H % 4096 == 0")]
    [InlineData("", "(H*W)/4096", "H/64*(W/64)", "H = 63, W = 127", "H % 64 == 0, W % 64 == 0")]
    [InlineData("", "H/899 + (H + 1)/900", "(H + 1)/899 + H/900", "H = 898", null)]
    [InlineData("", "(H/3 + W/5 + N/7)/11", "(H/3 + W/5 + N/7 + 1)/11", "H = 30, N = 1, W = 1", "H % 165 == 0, N % 165 == 0, W % 165 == 0")]
    [InlineData("", "(H + W)/40", "H/40 + W/40", "H = 14, W = 26", "H % 40 == 0")]
    public void FailsWithTheSmallestExampleAndTheMissingFact(string where, string left, string right, string witness, string? missing)
    {
        var verdict = Where(where).AreEqual(Size(left), Size(right));
        Assert.True(verdict.IsRefuted, $"{left} = {right}: {verdict}");
        Assert.Equal(witness, verdict.Witness!.ToString());
        Assert.Equal(missing, verdict.Missing);
    }

    /// <summary>Bounds of every form that layers ask about, with divisors beyond what trying sizes one by one would reach.</summary>
    [Theory]
    [InlineData("", "H - H/2", 1, null)]
    [InlineData("", "H - H/4000", 1, null)]
    [InlineData("", "H + W - (H + W)/2", 1, null)]
    [InlineData("H >= 700", "H - (H/2 + 300)", 50, null)]
    [InlineData("", "H/4000 - (H - 1)/4000", 0, null)]
    [InlineData("", "H/4000 - (H - 1)/4000", 1, "H = 1")]
    [InlineData("H >= 2", "(H - 1)/4000 - H/4000", 0, "H = 4000")]
    [InlineData("H <= 999", "1000 - H", 1, null)]
    [InlineData("", "100000 - H", 1, "H = 100000")]
    [InlineData("H % 4 == 3", "100000 - H", 1, "H = 100003")]
    [InlineData("", "W + 5000 - 3*(H/2) + H", 1, "H = 10005, W = 1")]
    public void Bounds(string where, string value, long least, string? witness)
    {
        var verdict = Where(where).IsAtLeast(Size(value), least);
        Assert.True(witness is null ? verdict.IsProved : verdict.IsRefuted, $"{value} >= {least} where {where}: {verdict}");
        Assert.Equal(witness, verdict.Witness?.ToString());
    }

    /// <summary>
    /// Each relation that layers ask about is decided in under a millisecond; the bench prints how long it takes, this only bounds it on a
    /// busy machine.
    /// </summary>
    [Fact]
    public void IdentitiesAreDecidedAtOnce()
    {
        (string Where, string Left, string Right)[] asked =
        [
            ("", "(H-2)/2+1", "H/2"), ("", "(H+2-3)/2+1", "(H-1)/2+1"), (
                "", "(((H-1)/2+1)-1)/2+1", "(H-1)/4+1"), ("H % 2 == 0", "((H-2)/2+1)*2", "H"), ("", "((H-2)/2+1)*2", "H"),
            ("D % N == 0", "N*(D/N)", "D"), (
                "", "C*(H/2)*(W/2)", "(W/2)*C*(H/2)"), ("", "H/2 + (H+1)/2", "H"), ("H % 6 == 0", "(H/2)/3*6", "H"),
            ("", "(H+1)/900", "H/900"), ("", "(H+1)/4096", "H/4096"), ("", "H/1024 + (H+512)/1024", "H/512"),
        ];
        foreach (var (where, left, right) in asked)
        {
            var median = Median(() => Where(where).AreEqual(Size(left), Size(right)));
            Assert.True(median < 20, $"{left} = {right} where '{where}' takes {median:0.00} ms (median of 15)");
        }
    }

    /// <summary>What is not written by hand is refused or left open in bounded time.</summary>
    [Theory]
    [InlineData("(H + W)/4095", "H/4095 + W/4095")]
    [InlineData("(H*W*N)/4093", "(H*W)/4093*N")]
    [InlineData("H/4093 + (H + 1)/4091 + H/4079", "(H + 1)/4093 + H/4091 + H/4079")]
    [InlineData("(B + C + D + H + N + W)/61", "(B + C)/61 + (D + H)/61 + (N + W)/61")]
    [InlineData("((H/N + 1)/N + W)/N", "((H/N + 1)/N + W + 1)/N")]
    [InlineData("(H + 1)*(H + 2)*(W + 3)*(N + 1)*(D + 5)/24*24", "(H + 1)*(H + 2)*(W + 3)*(N + 1)*(D + 5)")]
    [InlineData("(4611686018427387904*H + 1)/4611686018427387903", "H")]
    public void NoQuestionTakesLong(string left, string right)
    {
        var median = Median(() => Where("").AreEqual(Size(left), Size(right)));
        Assert.True(median < 100, $"{left} = {right} takes {median:0.00} ms (median of 15)");
    }

    /// <summary>Sizes that double their terms at each step are refused before they fill the memory.</summary>
    [Fact]
    public void RepeatedSquaring_IsRefused()
    {
        Assert.Throws<DimTooLargeException>(() => Enumerable.Range(0, 60).Aggregate(Size("H"), (size, _) => size * size));
        Assert.Throws<DimTooLargeException>(
            () => Enumerable.Range(0, 60).Aggregate(Size("H"), (size, _) => ((size * size) + 1).FloorDiv(Size("N"))));
        Assert.Throws<DimTooLargeException>(
            () => Enumerable.Range(0, 60).Aggregate(Size("H"), (size, _) => (size + size.FloorDiv(Size("N")) + 1).FloorDiv(Size("N + 1"))));
    }

    private static double Median(System.Action work)
        => Enumerable.Range(0, 15).Select(_ =>
        {
            var start = System.Diagnostics.Stopwatch.GetTimestamp();
            work();
            return System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }).Order().ElementAt(7);

    [Fact]
    public void AQuestionBeyondTheAlgebra_IsNotAnswered()
    {
        // True for all sizes, but the divisor is not a number, and no fact relates it to the numerator.
        var verdict = Where("").AreEqual(Size("(D*N + D + N)/(N + 1)"), Size("D"));
        Assert.Equal(Outcome.Unknown, verdict.Outcome);
    }

    [Theory]
    [InlineData("H % 4 == 0, H % 4 == 1")]
    [InlineData("H >= 5, H <= 3")]
    [InlineData("H == 7, H % 2 == 0")]
    [InlineData("2*H == 7")]
    [InlineData("H == W, W >= 9, H <= 8")]
    public void FactsThatNoSizeSatisfies_AreNoticed(string where) => Assert.True(Where(where).AreContradictory, where);

    [Theory]
    [InlineData("H % 4 == 0, H >= 5", 8)]
    [InlineData("H >= 5", 5)]
    [InlineData("H % 4 == 2, H % 6 == 4", 10)]
    [InlineData("H > 5, H != 6", 6)]
    public void TheLeastSize_FollowsFromTheFacts(string where, long least) => Assert.Equal(least, Where(where).Least("H"));

    [Theory]
    [InlineData("H *", "'H *': expected a size at the end")]
    [InlineData("H + Q", "'Q' in 'H + Q' is neither declared in Dims nor a constant or [Param] of the spec")]
    [InlineData("H / 0", "'H / 0' divides by 0; right of '/' a size of at least 1 is needed")]
    [InlineData("(H + 1", "'(H + 1': expected ')' at the end")]
    [InlineData("H W", "'H W': expected the end at 'W'")]
    [InlineData("99999999999999999999", "'99999999999999999999' holds a number beyond 63 bits")]
    public void TextThatIsNoSize_SaysWhatWasExpected(string text, string message)
        => Assert.Equal(message, Assert.Throws<DimSyntaxException>(() => Size(text)).Message);

    [Fact]
    public void TextThatIsNoFact_SaysWhatWasExpected()
        => Assert.Equal(
            "'H + 1': expected a comparison such as H % 4 == 0 or H >= 16 at the end",
            Assert.Throws<DimSyntaxException>(() => Where("H + 1")).Message);
}
