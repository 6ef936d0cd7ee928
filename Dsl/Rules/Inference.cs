using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Rules;

/// <summary>One application of an operation while its shape is derived: what came in, what is found.</summary>
public sealed class Inference
{
    private readonly Binding _binding;
    private readonly GraphBuilder _builder;
    private readonly Origin _call;
    private readonly string? _label;

    internal Inference(Rule rule, Binding binding, GraphBuilder builder, Origin call, string? label)
        => (Rule, _binding, _builder, _call, _label) = (rule, binding, builder, call, label);

    public Rule Rule { get; }

    public GraphKind Kind => _builder.Kind;

    /// <summary>Integer constants of the spec's class.</summary>
    public IReadOnlyDictionary<string, long> Constants => _builder.Constants;

    internal List<Shape> Outputs { get; } = [];

    /// <summary>The result is this very tensor: the operation only says something about it, and makes no node.</summary>
    internal Value? Same { get; private set; }

    public void PassThrough(Value value) => Same = value;

    internal List<Weight> Weights { get; } = [];

    internal List<Fault> Faults { get; } = [];

    internal bool HasErrors => Faults.Any(fault => fault.Severity == FaultSeverity.Error);

    // What came in.

    /// <summary>The tensor of a parameter; an optional one must have been given.</summary>
    public Value Value(string parameter = "x")
        => Optional(parameter) ?? throw new System.InvalidOperationException($"{Rule.Name}: '{parameter}' was not given");

    public Value? Optional(string parameter)
    {
        var position = Rule.Signature.TensorParameters.Select((p, i) => (p.Name, i)).First(p => p.Name == parameter).i;
        return _binding.Tensors[position];
    }

    public Shape Shape(string parameter = "x") => Value(parameter).Shape;

    public Argument Argument(string parameter) => _binding.Constants[Rule.Signature.ConstantPositionOf(parameter)];

    public bool IsGiven(string parameter) => Argument(parameter) is not Graphs.Argument.Missing;

    public Dim Size(string parameter) => ((Argument.Size)Argument(parameter)).Value;

    public long Integer(string parameter)
        => Size(parameter).TryConstant(out var value)
            ? value
            : throw new System.InvalidOperationException($"{Rule.Name}: '{parameter}' is not constant");

    /// <summary>A number that is known now; NaN for one that a [Param] decides.</summary>
    public double Real(string parameter) => Argument(parameter) is Argument.Real real ? real.Value : double.NaN;

    /// <summary>
    /// Whether a number lies in a range (HYB1026 where not). One that a [Param] decides is checked when the network is made.
    /// </summary>
    /// <param name="parameter">The number's parameter.</param>
    /// <param name="holds">The condition.</param>
    /// <param name="condition">The same as C#, <c>{0}</c> standing for the number.</param>
    /// <param name="range">In words: <c>in [0, 1)</c>.</param>
    public bool Within(string parameter, System.Func<double, bool> holds, string condition, string range)
    {
        if (Argument(parameter) is Argument.Varying varying)
        {
            _builder.Within(new NumberRange(varying.Of, condition, $"{Subject}: {parameter} must be {range}"));
            return true;
        }
        return holds(Real(parameter))
            || Error("HYB1026", $"{Subject}: {parameter} is {Argument(parameter)}; it must be {range}.", parameter);
    }

    /// <summary>A share that is dropped: in [0, 1).</summary>
    public bool WithinUnit(string parameter) => Within(parameter, value => value is >= 0 and < 1, "{0} >= 0 && {0} < 1", "in [0, 1)");

    /// <summary>Reports a number that a [Param] decides where it must be known when compiling (HYB4005).</summary>
    internal bool RequireConstants()
    {
        foreach (var parameter in Rule.Signature.ConstantParameters)
        {
            if (Argument(parameter.Name) is not Argument.Varying varying || Rule.MayVary(parameter.Name)) continue;
            return Error(
                "HYB4005",
                $"{Subject}: '{parameter.Name}' is {varying}, which a [Param] decides when the network is made; it must be known when "
                    + "compiling. Make it a const.",
                parameter.Name);
        }
        return true;
    }

