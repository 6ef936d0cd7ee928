using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using Hybrid.Torch;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Engine.Schema;

/// <summary>Walks every [Aten] method and holds it against the schema that libtorch registers under that name.</summary>
public sealed class AtenSchemaTests
{
    // TorchSharp's own defaults, where they differ from libtorch's: method and parameter.
    private static readonly HashSet<string> s_ownDefaults =
    [
        "nan_to_num.nan", "nan_to_num_.nan", "cdist.compute_mode", "nanquantile.dim", "quantile.dim", "take_along_dim.dim", "log_normal_.mean", "log_normal_.std",
        "as_strided.storageOffset", "ldl_factor.hermitian", "ldl_factor_ex.hermitian", "matrix_norm.dims", "hinge_embedding_loss.margin",
    ];

    internal static IEnumerable<(MethodInfo Method, AtenAttribute Aten)> Operations() =>
        from type in typeof(torch).Assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        let aten = method.GetCustomAttribute<AtenAttribute>()
        where aten is not null
        select (method, aten);

    [Fact]
    public void EveryOperation_MatchesTheSchemaOfLibtorch()
    {
        var problems = new List<string>();
        var count = 0;
        foreach (var (method, aten) in Operations())
        {
            count++;
            problems.AddRange(Compare(method, aten.Name, withOut: false));
            if (aten.Out is { } overload)
            {
                problems.AddRange(Compare(method, aten.Name.Split('.')[0] + "." + overload, withOut: true));
            }
        }

        Assert.True(count > 900, $"expected more than 900 [Aten] operations, found {count}");
        Assert.True(problems.Count == 0, $"{problems.Count} of {count} operations differ from libtorch:\n" + string.Join("\n", problems));
    }

    private static IEnumerable<string> Compare(MethodInfo method, string name, bool withOut)
    {
        var where = $"{method.DeclaringType!.Name}.{method.Name} [{name}]";
        OperatorSchema schema;
        string? missing = null;
        try
        {
            schema = OperatorSchema.Of(name);
        }
        catch (ExternalException e)
        {
            schema = null!;
            missing = $"{where}: libtorch has no such operator: {e.Message.Split('\n')[0]}";
        }

        if (missing is not null)
        {
            yield return missing;
            yield break;
        }

        var given = method.GetParameters().Where(p => withOut || p.Name != "out" || !method.GetCustomAttribute<AtenAttribute>()!.HasOut())
            .Select(p => (p.Name!, p.ParameterType, Optional: p.HasDefaultValue ? p.DefaultValue : DBNull.Value)).ToList();
        if (!method.IsStatic)
        {
            given.Insert(0, ("this", typeof(Tensor), DBNull.Value));
        }

        if (given.Count > schema.Arguments.Count)
        {
            yield return $"{where}: {given.Count} parameters, the schema has {schema.Arguments.Count}: {schema}";
            yield break;
        }

        for (var i = 0; i < given.Count; i++)
        {
            var (parameter, type, fallback) = given[i];
            var argument = schema.Arguments[i];
            if (!argument.Accepts(type))
            {
                yield return $"{where}: parameter {i} '{parameter}' is {type.Name}, the schema wants {argument.Type} {argument.Name}: {schema}";
            }

            if (fallback is not DBNull && argument.Default is not null && !argument.SameDefault(fallback) && !s_ownDefaults.Contains($"{method.Name}.{parameter}"))
            {
                yield return $"{where}: parameter '{parameter}' defaults to {fallback ?? "null"}, the schema to {argument.Default}: {schema}";
            }
        }

        foreach (var argument in schema.Arguments.Skip(given.Count))
        {
            if (argument.Default is null)
            {
                yield return $"{where}: leaves out '{argument.Name}', which has no default: {schema}";
            }
        }

        if (!schema.Returns(method.ReturnType))
        {
            yield return $"{where}: returns {method.ReturnType}, the schema {schema.Result}";
        }
    }
}

internal static class AtenAttributes
{
    public static bool HasOut(this AtenAttribute attribute) => attribute.Out is not null;
}
