using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>ln x of each element; x &gt; 0.</summary>
        public static Sym Log(this Sym x) => Sym.Apply("Log", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class LogRule : UnaryRule
    {
        protected override bool Check(Inference i) => i.RequireNoRawHead("ln");

        protected override ElementType? Of(Inference i, ElementType element) => ElementType.Real;

        public override string Functional(NodeCode c) => $"{c.In()}.log()";

        public override bool Tangent(TangentCode c) => c.Set($"{c.TangentOf()} / {c.In()}");

        internal override string? Onnx(OnnxCode c) => c.Add("Log", [c.X]);
    }
}
