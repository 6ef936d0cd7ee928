using System;
using System.Linq;
using System.Reflection;
using Hybrid.Graphs;

namespace Hybrid.Rules;

/// <summary>Marks an integer that may depend on a [Param], such as a number of channels. Other integers are known when compiling.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
internal sealed class SizeAttribute : Attribute;

/// <summary>What <c>default</c> means along each axis of an extent. Without it, an extent that is not given stays missing.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
internal sealed class MeansAttribute(int size) : Attribute
{
    public int Size => size;
}

/// <summary>Marks a string that must be given and is not a shape.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
internal sealed class VerbatimAttribute : Attribute;

/// <summary>
/// Reads an operation's parameters from the method by which a spec calls it, where they are stated once. A C# type decides what a parameter
/// takes; an integer and an extent may carry an attribute, and a string that must be given is a shape.
/// </summary>
internal static class Declaration
{
    /// <summary>The parameters of the public static method of an operation's name.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="home">The class of the method.</param>
    public static Signature Of(string operation, Type home)
    {
        var method = home.GetMethod(operation, BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
            ?? throw new InvalidOperationException(
                $"{operation}: expected a method {home.Name}.{operation} that states its parameters, there is none");
        return new Signature(operation, method.GetParameters().Select(Read).ToArray());
    }

    private static Parameter Read(ParameterInfo parameter)
    {
        var kind = KindOf(parameter);
        return new Parameter(parameter.Name!, kind, parameter.IsOptional ? DefaultOf(parameter, kind) : null);
    }

    private static ParameterKind KindOf(ParameterInfo parameter)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        if (type == typeof(Sym)) return parameter.IsOptional ? ParameterKind.OptionalTensor : ParameterKind.Tensor;
        if (type == typeof(Operand)) return ParameterKind.Operand;
        if (type == typeof(int))
            return parameter.IsDefined(typeof(SizeAttribute), inherit: false) ? ParameterKind.Size : ParameterKind.Integer;
        if (type == typeof(int[])) return ParameterKind.Integers;
        if (type == typeof(bool)) return ParameterKind.Flag;
        if (type == typeof(double)) return ParameterKind.Real;
        if (type == typeof(string)) 
        {
            return parameter.IsOptional || parameter.IsDefined(typeof(VerbatimAttribute), inherit: false)
                ? ParameterKind.Text
                : ParameterKind.Shape;
        }
        if (type == typeof(Axes)) return ParameterKind.Axes;
        if (type == typeof(Extent)) return ParameterKind.Extent;
        if (type == typeof(Extent3)) return ParameterKind.Extent3;
        if (type == typeof(Init)) return ParameterKind.Init;
        if (type.IsEnum) return ParameterKind.Choice;
        throw new NotSupportedException(
            $"{parameter.Member.Name}: no spec can pass '{parameter.Name}', a {type}. Use a type of the language.");
    }

    private static Argument? DefaultOf(ParameterInfo parameter, ParameterKind kind) => kind switch
    {
        ParameterKind.OptionalTensor => null,
        ParameterKind.Init => new Argument.Initial(default),
        ParameterKind.Extent => MeaningOf(parameter) is { } size ? new Argument.Pair(size, size) : Argument.None,
        ParameterKind.Extent3 => MeaningOf(parameter) is { } size ? new Argument.Triple(size, size, size) : Argument.None,
        ParameterKind.Axes => Argument.None,
        ParameterKind.Choice => new Argument.Choice(
            parameter.ParameterType.Name, Enum.GetName(parameter.ParameterType, parameter.RawDefaultValue!)!),
        _ => parameter.RawDefaultValue switch
        {
            int number => new Argument.Size(number),
            double number => new Argument.Real(number),
            bool flag => new Argument.Flag(flag),
            null => Argument.None,
            var other => throw new NotSupportedException(
                $"{parameter.Member.Name}: the default {other} of '{parameter.Name}' has no meaning in a spec."),
        },
    };

    private static int? MeaningOf(ParameterInfo parameter) => parameter.GetCustomAttribute<MeansAttribute>()?.Size;
}
