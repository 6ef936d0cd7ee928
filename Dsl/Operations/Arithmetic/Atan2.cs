using System;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>
        /// Angle in (−π, π] of the point whose height is <paramref name="left"/> and whose abscissa is <paramref name="right"/>; 0 at the
        /// origin, where its derivative is undefined.
        /// </summary>
        /// <param name="left">y. Any shape.</param>
        /// <param name="right">x. The two broadcast.</param>
        public static Sym Atan2(this Sym left, Sym right) => Sym.Apply("Atan2", left, right);
    }
}

namespace Hybrid.Rules
{
    internal sealed class Atan2Rule() : BinaryRule("Atan2")
    {
        protected override Signature Declared() => Declaration.Of(Name, typeof(Operations));

        /// <summary>An angle is a real number, of whole numbers too.</summary>
        protected override ElementType Of(ElementType left, ElementType right) => ElementType.Real;

        public override string Functional(NodeCode c) => $"{c.In("left")}.atan2({c.In("right")})";

        public override string? Ensemble(EnsembleCode c)
            => $"{c.In("left", c.Result().Rank)}.atan2({c.In("right", c.Result().Rank)})";

        /// <summary>dφ = (x dy − y dx)/(x² + y²).</summary>
        public override bool Tangent(TangentCode c)
        {
            var (y, x, rank) = (c.In("left"), c.In("right"), c.Result().Rank);
            var square = c.Local("square", $"{x}.square() + {y}.square()", ProgramFile.Round(c.Result()));
            var up = c.TangentOf("left", rank) is { } dy ? $"{x} * {dy}" : null;
            var along = c.TangentOf("right", rank) is { } dx ? $"{y} * {dx}" : null;
            return c.Set(up is null ? $"-({along}) / {square}" : along is null ? $"{up} / {square}" : $"({up} - {along}) / {square}");
        }

        protected override string Operator => "Atan";

        /// <summary>atan(y/x), half a turn further where x &lt; 0.</summary>
        internal override string? Onnx(OnnxCode c)
        {
            var (y, x, zero) = (c.InReal("left"), c.InReal("right"), c.Builder.Single(0));
            var halfTurn = c.Add("Where", [c.Add("Less", [y, zero]), c.Builder.Single(-Math.PI), c.Builder.Single(Math.PI)]);
            var turned = c.Add("Where", [c.Add("Less", [x, zero]), halfTurn, zero]);
            // 0/0 at the origin, whose angle is 0; without y it is so along the whole axis.
            var slope = c.Add("Where", [c.Add("Equal", [y, zero]), zero, c.Divide(y, x)]);
            return c.Add(c.Add("Atan", [slope]), turned);
        }
    }
}
