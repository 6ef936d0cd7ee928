using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Hybrid.Generators;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>What the generator keeps between runs holds nothing of Roslyn: a symbol or node would keep a whole compilation alive.</summary>
public sealed class ModelPurity
{
    [Fact]
    public void TrackedValues_HoldNoRoslynObject()
    {
        var driver = Specs.Driver().RunGenerators(Specs.Compile([.. ZooSources.All.Values]), TestContext.Current.CancellationToken);
        var steps = driver.GetRunResult().Results.Single().TrackedSteps
            .Where(s => s.Key.StartsWith("Hybrid.", StringComparison.Ordinal))
            .SelectMany(s => s.Value)
            .SelectMany(s => s.Outputs)
            .Select(o => o.Value)
            .ToList();
        Assert.NotEmpty(steps);
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        foreach (var value in steps) Walk(value, value?.GetType().Name ?? "null", seen);
        Assert.True(seen.Count > 100, $"only {seen.Count} objects were walked");
    }

    [Fact]
    public void Model_IsEqualToASecondReading_AndToNoOther()
    {
        var first = Models(ZooSources.All.Values);
        var second = Models(ZooSources.All.Values);
        Assert.Equal(first, second);
        Assert.Equal(first.Count, first.Distinct().Count());
        Assert.Equal(first.Select(m => m.GetHashCode()), second.Select(m => m.GetHashCode()));
    }

    private static List<Generators.Model.ReadSpec> Models(IEnumerable<string> sources) => [.. Specs.Driver()
        .RunGenerators(Specs.Compile([.. sources]), TestContext.Current.CancellationToken)
            .GetRunResult().Results.Single().TrackedSteps[ProgramGenerator.ReadStep]
        .SelectMany(s => s.Outputs).Select(o => (Generators.Model.ReadSpec)o.Value)];

    private static void Walk(object? value, string path, HashSet<object> seen)
    {
        if (value is null or string || value.GetType() is { IsPrimitive: true } or { IsEnum: true }) return;
        if (!value.GetType().IsValueType && !seen.Add(value)) return;
        for (var type = value.GetType(); type is not null; type = type.BaseType)
        {
            Assert.False(type.Namespace?.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal) == true, $"{path} is a {type}");
            foreach (
                var field in type.GetFields(
                    BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                Walk(field.GetValue(value), $"{path}.{field.Name}", seen);
        }
        if (value is IEnumerable items and Array)
            foreach (var item in items) Walk(item, path + "[]", seen);
    }
}
