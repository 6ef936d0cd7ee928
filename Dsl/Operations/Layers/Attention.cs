using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>
        /// Multi-head attention: softmax(Q Kᵀ/√d) V of each head, joined and mapped again: (B, T, width) → (B, T, width). Vaswani et al.
        /// 2017, section 3.2. Keys as PyTorch's <c>nn.MultiheadAttention</c>. Written out in operations, so that it can be differentiated
        /// twice.
        /// </summary>
        /// <param name="x">What asks: (B, T, width).</param>
        /// <param name="heads">Divides the width.</param>
        /// <param name="context">What is attended to: (B, S, any width). Default: x itself.</param>
        /// <param name="mask">Truth values, true where a place may be attended to: (B, S) of each example's places, (T, S) of each pair,
        /// (B, T, S), (B, heads, T, S), or PyTorch's (B·heads, T, S); sizes before the last may be 1. A place that may attend to none
        /// attends to zeros.</param>
        /// <param name="causal">Whether a place attends only to itself and those before it.</param>
        /// <param name="dropout">In training, zeroes attention weights with this probability.</param>
        /// <param name="bias">Whether the four maps have biases.</param>
        /// <param name="batchFirst">False for (T, B, width), PyTorch's default.</param>
        /// <param name="key">Pins the checkpoint key.</param>
        public static Sym Attention(
            this Sym x,
            int heads,
            Sym? context = null,
            Sym? mask = null,
            bool causal = false,
            double dropout = 0,
            bool bias = true,
            bool batchFirst = true,
            string? key = null)
            => Sym.Apply("Attention", x, heads, context, mask, causal, dropout, bias, batchFirst, key);
    }

    public sealed partial class Layer
    {
        /// <inheritdoc cref="Operations.Attention"/>
        public static Layer Attention(
            int heads,
            bool causal = false,
            double dropout = 0,
            bool bias = true,
            bool batchFirst = true,
            string? key = null)
            => new("Attention", heads, causal, dropout, bias, batchFirst, key);
    }
}

namespace Hybrid.Rules
{
    internal sealed class AttentionRule : Rule
    {
        public override bool DependsOnTraining => true;

        public override bool IsResultFree => true;

        public override bool Takes(Inference inference, string parameter, ElementType element) => parameter == "mask";

        public override void Infer(Inference i)
        {
            var (x, context, isBatchFirst) = (i.Value(), i.Optional("context"), i.Flag("batchFirst"));
            if (!i.TrySequence(x, isBatchFirst) || (context is not null && !i.TrySequence(context, isBatchFirst, "context"))) return;
            if (!i.RequireSize("heads") || !RequireWholeHeads(i, x.Shape[2])) return;
            if (!i.WithinUnit("dropout")) return;
            var (batch, time) = isBatchFirst ? (0, 1) : (1, 0);
            var attended = context ?? x;
            if (!i.Demand(x.Shape[batch], attended.Shape[batch], "context", out var verdict))
            {
                i.Error(
                    "HYB1007",
                    $"{i.Subject}: {i.Describe(x)} is {x.Shape}, its context {i.Describe(attended)} is {attended.Shape}; the batches "
                        + $"{x.Shape[batch]} and {attended.Shape[batch]} "
                        + $"differ{verdict.Witnessed(x.Shape[batch], attended.Shape[batch])}. Give both the same batch.",
                    "context", x, attended);
                return;
            }
            if (i.Optional("mask") is { } mask && !RequireMask(i, mask, x.Shape[batch], x.Shape[time], attended.Shape[time])) return;
            i.WarnOfSinglePlace(attended, time);
            if (i.Optional("mask") is { } given) i.WarnOfPaddingMask(given);
            var width = x.Shape[2];
            if (i.Equal(width, attended.Shape[2])) i.Weight("in_proj_weight", Shape.Of(3 * width, width), init: Init.GlorotUniform);
            else
            {
                i.Weight("q_proj_weight", Shape.Of(width, width), init: Init.GlorotUniform);
                i.Weight("k_proj_weight", Shape.Of(width, attended.Shape[2]), init: Init.GlorotUniform);
                i.Weight("v_proj_weight", Shape.Of(width, attended.Shape[2]), init: Init.GlorotUniform);
            }
            if (i.Flag("bias")) i.Weight("in_proj_bias", Shape.Of(3 * width));
            i.Weight("out_proj.weight", Shape.Of(width, width), fanIn: width);
            if (i.Flag("bias")) i.Weight("out_proj.bias", Shape.Of(width));
            i.Output(x.Shape with { Domain = Domain.Any });
        }

