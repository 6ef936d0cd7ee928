using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Programs;

namespace Hybrid;

/// <summary>
/// Runs a spec: called with symbolic tensors, its method builds the graph that the compiler reads from its syntax. The oracle of that
/// reader, and the way to build networks whose depth is only known when running.
/// </summary>
public static class Trace
{
    /// <summary>The graph of a class marked [Network] or [Loss], or of one inside it that stands for a choice of its [Param]s.</summary>
    /// <param name="type">The class.</param>
    /// <param name="parameters">
    /// Values of [Param]s by name: an int, a double, a bool, an enum's value; the defaults of the method hold otherwise.
    /// </param>
    /// <exception cref="SpecException">The spec is wrong; the message is the diagnostic's.</exception>
    public static Graph Of(Type type, IReadOnlyDictionary<string, object>? parameters = null)
    {
        const BindingFlags any = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic
            | BindingFlags.DeclaredOnly;
        // A class inside stands for a choice of the [Param]s of the network around it.
        var choices = type.GetCustomAttribute<NetworkChoicesAttribute>()?.Choices ?? [];
        var owner = choices.Length > 0 ? type.DeclaringType! : type;
        var specs = owner.GetMethods(any).Where(method => method.GetCustomAttribute<SpecAttribute>() is not null).ToList();
        if (specs.Count != 1)
            throw new ArgumentException($"{type.Name} has {specs.Count} methods marked [Spec]; a network or loss has one", nameof(type));
        if (choices.Length > 0)
        {
            var all = (parameters ?? new Dictionary<string, object>()).ToDictionary(given => given.Key, given => given.Value);
            for (var n = 0; n + 1 < choices.Length; n += 2) all[(string)choices[n]] = choices[n + 1];
            parameters = all;
        }
        return WithKeys(Of(specs[0], parameters), choices.Length > 0 ? type : Chosen(type, specs[0], parameters));
    }

    /// <summary>The class of the network that the parameters choose.</summary>
    private static Type Chosen(Type type, MethodInfo spec, IReadOnlyDictionary<string, object>? parameters)
    {
        var values = spec.GetParameters().Where(parameter => parameter.GetCustomAttribute<ParamAttribute>() is not null)
            .ToDictionary(parameter => parameter.Name!, parameter => Given(parameter, parameters));
        return type.GetNestedTypes().FirstOrDefault(
            inner => inner.GetCustomAttribute<NetworkChoicesAttribute>()?.Choices is { } choices
                && Enumerable.Range(0, choices.Length / 2).All(
                    n => values.TryGetValue((string)choices[2 * n], out var value) && choices[(2 * n) + 1].Equals(value))) ?? type;
    }

    // The generated module knows the keys; without one (or with another number of layers, by other [Param] sizes) operation and ordinal
    // stand.
    private static Graph WithKeys(Graph graph, Type type)
    {
        var keys = type.GetCustomAttribute<NetworkContractAttribute>()?.Keys.Split([' '], StringSplitOptions.RemoveEmptyEntries) ?? [];
        return keys.Length == graph.Layers.Count
            ? graph with { Layers = graph.Layers.Select((layer, i) => layer with { Key = keys[i] }).ToEquatable() }
            : graph;
    }

    /// <inheritdoc cref="Of(Type, IReadOnlyDictionary{string, object}?)"/>
    /// <typeparam name="T">The class.</typeparam>
    public static Graph Of<T>(IReadOnlyDictionary<string, object>? parameters = null) => Of(typeof(T), parameters);

    /// <summary>The graph of a class whose [Param]s are sizes, or of which only sizes are given.</summary>
    /// <param name="type">The class.</param>
    /// <param name="sizes">Values of [Param] sizes by name; the defaults of the method hold otherwise.</param>
    /// <exception cref="SpecException">The spec is wrong; the message is the diagnostic's.</exception>
    public static Graph Of(Type type, IReadOnlyDictionary<string, int> sizes)
        => Of(type, sizes.ToDictionary(size => size.Key, size => (object)size.Value));

