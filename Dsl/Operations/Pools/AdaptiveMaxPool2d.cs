using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Largest values of windows chosen so that the map becomes the given size: (B, C, H, W) → (B, C, size, size).</summary>
        public static Sym AdaptiveMaxPool2d(this Sym x, Extent size) => Sym.Apply("AdaptiveMaxPool2d", x, size);
    }
}

namespace Hybrid.Rules
{
    internal sealed class AdaptiveMaxPool2dRule() : AdaptivePoolRule("AdaptiveMaxPool2d")
    {
        public override string Functional(NodeCode c) => Call(c, c.In());

        private static string Call(NodeCode c, string x) => $"functional.adaptive_max_pool2d({x}, {c.PairLongs("size")})";

        public override string? Ensemble(EnsembleCode c) => c.AsChannels(folded => Call(c, folded));

        /// <summary>The tangent of the element that won each window.</summary>
        public override bool Tangent(TangentCode c)
        {
            var place = c.Local("place", $"functional.adaptive_max_pool2d_with_indices({c.In()}, {c.PairLongs("size")}).Item2", ProgramFile.Round(c.Result()));
            return c.Set(c.AtPlaces(place));
        }
    }
}