        /// <summary>HYB1012: the heads share the width evenly.</summary>
        private static bool RequireWholeHeads(Inference i, Dim width)
        {
            var heads = i.Integer("heads");
            var verdict = i.Facts.Divides(heads, width);
            if (verdict.IsProved) return true;
            if (!width.TryConstant(out var size))
                return i.Error(
                    "HYB1012",
                    $"{i.Subject}: width {width} is not always divisible by {heads} heads{verdict.Witnessed(width, heads)}."
                        + (verdict.Missing is { } fact ? $" It is when {fact}." : " Use a width that is a multiple."),
                    "heads", i.Value());
            // Divisors are everywhere: 1 and the width itself bound the search.
            var below = heads;
            while (below > 1 && size % below != 0) below--;
            var above = heads;
            while (above < size && size % above != 0) above++;
            i.Error(
                "HYB1012",
                $"{i.Subject}: width {width} is not divisible by {heads} heads. "
                    + $"{(heads < size ? $"Nearest: {below}, {above}." : $"Use at most {size}.")}",
                "heads", i.Value());
            i.Offer(EditKind.Replace, $"{below}");
            return above < size && i.Offer(EditKind.Replace, $"{above}");
        }

        private static bool RequireMask(Inference i, Value mask, Dim batch, Dim time, Dim places)
        {
            if (mask.Shape.Element != ElementType.Bool)
                return i.RefuseElements(
                    ElementType.Bool, mask, $"the mask {i.Describe(mask)} holds {LossTargets.Kind(mask)}, not truth values", "mask");
            var (shape, heads) = (mask.Shape, i.Integer("heads"));
            bool Is(int axis, Dim size) => i.Equal(shape[axis], size);
            bool IsOneOr(int axis, Dim size) => shape[axis].Equals(Dim.One) || Is(axis, size);
            var fits = shape.Rank switch
            {
                1 => true,
                2 => IsOneOr(0, batch) || Is(0, time),
                3 => (IsOneOr(0, batch) || Is(0, batch * heads)) && IsOneOr(1, time),
                4 => IsOneOr(0, batch) && IsOneOr(1, heads) && IsOneOr(2, time),
                _ => false,
            };
            if (fits && i.Demand(shape[-1], places, "mask", out _)) return true;
            // What only a fact decides is decided for the shapes that are met most.
            Dim[] expected = shape.Rank == 2 ? [batch, places] : [batch, time, places];
            if (shape.Rank == expected.Length
                && Enumerable.Range(0, shape.Rank)
                    .All(n => (n < shape.Rank - 1 && IsOneOr(n, expected[n])) || i.Demand(shape[n], expected[n], "mask", out _)))
            {
                return true;
            }
            return i.Error(
                "HYB1007",
                $"{i.Subject}: the mask {i.Describe(mask)} is {shape}; it must be [{batch}, {places}], [{time}, {places}], "
                    + $"[{batch}, {time}, {places}] or [{batch}, {heads}, {time}, {places}]. Reshape it to one of them.",
                "mask", mask);
        }

        /// <summary>Where a mask has its axes among those of the scores (B, heads, T, S).</summary>
        private enum MaskAxes
        {
            /// <summary>The last ones: (S), (T, S), (B, heads, T, S).</summary>
            Last,

            /// <summary>(B, S)</summary>
            OfPlaces,

            /// <summary>(B, T, S)</summary>
            OfPairs,

            /// <summary>(B·heads, T, S), in PyTorch's order.</summary>
            OfHeads,
        }