    /// <summary>The graph of a spec method.</summary>
    /// <param name="spec">A static method over <see cref="Sym"/>.</param>
    /// <param name="parameters">Values of [Param]s by name.</param>
    public static Graph Of(MethodInfo spec, IReadOnlyDictionary<string, object>? parameters = null)
    {
        var type = spec.DeclaringType ?? throw new ArgumentException("the spec method belongs to no class", nameof(spec));
        if (!spec.IsStatic) throw new ArgumentException($"{type.Name}.{spec.Name} is not static; a spec has no state", nameof(spec));
        var header = HeaderOf(spec, type, EquatableArray<SpecParameter>.Empty);
        // A [Param] has its value here, and shape strings may name it.
        var sizes = spec.GetParameters().Where(parameter => parameter.GetCustomAttribute<ParamAttribute>() is not null)
            .Select(parameter => (parameter.Name!, Value: Given(parameter, parameters) as int?))
            .Where(size => size.Value is not null).Select(size => (size.Item1, (long)size.Value!.Value));
        var builder = (header with { Constants = header.Constants.Concat(sizes).ToEquatable() }).Open();
        Stop(builder);

        var arguments = spec.GetParameters().Select(parameter => Argument(builder, spec, parameter, parameters)).ToArray();
        object? result;
        using var running = builder.Run();
        try
        {
            result = spec.Invoke(null, arguments);
        }
        catch (TargetInvocationException exception) when (exception.InnerException is { } inner)
        {
            ExceptionDispatchInfo.Capture(inner).Throw();
            throw;
        }
        var promised = spec.ReturnParameter.GetCustomAttribute<ShapeAttribute>()?.Shapes ?? [];
        var shapes = promised.Select(text => builder.ReadShape(text, ElementType.Real, Domain.Any)).ToList();
        Stop(builder);
        var graph = builder.Finish(Results(spec, result), shapes.Select(shape => shape!).ToList(), names: NamesOf(spec));
        Stop(builder);
        if (type.GetCustomAttribute<BudgetAttribute>() is { } budget
            && Programs.Budget.Check(graph, budget.Parameters, Origin.None) is { } over)
        {
            throw new SpecException(over);
        }
        return graph;
    }

    /// <summary>Traces a function over inputs of given shapes, for networks that no class declares.</summary>
    /// <param name="name">The network's name.</param>
    /// <param name="dims">Size symbols, as in <see cref="NetworkAttribute.Dims"/>.</param>
    /// <param name="where">Facts, as in <see cref="NetworkAttribute.Where"/>.</param>
    /// <param name="inputs">Names and shapes of the inputs.</param>
    /// <param name="spec">The network.</param>
    /// <remarks>A shape may end in an element type, as <c>B, T Int64</c>.</remarks>
    public static Graph Of(
        string name,
        string dims,
        string where,
        IReadOnlyList<(string Name, string Shape)> inputs,
        Func<Sym[],
        Sym[]> spec)
    {
        var builder = new SpecHeader(name, GraphKind.Network, "Forward", dims, where, default, default).Open();
        var shapes = inputs.Select(input => (input.Name, Shape: builder.ReadShape(input.Shape, ElementType.Real, Domain.Any))).ToList();
        Stop(builder);
        var tensors = shapes.Select(input => new Sym(builder, builder.Input(input.Name, input.Shape!))).ToArray();
        using var running = builder.Run();
        var graph = builder.Finish(spec(tensors).Select(result => result.Value).ToList(), []);
        Stop(builder);
        return graph;
    }

    /// <summary>What a network's attributes promise, as its callers see it.</summary>
    internal static Contract Contract(MethodInfo spec)
    {
        var type = spec.DeclaringType!;
        if (spec.GetCustomAttribute<SpecAttribute>() is null || type.GetCustomAttribute<NetworkAttribute>() is null)
            throw new ArgumentException(
                $"Layer.Of takes the [Spec] method of a [Network]; {type.Name}.{spec.Name} is not one", nameof(spec));
        if (spec.ReturnParameter.GetCustomAttribute<ShapeAttribute>()?.Shapes is not { Length: > 0 } promised)
            throw new ArgumentException(
                $"{type.Name}.{spec.Name} has no [return: Shape(\"…\")], which Layer.Of needs to know what comes out", nameof(spec));
        var sizes = spec.GetParameters().Select(Open).OfType<SpecParameter>().ToEquatable();
        var builder = HeaderOf(spec, type, sizes).Open();
        var inputs = spec.GetParameters().Where(parameter => parameter.ParameterType == typeof(Sym))
            .Select(parameter => (
                parameter.Name,
                Shape: builder.ReadShape(
                    parameter.GetCustomAttribute<ShapeAttribute>()?.Shapes.FirstOrDefault() ?? "",
                    ElementOf(parameter), DomainOf(parameter)))).ToList();
        var outputs = promised.Select(text => builder.ReadShape(text, ElementType.Real, Domain.Any)).ToList();
        Stop(builder);
        return Programs.Contract.Of(
            inputs.Select(input => new ContractTensor(input.Name, input.Shape!)),
            outputs.Select(output => new ContractTensor(null, output!)),
            builder.Facts,
            sizes) with
        {
            Derives = ProgramWriter.Complete(
                type.GetCustomAttributes<DeriveAttribute>().SelectMany(derive => derive.Variants)).ToEquatable(),
            Method = spec.Name,
        };
    }

    private static SpecHeader HeaderOf(MethodInfo spec, Type type, EquatableArray<SpecParameter> sizes)
    {
        var network = type.GetCustomAttribute<NetworkAttribute>();
        var loss = type.GetCustomAttribute<LossAttribute>();
        return new SpecHeader(
            FullName(type),
            loss is null ? GraphKind.Network : GraphKind.Loss,
            spec.Name,
            network?.Dims ?? loss?.Dims ?? "",
            network?.Where ?? loss?.Where ?? "",
            ConstantsOf(type),
            sizes) { Training = network?.Training ?? "" };
    }

