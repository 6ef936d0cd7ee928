using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Rules;

namespace Hybrid.Graphs;

/// <summary>
/// Builds a graph, one application after another: the one core that tracing and reading syntax share. Faults are collected; what a
/// faulty application would give is an unknown value, and operations on it are skipped in silence.
/// </summary>
public sealed class GraphBuilder
{
    /// <summary>More operations than any spec that a person writes; a runaway loop is stopped here (HYB4007).</summary>
    public const int MostNodes = 20_000;

    private readonly string _name;
    private readonly string _method;
    private readonly List<Value> _values = [];
    private readonly List<Node> _nodes = [];
    private readonly List<LayerInfo> _layers = [];
    private readonly List<SharedLayer> _shared = [];
    private readonly List<SpecParameter> _parameters = [];
    private readonly List<NumberRange> _ranges = [];
    private readonly List<Guard> _guards = [];
    private readonly List<Fault> _faults = [];
    private readonly List<Fault> _deferred = [];
    private readonly Dictionary<int, string> _producers = [];
    private readonly Dictionary<int, Node> _producing = [];
    private readonly Dictionary<int, Binding> _uses = [];
    private readonly KeyScopes _keys = new();
    private int _inputs;

    /// <param name="name">Full class name.</param>
    /// <param name="kind">Network or loss.</param>
    /// <param name="method">The spec method's name.</param>
    /// <param name="facts">Declared symbols and facts.</param>
    public GraphBuilder(string name, GraphKind kind, string method, Facts facts)
        => (_name, Kind, _method, Facts) = (name, kind, method, facts);

    public GraphKind Kind { get; }

    /// <summary>What is known of the sizes; grows by the least sizes that operations turn out to need.</summary>
    public Facts Facts { get; private set; }

    /// <summary>What holds in training besides <see cref="Facts"/>, each checked when it runs.</summary>
    public EquatableArray<Comparison> Training { get; private set; }

    /// <summary>What is known of the sizes in training.</summary>
    internal Facts TrainingFacts => Training.Count == 0 ? Facts : Facts.With(Training.ToArray());

    /// <summary>Declares facts that hold in training only.</summary>
    internal void InTraining(IReadOnlyList<Comparison> facts)
    {
        Training = Training.Concat(facts).ToEquatable();
        foreach (var fact in facts)
            Guard(new Guard(fact.Left, fact.Relation, fact.Right, $"the spec needs {fact.Text} in training") { InTraining = true });
    }

    /// <summary>Where an origin is in the source, and the block call that it lies in; null in a trace.</summary>
    public Func<Origin, Site>? SiteOf { get; set; }

    public IReadOnlyList<Fault> Faults => _faults;

    public bool HasErrors => _faults.Any(fault => fault.Severity == FaultSeverity.Error);

    /// <summary>The builder of the trace that runs on this thread, for operations without tensors; null outside of one.</summary>
    [field: ThreadStatic]
    internal static GraphBuilder? Running { get; private set; }

    /// <summary>Makes this the running trace until the returned value is disposed of.</summary>
    internal IDisposable Run()
    {
        var outer = Running;
        Running = this;
        return new Ending(() => Running = outer);
    }

    private sealed class Ending(Action action) : IDisposable
    {
        public void Dispose() => action();
    }

    /// <summary>True once the graph is finished: a Sym that outlives its trace reports it.</summary>
    internal bool IsFinished { get; private set; }

    public void Report(Fault fault) => _faults.Add(fault);

    /// <summary>Keeps a warning for the end: where there are errors it is not said.</summary>
    internal void Defer(Fault fault) => _deferred.Add(fault);

    /// <summary>Declares a [Param]; a size's symbol is in <see cref="Facts"/> from here on.</summary>
    public void Parameter(SpecParameter parameter)
    {
        _parameters.Add(parameter);
        if (!parameter.IsReal) Facts = Facts.WithSymbols(parameter.Name);
    }

    /// <summary>Where a number that a [Param] decides must lie.</summary>
    internal void Within(NumberRange range)
    {
        if (!_ranges.Contains(range)) _ranges.Add(range);
    }

