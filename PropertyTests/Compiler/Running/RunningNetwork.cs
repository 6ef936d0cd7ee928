using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using Hybrid.Algebra;
using Hybrid.Graphs;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>A generated network of any type, called by reflection, beside the graph that it was generated from.</summary>
internal sealed class RunningNetwork
{
    private readonly Type _type;
    private readonly IReadOnlyDictionary<string, int> _sizes;

    /// <param name="type">The generated class.</param>
    /// <param name="graph">Its graph, with the [Param] sizes fixed.</param>
    /// <param name="sizes">The values of the [Param] sizes.</param>
    /// <param name="dtype">The type of its weights.</param>
    public RunningNetwork(Type type, Graph graph, IReadOnlyDictionary<string, int> sizes, ScalarType dtype)
    {
        (_type, Graph, _sizes) = (type, graph, sizes);
        Module = Construct(dtype);
    }

    public Graph Graph { get; }

    public nn.Module Module { get; }

    public nn.Module Construct(ScalarType dtype)
    {
        var constructor = _type.GetConstructors(BindingFlags.Instance | BindingFlags.Public).Single();
        return (nn.Module)Invoke(() => constructor.Invoke(ConstructorArguments(dtype)))!;
    }

    /// <summary>The [Param] sizes, numbers as they are by default, no device, and the type.</summary>
    public object?[] ConstructorArguments(ScalarType dtype)
        => [.. _type.GetConstructors(BindingFlags.Instance | BindingFlags.Public).Single().GetParameters().Select(p =>
        p.ParameterType == typeof(ScalarType?) ? dtype : p.ParameterType == typeof(Device) ? null
        : p.ParameterType == typeof(double) ? p.DefaultValue : (object)(long)_sizes[p.Name!])];

    /// <summary>Sizes at which every fact holds, drawn at random; the graph's shapes are evaluated there.</summary>
    public Dictionary<string, long> Sizes(Random random)
    {
        for (var attempt = 0; attempt < 100_000; attempt++)
        {
            var sizes = Graph.Facts.Symbols.ToDictionary(s => s, _ => (long)random.Next(1, 40));
            if (Graph.Facts.Declared.Concat(Graph.Facts.Inferred).Concat(InTraining).All(f => f.Holds(s => sizes[s]) == true)) return sizes;
        }
        throw new InvalidOperationException($"found no sizes for {Graph.Name} with {Graph.Facts}");
    }

    /// <summary>What training asks for besides: the laws take a step of it first.</summary>
    private IEnumerable<Comparison> InTraining
        => Graph.Guards.Where(guard => guard.InTraining)
            .Select(guard => new Comparison(guard.Left, guard.Relation, guard.Right, guard.Message));

    public static long[] Shape(Shape shape, Dictionary<string, long> sizes)
        => [.. shape.Sizes.Select(s => s.Evaluate(name => sizes[name])!.Value)];

    public Tensor[] Inputs(Dictionary<string, long> sizes, ScalarType dtype)
        => [.. Graph.Inputs.Select(input => Draw(input.Shape, Shape(input.Shape, sizes), dtype))];

    private static Tensor Draw(Shape shape, long[] sizes, ScalarType dtype) => (shape.Element, shape.Domain) switch
    {
        (ElementType.Int64, _) => randint(0, 2, sizes, dtype: ScalarType.Int64),
        (ElementType.Bool, _) => randn(sizes).gt(0),
        (_, Domain.Positive) => rand(sizes, dtype) + 0.5,
        (_, Domain.Probability) => rand(sizes, dtype),
        _ => randn(sizes, dtype),
    };

    public Tensor[] Forward(Tensor[] inputs) => Forward(Module, inputs);

    public Tensor[] Forward(nn.Module module, Tensor[] inputs)
        => Results(Call(module, _type.GetMethod("forward", [.. inputs.Select(_ => typeof(Tensor))])!, inputs));

    /// <summary>The nested class; null where it is not derived.</summary>
    public Type? EnsembleType => _type.GetNestedType("Ensemble");

    /// <summary>The nested class; null where it is not derived, or nothing can be drawn.</summary>
    public Type? FlipoutType => _type.GetNestedType("Flipout");

    public bool HasFunctional => _type.GetNestedType("Weights") is not null;

    public bool HasTangent
        => _type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            .Any(method => method.Name == Graph.Method + "Tangent");

    /// <summary>The module's, as its functional form takes them.</summary>
    public object Weights
    {
        get
        {
            var of = _type.GetNestedType("Weights")!.GetMethod("Of", [_type])!;
            return Invoke(() => of.Invoke(null, [Module]))!;
        }
    }

    public Tensor[] Functional(Tensor[] inputs, bool training = false) => Results(CallStatic(Graph.Method, inputs, training));

    /// <summary>The value and its derivative along directions, which are the first axis of each tangent.</summary>
    public (Tensor[] Value, Tensor[] Tangent) Tangent(Tensor[] inputs, Tensor[] directions, bool training = false)
    {
        var pair = (ITuple)CallStatic(Graph.Method + "Tangent", [.. inputs, .. directions], training);
        return (Results(pair[0]!), Results(pair[1]!));
    }

    private object CallStatic(string name, Tensor[] tensors, bool isTraining = false)
    {
        var weights = _type.GetNestedType("Weights");
        var method = _type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            .Single(m => m.Name == name && m.GetParameters() is [var first, ..] && first.ParameterType == weights);
        var training = method.GetParameters().Count(p => p.ParameterType == typeof(bool));
        return Invoke(() => method.Invoke(null, [Weights, .. tensors, .. Enumerable.Repeat((object)isTraining, training)]))!;
    }

    private static object Call(object target, MethodInfo method, Tensor[] tensors) => Invoke(() => method.Invoke(target, [.. tensors]))!;

    internal static object? Invoke(Func<object?> call)
    {
        try
        {
            return call();
        }
        catch (TargetInvocationException exception) when (exception.InnerException is { } inner)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(inner).Throw();
            throw;
        }
    }

    internal static Tensor[] Results(object result) => result is Tensor single
        ? [single]
        : [.. Enumerable.Range(0, ((ITuple)result).Length).Select(i => (Tensor)((ITuple)result)[i]!)];
}
