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
        /// Normalises each channel (axis 1) by the mean and variance of the batch in training, by running statistics in evaluation. Ioffe
        /// and Szegedy 2015.
        /// </summary>
        /// <param name="x">(B, C), (B, C, L) or (B, C, H, W)</param>
        /// <param name="eps">Added to the variance; PyTorch's default.</param>
        /// <param name="momentum">Weight of the new batch in the running statistics; PyTorch's default.</param>
        /// <param name="features">Pins the channels; inferred when not given.</param>
        /// <param name="key">Pins the checkpoint key.</param>
        public static Sym BatchNorm(this Sym x, double eps = 1e-5, double momentum = 0.1, [Size] int? features = null, string? key = null)
            => Sym.Apply("BatchNorm", x, eps, momentum, features, key);
    }

    public sealed partial class Layer
    {
        /// <inheritdoc cref="Operations.BatchNorm"/>
        public static Layer BatchNorm(double eps = 1e-5, double momentum = 0.1, int? features = null, string? key = null)
            => new("BatchNorm", eps, momentum, features, key);
    }
}

namespace Hybrid.Rules
{
    internal sealed class BatchNormRule : Rule
    {
        public override bool DependsOnTraining => true;

        public override void Infer(Inference i)
        {
            var x = i.Value();
            if (x.Shape.Rank is < 2 or > 5)
            {
                i.Error(
                    "HYB1004",
                    $"{i.Subject} needs rank 2 to 5 [B,C,…]; {i.Describe(x)} gives rank {x.Shape.Rank} {x.Shape}. Channels are on axis 1.",
                    "x", x);
                return;
            }
            if (!i.RequireChannels() || !i.RequireNoFields("normalises each channel separately", "Use GroupBatchNorm(Symmetry.{0})"))
                return;
            i.WarnOfNormOfPlaces();
            var channels = x.Shape[1];
            if (i.IsGiven("features") && !i.Demand(i.Size("features"), channels, "features", out _))
                i.Error(
                    "HYB1016",
                    $"{i.Subject} pinned to {i.Size("features")} features, input has {channels} ({i.Describe(x)} is {x.Shape}). Remove "
                        + "the pin to infer it.",
                    "features", x);
            var perChannel = x.Shape.Sizes.Where((_, axis) => axis != 1).Aggregate(Dim.One, (product, size) => product * size);
            if (perChannel.Equals(Dim.One))
                i.Error(
                    "HYB2001",
                    $"{i.Subject} sees 1 value per channel in training ({i.Describe(x)} is {x.Shape}). Use a larger batch, or LayerNorm.",
                    "x", x);
            // Statistics of a batch of one: legal in evaluation, an error in training.
            else if (i.IsSingle(perChannel))
            {
                i.Error(
                    "HYB2001",
                    $"{i.Subject} sees 1 value per channel in training, since Where makes {perChannel} 1 ({i.Describe(x)} is "
                        + $"{x.Shape}). Use "
                        + "LayerNorm or GroupNorm, or take that fact out.",
                    "x", x);
            }
            else if (perChannel.AsSymbol is { } batch && !i.DemandInTraining(batch, 2, out _))
            {
                i.Report(
                    "HYB2001",
                    $"{i.Subject} sees 1 value per channel in training when {batch} = 1 ({i.Describe(x)} is {x.Shape}). Declare Training "
                        + $"= \"{batch} >= 2\" and drop a smaller last batch, or use GroupNorm.",
                    i.Place("x"), [x]);
                i.Offer(EditKind.TrainingFact, $"{batch} >= 2");
            }
            i.Weight("weight", Init.Default, channels);
            i.Weight("bias", Init.Default, channels);
            i.Buffer("running_mean", Init.Default, channels);
            i.Buffer("running_var", Init.Default, channels);
            i.Buffer("num_batches_tracked", new Shape(EquatableArray<Axis>.Empty, ElementType.Int64));
            i.Output(x.Shape with { Domain = Domain.Any });
        }

        public override bool IsResultFree => true;

        public override LayerCode Layer(NodeCode c)
        {
            var kind = c.Shape().Rank switch { 4 => "BatchNorm2d", 5 => "BatchNorm3d", _ => "BatchNorm1d" };
            return new LayerCode(
                "Modules." + kind,
                $"nn.{kind}({c.Size(c.Shape()[1])}, eps: {c.Number("eps")}, momentum: {c.Number("momentum")}, "
                    + "device: device, dtype: dtype)");
        }

        public override string Functional(NodeCode c)
            => $"functional.batch_norm({c.In()}, {c.Weight("running_mean")}, {c.Weight("running_var")}, {c.Weight("weight")}, "
                + $"{c.Weight("bias")}, training: {c.Training}, momentum: {c.Number("momentum")}, eps: {c.Number("eps")})";

        public override string Upkeep(NodeCode c) => $"if ({c.Training}) {c.Weight("num_batches_tracked")}.add_(1);";

        /// <summary>
        /// Members are further channels. Two axes are read as one image of M·C rows, (1, M·C, B), as <see cref="LinearRule"/> stores its
        /// result; more as (B, M·C, …), as convolutions do.
        /// </summary>
        public override string? Ensemble(EnsembleCode c)
        {
            string Call(string x)
                => $"functional.batch_norm({x}, {c.ChannelWeight("running_mean")}, {c.ChannelWeight("running_var")}, "
                    + $"{c.ChannelWeight("weight")}, {c.ChannelWeight("bias")}, "
                + $"training: {c.Training}, momentum: {c.Number("momentum")}, eps: {c.Number("eps")})";
            return c.Shape().Rank > 2 ? c.AsChannels(Call)
                : $"{Call($"{c.In()}.transpose(1, 2).flatten(0, 1).unsqueeze(0)")}.unflatten(1, "
                    + $"{NodeCode.Longs(c.Members, "-1")}).squeeze(0).transpose(1, 2)";
        }

        /// <summary>With statistics fixed, dy = dx · w/σ; those of the batch move with x.</summary>
        public override bool Tangent(TangentCode c)
        {
            var rank = c.Shape().Rank;
            var axes = NodeCode.Longs(Enumerable.Range(-rank, rank).Where(axis => axis != 1 - rank).Select(axis => (long)axis).ToArray());
            var (moving, scale) = c.Normalised(
                c.In(), c.TangentOf()!, axes, ProgramFile.Round(c.Shape()), (
                    c.Training, c.PerChannel(c.Weight("running_mean")), c.PerChannel(c.Weight("running_var"))));
            return c.Set($"{moving} * ({scale} * {c.PerChannel(c.Weight("weight"))})");
        }

        public override Dim Flops(NodeCode c) => 2 * c.Result().Elements;

        internal override string? Onnx(OnnxCode c)
            => c.Add(
                "BatchNormalization",
                [c.X, c.Weight("weight"), c.Weight("bias"), c.Weight("running_mean"), c.Weight("running_var")],
                ("epsilon", (float)c.Real("eps")));
    }
}