    /// <summary>Declares an input; all inputs come before the first operation.</summary>
    public Value Input(string name, Shape shape, Origin origin = default)
    {
        if (_nodes.Count > 0) throw new InvalidOperationException($"{_name}: input '{name}' is declared after the first operation");
        _inputs++;
        var input = Add(shape, name, origin, null);
        Facts = Facts.LeavingOpen(
            Facts.Symbols.Where(symbol => Batches.IsBatchByPlace(this, symbol)),
            Facts.Symbols.Where(symbol => Batches.IsBatch(this, symbol)));
        return input;
    }

    /// <summary>The locals being declared: the reader opens one around the evaluation of <c>var name = …</c>.</summary>
    /// <param name="name">The local.</param>
    /// <param name="namesLayers">False for a local that is assigned more than once: it gives no checkpoint key.</param>
    public IDisposable Local(string name, bool namesLayers = true) => _keys.Local(this, name, namesLayers);

    /// <summary>A [Block] call: weights made inside are prefixed <c>name_i.</c></summary>
    public IDisposable Block(string name) => _keys.Block(name);

    /// <summary>The sizes of a shape string inside the spec.</summary>
    /// <exception cref="DimSyntaxException">The text is not a shape.</exception>
    public IReadOnlyList<Dim> ReadShape(string text) => DimParser.ParseShape(text, Resolve);

    /// <summary>The shape that a [Shape] declares; what cannot be read is reported (HYB4009) and gives null.</summary>
    /// <param name="text">Sizes separated by commas, with the element type after them where a result has no attribute to say it:
    /// <c>B, 4 Int64</c>.</param>
    /// <param name="element">The element type where the text does not say it.</param>
    /// <param name="domain">What is known of the values.</param>
    /// <param name="origin">Where the text stands.</param>
    public Shape? ReadShape(string text, ElementType element, Domain domain, Origin origin = default)
    {
        try
        {
            var (sizes, written) = Shape.WithoutElement(text);
            element = written ?? element;
            var roles = new List<AxisRole?>();
            sizes = string.Join(",", sizes.Split(',').Select(part => SpecHeader.WithoutRole(part, roles)));
            var read = ReadShape(sizes);
            var axes = read.Select(
                (size, n) => new Axis(
                    size,
                    (read.Count == roles.Count ? roles[n] : null)
                        ?? (size.AsSymbol is { } symbol && Roles.TryGetValue(symbol, out var role) ? role : AxisRole.None)));
            return new Shape(axes.ToEquatable(), element, domain);
        }
        catch (DimSyntaxException exception)
        {
            Report(SpecHeader.Unreadable($"Shape: {exception.Message}", origin));
            return null;
        }
    }

    /// <summary>The axis roles that Dims declares.</summary>
    public IReadOnlyDictionary<string, AxisRole> Roles { get; set; } = new Dictionary<string, AxisRole>();

    /// <summary>Constants of the spec's class, by name: sizes in shape strings.</summary>
    public IReadOnlyDictionary<string, long> Constants { get; set; } = new Dictionary<string, long>();

    /// <summary>A [Param] size that has its value already: shape strings may name it as they name its symbol otherwise.</summary>
    public void Fix(string name, long value)
        => Constants = Constants.Where(constant => constant.Key != name)
            .Append(new(name, value))
            .ToDictionary(constant => constant.Key, constant => constant.Value);

    private Dim? Resolve(string name)
        => Facts.Symbols.Contains(name) ? Dim.Symbol(name) : Constants.TryGetValue(name, out var value) ? value : null;

    /// <summary>Gives a value the name of the local that holds it.</summary>
    /// <param name="value">The value.</param>
    /// <param name="local">The local.</param>
    /// <param name="place">
    /// Where the local stands, of a value that comes from a block's call: its name is the caller's, and so is the line that messages pair
    /// with it.
    /// </param>
    public Value Name(Value value, string local, Origin place = default)
    {
        if (value.Id < 0) return value;
        // An input keeps the name of its parameter whatever local refers to it, and a value its first name.
        if (value.Id >= _inputs && _values[value.Id].Name is null)
            _values[value.Id] = _values[value.Id] with { Name = local, Origin = place.IsKnown ? place : _values[value.Id].Origin };
        // What was said of this use of the value (Broadcast, ReinterpretUnsafe) still holds for the local.
        return value with { Name = _values[value.Id].Name, Origin = _values[value.Id].Origin };
    }

