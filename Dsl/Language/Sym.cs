using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;
using Hybrid.Rules;

namespace Hybrid;

/// <summary>
/// A symbolic tensor: what a spec computes with. It has a shape and no numbers; its operations are extension methods, one file each
/// in the language's <c>Rules</c> folder.
/// </summary>
public sealed partial class Sym
{
    private readonly GraphBuilder _builder;

    internal Sym(GraphBuilder builder, Value value) => (_builder, Value) = (builder, value);

    internal Value Value { get; }

    /// <summary>Symbolic shape, for reading in a debugger.</summary>
    public override string ToString() => $"Sym {Value.Shape}";

    public static Sym operator +(Sym left, Sym right) => Apply("+", left, right);

    public static Sym operator +(Sym left, double right) => Apply("+", left, right);

    public static Sym operator +(double left, Sym right) => Apply("+", left, right);

    public static Sym operator -(Sym left, Sym right) => Apply("-", left, right);

    public static Sym operator -(Sym left, double right) => Apply("-", left, right);

    public static Sym operator -(double left, Sym right) => Apply("-", left, right);

    public static Sym operator *(Sym left, Sym right) => Apply("*", left, right);

    public static Sym operator *(Sym left, double right) => Apply("*", left, right);

    public static Sym operator *(double left, Sym right) => Apply("*", left, right);

    public static Sym operator /(Sym left, Sym right) => Apply("/", left, right);

    public static Sym operator /(Sym left, double right) => Apply("/", left, right);

    public static Sym operator /(double left, Sym right) => Apply("/", left, right);

    public static Sym operator >(Sym left, Sym right) => Apply(">", left, right);

    public static Sym operator >(Sym left, double right) => Apply(">", left, right);

    public static Sym operator >(double left, Sym right) => Apply(">", left, right);

    public static Sym operator <(Sym left, Sym right) => Apply("<", left, right);

    public static Sym operator <(Sym left, double right) => Apply("<", left, right);

    public static Sym operator <(double left, Sym right) => Apply("<", left, right);

    public static Sym operator >=(Sym left, Sym right) => Apply(">=", left, right);

    public static Sym operator >=(Sym left, double right) => Apply(">=", left, right);

    public static Sym operator >=(double left, Sym right) => Apply(">=", left, right);

    public static Sym operator <=(Sym left, Sym right) => Apply("<=", left, right);

    public static Sym operator <=(Sym left, double right) => Apply("<=", left, right);

    public static Sym operator <=(double left, Sym right) => Apply("<=", left, right);

    public static Sym operator !(Sym mask) => Apply("Not", mask);

    public static Sym operator -(Sym value) => Apply("Neg", value);

    public static Sym operator +(Sym value) => value;

    /// <summary>Applies an operation in the trace that its tensors belong to; the arguments come in the signature's order.</summary>
    internal static Sym Apply(string operation, params object?[] arguments) => ApplyMany(operation, arguments)[0];

    internal static Sym[] ApplyMany(string operation, params object?[] arguments)
    {
        var rule = RuleTable.Get(operation);
        // What takes no tensor belongs to the trace that is running.
        var builder = rule.Signature.TensorParameters.Any() ? BuilderOf(operation, arguments.OfType<Sym>())
            : GraphBuilder.Running
                ?? throw new InvalidOperationException(
                    $"{operation} is called outside a trace. It belongs in a spec: trace the spec with Trace.Of.");
        var given = new List<CallArgument>();
        for (var i = 0; i < arguments.Length; i++)
        {
            var parameter = rule.Signature.Parameters[i];
            if (Convert(parameter, arguments[i], builder) is { } argument) given.Add(argument with { Name = parameter.Name });
            else if (parameter.Kind is ParameterKind.Tensor or ParameterKind.Operand)
                throw new ArgumentNullException(
                    parameter.Name, $"{operation}: '{parameter.Name}' is null. A Sym comes from a spec's parameter or another operation.");
        }
        return Checked(builder, builder.Apply(rule, given));
    }

    internal static Sym[] Apply(SharedLayer layer, GraphBuilder builder, IEnumerable<Sym> tensors)
        => Checked(builder, builder.Apply(layer, tensors.Select(tensor => tensor.Value).ToList()));

    internal static GraphBuilder BuilderOf(string operation, IEnumerable<Sym> tensors)
    {
        GraphBuilder? builder = null;
        foreach (var tensor in tensors)
        {
            builder ??= tensor._builder;
            if (!ReferenceEquals(builder, tensor._builder))
                throw new InvalidOperationException(
                    $"{operation}: its tensors belong to two traces. A Sym lives inside one call of Trace; pass arrays or weights between "
                        + "traces instead.");
        }
        if (builder is null)
        {
            throw new ArgumentException(
                $"{operation} is given no tensor. A Sym comes from a spec's parameter: trace the spec with Trace.Of.");
        }
        if (builder.IsFinished)
            throw new InvalidOperationException(
                $"{operation} is applied to a Sym whose trace has ended. A Sym has no numbers: outside Trace.Of use the generated module "
                    + "or its static functions.");
        return builder;
    }

    /// <summary>The tensors of the results; an error stops the trace with its message.</summary>
    private static Sym[] Checked(GraphBuilder builder, IReadOnlyList<Value> values)
        => builder.Faults.FirstOrDefault(fault => fault.Severity == FaultSeverity.Error) is { } error
            ? throw new SpecException(error)
            : values.Select(value => new Sym(builder, value)).ToArray();

    internal static CallArgument? Convert(Parameter parameter, object? value, GraphBuilder builder)
    {
        if (value is Sym tensor) return CallArgument.Of(tensor.Value, Origin.None);
        return TraceArgument.Of(parameter, value, builder) is { } constant ? CallArgument.Of(constant, Origin.None) : null;
    }
}
