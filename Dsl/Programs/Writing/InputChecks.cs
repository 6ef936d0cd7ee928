using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Programs;

/// <summary>
/// The static method that compares the inputs with the spec once a call: ranks, sizes, facts and guards, and hands the sizes of the
/// symbols out. The messages show both shapes.
/// </summary>
internal sealed class InputChecks
{
    private readonly Graph _graph;
    private readonly List<Bound> _bound = [];

    /// <summary>A symbol that a size slope·symbol + offset gives.</summary>
    /// <param name="Symbol">Its name.</param>
    /// <param name="Input">The input with that size; negative where a fact gives it: slope·symbol + offset = 0.</param>
    /// <param name="Axis">The input's axis.</param>
    /// <param name="Slope">Over symbols that are known before.</param>
    /// <param name="Offset">Over symbols that are known before.</param>
    private sealed record Bound(string Symbol, int Input, int Axis, Dim Slope, Dim Offset);

    public InputChecks(Graph graph)
    {
        _graph = graph;
        // Plain symbols first; then sizes such as 2·N+1 that give the one symbol they hold, which is at least 1.
        foreach (var plain in new[] { true, false })
            foreach (var input in graph.Inputs)
                for (var axis = 0; axis < input.Shape.Rank; axis++)
                {
                    var size = input.Shape[axis];
                    if (size.Symbols.Count != 1 || IsKnown(size.Symbols.First())) continue;
                    if (plain ? size.AsSymbol is not null : size.Affine is not null) Solve(input.Id, axis, size);
                }
        // What one size gives, another may need: L + M gives M where 2·L gives L, and so does a fact M == 2·L.
        for (var count = -1; count < _bound.Count;)
        {
            count = _bound.Count;
            foreach (var input in graph.Inputs)
                for (var axis = 0; axis < input.Shape.Rank; axis++) Solve(input.Id, axis, input.Shape[axis]);
            foreach (var fact in graph.Facts.Declared.Where(fact => fact.Relation == Relation.Equal)) Solve(-1, 0, fact.Left - fact.Right);
        }
    }

    private void Solve(int input, int axis, Dim size)
    {
        var open = size.Symbols.Where(symbol => !IsKnown(symbol)).ToList();
        if (open.Count != 1 || !size.TryLinear(open[0], out var slope, out var offset)) return;
        // What is divided by must not be zero.
        if (slope.TryConstant(out var number) ? number != 0 : _graph.Facts.IsAtLeast(slope, 1).IsProved)
            _bound.Add(new Bound(open[0], input, axis, slope, offset));
    }

    /// <summary>The symbols that no input's sizes give: no program can know them.</summary>
    public IReadOnlyList<string> Open => [.. _graph.Facts.Symbols.Where(symbol => !IsKnown(symbol))];

    /// <summary>The symbols whose size a call gives, in the order of the method's out parameters.</summary>
    public IEnumerable<string> Symbols => _bound.Select(bound => bound.Symbol);

    /// <summary>Whether some checks are made in training only.</summary>
    private bool InTraining => _graph.Guards.Any(guard => guard.InTraining);

    /// <summary>
    /// The weight whose type the real inputs must have; null where there is none, or no such input. A recurrent layer shows its tensors by
    /// look-up alone, so that one is taken last.
    /// </summary>
    private (int Layer, string Weight)? Typed
        => _graph.Kind == GraphKind.Network && _graph.Inputs.Any(IsTyped)
            ? _graph.Layers.SelectMany((layer, n) => layer.Weights.Select(weight => (Layer: n, Weight: weight)))
                .Where(entry => entry.Weight.Role == WeightRole.Parameter)
                .OrderBy(entry => _graph.Nodes.Any(node => node.Layer == entry.Layer && node.Operation is "Lstm" or "Gru"))
                .Select(entry => ((int, string)?)(entry.Layer, entry.Weight.Name))
                .FirstOrDefault()
            : null;

