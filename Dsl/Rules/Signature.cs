using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Rules;

public enum ParameterKind
{
    /// <summary>A tensor.</summary>
    Tensor,

    /// <summary>A tensor that may be left out.</summary>
    OptionalTensor,

    /// <summary>A tensor or a number: a side of an operator.</summary>
    Operand,

    /// <summary>An integer or a size with a [Param].</summary>
    Size,

    /// <summary>An integer known when compiling.</summary>
    Integer,

    /// <summary>A list of integers: <c>params int[]</c>.</summary>
    Integers,

    /// <summary><see cref="Hybrid.Axes"/>: an integer or a tuple of them; all axes when not given.</summary>
    Axes,

    Flag,

    Real,

    /// <summary>A string: a key.</summary>
    Text,

    /// <summary><see cref="Hybrid.Extent"/>: an integer or a pair.</summary>
    Extent,

    /// <summary><see cref="Hybrid.Extent3"/>: an integer or three.</summary>
    Extent3,

    /// <summary><see cref="Hybrid.Init"/>.</summary>
    Init,

    /// <summary>A shape string such as <c>B, 8, H</c>; arrives as sizes.</summary>
    Shape,

    /// <summary>A member of an enum of the language.</summary>
    Choice,
}

/// <summary>A parameter of an operation, as its extension method declares it.</summary>
/// <param name="Name">As in C#.</param>
/// <param name="Kind">What it takes.</param>
/// <param name="Default">What holds when it is not given; null for a required one.</param>
public sealed record Parameter(string Name, ParameterKind Kind, Argument? Default = null)
{
    public bool IsTensor => Kind is ParameterKind.Tensor or ParameterKind.OptionalTensor or ParameterKind.Operand;
}

/// <summary>One argument of a call, as read or traced.</summary>
/// <param name="Name">Null when positional.</param>
/// <param name="Tensor">The value, when it is a tensor.</param>
/// <param name="Constant">The value, when it is known while compiling.</param>
/// <param name="Origin">The argument's place.</param>
public sealed record CallArgument(string? Name, Value? Tensor, Argument? Constant, Origin Origin)
{
    public static CallArgument Of(Value tensor, Origin origin = default, string? name = null) => new(name, tensor, null, origin);

    public static CallArgument Of(Argument constant, Origin origin = default, string? name = null) => new(name, null, constant, origin);
}

/// <summary>A call's arguments, one for each parameter of the signature.</summary>
public sealed class Binding
{
    internal Binding(Signature signature, Value?[] tensors, Argument[] constants, Origin[] origins)
        => (Signature, Tensors, Constants, Origins) = (signature, tensors, constants, origins);

    public Signature Signature { get; }

    /// <summary>One for each tensor parameter; null for an optional one that was not given, or an operand that is a number.</summary>
    public IReadOnlyList<Value?> Tensors { get; }

    /// <summary>One for each other parameter; an operand has an entry here too, <see cref="Argument.None"/> when it is a tensor.</summary>
    public EquatableArray<Argument> Arguments => Constants.ToEquatable();

    internal Argument[] Constants { get; }

    /// <summary>Where each parameter's argument stands, by position in the signature; None when it was not given.</summary>
    internal Origin[] Origins { get; }

    internal Binding WithTensors(IEnumerable<Value> tensors, Origin[] origins)
    {
        var given = new Queue<Value>(tensors);
        var bound = Signature.TensorParameters.Select(_ => given.Count > 0 ? given.Dequeue() : null).ToArray();
        return new Binding(Signature, bound, Constants, origins);
    }
}

/// <summary>The parameters of an operation. Binding is here so that reading syntax and tracing agree.</summary>
public sealed class Signature(string operation, params Parameter[] parameters)
{
    public string Operation { get; } = operation;

    public EquatableArray<Parameter> Parameters { get; } = parameters.ToEquatable();

    public IEnumerable<Parameter> TensorParameters => Parameters.Where(parameter => parameter.IsTensor);

    /// <summary>The parameters that have an entry in a binding's arguments: all but plain tensors.</summary>
    public IEnumerable<Parameter> ConstantParameters => Parameters.Where(IsConstant);

    internal static bool IsConstant(Parameter parameter) => parameter.Kind is not (ParameterKind.Tensor or ParameterKind.OptionalTensor);

