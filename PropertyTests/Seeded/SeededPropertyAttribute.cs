using System;
using FsCheck.Xunit;
using Xunit.v3;

namespace Hybrid.PropertyTests;

/// <summary>
/// A method that is a property as a whole. Its cases start where HYBRID_SEED says; a failure prints the shrunk case and the seed that
/// repeats it.
/// </summary>
[XunitTestCaseDiscoverer(typeof(SeededPropertyDiscoverer))]
public sealed class SeededPropertyAttribute : PropertyAttribute
{
    public SeededPropertyAttribute()
    {
        try
        {
            Replay = PropertyTests.Replay.FromEnvironment;
        }
        catch (ArgumentException)
        {
            // A test whose attribute throws is left out without a word: the discoverer reports the seed.
        }
    }
}
