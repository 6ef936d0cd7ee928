using Hybrid.Graphs;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Says that this tensor is meant to be repeated along the other side's axes: [B, 1] with [B] into [B, B].</summary>
        public static Sym Broadcast(this Sym x) => Sym.Apply("Broadcast", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class BroadcastRule : Rule
    {
        public override bool Takes(Inference inference, string parameter, ElementType element) => true;

        public override void Infer(Inference i) => i.PassThrough(i.Value() with { MayBroadcast = true });

        public override string Functional(NodeCode c) => c.In();
    }
}