    /// <summary>Applies an operation; one value for each output.</summary>
    public IReadOnlyList<Value> Apply(Rule rule, Binding binding, Origin call = default) => Apply(rule, binding, call, null);

    /// <summary>Binds and applies; a fault of binding is reported here.</summary>
    public IReadOnlyList<Value> Apply(Rule rule, IReadOnlyList<CallArgument> arguments, Origin call = default)
    {
        if (rule.Signature.TryBind(arguments, out var binding, out var fault, call: call)) return Apply(rule, binding, call, null);
        if (arguments.All(argument => argument.Tensor?.IsUnknown != true))
            Report(fault!.Origin.IsKnown ? fault : fault with { Origin = call });
        return [Unknown(call)];
    }

    /// <summary>Makes a layer whose weights all its applications share; null when its arguments do not fit, which is reported.</summary>
    public SharedLayer? Layer(Rule rule, IReadOnlyList<CallArgument> arguments, Origin call = default)
    {
        if (rule.Signature.TryBind(arguments, out var binding, out var fault, layer: true, call: call))
        {
            var layer = new SharedLayer(rule, binding, call, _keys.Name(rule.Name));
            _shared.Add(layer);
            return layer;
        }
        Report(fault!.Origin.IsKnown ? fault : fault with { Origin = call });
        return null;
    }

    /// <summary>Applies a shared layer.</summary>
    public IReadOnlyList<Value> Apply(SharedLayer layer, IReadOnlyList<Value> tensors, Origin call = default)
        => Apply(layer.Rule, layer.Binding.WithTensors(tensors, layer.Binding.Origins), call, layer);

    private IReadOnlyList<Value> Apply(Rule rule, Binding binding, Origin call, SharedLayer? shared)
    {
        if (binding.Tensors.Any(value => value is { IsUnknown: true })) return Unknowns(rule, binding, call);
        if (_nodes.Count >= MostNodes)
        {
            if (_faults.All(fault => fault.Id != "HYB4007"))
                Report(new Fault(
                    "HYB4007",
                    $"The spec unrolls to more than {MostNodes} operations. Make the loop shorter, or build the network by tracing.",
                    call));
            return Unknowns(rule, binding, call);
        }

        var pinned = PinnedKey(rule, binding);
        var label = (pinned is not null && IsKey(pinned) ? pinned : null) ?? shared?.Name.Local ?? _keys.Current;
        var inference = new Inference(rule, binding, this, call, label);
        try
        {
            if (inference.RequireElements() && inference.RequireConstants()) rule.Infer(inference);
        }
        catch (OverflowException overflow)
        {
            var what = overflow is DimTooLargeException ? overflow.Message : "a size exceeds 2^63";
            inference.Error("HYB1027", $"{inference.Subject}: {what}. Use smaller sizes.", call);
        }
        _faults.AddRange(inference.Faults);
        if (inference.Same is { } same) return [same];
        if (inference.Outputs.Count == 0) return Unknowns(rule, binding, call);

        var layer = inference.Weights.Count == 0 && !rule.HoldsLayer ? -1 : LayerOf(rule, binding, call, shared, pinned, inference);
        var outputs = inference.Outputs.Select(shape => Add(shape, null, call, rule.Name)).ToList();
        var node = new Node(
            rule.Name,
            binding.Tensors.Select(value => value?.Id ?? -1).ToEquatable(),
            binding.Arguments,
            outputs.Select(value => value.Id).ToEquatable(),
            layer,
            call);
        _nodes.Add(node);
        foreach (var output in outputs) (_producing[output.Id], _uses[output.Id]) = (node, binding);
        return outputs;
    }