    public bool Flag(string parameter) => ((Argument.Flag)Argument(parameter)).Value;

    public string? Text(string parameter) => Argument(parameter) is Argument.Text text ? text.Value : null;

    public (int Height, int Width) Pair(string parameter) => Argument(parameter) is Argument.Pair pair ? (pair.Height, pair.Width) : (0, 0);

    public Init Init(string parameter) => Argument(parameter) is Argument.Initial initial ? initial.Value : Hybrid.Init.Default;

    /// <summary>A parameter's place, or the call's when it was not given.</summary>
    public Origin Place(string parameter)
    {
        var origin = _binding.Origins[Rule.Signature.PositionOf(parameter)];
        return origin.IsKnown ? origin : _call;
    }

    // What is found.

    public void Output(Shape shape) => Outputs.Add(shape);

    public void Output(params Axis[] axes) => Outputs.Add(Graphs.Shape.Of(axes));

    public void Weight(string name, Init init, params Dim[] sizes)
        => Weights.Add(new Weight(name, Graphs.Shape.Of(sizes.Select(size => new Axis(size)).ToArray()), init));

    /// <summary>A weight that no layer of TorchSharp holds, which starts as U(±1/√fanIn), or as zeros without one.</summary>
    public void Weight(string name, Shape shape, Dim? fanIn = null, Init init = default)
        => Weights.Add(new Weight(name, shape, init) { FanIn = fanIn });

    public void Buffer(string name, Init init, params Dim[] sizes)
        => Weights.Add(new Weight(name, Graphs.Shape.Of(sizes.Select(size => new Axis(size)).ToArray()), init, WeightRole.Buffer));

    public void Buffer(string name, Shape shape) => Weights.Add(new Weight(name, shape, Hybrid.Init.Default, WeightRole.Buffer));

    /// <summary><c>Conv2d 'stem'</c>: how messages call this application.</summary>
    public string Subject => _label is null ? Rule.Name : $"{Rule.Name} '{_label}'";

    /// <summary>Reports an error; always false, so that a rule can end with it.</summary>
    public bool Error(string id, string message, Origin place, params Value[] related) => Report(id, message, place, related);

    public bool Error(string id, string message, string parameter, params Value[] related)
        => Report(id, message, Place(parameter), related);

    public bool Warn(string id, string message, Origin place, params Value[] related) => Report(id, message, place, related);

    public bool Warn(string id, string message, string parameter, params Value[] related) => Report(id, message, Place(parameter), related);

    internal bool Report(string id, string message, Origin place, IEnumerable<Value> related, Witness? witness = null, string? fix = null)
    {
        Faults.Add(new Fault(
            id, message,
            place.IsKnown ? place : _call,
            related.Select(value => value.Origin).Where(origin => origin.IsKnown).ToEquatable(),
            witness, fix));
        return false;
    }

    /// <summary>Adds a repair to the fault reported last; always false, so that a rule can end with it.</summary>
    /// <param name="kind">What it does.</param>
    /// <param name="text">With which text.</param>
    /// <param name="place">Where; the fault's own place when not given.</param>
    public bool Offer(EditKind kind, string text, Origin place = default)
    {
        var fault = Faults[Faults.Count - 1];
        Faults[Faults.Count - 1] = fault with
        {
            Edits = fault.Edits.Append(new Edit(kind, text, place.IsKnown ? place : fault.Origin)).ToEquatable(),
        };
        return false;
    }

    /// <summary>Has the fault reported last said at the end of the spec only, and only where there is no error.</summary>
    internal void DeferLast()
    {
        _builder.Defer(Faults[Faults.Count - 1]);
        Faults.RemoveAt(Faults.Count - 1);
    }

    /// <summary>The call itself.</summary>
    public Origin Call => _call;

    /// <summary>The graph so far.</summary>
    internal GraphBuilder Builder => _builder;

    /// <summary>The node that computes a value; null for an input.</summary>
    internal Node? Producer(Value value) => _builder.ProducerOf(value);

