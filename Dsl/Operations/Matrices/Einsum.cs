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
    public sealed partial class Sym
    {
        /// <summary>
        /// Sum of products over named axes: <c>Sym.Einsum("b t h d, b s h d -&gt; b h t s", query, key)</c>. Each axis has a name of its
        /// own choice; what the result does not name is summed over. An axis of one name has one size.
        /// </summary>
        /// <param name="pattern">The axes of each tensor, tensors divided by commas, then <c>-&gt;</c> and those of the result.</param>
        /// <param name="first">The first tensor.</param>
        /// <param name="second">The second, if any.</param>
        /// <param name="third">A third, if any.</param>
        /// <param name="fourth">A fourth, if any.</param>
        public static Sym Einsum([Verbatim] string pattern, Sym first, Sym? second = null, Sym? third = null, Sym? fourth = null)
            => Apply("Einsum", pattern, first, second, third, fourth);
    }
}

namespace Hybrid.Rules
{
    internal sealed class EinsumRule : Rule
    {
        private static readonly string[] _parts = ["first", "second", "third", "fourth"];

        /// <summary>The names of axes: of each tensor, and of the result.</summary>
        private sealed record Pattern(IReadOnlyList<IReadOnlyList<string>> Tensors, IReadOnlyList<string> Result)
        {
            public static Pattern? Read(string text)
            {
                var sides = text.Split(["->"], StringSplitOptions.None);
                if (sides.Length != 2) return null;
                var tensors = sides[0].Split(',').Select(Names).ToList();
                return tensors.Append(Names(sides[1])).SelectMany(names => names).All(IsName)
                    ? new Pattern(tensors, Names(sides[1]))
                    : null;
            }

            private static IReadOnlyList<string> Names(string part) => part.Split([' '], StringSplitOptions.RemoveEmptyEntries);

            private static bool IsName(string name) => name.All(letter => char.IsLetterOrDigit(letter) || letter == '_');

            /// <summary>
            /// One letter for each name, which is what libtorch and ONNX take; <paramref name="more"/> is one that none has.
            /// </summary>
            public string Lettered(out string more, Func<int, bool>? marked = null, bool marksResult = false)
            {
                const string letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
                var names = Tensors.SelectMany(tensor => tensor).Distinct().ToList();
                var first = more = letters[names.Count].ToString();
                string Letters(IReadOnlyList<string> axes) => string.Concat(axes.Select(axis => letters[names.IndexOf(axis)]));
                var tensors = Tensors.Select((axes, n) => (marked?.Invoke(n) == true ? first : "") + Letters(axes));
                return $"{string.Join(",", tensors)}->{(marksResult ? first : "")}{Letters(Result)}";
            }
        }

        protected override Signature Declared() => Declaration.Of(Name, typeof(Sym));

        private static Pattern Of(NodeCode c) => Pattern.Read(((Argument.Text)c.Argument("pattern")).Value)!;

        private static IEnumerable<string> Given(NodeCode c) => _parts.Where(c.Has);

        public override void Infer(Inference i)
        {
            var text = i.Text("pattern")!;
            var given = _parts.Where(part => i.Optional(part) is not null).ToList();
            if (Read(i, text, given.Count) is not { } pattern) return;
            var axes = new Dictionary<string, (Axis Axis, Value Of)>(StringComparer.Ordinal);
            for (var n = 0; n < given.Count; n++)
            {
                var (value, names) = (i.Value(given[n]), pattern.Tensors[n]);
                if (value.Shape.Rank != names.Count)
                {
                    i.Error(
                        "HYB1004",
                        $"{i.Subject}: {i.Describe(value)} has rank {value.Shape.Rank} {value.Shape}, its axes are named "
                            + $"'{string.Join(" ", names)}'. Name each axis once.",
                        given[n], value);
                    return;
                }
                for (var axis = 0; axis < names.Count; axis++)
                {
                    var own = value.Shape.Axes[axis];
                    if (!axes.TryGetValue(names[axis], out var known)) axes.Add(names[axis], (own, value));
                    else if (!i.Demand(known.Axis.Size, own.Size, given[n], out var verdict))
                    {
                        i.Report(
                            "HYB1017",
                            $"{i.Subject}: the axis '{names[axis]}' is {known.Axis.Size} in {i.Describe(known.Of)} {known.Of.Shape} and "
                                + $"{own.Size} in {i.Describe(value)} {value.Shape}{verdict.Witnessed(known.Axis.Size, own.Size)}. Give "
                                + "both the same size, or names of their own.",
                            i.Place(given[n]), [known.Of, value], verdict.Witness, verdict.Missing);
                        return;
                    }
                    else if (AxisRoles.Conflict(known.Axis, own))
                    {
                        i.Error(
                            "HYB1003",
                            $"{i.Subject}: the axis '{names[axis]}' is {AxisRoles.Name(known.Axis)} in {i.Describe(known.Of)} "
                                + $"{known.Of.Shape} and {AxisRoles.Name(own)} in {i.Describe(value)} {value.Shape}; the sizes agree, the "
                                + "axes do not. Give them names of their own.",
                            given[n], known.Of, value);
                        return;
                    }
                }
            }
            i.Output(new Shape(pattern.Result.Select(name => axes[name].Axis).ToEquatable()));
        }