        private static MaskAxes AxesOf(NodeCode c)
        {
            var (mask, batch) = (c.Shape("mask"), c.Shape()[c.Flag("batchFirst") ? 0 : 1]);
            var time = c.Shape()[c.Flag("batchFirst") ? 1 : 0];
            bool IsFirst(Dim size) => c.Graph.Facts.AreEqual(mask[0], size).IsProved;
            return mask.Rank switch
            {
                2 when !mask[0].Equals(Dim.One) && (IsFirst(batch) || !IsFirst(time)) => MaskAxes.OfPlaces,
                3 when !IsFirst(batch) && c.Integer("heads") > 1 && IsFirst(batch * c.Integer("heads")) => MaskAxes.OfHeads,
                3 => MaskAxes.OfPairs,
                _ => MaskAxes.Last,
            };
        }

        // How it is written.

        private static string Source(NodeCode c, string parameter) => Batched(c, c.In(parameter), 0);

        /// <summary>The batch before time, after so many leading axes.</summary>
        private static string Batched(NodeCode c, string tensor, int leading)
            => c.Flag("batchFirst") ? tensor : $"{tensor}.transpose({leading}, {leading + 1})";

        private static string Context(NodeCode c) => c.Has("context") ? "context" : "x";

        private static bool IsPacked(NodeCode c) => c.HasWeight("in_proj_weight");

        /// <summary>The weight, or the bias, of one of the maps of query (0), key (1) and value (2).</summary>
        private static string Map(NodeCode c, int which, int axis = 0)
            => IsPacked(c)
                ? Part(c, "in_proj_weight", which, axis)
                : c.Weight(which == 0 ? "q_proj_weight" : which == 1 ? "k_proj_weight" : "v_proj_weight");

        private static string Part(NodeCode c, string weight, int which, int axis = 0)
        {
            var width = c.Shape()[2];
            return $"{c.Weight(weight)}.narrow({axis}, {c.Size(which * width)}, {c.Size(width)})";
        }

        private static bool IsOwn(NodeCode c) => !c.Has("context") && IsPacked(c);

        private static string Projected(NodeCode c)
        {
            if (IsOwn(c))
            {
                return $"functional.linear({Source(c, "x")}, "
                    + $"{c.Weight("in_proj_weight")}{(c.Flag("bias") ? $", {c.Weight("in_proj_bias")}" : "")}).chunk(3, -1)";
            }
            var parts = Enumerable.Range(0, 3)
                .Select(
                    n => $"functional.linear({Source(c, n == 0 ? "x" : Context(c))}, "
                        + $"{Map(c, n)}{(c.Flag("bias") ? $", {Part(c, "in_proj_bias", n)}" : "")})");
            return $"new[] {{ {string.Join(", ", parts)} }}";
        }

        private static string Options(NodeCode c)
        {
            var mask = !c.Has("mask") ? "null"
                : c.In("mask") + AxesOf(c) switch
                {
                    MaskAxes.OfPlaces => ".unsqueeze(1).unsqueeze(1)",
                    MaskAxes.OfPairs => ".unsqueeze(1)",
                    MaskAxes.OfHeads => $".unflatten(0, {NodeCode.Longs(-1, c.Integer("heads"))})",
                    _ => "",
                };
            return $"{c.Integer("heads")}, {mask}, {CSharpText.Literal(c.Flag("causal"))}, {c.Number("dropout")}, {c.Training}";
        }

        private static string Out(NodeCode c, string joined)
            => Batched(
                c,
                $"functional.linear({joined}, {c.Weight("out_proj.weight")}{(c.Flag("bias") ? $", {c.Weight("out_proj.bias")}" : "")})",
                0);

        public override string Functional(NodeCode c) => Out(c, $"Attend({Projected(c)}, {Options(c)})");

