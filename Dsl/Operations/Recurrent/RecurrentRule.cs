using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>A recurrent network of several layers, in one or two directions.</summary>
/// <param name="module">TorchSharp's class, and ONNX's operator.</param>
/// <param name="gates">Blocks of rows in each weight.</param>
/// <param name="onnxRows">For each of ONNX's blocks of rows in a weight, the place of PyTorch's.</param>
/// <param name="results">The names of what it gives: the sequence, then the last states.</param>
internal abstract class RecurrentRule(string module, int gates, int[] onnxRows, params string[] results) : Rule
{
    // A runaway argument is refused before it makes weights.
    private const int MostLayers = 100;

    public override IReadOnlyList<string> ResultNames => results;

    public override int CountOutputs(Binding binding) => results.Length;

    /// <summary>The states that it starts from, where they are given: <c>state</c>, and of an LSTM <c>cell</c>.</summary>
    private IEnumerable<string> Starts
        => Signature.TensorParameters.Select(parameter => parameter.Name).Where(name => name is "state" or "cell");

    public override bool Takes(Inference inference, string parameter, ElementType element) => parameter == "lengths";

    public override void Infer(Inference i)
    {
        var (x, isBatchFirst) = (i.Value(), i.Flag("batchFirst"));
        if (!i.TrySequence(x, isBatchFirst) || !i.RequireSize("hidden") || !i.RequireSize("layers")) return;
        if (i.Integer("layers") > MostLayers)
        {
            i.Error("HYB1026", $"{i.Subject}: layers is {i.Integer("layers")}; it may be at most {MostLayers}.", "layers");
            return;
        }
        var (hidden, layers, directions) = (i.Size("hidden"), (int)i.Integer("layers"), i.Flag("bidirectional") ? 2 : 1);
        if (!StartsFit(i, layers * directions, x.Shape.Axes[isBatchFirst ? 0 : 1].Size, hidden)) return;
        for (var layer = 0; layer < layers; layer++)
            for (var direction = 0; direction < directions; direction++)
            {
                var suffix = $"_l{layer}{(direction == 1 ? "_reverse" : "")}";
                i.Weight("weight_ih" + suffix, Init.Default, gates * hidden, layer == 0 ? x.Shape[2] : directions * hidden);
                i.Weight("weight_hh" + suffix, Init.Default, gates * hidden, hidden);
                if (!i.Flag("bias")) continue;
                i.Weight("bias_ih" + suffix, Init.Default, gates * hidden);
                i.Weight("bias_hh" + suffix, Init.Default, gates * hidden);
            }
        i.Output(new Shape(EquatableArray.Of(x.Shape.Axes[0], x.Shape.Axes[1], new Axis(directions * hidden, AxisRole.Feature))));
        for (var n = 1; n < results.Length; n++)
            i.Output(new Axis(layers * directions), x.Shape.Axes[isBatchFirst ? 0 : 1], new Axis(hidden, AxisRole.Feature));
    }

    /// <summary>States are (layers·directions, B, hidden), lengths one whole number for each example.</summary>
    private bool StartsFit(Inference i, long states, Dim batch, Dim hidden)
    {
        if (Starts.Count(name => i.Optional(name) is not null) is var given && given > 0 && given < Starts.Count())
        {
            return i.Error(
                "HYB4004", $"{i.Subject} starts from a state and a cell; one is given. Give both: state: last, cell: cell.",
                Starts.First(name => i.Optional(name) is not null));
        }
        foreach (var name in Starts)
        {
            if (i.Optional(name) is not { } start) continue;
            Dim[] wanted = [states, batch, hidden];
            if (start.Shape.Rank == 3 && start.Shape.Sizes.Zip(wanted, (size, want) => i.Demand(size, want, name, out _)).All(fits => fits))
                continue;
            return i.Error(
                "HYB1004",
                $"{i.Subject} starts from [{states}, {batch}, {hidden}], layers and directions first; {i.Describe(start)} is "
                    + $"{start.Shape}. Give it that shape, as .last of another layer has it.",
                name, start);
        }
        if (i.Optional("lengths") is not { } lengths) return true;
        if (lengths.Shape.Element != ElementType.Int64)
        {
            return i.RefuseElements(
                ElementType.Int64,
                lengths,
                $"lengths are whole numbers, {i.Describe(lengths)} holds {LossTargets.Kind(lengths)}",
                "lengths");
        }
        return (lengths.Shape.Rank == 1 && i.Demand(lengths.Shape[0], batch, "lengths", out _))
            || i.Error(
                "HYB1004",
                $"{i.Subject} takes one length for each of the {batch} examples; {i.Describe(lengths)} is {lengths.Shape}. Give it the "
                    + $"shape [{batch}].",
                "lengths", lengths);
    }

