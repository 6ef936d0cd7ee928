using System.Collections.Generic;
using System.Linq;
using Hybrid.Generators;
using Hybrid.Generators.Evaluation;
using Hybrid.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Hybrid.PropertyTests.Compiler.Roslyn;

/// <summary>What the generator reads in a compilation.</summary>
internal static class Reading
{
    /// <summary>The models of all specs, by full name.</summary>
    public static IReadOnlyDictionary<string, SpecModel> Models(Compilation compilation) => Specs.Driver()
        .RunGenerators(compilation).GetRunResult().Results.Single().TrackedSteps
        .Where(s => s.Key == ProgramGenerator.ReadStep)
        .SelectMany(s => s.Value).SelectMany(s => s.Outputs)
        .Select(o => (ReadSpec)o.Value)
        .ToDictionary(r => r.Name, r => r.Model!);

    /// <summary>What a spec means, with values for its <c>[Param]</c> sizes or without.</summary>
    public static EvaluatedSpec Evaluate(SpecModel model, IReadOnlyDictionary<string, int>? sizes = null)
        => EvaluateWith(model, (sizes ?? new Dictionary<string, int>()).ToDictionary(size => size.Key, size => (object)size.Value));

    /// <summary>With values of [Param]s of any type.</summary>
    public static EvaluatedSpec EvaluateWith(SpecModel model, IReadOnlyDictionary<string, object> parameters)
        => SpecEvaluator.Evaluate(model, default, parameters);
}
