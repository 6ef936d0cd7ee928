using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>Numbers on a command line that are not understood: 1,5 is neither 15 nor 1.5.</summary>
internal static class RefusedNumbers
{
    private static readonly string[] _odd = ["1,5", "0x10", "1e", "１", "1 000", "nan", "--5"];

    /// <summary>Gives every option such a number in one command line; each must be named in the answer, and nothing be done.</summary>
    public static void Require(SampleFolder sample, IEnumerable<string> command, IReadOnlyList<string> options)
    {
        // A text that begins with -- belongs to the option by "=" alone.
        var (code, _, errors) = sample.Run([.. command, .. options.Select((option, i) => $"{option}={_odd[i % _odd.Length]}")]);
        Assert.True(code == 1, errors);
        Assert.All(options, option => Assert.True(
            errors.Contains($"{option}: expected a ", StringComparison.Ordinal), $"{option} is not named in: {errors}"));
        Assert.False(System.IO.Directory.Exists(sample.At("runs")), $"something was written: {errors}");
    }
}
