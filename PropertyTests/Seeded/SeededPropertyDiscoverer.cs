using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using FsCheck.Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace Hybrid.PropertyTests;

/// <summary>FsCheck's test case of a property, or one that fails because HYBRID_SEED is not a seed.</summary>
public sealed class SeededPropertyDiscoverer : IXunitTestCaseDiscoverer
{
    private readonly IXunitTestCaseDiscoverer _properties = new PropertyDiscoverer();

    public ValueTask<IReadOnlyCollection<IXunitTestCase>> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions, IXunitTestMethod testMethod, IFactAttribute factAttribute)
    {
        try
        {
            _ = Replay.FromEnvironment;
        }
        catch (ArgumentException exception)
        {
            var test = TestIntrospectionHelper.GetTestCaseDetails(discoveryOptions, testMethod, factAttribute);
            return new([new ExecutionErrorTestCase(
                test.ResolvedTestMethod, test.TestCaseDisplayName, test.UniqueID, test.SourceFilePath, test.SourceLineNumber,
                exception.Message)]);
        }
        return _properties.Discover(discoveryOptions, testMethod, factAttribute);
    }
}
