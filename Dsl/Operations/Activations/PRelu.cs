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
        /// <summary>x where x &gt; 0, a·x elsewhere, a learnt. He et al. 2015.</summary>
        /// <param name="x">(B, C, …)</param>
        /// <param name="perChannel">One a for each channel (axis 1), else one for all.</param>
        /// <param name="initial">Starting slope; PyTorch's default.</param>
        /// <param name="key">Pins the checkpoint key.</param>
        public static Sym PRelu(this Sym x, bool perChannel = false, double initial = 0.25, string? key = null)
            => Sym.Apply("PRelu", x, perChannel, initial, key);
    }

    public sealed partial class Layer
    {
        /// <inheritdoc cref="Operations.PRelu"/>
        public static Layer PRelu(bool perChannel = false, double initial = 0.25, string? key = null)
            => new("PRelu", perChannel, initial, key);
    }
}

namespace Hybrid.Rules
{
    internal sealed class PReluRule : Rule
    {
        public override void Infer(Inference i)
        {
            var x = i.Value();
            if (i.Flag("perChannel") && x.Shape.Rank < 2)
            {
                i.Error(
                    "HYB1004",
                    $"{i.Subject} per channel needs rank 2 or more [B,C,…]; {i.Describe(x)} gives rank {x.Shape.Rank} {x.Shape}. Leave "
                        + "perChannel out.",
                    "x", x);
                return;
            }
            if (i.Flag("perChannel")
                && !i.RequireNoFields("has a slope for each channel", "Leave perChannel out, or .ReinterpretUnsafe() if that is intended"))
            {
                return;
            }
            // The layer itself starts at the slope, so no further initialisation is written.
            i.Weight("weight", Init.Default, i.Flag("perChannel") ? x.Shape[1] : Dim.One);
            i.Output(x.Shape with { Domain = x.Shape.Domain == Domain.Positive ? Domain.Positive : Domain.Any });
        }

        public override LayerCode Layer(NodeCode c)
            => new(
                "Modules.PReLU",
                $"nn.PReLU({(c.Flag("perChannel") ? c.Size(c.Shape()[1]) : "1")}, init: {c.Number("initial")}, device: device, dtype: "
                    + "dtype)");

        public override string Functional(NodeCode c) => $"functional.prelu({c.In()}, {c.Weight("weight")})";

        public override string? Ensemble(EnsembleCode c)
        {
            var rank = c.Shape().Rank;
            // Channels are axis 1 of the single network, axis 2 here.
            var sizes = c.Flag("perChannel")
                ? Enumerable.Repeat("1", rank - 2).Prepend("-1").Prepend("1")
                : Enumerable.Repeat("1", rank);
            var slope = $"{c.Weight("weight")}.view({NodeCode.Longs(sizes.Prepend(c.Members))})";
            return $"torch.where({c.In()}.gt(0), {c.In()}, {c.In()} * {slope})";
        }

        public override bool Tangent(TangentCode c)
        {
            var rank = c.Shape().Rank;
            var slope = c.Flag("perChannel") && rank > 2
                ? $"{c.Weight("weight")}.view({NodeCode.Longs(Enumerable.Repeat("1", rank - 2).Prepend("-1"))})"
                : c.Weight("weight");
            // One slope for all has one element, which broadcasts whatever the rank.
            var table = c.Local(
                "slope",
                $"torch.where({c.In()}.gt(0), torch.tensor(1d, {c.In()}.dtype, {c.In()}.device), {slope})",
                ProgramFile.Round(c.Shape()));
            return c.Set($"{c.TangentOf()} * {table}");
        }

        public override Dim Flops(NodeCode c) => c.Result().Elements;

        internal override string? Onnx(OnnxCode c)
            => c.Add("PRelu", [c.X, c.Flag("perChannel") ? c.PerChannel(c.Weight("weight")) : c.Weight("weight")]);
    }
}