    public Parameter? this[string name] => Parameters.FirstOrDefault(parameter => parameter.Name == name);

    internal int PositionOf(string name)
    {
        for (var i = 0; i < Parameters.Count; i++)
            if (Parameters[i].Name == name) return i;
        throw new ArgumentException($"{Operation} has no parameter '{name}'; it has {Names}", nameof(name));
    }

    internal int ConstantPositionOf(string name)
    {
        var position = 0;
        foreach (var parameter in ConstantParameters)
        {
            if (parameter.Name == name) return position;
            position++;
        }
        throw new ArgumentException($"{Operation} has no compile-time parameter '{name}'; it has {Names}", nameof(name));
    }

    private string Names => string.Join(", ", Parameters.Select(parameter => parameter.Name));

    /// <summary>
    /// Binds a call <c>x.Operation(…)</c>, the receiver first. With <paramref name="layer"/>, binds <c>Layer.Operation(…)</c>, whose
    /// tensors come with <c>On</c>.
    /// </summary>
    public bool TryBind(
        IReadOnlyList<CallArgument> arguments,
        out Binding binding,
        out Fault? fault,
        bool layer = false,
        Origin call = default)
    {
        binding = null!;
        var expected = layer ? Parameters.Where(parameter => !parameter.IsTensor).ToEquatable() : Parameters;
        var given = new CallArgument?[Parameters.Count];
        var rest = new List<CallArgument>();
        var next = 0;
        foreach (var argument in arguments)
        {
            Parameter? parameter;
            if (argument.Name is not null)
            {
                parameter = expected.FirstOrDefault(candidate => candidate.Name == argument.Name);
                if (parameter is null)
                {
                    return Fail(
                        $"{Operation} has no parameter '{argument.Name}'; it has {string.Join(", ", expected.Select(p => p.Name))}",
                        argument.Origin, out fault);
                }
                // C# lets positions continue after a name in its own position.
                if (next < expected.Count && expected[next] == parameter) next++;
            }
            else if (next < expected.Count)
            {
                parameter = expected[next];
                if (parameter.Kind == ParameterKind.Integers) { rest.Add(argument); continue; }
                next++;
            }
            else
            {
                return Fail(
                    $"{Operation} takes {Plural.Of(expected.Count, "argument")}, got {arguments.Count}; it has "
                        + $"{string.Join(", ", expected.Select(p => p.Name))}",
                    argument.Origin, out fault);
            }

            var position = PositionOf(parameter.Name);
            if (given[position] is not null) return Fail($"{Operation}: '{parameter.Name}' is given twice", argument.Origin, out fault);
            given[position] = argument;
        }

        var tensors = new List<Value?>();
        var constants = new List<Argument>();
        var origins = new Origin[Parameters.Count];
        for (var i = 0; i < Parameters.Count; i++)
        {
            var parameter = Parameters[i];
            origins[i] = given[i]?.Origin ?? Origin.None;
            if (parameter.Kind == ParameterKind.Integers && rest.Count > 0)
            {
                origins[i] = rest[0].Origin;
                // `Permute([1, 0])`: the list itself, as C# lets one be given for several.
                if (rest.Count == 1 && rest[0].Constant is Argument.Integers list)
                {
                    constants.Add(list);
                    continue;
                }
                var integers = rest.Select(
                    argument => argument.Constant is Argument.Size size && size.Value.TryConstant(out var value) ? (int?)value : null)
                .ToList();
                if (integers.Any(value => value is null))
                    return Fail($"{Operation}: '{parameter.Name}' takes compile-time integers", origins[i], out fault);
                constants.Add(new Argument.Integers(integers.Select(value => value!.Value).ToEquatable()));
                continue;
            }
            if (given[i] is not { } value2)
            {
                if (layer && parameter.IsTensor)
                {
                    tensors.Add(null);
                    if (IsConstant(parameter)) constants.Add(Argument.None);
                    continue;
                }
                var missing = parameter.Default ?? (parameter.Kind == ParameterKind.OptionalTensor ? Argument.None : null);
                if (missing is null) return Fail($"{Operation} needs '{parameter.Name}'", call, out fault);
                if (parameter.IsTensor) tensors.Add(null);
                if (IsConstant(parameter)) constants.Add(missing);
                continue;
            }
            if (parameter.IsTensor)
            {
                if (value2.Tensor is null && parameter.Kind != ParameterKind.Operand)
                    return Fail($"{Operation}: '{parameter.Name}' takes a tensor, {value2.Constant} is given", value2.Origin, out fault);
                tensors.Add(value2.Tensor);
                if (!IsConstant(parameter)) continue;
            }
            if (value2.Tensor is not null)
            {
                if (!parameter.IsTensor)
                    return Fail($"{Operation}: '{parameter.Name}' is decided when compiling, a tensor is given", value2.Origin, out fault);
                constants.Add(Argument.None);
                continue;
            }
            if (Convert(parameter, value2.Constant!) is not { } constant)
                return Fail(
                    $"{Operation}: '{parameter.Name}' takes {Wanted(parameter.Kind)}, {value2.Constant} is given",
                    value2.Origin, out fault);
            constants.Add(constant);
        }
        binding = new Binding(this, tensors.ToArray(), constants.ToArray(), origins);
        fault = null;
        return true;

        static bool Fail(string message, Origin origin, out Fault? fault)
        {
            fault = new Fault("HYB4004", message + ".", origin);
            return false;
        }
    }