    private static void Stop(GraphBuilder builder)
    {
        if (builder.Faults.FirstOrDefault(fault => fault.Severity == FaultSeverity.Error) is { } error) throw new SpecException(error);
    }

    internal static string FullName(Type type) => (type.FullName ?? type.Name).Replace('+', '.');

    /// <summary>The integer constants that shape strings may name: the class's own.</summary>
    private static EquatableArray<(string, long)> ConstantsOf(Type type)
        => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Where(field => field.IsLiteral && (field.FieldType == typeof(int) || field.FieldType == typeof(long)))
            .Select(field => (field.Name, Convert.ToInt64(field.GetRawConstantValue())))
            .OrderBy(constant => constant.Name, StringComparer.Ordinal)
            .ToEquatable();

    private static object? Argument(
        GraphBuilder builder,
        MethodInfo spec,
        ParameterInfo parameter,
        IReadOnlyDictionary<string, object>? values)
    {
        if (parameter.ParameterType == typeof(Sym))
        {
            var text = parameter.GetCustomAttribute<ShapeAttribute>()?.Shapes;
            if (text is not { Length: 1 })
                throw new ArgumentException($"{spec.Name}: input '{parameter.Name}' needs one [Shape(\"…\")]", nameof(spec));
            var shape = builder.ReadShape(text[0], ElementOf(parameter), DomainOf(parameter));
            Stop(builder);
            return new Sym(builder, builder.Input(parameter.Name!, shape!));
        }
        var value = Given(parameter, values)
            ?? throw new ArgumentException($"{spec.Name}: '{parameter.Name}' has no default; give its value", nameof(values));
        if (value is int size) builder.Fix(parameter.Name!, size);
        return value;
    }

    /// <summary>The value of a [Param] in its own type: the given one, else the default; null where there is neither.</summary>
    private static object? Given(ParameterInfo parameter, IReadOnlyDictionary<string, object>? values)
    {
        var type = parameter.ParameterType;
        var value = values is not null && values.TryGetValue(parameter.Name!, out var given) ? given
            : parameter.HasDefaultValue ? parameter.DefaultValue
            : null;
        if (value is null || value.GetType() == type) return value;
        if (type.IsEnum && (value is int || Enum.GetUnderlyingType(type) == value.GetType())) return Enum.ToObject(type, value);
        if ((type == typeof(double) && value is int or long) || (type == typeof(int) && value is long))
            return Convert.ChangeType(value, type, CultureInfo.InvariantCulture);
        throw new ArgumentException(
            $"'{parameter.Name}' takes {(type.IsEnum ? $"a value of {type.Name}" : type.Name)}, got {value} ({value.GetType().Name})",
            nameof(values));
    }

    /// <summary>A [Param] that the generated constructor takes; null for an input, and for a choice.</summary>
    private static SpecParameter? Open(ParameterInfo parameter)
    {
        if (parameter.GetCustomAttribute<ParamAttribute>() is not { } mark) return null;
        var value = parameter.HasDefaultValue ? parameter.DefaultValue : null;
        if (parameter.ParameterType == typeof(double))
            return new SpecParameter(parameter.Name!, null) { IsReal = true, RealDefault = value as double? };
        return parameter.ParameterType == typeof(int) && mark.Max == 0 ? new SpecParameter(parameter.Name!, value as int?) : null;
    }

    internal static ElementType ElementOf(ParameterInfo parameter)
        => parameter.GetCustomAttribute<Int64Attribute>() is not null ? ElementType.Int64
            : parameter.GetCustomAttribute<BoolAttribute>() is not null ? ElementType.Bool
            : ElementType.Real;

    internal static Domain DomainOf(ParameterInfo parameter)
        => parameter.GetCustomAttribute<PositiveAttribute>() is not null ? Domain.Positive
            : parameter.GetCustomAttribute<ProbabilityAttribute>() is not null ? Domain.Probability
            : Domain.Any;

    /// <summary>The names of a returned tuple's elements, "" for one without.</summary>
    private static string[]? NamesOf(MethodInfo spec)
        => spec.ReturnParameter.GetCustomAttribute<TupleElementNamesAttribute>()?.TransformNames.Select(name => name ?? "").ToArray();

    private static List<Value> Results(MethodInfo spec, object? result)
    {
        var values = new List<Value>();
        return Collect(result)
            ? values
            : throw new ArgumentException(
                $"{spec.DeclaringType?.Name}.{spec.Name} must return a Sym or a tuple of Syms, not {result?.GetType().Name ?? "null"}",
                nameof(spec));

        // A tuple of more than seven holds the rest in a tuple of its own.
        bool Collect(object? item)
        {
            if (item is Sym tensor)
            {
                values.Add(tensor.Value);
                return true;
            }
            return item is not null
                && item.GetType() is { IsValueType: true } tuple
                && tuple.Name.StartsWith("ValueTuple`", StringComparison.Ordinal)
                && tuple.GetFields().OrderBy(field => field.Name, StringComparer.Ordinal).All(field => Collect(field.GetValue(item)));
        }
    }
}
