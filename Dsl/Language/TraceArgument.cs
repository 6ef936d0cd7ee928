using System;
using System.Linq;
using Hybrid.Graphs;
using Hybrid.Rules;

namespace Hybrid;

/// <summary>A C# value as an operation's argument.</summary>
internal static class TraceArgument
{
    /// <summary>Null for a null, and for a default that means "not given".</summary>
    public static Argument? Of(Parameter parameter, object? value, GraphBuilder? builder) => value switch
    {
        null => null,
        bool flag => new Argument.Flag(flag),
        int number => new Argument.Size(number),
        long number => new Argument.Size(number),
        double number => new Argument.Real(number),
        Extent extent => extent.IsGiven ? new Argument.Pair(extent.Height, extent.Width) : null,
        Extent3 extent => extent.IsGiven ? new Argument.Triple(extent.Depth, extent.Height, extent.Width) : null,
        Axes axes => axes.IsGiven ? new Argument.Integers(axes.Values) : null,
        Init init => new Argument.Initial(init),
        int[] numbers => new Argument.Integers(numbers.ToEquatable()),
        Enum choice => new Argument.Choice(choice.GetType().Name, choice.ToString()),
        string text when parameter.Kind == ParameterKind.Shape => new Argument.Sizes(
            (builder ?? throw new InvalidOperationException($"'{parameter.Name}' needs a trace to read the shape '{text}'"))
                .ReadShape(text)
                .ToEquatable()),
        string text => new Argument.Text(text),
        _ => throw new ArgumentException(
            $"'{parameter.Name}': a {value.GetType().Name} is not an argument of the language", parameter.Name),
    };
}
