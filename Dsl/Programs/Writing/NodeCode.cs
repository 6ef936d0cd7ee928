using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Rules;

namespace Hybrid.Programs;

/// <summary>One node while a program is written: the texts of what it reads, and its arguments.</summary>
public class NodeCode
{
    private readonly Func<int, string> _value;
    private readonly Func<string, string> _weight;
    private readonly Func<Dim, string> _size;

    internal NodeCode(Graph graph, Node node, Func<int, string> value, Func<string, string> weight, Func<Dim, string> size, string training)
    {
        (Graph, Node, _value, _weight, _size, Training) = (graph, node, value, weight, size, training);
        Rule = RuleTable.Get(node.Operation);
    }

    /// <summary>A node of which nothing is written: its shapes and arguments are read.</summary>
    internal static NodeCode ToRead(Graph graph, Node node)
        => new(graph, node, value => $"value {value}", weight => weight, size => size.ToString(), "false");

    public Graph Graph { get; }

    public Node Node { get; }

    public Rule Rule { get; }

    /// <summary>The bool that says whether statistics and dropout behave as in training.</summary>
    public string Training { get; }

    private int InputOf(string parameter)
    {
        var position = Rule.Signature.TensorParameters.Select((p, i) => (p.Name, i)).First(p => p.Name == parameter).i;
        return Node.Inputs[position];
    }

    public bool Has(string parameter) => InputOf(parameter) >= 0;

    /// <summary>The expression of an input tensor.</summary>
    public string In(string parameter = "x") => _value(InputOf(parameter));

    /// <summary>
    /// Whether the input may be overwritten by the result: its producer does not need it any more, nothing else reads it, and it is not
    /// given out. Saves an activation's memory and a pass over it.
    /// </summary>
    public virtual bool MayOverwrite(string parameter = "x")
    {
        var value = InputOf(parameter);
        var producer = Graph.Nodes.FirstOrDefault(node => node.Outputs.Contains(value));
        return producer is not null && RuleTable.Get(producer.Operation).IsResultFree && !Graph.Outputs.Contains(value)
            && Graph.Nodes.Sum(node => node.Inputs.Count(input => input == value)) == 1;
    }

    /// <summary>The expressions of the tensors that are given, in the signature's order.</summary>
    public IEnumerable<string> Inputs => Node.Inputs.Where(input => input >= 0).Select(_value);

    public Shape Shape(string parameter = "x") => Graph.Values[InputOf(parameter)].Shape;

    public Shape Result(int output = 0) => Graph.Values[Node.Outputs[output]].Shape;

    /// <summary>The expression of one of the layer's tensors.</summary>
    public string Weight(string name) => _weight(name);

    /// <summary>The expression of what stands for a network inside: its weights, its ensemble, its Flipout network.</summary>
    public string Inner => _weight("");

    /// <summary>The shape of one of the layer's tensors.</summary>
    public Shape ShapeOf(string weight) => Graph.Layers[Node.Layer].Weights.Single(own => own.Name == weight).Shape;

    public bool HasWeight(string name) => Node.Layer >= 0 && Graph.Layers[Node.Layer].Weights.Any(weight => weight.Name == name);

    /// <summary>A size as a <c>long</c> expression.</summary>
    public string Size(Dim dim) => _size(dim);

    public Argument Argument(string parameter) => Node.Arguments[Rule.Signature.ConstantPositionOf(parameter)];

    public bool IsGiven(string parameter) => Argument(parameter) is not Graphs.Argument.Missing;

    /// <summary>Whether the argument is the signature's default, which need not be written.</summary>
    public bool IsDefault(string parameter) => Argument(parameter) == Rule.Signature[parameter]!.Default;

    public Dim SizeOf(string parameter) => ((Argument.Size)Argument(parameter)).Value;

    public long Integer(string parameter)
        => SizeOf(parameter).TryConstant(out var value)
            ? value
            : throw new InvalidOperationException($"{Rule.Name}: '{parameter}' is not constant");

    /// <summary>An axis counted from the end: the same for a value, its tangent, and the members' values of an ensemble.</summary>
    public long FromEnd(string argument, string parameter = "x")
    {
        var axis = Integer(argument);
        return axis < 0 ? axis : axis - Shape(parameter).Rank;
    }

    /// <summary>A number that is known when compiling; NaN for one that a [Param] decides.</summary>
    public double Real(string parameter) => Argument(parameter) is Argument.Real real ? real.Value : double.NaN;

    /// <summary>A number as C#: a literal, or what its [Param]s make of it.</summary>
    public string Number(string parameter)
        => Argument(parameter) is Argument.Varying varying ? varying.Of.CSharp(_size) : CSharpText.Literal(Real(parameter));

    /// <summary>Another number of the parameter's as C#, computed now where it is known: <c>-x</c>, <c>x - 1</c>.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="compute">The number.</param>
    /// <param name="expression">The same as C#, <c>{0}</c> standing for the parameter's.</param>
    public string Number(string parameter, Func<double, double> compute, string expression)
        => Argument(parameter) is Argument.Varying
            ? "(" + expression.Replace("{0}", Number(parameter)) + ")"
            : CSharpText.Literal(compute(Real(parameter)));

    public bool Flag(string parameter) => ((Argument.Flag)Argument(parameter)).Value;

    public (int Height, int Width) Pair(string parameter) => Argument(parameter) is Argument.Pair pair ? (pair.Height, pair.Width) : (0, 0);

    /// <summary><c>new long[] { 2, 2 }</c></summary>
    public static string Longs(IEnumerable<string> values) => $"new long[] {{ {string.Join(", ", values)} }}";

    public static string Longs(params string[] values) => Longs((IEnumerable<string>)values);

    public static string Longs(params long[] values)
        => Longs(values.Select(value => value.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    /// <summary>So many last axes: <c>new long[] { -2, -1 }</c>.</summary>
    public static string LastAxes(int count) => Longs(Enumerable.Range(-count, count).Select(axis => (long)axis).ToArray());

    public string PairLongs(string parameter) => Longs(Pair(parameter).Height, Pair(parameter).Width);

    /// <summary>The numbers along the spatial axes that an extent gives.</summary>
    public IReadOnlyList<int> Along(string parameter) => [.. Argument(parameter).Along];
}

/// <summary>How a module holds a layer.</summary>
/// <param name="Type">Its type, as <c>Modules.Linear</c>.</param>
/// <param name="Construction">The expression that makes it; sizes, device and dtype in scope.</param>
public sealed record LayerCode(string Type, string Construction)
{
    /// <summary>True when its constructor takes no device and type, so that it is moved afterwards.</summary>
    public bool IsForeign { get; init; }

    /// <summary>True when its tensors are reached by their registered names, since its class shows no properties.</summary>
    public bool HidesTensors { get; init; }
}