    private int LayerOf(Rule rule, Binding binding, Origin call, SharedLayer? shared, string? pinned, Inference inference)
    {
        var weights = inference.Weights.Select(
            weight => weight with { Shape = weight.Shape.Substitute(name => Facts.ConstantOf(name)) }).ToEquatable();
        Weighty(inference, weights, call, binding);
        if (shared is { Index: >= 0 })
        {
            var known = _layers[shared.Index].Weights;
            if (known != weights)
            {
                // Sizes may be written differently and still be the same.
                var differs = known.Count != weights.Count || known.Zip(weights, Same).Any(same => !same);
                if (differs)
                {
                    inference.Faults.Clear();
                    var input = binding.Tensors.First(value => value is not null)!;
                    Report(new Fault(
                        "HYB4003",
                        $"{inference.Subject} shares weights but is fed {shared.FirstShape}{Fault.Place(shared.FirstCall)} and "
                            + $"{input.Shape}{Fault.Place(call)}. Use two layers, or bring the inputs to one size.",
                        call,
                        EquatableArray.Of(shared.FirstCall)));
                }
            }
            return shared.Index;
        }
        var key = _keys.Key(rule.Name, pinned, shared?.Name);
        if (pinned is not null && !IsKey(pinned))
        {
            Report(new Fault(
                "HYB1026",
                $"{inference.Subject}: the key must be made of names separated by dots, without spaces, quotes and control characters. "
                    + "Write it as PyTorch would: \"block.0.conv\".",
                call));
        }
        if (pinned is not null && _layers.Any(layer => layer.Key == key))
            Report(new Fault(
                "HYB4008",
                $"{inference.Subject}: the key '{key}' is already used by another layer. Give each layer its own key, or share one Layer "
                    + "value.",
                call));
        _layers.Add(new LayerInfo(key, rule.Name, LayerArguments(rule, binding), weights, pinned is not null, shared?.Origin ?? call));
        if (shared is not null)
        {
            shared.Index = _layers.Count - 1;
            shared.FirstCall = call;
            shared.FirstShape = binding.Tensors.First(value => value is not null)!.Shape;
        }
        return _layers.Count - 1;

        bool Same(Weight a, Weight b)
            => a.Name == b.Name
                && a.Shape.Rank == b.Shape.Rank
                && a.Shape.Sizes.Zip(b.Shape.Sizes, (x, y) => Facts.AreEqual(x, y).IsProved).All(equal => equal);
    }

    private static bool IsKey(string key)
        => key.Split('.').All(
            part => part.Length > 0 && part.All(c => !char.IsWhiteSpace(c) && !char.IsControl(c) && c is not ('"' or '\'' or '\\' or '/')));

    /// <summary>
    /// Weights are made before any input is seen: their sizes are constants and [Param]s (HYB1020), and a loss has none (HYB4010).
    /// </summary>
    private void Weighty(Inference inference, EquatableArray<Weight> weights, Origin call, Binding binding)
    {
        if (Kind == GraphKind.Loss)
            Report(new Fault("HYB4010", $"{inference.Subject} has weights, and a loss has none. Move it into a network.", call));
        foreach (var weight in weights)
        {
            var free = weight.Shape.Sizes.FirstOrDefault(size => !IsWeightSize(size));
            if (free is null) continue;
            var symbol = free.Symbols.First(name => _parameters.All(parameter => parameter.Name != name));
            Report(new Fault(
                "HYB1020",
                $"{inference.Subject}: {(weight.Name.Length == 0 ? "it" : "its " + weight.Name)} would be {weight.Shape}, which changes "
                    + $"with {symbol}. Pool to a fixed size first, or fix it with Where = \"{symbol} == …\".",
                call,
                binding.Tensors.Where(value => value is { Origin.IsKnown: true }).Select(value => value!.Origin).ToEquatable()));
            return;
        }
    }

    private static EquatableArray<Argument> LayerArguments(Rule rule, Binding binding)
        => rule.Signature.ConstantParameters.Zip(binding.Constants, (parameter, argument) => (parameter, argument))
            .Where(pair => !pair.parameter.IsTensor).Select(pair => pair.argument).ToEquatable();

    private static string? PinnedKey(Rule rule, Binding binding)
        => rule.Signature["key"] is { Kind: ParameterKind.Text }
            && binding.Constants[rule.Signature.ConstantPositionOf("key")] is Argument.Text text
            ? text.Value
            : null;

