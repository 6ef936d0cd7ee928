using System.Linq;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public sealed partial class Sym
    {
        /// <summary>
        /// One tensor where a mask is true, another where it is not: <c>Sym.Where(error &lt; 1, error.Square(), error)</c>. The derivative
        /// passes through the one that is chosen; where the other one's is infinite, it becomes NaN, as in PyTorch: keep its argument
        /// away from there, too.
        /// </summary>
        /// <param name="mask">Truth values: a comparison, or an input marked [Bool].</param>
        /// <param name="left">Where it is true: a tensor, or a number.</param>
        /// <param name="right">Where it is false: a tensor, or a number. One of the two is a tensor; all broadcast.</param>
        public static Sym Where(Sym mask, Operand left, Operand right) => Apply("Where", mask, left.Given, right.Given);
    }
}

namespace Hybrid.Rules
{
    internal sealed class WhereRule : Rule
    {
        protected override Signature Declared() => Declaration.Of(Name, typeof(Sym));

        public override bool Takes(Inference inference, string parameter, ElementType element) => true;

        public override void Infer(Inference i)
        {
            var (mask, left, right) = (i.Value("mask"), i.Optional("left"), i.Optional("right"));
            if (mask.Shape.Element != ElementType.Bool)
            {
                i.RefuseElements(
                    ElementType.Bool, mask, $"the mask {i.Describe(mask)} holds {LossTargets.Kind(mask)}, not truth values", "mask");
                return;
            }
            if ((left ?? right) is not { } only)
            {
                i.Error(
                    "HYB4004",
                    $"{i.Subject} chooses between two numbers; one side must be a tensor. Compute with the mask as 0 and 1: mask * 2 - 1.",
                    "left", mask);
                return;
            }
            var sides = only.Shape;
            if (left is not null && right is not null)
            {
                if (!Broadcasting.TryShape(i, left, right, out var both)) return;
                // Two masks, or whole and real numbers: the type that holds both.
                var element = left.Shape.Element < right.Shape.Element ? left.Shape.Element : right.Shape.Element;
                sides = new Shape(both, element, left.Shape.Domain == right.Shape.Domain ? left.Shape.Domain : Domain.Any);
            }
            else
            {
                var number = i.Real(left is null ? "left" : "right");
                sides = sides with { Element = ElementType.Real, Domain = WithNumber(sides.Domain, number) };
            }
            if (!Broadcasting.TryShape(i, mask, only with { Shape = sides }, out var axes, left is null ? "right" : "left")) return;
            i.Output(sides with { Axes = axes, Domain = sides.Domain == Domain.Distribution ? Domain.Probability : sides.Domain });
        }

        /// <summary>What holds of a tensor's elements and of a number.</summary>
        private static Domain WithNumber(Domain of, double number)
            => of == Domain.Any || number < 0 ? Domain.Any
                : of == Domain.Positive && number > 0 ? of
                : of is Domain.Probability or Domain.Distribution && number <= 1 ? Domain.Probability
                : Domain.NonNegative;

        // A number is filled in; a whole side becomes real before, as in arithmetic with a number.
        private static string Filled(NodeCode c, string mask, string tensor, string side)
        {
            var isLeft = side == "left";
            var real = c.Shape(side).Element == ElementType.Real ? tensor : $"({tensor} * 1.0)";
            return $"{real}.masked_fill({(isLeft ? $"{mask}.logical_not()" : mask)}, {c.Number(isLeft ? "right" : "left")})";
        }

        private static string Chosen(NodeCode c, string mask, System.Func<string, string> side)
            => !c.Has("left") ? Filled(c, mask, side("right"), "right")
                : !c.Has("right") ? Filled(c, mask, side("left"), "left")
                : $"torch.where({mask}, {side("left")}, {side("right")})";

        public override string Functional(NodeCode c) => Chosen(c, c.In("mask"), c.In);

        public override string? Ensemble(EnsembleCode c)
        {
            var rank = c.Result().Rank;
            return Chosen(c, c.In("mask", rank), side => c.In(side, rank));
        }

        public override bool Tangent(TangentCode c)
        {
            var rank = c.Result().Rank;
            var left = c.Has("left") ? c.TangentOf("left", rank) : null;
            var right = c.Has("right") ? c.TangentOf("right", rank) : null;
            if (left is not null && right is not null) return c.Set($"torch.where({c.In("mask")}, {left}, {right})");
            if (left is null && right is null) return c.SetNone();
            // The side that does not move has the tangent zero; the other is repeated as its value is.
            var moved = left is not null
                ? $"{c.Widen(left, "left")}.masked_fill({c.In("mask")}.logical_not(), 0)"
                : $"{c.Widen(right!, "right")}.masked_fill({c.In("mask")}, 0)";
            return c.Set(moved);
        }

        public override Algebra.Dim Flops(NodeCode c) => c.Result().Elements;

        internal override string? Onnx(OnnxCode c)
        {
            // Truth values have a Where of their own kind there; whole numbers beside real ones become real.
            string Side(string side) => c.Has(side) ? c.InReal(side) : c.Builder.Single(c.Real(side));
            return c.Add("Where", [c.In("mask"), Side("left"), Side("right")]);
        }
    }
}