    /// <summary>Whether it starts from a state, or examples end before the last time: then its steps are written out everywhere.</summary>
    private bool IsStepped(NodeCode c) => c.Has("lengths") || Starts.Any(c.Has);

    public override string Forward(NodeCode c, string layer) => IsStepped(c) ? Functional(c) : base.Forward(c, layer);

    public override LayerCode Layer(NodeCode c)
    {
        var code = $"nn.{module}({c.Size(c.Shape()[2])}, {c.Size(c.SizeOf("hidden"))}";
        if (!c.IsDefault("layers")) code += $", numLayers: {c.Integer("layers")}";
        if (!c.IsDefault("bias")) code += ", bias: false";
        if (c.Flag("batchFirst")) code += ", batchFirst: true";
        if (!c.IsDefault("bidirectional")) code += ", bidirectional: true";
        return new LayerCode("Modules." + module, code + ", device: device, dtype: dtype)") { HidesTensors = true };
    }

    // TorchSharp has no function for it: the steps are written out, in libtorch's order of operations.
    public override string Functional(NodeCode c)
        => IsStepped(c)
            ? $"{Name}Steps({c.In()}, {Options(c)}, {string.Join(", ", Starts.Append("lengths").Select(name => OrNull(c, name)))})"
            : $"{Name}Steps({c.In()}, {Options(c)})";

    private static string OrNull(NodeCode c, string parameter) => c.Has(parameter) ? c.In(parameter) : "null";

    private static string Options(NodeCode c)
    {
        var weights = c.Graph.Layers[c.Node.Layer].Weights.Select(weight => c.Weight(weight.Name));
        return $"{CSharpText.Literal(c.Flag("batchFirst"))}, {(c.Flag("bidirectional") ? 2 : 1)}, {(c.Flag("bias") ? 4 : 2)}, new[] {{ "
            + $"{string.Join(", ", weights)} }}";
    }

    public override bool Tangent(TangentCode c)
    {
        if (!IsStepped(c))
        {
            var plain = c.Local("steps", $"{Name}Tangent({c.In()}, {c.TangentOf()}, {Options(c)})", "each result with its tangent");
            return SetSteps(c, plain);
        }
        var moving = Starts.Prepend("x").Select(name => c.Has(name) ? c.TangentOf(name) : null).OfType<string>().FirstOrDefault();
        if (moving is null) return c.SetNone();
        var dx = c.TangentOf() ?? TangentCode.Still(c.In(), 3, moving);
        var starts = Starts.Select(name => OrNull(c, name))
            .Concat(Starts.Select(name => c.Has(name) ? c.TangentOf(name) ?? "null" : "null"));
        var call = $"{Name}Tangent({c.In()}, {dx}, {Options(c)}, {string.Join(", ", starts.Append(OrNull(c, "lengths")))})";
        return SetSteps(c, c.Local("steps", call, "each result with its tangent"));
    }