    private IReadOnlyList<Value> Unknowns(Rule rule, Binding binding, Origin call)
        => Enumerable.Range(0, rule.CountOutputs(binding)).Select(_ => Unknown(call)).ToList();

    /// <summary>A value that stands for what could not be derived.</summary>
    public Value Unknown(Origin origin = default) => new(-1, Shape.Scalar, null, origin) { IsUnknown = true };

    private Value Add(Shape shape, string? name, Origin origin, string? operation)
    {
        var value = new Value(_values.Count, shape, name, origin);
        _values.Add(value);
        if (operation is not null) _producers[value.Id] = operation;
        return value;
    }

    /// <summary>
    /// Whether a size is known when the network is constructed: constants and [Param]s only, as far as the facts fix symbols.
    /// </summary>
    internal bool IsWeightSize(Dim size)
        => size.Substitute(name => Facts.ConstantOf(name)).Symbols.All(symbol => _parameters.Any(parameter => parameter.Name == symbol));

    internal Node? ProducerOf(Value value) => _producing.TryGetValue(value.Id, out var node) ? node : null;

    /// <summary>How the operation that computes a value was called: its tensors, with what was said of them there, and places.</summary>
    internal Binding? UseOf(Value value) => _uses.TryGetValue(value.Id, out var binding) ? binding : null;

    internal IEnumerable<Value> Inputs => _values.Take(_inputs);

    internal Value ValueOf(int id) => _values[id];

    internal string? OperationOf(Value value) => _producers.TryGetValue(value.Id, out var operation) ? operation : null;

    internal string LossName => _name.Substring(_name.LastIndexOf('.') + 1);

    internal void Guard(Guard guard)
    {
        if (!_guards.Contains(guard)) _guards.Add(guard);
    }

    internal void Require(Comparison fact) => Facts = Facts.Inferring(fact);

    /// <summary>Ends the graph: checks the promised shapes (HYB1018) and that every input and layer reaches an output (HYB4001).</summary>
    /// <param name="outputs">What the spec returns.</param>
    /// <param name="promised">The shapes of [return: Shape]; empty when it has none.</param>
    /// <param name="place">The returned expression.</param>
    /// <param name="names">The names of a returned tuple's elements, "" for one without.</param>
    /// <param name="places">The elements of a tuple that is written out; the returned expression stands for them otherwise.</param>
    public Graph Finish(
        IReadOnlyList<Value> outputs,
        IReadOnlyList<Shape> promised,
        Origin place = default,
        IReadOnlyList<string>? names = null,
        IReadOnlyList<Origin>? places = null)
    {
        IsFinished = true;
        // An output may have been named since the caller got it.
        outputs = outputs.Select(output => output.Id < 0 ? output : _values[output.Id]).ToList();
        var checks = new Completion(this, _values, _nodes, _producers, _inputs);
        if (outputs.All(output => !output.IsUnknown))
        {
            checks.Promise(outputs, promised, place, places is not null && places.Count == outputs.Count ? places : null);
            if (!HasErrors) checks.Connections(outputs, _shared);
            if (!HasErrors) new Learning(this, _nodes, _layers).Check(outputs);
            if (!HasErrors) checks.Endings(outputs, place);
        }
        if (!HasErrors) _faults.AddRange(_deferred);
        // What is idle and no fault, the rest of a loop's last round, is not computed.
        var needed = outputs.Any(output => output.IsUnknown) || HasErrors ? _nodes.ToEquatable() : checks.Needed(outputs).ToEquatable();
        return new Graph(
            _name,
            Kind,
            _method,
            Facts,
            _parameters.ToEquatable(),
            _values.ToEquatable(),
            _inputs,
            _layers.ToEquatable(),
            needed,
            outputs.Select(output => output.Id).ToEquatable(), promised.ToEquatable(), _guards.ToEquatable(),
            outputs.Count > 1 && names is not null && names.Count == outputs.Count
                ? names.ToEquatable()
                : outputs.Count > 1
                ? outputs.Select(_ => "").ToEquatable()
                : EquatableArray<string>.Empty) { Ranges = _ranges.ToEquatable() };
    }
}