        /// <summary>
        /// The maps of all members in one batched product each; then their sequences are one batch, of which each head attends by itself.
        /// </summary>
        public override string? Ensemble(EnsembleCode c)
        {
            string Bias(System.Func<string> bias) => c.Flag("bias") ? bias() : "null";
            string maps;
            if (IsOwn(c))
            {
                maps = $"MapOfMembers({Batched(c, c.In(), 1)}, {c.Weight("in_proj_weight")}, "
                    + $"{Bias(() => c.Weight("in_proj_bias"))}).chunk(3, -1)";
            }
            else
            {
                var parts = Enumerable.Range(0, 3).Select(n =>
                    $"MapOfMembers({Batched(c, c.In(n == 0 ? "x" : Context(c)), 1)}, {Map(c, n, axis: 1)}, "
                        + $"{Bias(() => Part(c, "in_proj_bias", n, axis: 1))})");
                maps = $"new[] {{ {string.Join(", ", parts)} }}";
            }
            var mask = "null";
            if (c.Has("mask"))
            {
                // The members' sequences are one batch, and so are their masks; a batch of one is for all examples.
                var (own, batch) = (c.In("mask"), c.Size(c.Shape()[c.Flag("batchFirst") ? 0 : 1]));
                mask = AxesOf(c) switch
                {
                    MaskAxes.OfPlaces => $"{own}.flatten(0, 1).unsqueeze(1).unsqueeze(1)",
                    MaskAxes.OfHeads => $"{own}.flatten(0, 1).unflatten(0, {NodeCode.Longs(-1, c.Integer("heads"))})",
                    MaskAxes.OfPairs => $"{own}.expand(-1, {batch}, -1, -1).flatten(0, 1).unsqueeze(1)",
                    _ => EnsembleCode.Aligned(own, c.Shape("mask").Rank, 4) + $".expand(-1, {batch}, -1, -1, -1).flatten(0, 1)",
                };
            }
            var joined = $"Attend({maps}, {c.Integer("heads")}, {mask}, {CSharpText.Literal(c.Flag("causal"))}, {c.Number("dropout")}, "
                + $"{c.Training}"
                + (c.Real("dropout") is not 0 ? $", {c.Noise} == global::Hybrid.MemberNoise.Shared ? {c.Members} : 1)" : ")");
            return Batched(
                c,
                $"MapOfMembers({joined}.unflatten(0, {NodeCode.Longs(c.Members, "-1")}), {c.Weight("out_proj.weight")}, "
                    + $"{Bias(() => c.Weight("out_proj.bias"))}).unflatten(0, {NodeCode.Longs(c.Members, "-1")})",
                1);
        }

        public override bool Tangent(TangentCode c)
        {
            var (dx, dContext) = (c.TangentOf(), c.Has("context") ? c.TangentOf("context") : c.TangentOf());
            string moving;
            if (IsOwn(c)) moving = $"functional.linear({Batched(c, dx!, 1)}, {c.Weight("in_proj_weight")}).chunk(3, -1)";
            else
            {
                string Moved(string? tangent, int which)
                    => tangent is null ? "null" : $"functional.linear({Batched(c, tangent, 1)}, {Map(c, which)})";
                moving = $"new Tensor?[] {{ {Moved(dx, 0)}, {Moved(dContext, 1)}, {Moved(dContext, 2)} }}";
            }
            var attended = c.Local("attended", $"AttendTangent({Projected(c)}, {moving}, {Options(c)})", "heads joined, with tangent");
            c.Value = Out(c, attended + ".Value");
            return c.Set(Batched(c, $"functional.linear({attended}.Tangent, {c.Weight("out_proj.weight")})", 1));
        }