    private bool SetSteps(TangentCode c, string steps)
    {
        c.Value = $"{steps}.Value";
        return c.Set(Enumerable.Range(0, results.Length).Select(n => $"{steps}.Tangent.Item{n + 1}").ToArray());
    }

    /// <summary>The file of the steps: the module's, where it takes steps itself.</summary>
    protected Variant? StepsProgram(NodeCode c)
        => c.Graph.Nodes.Any(node => node.Operation == Name && IsStepped(NodeCode.ToRead(c.Graph, node))) ? null : Variant.Functional;

    /// <summary>Both matrix products of each layer and direction, and a dozen operations for each state.</summary>
    public override Dim Flops(NodeCode c)
    {
        var x = c.Shape();
        var weights = c.Graph.Layers[c.Node.Layer].Weights.Where(weight => weight.Shape.Rank == 2)
            .Aggregate(Dim.Zero, (sum, weight) => sum + weight.Shape.Elements);
        return x[0] * x[1] * ((2 * weights) + (12 * c.Result(1)[0] * c.Result(1)[2]));
    }

    /// <summary>One operator a layer, both directions in it, time on the first axis.</summary>
    internal override IReadOnlyList<string>? OnnxResults(OnnxCode c)
    {
        var (isBatchFirst, hidden, layers) = (c.Flag("batchFirst"), c.Known(c.SizeOf("hidden")), c.Integer("layers"));
        var sides = c.Flag("bidirectional") ? new[] { "", "_reverse" } : [""];
        var rows = c.Builder.Integers(
            onnxRows.SelectMany(block => Enumerable.Range(0, (int)hidden).Select(row => (block * hidden) + row)).ToArray());
        string Ordered(string weight) => c.Add("Gather", [c.Weight(weight), rows], ("axis", 0L));
        string Joined(IReadOnlyList<string> parts) => parts.Count == 1 ? parts[0] : c.Add("Concat", parts, ("axis", 0L));
        string Stacked(System.Func<string, string> side) => Joined(sides.Select(name => c.Unsqueeze(side(name), 0)).ToList());

        var x = isBatchFirst ? c.Transpose(c.X, 1, 0, 2) : c.X;
        var last = Enumerable.Range(1, results.Length - 1).Select(_ => new List<string>()).ToList();
        for (var layer = 0; layer < layers; layer++)
        {
            string Biases(string side)
                => c.Add("Concat", [Ordered($"bias_ih_l{layer}{side}"), Ordered($"bias_hh_l{layer}{side}")], ("axis", 0L));
            List<string> inputs =
            [
                x, Stacked(side => Ordered($"weight_ih_l{layer}{side}")), Stacked(side => Ordered($"weight_hh_l{layer}{side}")),
            ];
            if (c.Flag("bias")) inputs.Add(Stacked(Biases));
            if (IsStepped(c))
            {
                if (!c.Flag("bias")) inputs.Add("");
                inputs.Add(c.Has("lengths") ? c.Add("Cast", [c.In("lengths")], ("to", 6L)) : "");
                var (from, to) = (layer * sides.Length, (layer + 1) * sides.Length);
                inputs.AddRange(Starts.Where(c.Has).Select(name => c.Slice(c.In(name), 0, from, to)));
            }
            var states = c.Builder.AddMany(
                module,
                results.Length,
                inputs,
                ("hidden_size", hidden),
                ("direction", sides.Length == 2 ? "bidirectional" : "forward"),
                ("linear_before_reset", module == "GRU" ? 1L : null));
            // (T, directions, B, hidden): the directions side by side.
            var isLast = isBatchFirst && layer == layers - 1;
            x = c.Reshape(isLast ? c.Transpose(states[0], 2, 0, 1, 3) : c.Transpose(states[0], 0, 2, 1, 3), 0, 0, sides.Length * hidden);
            for (var n = 0; n < last.Count; n++) last[n].Add(states[n + 1]);
        }
        return [x, .. last.Select(Joined)];
    }
}