    /// <summary>Whether a size is known when the network is constructed: constants and [Param]s only.</summary>
    public bool IsWeightSize(Dim size) => _builder.IsWeightSize(size);

    // Questions to the algebra.

    public Facts Facts => _builder.Facts;

    public bool Equal(Dim left, Dim right) => Facts.AreEqual(left, right).IsProved;

    /// <summary>
    /// Settles a demand left = right. Refuted: false, and the caller reports with the verdict. Not provable: HYB1090 and a run-time guard,
    /// true.
    /// </summary>
    public bool Demand(Dim left, Dim right, string parameter, out Verdict verdict)
    {
        verdict = Facts.AreEqual(left, right);
        if (verdict.IsProved) return true;
        if (verdict.IsRefuted) return false;
        var missing = verdict.Missing is { } fact ? $"; true when {fact}" : "";
        var message = $"{Subject}: cannot prove {left} = {right}{missing}. A run-time guard was generated.";
        Report("HYB1090", message, Place(parameter), Operands, null, verdict.Missing);
        _builder.Guard(new Guard(left, Relation.Equal, right, $"{Subject}: {left} must equal {right}"));
        return true;
    }

    /// <summary>The tensors of the call: where the sizes of a relation come from.</summary>
    private IEnumerable<Value> Operands => _binding.Tensors.OfType<Value>();

    /// <summary>Has a relation checked when it runs.</summary>
    public void Guard(Dim left, Relation relation, Dim right)
        => _builder.Guard(new Guard(left, relation, right, $"{Subject}: {left} {Comparison.Sign(relation)} {right} must hold"));

    /// <summary>
    /// Settles a demand size ≥ least. Where the user left the symbols' least sizes open, the demand becomes a requirement of the network,
    /// checked when it runs. Refuted: false, and the caller reports.
    /// </summary>
    public bool DemandAtLeast(Dim size, long least, string parameter, out Verdict verdict, out Comparison? needed)
    {
        needed = null;
        verdict = Facts.IsAtLeast(size, least);
        if (verdict.IsProved) return true;
        needed = Facts.LeastFor(size, least);
        if (needed is not null && needed.Left.Symbols.All(symbol => !Facts.BoundsSymbol(symbol)))
        {
            // A least size of one symbol alone would refuse what the others make up for.
            if (size.Symbols.Count > 1)
                _builder.Guard(new Guard(size, Relation.AtLeast, least, $"{Subject}: {size} must be at least {least}"));
            else _builder.Require(needed);
            return true;
        }
        if (verdict.IsRefuted) return false;
        Report("HYB1090", $"{Subject}: cannot prove {size} >= {least}. A run-time guard was generated.", Place(parameter), Operands);
        _builder.Guard(new Guard(size, Relation.AtLeast, least, $"{Subject}: {size} must be at least {least}"));
        return true;
    }

    /// <summary>
    /// Settles a demand symbol ≥ least that holds in training only. Where neither Where nor Training bounds the symbol, the demand becomes
    /// a requirement of training, checked when it runs. Refuted: false, and the caller reports.
    /// </summary>
    public bool DemandInTraining(string symbol, long least, out Verdict verdict)
    {
        verdict = _builder.TrainingFacts.IsAtLeast(Dim.Symbol(symbol), least);
        if (verdict.IsProved) return true;
        if (_builder.TrainingFacts.BoundsSymbol(symbol)) return false;
        _builder.Guard(
            new Guard(Dim.Symbol(symbol), Relation.AtLeast, least, $"{Subject} needs {symbol} >= {least} in training")
            {
                InTraining = true,
            });
        return true;
    }

    /// <summary><c>'image'</c>, or <c>the result of Conv2d (line 9)</c>.</summary>
    public string Describe(Value value)
    {
        var what = value.Name is not null
            ? $"'{value.Name}'"
            : _builder.OperationOf(value) is { } operation ? $"the result of {operation}" : "the input";
        return what + Fault.Place(value.Origin);
    }
}
