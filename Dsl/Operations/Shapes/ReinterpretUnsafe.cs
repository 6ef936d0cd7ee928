using Hybrid.Graphs;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>
        /// Says that the next operation may read this tensor's axes as others: a reshape that moves data across axes is meant.
        /// </summary>
        /// <param name="x">Any shape; what is known of the meaning of its axes is forgotten.</param>
        public static Sym ReinterpretUnsafe(this Sym x) => Sym.Apply("ReinterpretUnsafe", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class ReinterpretUnsafeRule : Rule
    {
        public override bool Takes(Inference inference, string parameter, ElementType element) => true;

        public override void Infer(Inference i)
        {
            var x = i.Value();
            i.PassThrough(x with { MayReinterpret = true, Shape = x.Shape.WithoutRoles() });
        }

        public override string Functional(NodeCode c) => c.In();
    }
}