    private static bool IsTyped(Value input) => input.Shape.Element == ElementType.Real;

    private bool IsKnown(string symbol)
        => _bound.Any(bound => bound.Symbol == symbol) || _graph.Parameters.Any(parameter => parameter.Name == symbol);

    /// <summary>The call of the method, at the top of a program; symbols that it does not use are discarded.</summary>
    /// <param name="caller">As messages name the program.</param>
    /// <param name="locals">The inputs' names.</param>
    /// <param name="symbol">The local of a symbol; null for one that is not used.</param>
    /// <param name="parameter">The expression of a [Param].</param>
    /// <param name="weight">The expression of a layer's weight; not asked for in a loss.</param>
    /// <param name="members">For the method of <see cref="WriteOfMembers"/>: how many members there are, or where that is written.</param>
    public string Call(
        string caller,
        Locals locals,
        System.Func<string, string?> symbol,
        System.Func<string, string> parameter,
        System.Func<int, string, string>? weight = null,
        string? members = null)
    {
        var arguments = new List<string> { CSharpText.Literal(caller) };
        if (members is not null) arguments.Add(members);
        arguments.AddRange(_graph.Inputs.Select(input => locals[input.Id]));
        arguments.AddRange(_graph.Sizes.Select(p => parameter(p.Name)));
        if (Typed is { } typed) arguments.Add($"{weight!(typed.Layer, typed.Weight)}.dtype");
        if (InTraining) arguments.Add("training");
        arguments.AddRange(Symbols.Select(name => symbol(name) is { } local ? $"out var {local}" : "out _"));
        return $"{(members is null ? "CheckInputs" : "CheckMembers")}({string.Join(", ", arguments)});";
    }

    public void Write(CSharpText text) => Write(text, "CheckInputs", null);

    /// <summary>
    /// The method for an ensemble's inputs: each has the spec's shape, shared by all members, or that with a leading axis of members.
    /// </summary>
    /// <param name="text">Where it is written.</param>
    /// <param name="isCountKnown">Whether the caller knows the number of members; otherwise the inputs give it.</param>
    public void WriteOfMembers(CSharpText text, bool isCountKnown)
    {
        Write(text, "CheckMembers", isCountKnown);
        text.Line();
        text.Summary("The sizes of one member's tensor, whether all share it or each has its own.");
        text.Block("private static long[] SizesOfMember(string caller, string expected, Tensor tensor, int rank, ref long members)", () =>
        {
            text.Line("var sizes = tensor.shape;");
            text.Line("if (sizes.Length == rank) return sizes;");
            text.Line(
                "if (sizes.Length != rank + 1) throw Unexpected(caller, expected, tensor, $\"the rank must be {rank}, or {rank + 1} with "
                    + "a leading axis of members\");");
            if (!isCountKnown) text.Line("if (members < 0) members = sizes[0];");
            text.Line(
                "if (sizes[0] != members) throw Unexpected(caller, expected, tensor, "
                    + "$\"the leading axis must be the {members} members\");");
            text.Line("return sizes[1..];");
        });
    }

