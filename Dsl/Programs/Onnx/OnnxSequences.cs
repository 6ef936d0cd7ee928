using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Onnx;

/// <summary>Attention and recurrence, with PyTorch's weights.</summary>
internal static class OnnxSequences
{
    public static string Attention(OnnxCode c)
    {
        var (isBatchFirst, heads, width) = (c.Read.Flag("batchFirst"), c.Read.Integer("heads"), c.Number(c.Shape[2]));
        var context = c.Read.Has("context") ? "context" : "x";
        string Batched(string tensor) => isBatchFirst ? tensor : c.Transpose(tensor, 1, 0, 2);
        Dim Time(string parameter) => c.Read.Shape(parameter)[isBatchFirst ? 1 : 0];

        // The maps of query, key and value are stretches of one weight, unless the context has another width.
        string Linear(string tensor, string weight, string? bias)
        {
            var product = c.Add("MatMul", [tensor, c.Transpose(weight, 1, 0)]);
            return bias is null ? product : c.Add(product, bias);
        }
        string Mapped(int which)
        {
            var own = new[] { "q_proj_weight", "k_proj_weight", "v_proj_weight" }[which];
            string Part(string weight) => c.Slice(c.Weight(weight), 0, which * width, (which + 1) * width);
            return Linear(Batched(c.Real(which == 0 ? "x" : context)), c.HasWeight(own) ? c.Weight(own) : Part("in_proj_weight"), c.Read.Flag("bias") ? Part("in_proj_bias") : null);
        }
        var maps = context == "x" && c.HasWeight("in_proj_weight")
            ? c.Builder.AddMany("Split", 3, [Linear(Batched(c.X), c.Weight("in_proj_weight"), c.Read.Flag("bias") ? c.Weight("in_proj_bias") : null), c.Builder.Integers(width, width, width)], ("axis", 2L))
            : Enumerable.Range(0, 3).Select(Mapped).ToList();
        string Heads(string map, params long[] order) => c.Transpose(c.Reshape(map, 0, 0, heads, width / heads), order);

        var query = c.Divide(Heads(maps[0], 0, 2, 1, 3), c.Builder.Single(Math.Sqrt(width / heads)));
        var scores = c.Add("MatMul", [query, Heads(maps[1], 0, 2, 3, 1)]); // (B, heads, T, S)
        var hidden = Hidden(c, Time("x"), Time(context));
        if (hidden is not null) scores = c.Add("Where", [hidden, c.Builder.Single(float.MinValue), scores]);
        var weights = c.Add("Softmax", [scores], ("axis", 3L));
        if (hidden is not null) weights = c.Add("Where", [hidden, c.Builder.Single(0), weights]);
        var joined = c.Reshape(c.Transpose(c.Add("MatMul", [weights, Heads(maps[2], 0, 2, 1, 3)]), 0, 2, 1, 3), 0, 0, width);
        return Batched(Linear(joined, c.Weight("out_proj.weight"), c.Read.Flag("bias") ? c.Weight("out_proj.bias") : null));
    }

    /// <summary>The places of the scores (B, heads, T, S) that may not be attended to; null when all may.</summary>
    private static string? Hidden(OnnxCode c, Dim time, Dim places)
    {
        var hidden = c.Read.Has("mask") ? c.Add("Not", [c.Read.Shape("mask").Rank == 2 ? c.Unsqueeze(c.In("mask"), 1, 2) : c.Unsqueeze(c.In("mask"), 1)]) : null;
        if (!c.Read.Flag("causal")) return hidden;
        var later = c.Add("Greater", [c.Count(places), c.Unsqueeze(c.Count(time), 1)]);
        return hidden is null ? later : c.Add("Or", [hidden, later]);
    }

    /// <summary>Long short-term memory or gated recurrent units of several layers: one operator each, both directions in it, time on the first axis.</summary>
    /// <param name="c">The node.</param>
    /// <param name="operation">ONNX's.</param>
    /// <param name="order">For each of ONNX's blocks of rows in a weight, PyTorch's.</param>
    public static IReadOnlyList<string> Recurrent(OnnxCode c, string operation, int[] order)
    {
        var (isBatchFirst, hidden, layers) = (c.Read.Flag("batchFirst"), c.Number(c.Read.SizeOf("hidden")), c.Read.Integer("layers"));
        var sides = c.Read.Flag("bidirectional") ? new[] { "", "_reverse" } : [""];
        var rows = c.Builder.Integers(order.SelectMany(block => Enumerable.Range(0, (int)hidden).Select(row => (block * hidden) + row)).ToArray());
        string Ordered(string weight) => c.Add("Gather", [c.Weight(weight), rows], ("axis", 0L));
        string Stacked(Func<string, string> side)
        {
            var parts = sides.Select(name => c.Unsqueeze(side(name), 0)).ToList();
            return parts.Count == 1 ? parts[0] : c.Add("Concat", parts, ("axis", 0L));
        }

        var x = isBatchFirst ? c.Transpose(c.X, 1, 0, 2) : c.X;
        var last = Enumerable.Range(1, c.Node.Outputs.Count - 1).Select(_ => new List<string>()).ToList();
        for (var layer = 0; layer < layers; layer++)
        {
            var inputs = new List<string> { x, Stacked(side => Ordered($"weight_ih_l{layer}{side}")), Stacked(side => Ordered($"weight_hh_l{layer}{side}")) };
            if (c.Read.Flag("bias")) inputs.Add(Stacked(side => c.Add("Concat", [Ordered($"bias_ih_l{layer}{side}"), Ordered($"bias_hh_l{layer}{side}")], ("axis", 0L))));
            var results = c.Builder.AddMany(
                operation, c.Node.Outputs.Count, inputs, ("hidden_size", hidden), ("direction", sides.Length == 2 ? "bidirectional" : "forward"), ("linear_before_reset", operation == "GRU" ? 1L : null));
            // (T, directions, B, hidden): the directions side by side.
            var isLast = isBatchFirst && layer == layers - 1;
            x = c.Reshape(isLast ? c.Transpose(results[0], 2, 0, 1, 3) : c.Transpose(results[0], 0, 2, 1, 3), 0, 0, sides.Length * hidden);
            for (var n = 0; n < last.Count; n++) last[n].Add(results[n + 1]);
        }
        return [x, .. last.Select(states => states.Count == 1 ? states[0] : c.Add("Concat", states, ("axis", 0L)))];
    }
}
