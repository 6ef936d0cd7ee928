using System;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>One seed repeats a failure, of a property as a whole and of one inside a larger test.</summary>
public sealed class ReplayedFailures
{
    [Fact]
    public void AFailure_PrintsTheSeedThatRepeatsIt()
    {
        var property = Prop.ForAll(ArbMap.Default.ArbFor<int[]>(), numbers => Assert.True(numbers.Length < 4, "four numbers or more"));
        var first = Assert.ThrowsAny<Exception>(() => Check.One(Seeded.Cases(100).WithReplay(null), property)).Message;
        var seed = Regex.Match(first, @"Falsifiable, after \d+ tests? \(\d+ shrinks?\) \(([\d,]+)\)").Groups[1].Value;
        var numbers = Array.ConvertAll(seed.Split(','), ulong.Parse);
        Assert.Contains("Shrunk:", first, StringComparison.Ordinal);
        var again = Assert.ThrowsAny<Exception>(() => Check.One(Seeded.Cases(100).WithReplay(numbers[0], numbers[1]), property)).Message;
        Assert.Equal(Cases(first), Cases(again));

        // What follows the cases is a stack trace.
        static string Cases(string message) => message[..message.IndexOf("with exception", StringComparison.Ordinal)];
    }

    [Theory]
    [InlineData("15722775073186967669,5204947182736636521")]
    [InlineData("15722775073186967669,5204947182736636521,81")]
    public void ASeedAsPrinted_IsRead(string text)
    {
        Assert.Equal(text, Replay.Read(text));
        Assert.Null(Replay.Read(""));
        Assert.Null(Replay.Read(null));
    }

    [Theory]
    [InlineData("15722775073186967669")]
    [InlineData("1,2,3,4")]
    [InlineData("1,two")]
    [InlineData("1,2,-3")]
    public void AnotherText_IsRefused(string text) => Assert.Equal(
        $"HYBRID_SEED: expected 'seed,gamma' or 'seed,gamma,size' as FsCheck prints them, got '{text}'",
        Assert.Throws<ArgumentException>(() => Replay.Read(text)).Message);
}