    private static Argument? Convert(Parameter parameter, Argument argument) => (parameter.Kind, argument) switch
    {
        (_, Argument.Missing) when parameter.Default is not null => parameter.Default,
        (ParameterKind.Size, Argument.Size) => argument,
        (ParameterKind.Integer, Argument.Size size) when size.Value.IsConstant => argument,
        (ParameterKind.Integers, Argument.Integers) => argument,
        (ParameterKind.Integers, Argument.Size size) when size.Value.TryConstant(out var value)
            => new Argument.Integers(EquatableArray.Of((int)value)),
        (ParameterKind.Flag, Argument.Flag) => argument,
        (ParameterKind.Real or ParameterKind.Operand, Argument.Real or Argument.Varying) => argument,
        (
            ParameterKind.Real or ParameterKind.Operand,
            Argument.Size size) => size.Value.TryConstant(out var value)
                ? new Argument.Real(value)
                : new Argument.Varying(new Quantity.Size(size.Value)),
        (ParameterKind.Text, Argument.Text) => argument,
        (ParameterKind.Axes, Argument.Integers) => argument,
        (ParameterKind.Axes, Argument.Size size) when size.Value.TryConstant(out var value)
            => new Argument.Integers(EquatableArray.Of((int)value)),
        (ParameterKind.Axes, Argument.Pair pair) => new Argument.Integers(EquatableArray.Of(pair.Height, pair.Width)),
        (ParameterKind.Extent, Argument.Pair) => argument,
        (ParameterKind.Extent, Argument.Integers { Values.Count: 2 } pair) => new Argument.Pair(pair.Values[0], pair.Values[1]),
        (ParameterKind.Extent, Argument.Size size) when size.Value.TryConstant(out var value)
            && value == (int)value => new Argument.Pair((int)value, (int)value),
        (ParameterKind.Extent3, Argument.Triple) => argument,
        (
            ParameterKind.Extent3,
            Argument.Integers { Values.Count: 3 } triple) => new Argument.Triple(triple.Values[0], triple.Values[1], triple.Values[2]),
        (ParameterKind.Extent3, Argument.Size size) when size.Value.TryConstant(out var value)
            && value == (int)value => new Argument.Triple((int)value, (int)value, (int)value),
        (ParameterKind.Init, Argument.Initial) => argument,
        (ParameterKind.Shape, Argument.Sizes) => argument,
        (ParameterKind.Choice, Argument.Choice) => argument,
        _ => null,
    };

    private static string Wanted(ParameterKind kind) => kind switch
    {
        ParameterKind.Size => "a size (an int or a [Param])",
        ParameterKind.Integer => "an int known when compiling",
        ParameterKind.Integers => "ints known when compiling",
        ParameterKind.Axes => "an axis or a tuple of axes",
        ParameterKind.Flag => "true or false",
        ParameterKind.Real => "a number",
        ParameterKind.Operand => "a tensor or a number",
        ParameterKind.Text => "a string",
        ParameterKind.Extent => "an int or a pair of ints",
        ParameterKind.Extent3 => "an int or three ints",
        ParameterKind.Init => "a member of Init",
        ParameterKind.Shape => "a shape string",
        _ => "a member of its enum",
    };
}