    private void Write(CSharpText text, string method, bool? isCountKnown)
    {
        var names = new Names("caller", "members");
        var inputs = _graph.Inputs.ToDictionary(input => input.Id, input => names.Take(input.Name ?? "x"));
        var sizes = _graph.Sizes.Select(parameter => parameter.Name)
            .Concat(Symbols)
            .ToDictionary(name => name, name => names.Take(name));
        var shapes = _graph.Inputs.ToDictionary(input => input.Id, input => names.Take(inputs[input.Id] + "Shape"));
        string Size(Dim dim) => DimText.CSharp(dim, "FloorDiv", name => sizes[name]);
        string Factor(Dim dim) => dim.TryConstant(out _) || dim.AsSymbol is not null ? Size(dim) : $"({Size(dim)})";
        bool IsComputable(Dim dim) => dim.Symbols.All(sizes.ContainsKey);

        var parameters = new List<string> { "string caller" };
        if (isCountKnown is { } known) parameters.Add(known ? "long members" : "out long members");
        parameters.AddRange(_graph.Inputs.Select(input => $"Tensor {inputs[input.Id]}"));
        parameters.AddRange(_graph.Sizes.Select(parameter => $"long {sizes[parameter.Name]}"));
        var type = Typed is null ? null : names.Take("type");
        if (type is not null) parameters.Add($"torch.ScalarType {type}");
        if (InTraining) parameters.Add("bool training");
        parameters.AddRange(Symbols.Select(symbol => $"out long {sizes[symbol]}"));
        var divides = false;
        text.Block($"private static void {method}({string.Join(", ", parameters)})", () =>
        {
            if (isCountKnown == false) text.Line("members = -1;");
            foreach (var input in _graph.Inputs)
            {
                var (name, shape) = (inputs[input.Id], shapes[input.Id]);
                if (isCountKnown is not null)
                    text.Line($"var {shape} = SizesOfMember(caller, {Expected(input)}, {name}, {input.Shape.Rank}, ref members);");
                else text.Line($"var {shape} = {name}.shape;");
                if (isCountKnown is null)
                {
                    text.Line(
                        $"if ({shape}.Length != {input.Shape.Rank}) throw Unexpected(caller, {Expected(input)}, {name}, \"the rank must "
                            + $"be {input.Shape.Rank}\");");
                }
                if (type is not null && IsTyped(input))
                    text.Line($"if ({name}.dtype != {type}) RequireType(caller, {Expected(input)}, {name}, {type}, \"{input.Name}\");");
                if (input.Shape.Element == ElementType.Int64)
                    text.Line(
                        $"if ({name}.dtype != torch.ScalarType.Int64) throw Unexpected(caller, {Expected(input)}, {name}, $\"the type "
                            + $"must be Int64, not {{{name}.dtype}}\");");
                if (input.Shape.Element == ElementType.Bool)
                    text.Line(
                        $"if ({name}.dtype != torch.ScalarType.Bool) throw Unexpected(caller, {Expected(input)}, {name}, $\"the type must "
                            + $"be Bool, not {{{name}.dtype}}\");");
            }
            if (isCountKnown == false)
                text.Line(
                    $"if (members < 0) throw new ArgumentException($\"{_graph.ClassName}.{{caller}}: no input has a leading axis of "
                        + $"members; one member's loss is {_graph.ClassName}.{_graph.Method}(…).\");");
            foreach (var (symbol, input, axis, slope, offset) in _bound)
            {
                if (input < 0)
                {
                    // The fact itself is compared below.
                    text.Line(
                        slope.Equals(Dim.One)
                            ? $"{sizes[symbol]} = {Size(-offset)};"
                            : $"{sizes[symbol]} = ({Size(-offset)}) / {Factor(slope)};");
                    continue;
                }
                var met = $"{shapes[input]}[{axis}]";
                text.Line(
                    slope.Equals(Dim.One) && offset.Equals(Dim.Zero)
                        ? $"{sizes[symbol]} = {met};"
                        : $"{sizes[symbol]} = ({met} - {Factor(offset)}) / {Factor(slope)};");
                if (!offset.Equals(Dim.Zero))
                {
                    text.Line(
                        $"if ({sizes[symbol]} < 1) throw Unexpected(caller, {Expected(_graph.Values[input])}, {inputs[input]}, \"axis "
                            + $"{axis} must be {_graph.Values[input].Shape[axis]} with {symbol} >= 1\");");
                }
            }
            foreach (var input in _graph.Inputs)
                for (var axis = 0; axis < input.Shape.Rank; axis++)
                {
                    var size = input.Shape[axis];
                    if (!IsComputable(size)
                        || _bound.Any(bound => bound.Input == input.Id && bound.Axis == axis && size.AsSymbol is not null))
                    {
                        continue;
                    }
                    var expected = Size(size);
                    divides |= expected.Contains("FloorDiv(");
                    var why = size.IsConstant ? $"\"axis {axis} must be {size}\"" : $"$\"axis {axis} must be {size} = {{{expected}}}\"";
                    text.Line(
                        $"if ({shapes[input.Id]}[{axis}] != {expected}) throw Unexpected(caller, {Expected(input)}, {inputs[input.Id]}, "
                            + $"{why});");
                }
            foreach (var fact in _graph.Facts.Declared.Concat(_graph.Facts.Inferred))
                Require(fact.Left, fact.Relation, fact.Right, Written(fact), fact.Remainder);
            foreach (var guard in _graph.Guards)
                Require(guard.Left, guard.Relation, guard.Right, guard.Message, inTraining: guard.InTraining);
        });
        // An ensemble stands beside the single program, whose messages and arithmetic it takes.
        if (isCountKnown is not null) return;
        text.Line();
        text.Line("private static ArgumentException Unexpected(string caller, string expected, Tensor actual, string reason)");
        text.Indented(() => text.Line(
            $"=> new($\"{_graph.ClassName}.{{caller}}: expected {{expected}}, "
                + "got ({string.Join(\", \", actual.shape)}): {reason}.\");"));
        if (Typed is not null)
        {
            text.Line();
            text.Summary("Refuses numbers of another type than the weights'; shorter ones are autocast's.");
            text.Block(
                "private static void RequireType(string caller, string expected, Tensor actual, torch.ScalarType type, string name)", () =>
            {
                text.Line("if (actual.dtype is torch.ScalarType.Float16 or torch.ScalarType.BFloat16) return;");
                text.Line(
                    "throw Unexpected(caller, expected, actual, $\"its numbers are {actual.dtype}, the weights {type}. Convert it: "
                        + "{name}.to_type(torch.ScalarType.{type})\");");
            });
        }
        divides |= _bound.Any(bound => bound.Slope.Depth > 0 || bound.Offset.Depth > 0);
        if (!divides && _graph.Values.All(value => value.Shape.Sizes.All(size => size.Depth == 0))) return;
        text.Line();
        text.Line("/// <summary>⌊numerator / divisor⌋.</summary>");
        text.Line("private static long FloorDiv(long numerator, long divisor)");
        text.Indented(() => text.Line("=> numerator >= 0 ? numerator / divisor : -((divisor - 1 - numerator) / divisor);"));

        void Require(
            Dim left, Relation relation, Dim right, string message, (Dim Value, Dim Modulus)? remainder = null, bool inTraining = false)
        {
            if (!IsComputable(left) || !IsComputable(right)) return;
            var symbols = left.Symbols.Concat(right.Symbols).Distinct().ToList();
            if (symbols.Count == 0) return;
            var (a, b) = (Size(left), Size(right));
            // Sizes are positive, so C#'s remainder of one is the mathematical one.
            if (remainder is { } r && r.Value.AsSymbol is not null)
                a = $"{Size(r.Value)} % {(r.Modulus.IsConstant ? Size(r.Modulus) : $"({Size(r.Modulus)})")}";
            divides |= a.Contains("FloorDiv(") || b.Contains("FloorDiv(");
            var got = string.Join(", ", symbols.Select(symbol => $"{symbol} = {{{sizes[symbol]}}}"));
            var text2 = ($"{_graph.ClassName}.{{caller}}: {message}, got {got}.").Replace("\"", "\\\"");
            text.Line(
                $"if ({(inTraining ? "training && " : "")}{a} {Comparison.Sign(Comparison.Opposite(relation))} {b}) throw new "
                    + $"ArgumentException($\"{text2}\");");
        }
    }

    private static string Written(Comparison fact) => $"the spec needs {fact.Text}";

    private string Expected(Value input) => CSharpText.Literal($"{input.Name} {ProgramFile.Round(input.Shape)}");
}