        /// <summary>HYB4009: what is not a pattern for so many tensors.</summary>
        private static Pattern? Read(Inference i, string text, int count)
        {
            Pattern? Refuse(string what)
            {
                i.Error("HYB4009", $"{i.Subject}: {what}", "pattern");
                return null;
            }
            if (Pattern.Read(text) is not { } pattern)
            {
                return Refuse(
                    $"'{text}' is not a pattern. Name the axes of each tensor and of the result, such as \"b i k, b k j -> b i j\".");
            }
            if (pattern.Tensors.Count != count)
            {
                return Refuse(
                    $"'{text}' names the axes of {Plural.Of(pattern.Tensors.Count, "tensor")}, {count} given. Divide tensors by commas.");
            }
            var known = pattern.Tensors.SelectMany(names => names).Distinct().ToList();
            if (known.Count > 40) return Refuse($"'{text}' names {known.Count} axes; at most 40 fit. Flatten some.");
            if (pattern.Tensors.FirstOrDefault(names => names.Distinct().Count() < names.Count) is { } twice)
                return Refuse($"'{string.Join(" ", twice)}' names an axis twice. Give each axis of a tensor a name of its own.");
            if (pattern.Result.Distinct().Count() < pattern.Result.Count)
                return Refuse($"the result '{string.Join(" ", pattern.Result)}' names an axis twice. Name each once.");
            return pattern.Result.FirstOrDefault(name => !known.Contains(name)) is { } strange
                ? Refuse($"the result's axis '{strange}' is not an axis of a tensor: {string.Join(", ", known)}. Use one of these.")
                : pattern;
        }

        private static string Sum(string letters, IEnumerable<string> tensors)
            => $"torch.einsum({CSharpText.Literal(letters)}, new[] {{ {string.Join(", ", tensors)} }})";

        public override string Functional(NodeCode c) => Sum(Of(c).Lettered(out _), Given(c).Select(c.In));

        public override string? Ensemble(EnsembleCode c)
            => Sum(Of(c).Lettered(out _, _ => true, marksResult: true), Given(c).Select(part => c.In(part)));

        /// <summary>The sum with each tensor's tangent in its place.</summary>
        public override bool Tangent(TangentCode c)
        {
            var (pattern, given) = (Of(c), Given(c).ToList());
            var parts = Enumerable.Range(0, given.Count).Where(n => c.TangentOf(given[n]) is not null).Select(
                moved => Sum(
                    pattern.Lettered(out _, n => n == moved, marksResult: true),
                    given.Select((part, n) => n == moved ? c.TangentOf(part)! : c.In(part))));
            return c.Set(string.Join(" + ", parts));
        }

        /// <summary>A product for each combination of the named axes, and a sum.</summary>
        public override Dim Flops(NodeCode c)
        {
            var pattern = Of(c);
            var sizes = Given(c).SelectMany((part, n) => pattern.Tensors[n].Zip(c.Shape(part).Sizes, (name, size) => (name, size)))
                .GroupBy(axis => axis.name)
                .Select(same => same.First().size);
            return sizes.Aggregate(Dim.Constant(Given(c).Count()), (product, size) => product * size);
        }

        internal override string? Onnx(OnnxCode c)
            => c.Add("Einsum", Given(c).Select(c.InReal).ToList(), ("equation", Of(c).Lettered(out _)));
    }
}
