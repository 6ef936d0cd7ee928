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
        /// Normalises groups of channels of each example to mean 0 and variance 1, then scales and shifts each channel; knows no batch. Wu
        /// and He 2018.
        /// </summary>
        /// <param name="x">(B, C, …)</param>
        /// <param name="groups">Divides C: 1 normalises all channels together, C each by itself (instance normalisation).</param>
        /// <param name="eps">Added to the variance; PyTorch's default.</param>
        /// <param name="key">Pins the checkpoint key.</param>
        public static Sym GroupNorm(this Sym x, int groups, double eps = 1e-5, string? key = null)
            => Sym.Apply("GroupNorm", x, groups, eps, key);
    }

    public sealed partial class Layer
    {
        /// <inheritdoc cref="Operations.GroupNorm"/>
        public static Layer GroupNorm(int groups, double eps = 1e-5, string? key = null) => new("GroupNorm", groups, eps, key);
    }
}

namespace Hybrid.Rules
{
    internal sealed class GroupNormRule : Rule
    {
        public override bool IsResultFree => true;

        public override void Infer(Inference i)
        {
            var x = i.Value();
            if (x.Shape.Rank < 2)
            {
                i.Error(
                    "HYB1004",
                    $"{i.Subject} needs rank 2 or more [B,C,…]; {i.Describe(x)} gives rank {x.Shape.Rank} {x.Shape}. Channels are on axis "
                        + "1.",
                    "x", x);
                return;
            }
            if (!i.RequireSize("groups")
                || !i.RequireChannels()
                || !i.RequireNoFields(
                    "scales each channel separately", "Use GroupBatchNorm(Symmetry.{0}), or .ReinterpretUnsafe() if that is intended"))
            {
                return;
            }
            var (channels, groups) = (x.Shape[1], i.Integer("groups"));
            if (!i.Facts.Divides(groups, channels).IsProved)
            {
                i.Error(
                    "HYB1014",
                    $"{i.Subject}: groups={groups} must divide the channels of {i.Describe(x)} {x.Shape}; {channels} % {groups} = "
                        + $"{channels.Mod(groups)}. Use a divisor.",
                    "groups", x);
                if (channels.TryConstant(out var number)) i.Offer(EditKind.Replace, Convolutions.Largest(groups, number));
                return;
            }
            i.WarnOfSingleGroup(groups);
            // Written out: TorchSharp 0.107 leaves both of nn.GroupNorm's uninitialised.
            i.Weight("weight", Init.Ones, channels);
            i.Weight("bias", Init.Zeros, channels);
            i.Output(x.Shape with { Domain = Domain.Any });
        }

        public override LayerCode Layer(NodeCode c)
            => new(
                "Modules.GroupNorm",
                $"nn.GroupNorm({c.Integer("groups")}, {c.Size(c.Shape()[1])}, eps: {c.Number("eps")}, device: device, dtype: dtype)");

        // TorchSharp 0.107's module refuses (B, C), libtorch does not.
        public override string Forward(NodeCode c, string layer)
            => c.Shape().Rank > 2 ? base.Forward(c, layer)
                : $"functional.group_norm({c.In()}, {c.Integer("groups")}, {layer}.weight, {layer}.bias, {c.Number("eps")})";

        public override string Functional(NodeCode c)
            => $"functional.group_norm({c.In()}, {c.Integer("groups")}, {c.Weight("weight")}, {c.Weight("bias")}, {c.Number("eps")})";

        /// <summary>Members are further channels, whose groups stay their own.</summary>
        public override string? Ensemble(EnsembleCode c)
            => c.AsChannels(
                folded => $"functional.group_norm({folded}, {c.Members} * {c.Integer("groups")}, {c.ChannelWeight("weight")}, "
                    + $"{c.ChannelWeight("bias")}, {c.Number("eps")})");

        public override bool Tangent(TangentCode c)
        {
            var (x, dx, groups) = (c.In(), c.TangentOf()!, c.Integer("groups"));
            var rows = c.Local("rows", $"{x}.reshape({x}.shape[0], {groups}, -1)", $"(B, {groups}, …)");
            var tangent = c.Local("grouped", $"{dx}.reshape({dx}.shape[0], {x}.shape[0], {groups}, -1)", $"(K, B, {groups}, …)");
            var (moving, scale) = c.Normalised(rows, tangent, "new long[] { -1 }", $"(B, {groups}, …)");
            return c.Set($"({moving} * {scale}).reshape({dx}.shape) * {c.PerChannel(c.Weight("weight"))}");
        }

        /// <summary>As for layer normalisation.</summary>
        public override Dim Flops(NodeCode c) => 8 * c.Result().Elements;

        // Set 17 has no group normalisation: an instance normalisation over each group, then weight and bias of each channel.
        internal override string? Onnx(OnnxCode c)
        {
            var groups = c.Integer("groups");
            var ones = c.Builder.Singles([groups], Enumerable.Repeat(1f, (int)groups).ToArray());
            var zeros = c.Builder.Singles([groups], new float[groups]);
            var rows = c.Reshape(c.X, 0, groups, -1);
            var normal = c.Add("InstanceNormalization", [rows, ones, zeros], ("epsilon", (float)c.Real("eps")));
            var back = c.Add("Reshape", [normal, c.Add("Shape", [c.X])]);
            return c.Add(c.Multiply(back, c.PerChannel(c.Weight("weight"))), c.PerChannel(c.Weight("bias")));
        }
    }
}