        public override IEnumerable<SupportMethod> Support(NodeCode c)
        {
            yield return Products.Method;
            yield return new SupportMethod(null, """
                /// <summary>The places of the scores (B, heads, T, S) that may not be attended to; null when all may.</summary>
                private static Tensor? Hidden(Tensor scores, Tensor? allowed, bool isCausal)
                {
                    var hidden = allowed?.logical_not();
                    if (!isCausal) return hidden;
                    var places = new[] { scores.shape[2], scores.shape[3] };
                    var later = torch.ones(places, dtype: torch.ScalarType.Bool, device: scores.device).triu(1);
                    return hidden is null ? later : hidden.logical_or(later);
                }
                """);
            yield return new SupportMethod(null, """
                /// <summary>
                /// softmax(Q Kᵀ/√d) V of each head, (B, T, width), of the three maps' results. What may be attended to is (B, 1, T, S),
                /// or fewer by broadcasting. The batch has as many equal parts as are alike in what is dropped.
                /// </summary>
                private static Tensor Attend(
                    Tensor[] maps, long heads, Tensor? allowed, bool isCausal, double dropout, bool training, long alike = 1)
                {
                    Tensor Heads(Tensor x) => x.unflatten(x.dim() - 1, heads, -1).transpose(1, 2); // (B, heads, T, width/heads)
                    var (query, key, value) = (Heads(maps[0]), Heads(maps[1]), Heads(maps[2]));
                    var scores = Product(query / Math.Sqrt(query.shape[3]), key.transpose(-2, -1)); // (B, heads, T, S)
                    var hidden = Hidden(scores, allowed, isCausal);
                    var weights = hidden is null ? functional.softmax(scores, -1)
                        : functional.softmax(scores.masked_fill(hidden, torch.finfo(scores.dtype).min), -1).masked_fill(hidden, 0);
                    if (training && dropout > 0)
                    {
                        var part = weights.narrow(0, 0, weights.shape[0] / alike);
                        weights = alike == 1
                            ? functional.dropout(weights, dropout)
                            : weights * functional.dropout(part.ones_like(), dropout).repeat(alike, 1, 1, 1);
                    }
                    return Product(weights, value).transpose(1, 2).flatten(2);
                }
                """);
            yield return new SupportMethod(Variant.Ensemble, """
                /// <summary>A linear map of each member: (M, B, T, inputs) → (M·B, T, outputs).</summary>
                private static Tensor MapOfMembers(Tensor x, Tensor weight, Tensor? bias)
                {
                    var rows = x.flatten(1, 2); // (M, B·T, inputs)
                    var maps = weight.transpose(1, 2); // (M, inputs, outputs)
                    var mapped = torch.bmm(rows, maps); // (M, B·T, outputs)
                    if (bias is not null) mapped = mapped.add_(bias.unsqueeze(1));
                    return mapped.reshape(-1, x.shape[2], weight.shape[1]);
                }
                """);
            yield return new SupportMethod(Variant.Tangent, """
                /// <summary>
                /// Attend with its tangent along K directions, (K, B, T, width); a map's tangent is null when it does not move.
                /// </summary>
                private static (Tensor Value, Tensor Tangent) AttendTangent(
                    Tensor[] maps, Tensor?[] moving, long heads, Tensor? allowed, bool isCausal, double dropout, bool training)
                {
                    Tensor Heads(Tensor x) => x.unflatten(x.dim() - 1, heads, -1).transpose(-3, -2); // (…, heads, T, width/heads)
                    Tensor Joined(Tensor x) => x.transpose(-3, -2).flatten(-2);
                    var (query, key, value) = (Heads(maps[0]), Heads(maps[1]), Heads(maps[2]));
                    var root = Math.Sqrt(query.shape[3]);
                    var scores = Product(query / root, key.transpose(-2, -1)); // (B, heads, T, S)
                    var hidden = Hidden(scores, allowed, isCausal);
                    var softmax = hidden is null ? functional.softmax(scores, -1)
                        : functional.softmax(scores.masked_fill(hidden, torch.finfo(scores.dtype).min), -1).masked_fill(hidden, 0);
                    var kept = training && dropout > 0 ? functional.dropout(softmax.ones_like(), dropout) : null;
                    var weights = kept is null ? softmax : softmax * kept;
                    Tensor? Sum(Tensor? a, Tensor? b) => a is null ? b : b is null ? a : a + b;
                    var dScores = Sum(
                        moving[0] is { } dQuery ? Product(Heads(dQuery) / root, key.transpose(-2, -1)) : null,
                        moving[1] is { } dKey ? Product(query / root, Heads(dKey).transpose(-2, -1)) : null); // (K, B, heads, T, S)
                    Tensor? tangent = null;
                    if (dScores is not null)
                    {
                        // d softmax = p (ds − Σ p ds); a masked place has p = 0.
                        var dWeights = softmax * dScores;
                        dWeights = dWeights - softmax * dWeights.sum(-1, keepdim: true);
                        tangent = Product(kept is null ? dWeights : dWeights * kept, value);
                    }
                    tangent = Sum(tangent, moving[2] is { } dValue ? Product(weights, Heads(dValue)) : null);
                    return (Joined(Product(weights, value)), Joined(tangent!));
                }
                """);
        }

        /// <summary>The maps, the scores and what they weigh, and a softmax of three operations.</summary>
        public override Dim Flops(NodeCode c)
        {
            var x = c.Shape();
            var context = c.Has("context") ? c.Shape("context") : x;
            var isBatchFirst = c.Flag("batchFirst");
            var (batch, time, places, width) = (x[isBatchFirst ? 0 : 1], x[isBatchFirst ? 1 : 0], context[isBatchFirst ? 1 : 0], x[2]);
            var heads = c.Integer("heads");
            return batch * (
                (4 * time * width * width) + (4 * places * context[2] * width) + (4 * time * places * width) + (3 * heads * time * places));
        }

        internal override string? Onnx(OnnxCode c)
        {
            var (isBatchFirst, heads, width) = (c.Flag("batchFirst"), c.Integer("heads"), c.Known(c.Shape()[2]));
            var context = c.Has("context") ? "context" : "x";
            string Batched(string tensor) => isBatchFirst ? tensor : c.Transpose(tensor, 1, 0, 2);
            Dim Time(string parameter) => c.Shape(parameter)[isBatchFirst ? 1 : 0];

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
                return Linear(
                    Batched(c.InReal(which == 0 ? "x" : context)),
                    c.HasWeight(own) ? c.Weight(own) : Part("in_proj_weight"),
                    c.Flag("bias") ? Part("in_proj_bias") : null);
            }
            var maps = context == "x" && c.HasWeight("in_proj_weight")
                ? c.Builder.AddMany(
                    "Split", 3,
                    [Linear(
                        Batched(c.X),
                        c.Weight("in_proj_weight"),
                        c.Flag("bias") ? c.Weight("in_proj_bias") : null), c.Builder.Integers(width, width, width)]
                    ,
                    ("axis", 2L))
                : Enumerable.Range(0, 3).Select(Mapped).ToList();
            string Heads(string map, params long[] order) => c.Transpose(c.Reshape(map, 0, 0, heads, width / heads), order);

            var query = c.Divide(Heads(maps[0], 0, 2, 1, 3), c.Builder.Single(Math.Sqrt(width / heads)));
            var scores = c.Add("MatMul", [query, Heads(maps[1], 0, 2, 3, 1)]); // (B, heads, T, S)
            var hidden = OnnxHidden(c, Time("x"), Time(context));
            if (hidden is not null) scores = c.Add("Where", [hidden, c.Builder.Single(float.MinValue), scores]);
            var weights = c.Add("Softmax", [scores], ("axis", 3L));
            if (hidden is not null) weights = c.Add("Where", [hidden, c.Builder.Single(0), weights]);
            var joined = c.Reshape(c.Transpose(c.Add("MatMul", [weights, Heads(maps[2], 0, 2, 1, 3)]), 0, 2, 1, 3), 0, 0, width);
            return Batched(Linear(joined, c.Weight("out_proj.weight"), c.Flag("bias") ? c.Weight("out_proj.bias") : null));
        }

        /// <summary>The places of the scores (B, heads, T, S) that may not be attended to; null when all may.</summary>
        private static string? OnnxHidden(OnnxCode c, Dim time, Dim places)
        {
            var hidden = !c.Has("mask") ? null
                : c.Add(
                    "Not",
                    [AxesOf(c) switch
                    {
                        MaskAxes.OfPlaces => c.Unsqueeze(c.In("mask"), 1, 2),
                        MaskAxes.OfPairs => c.Unsqueeze(c.In("mask"), 1),
                        MaskAxes.OfHeads => c.Transpose(
                            c.Reshape(c.Transpose(c.In("mask"), 1, 2, 0), 0, 0, -1, c.Integer("heads")), 2, 3, 0, 1),
                        _ => c.In("mask"),
                    }]);
            if (!c.Flag("causal")) return hidden;
            var later = c.Add("Greater", [c.Count(places), c.Unsqueeze(c.Count(time), 1)]);
            return hidden is null ? later : c.Add("Or", [hidden, later]);
        }
    }
}
