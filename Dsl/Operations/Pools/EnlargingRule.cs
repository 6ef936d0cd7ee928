using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>Enlarges series, images or volumes: by whole factors, or to given sizes.</summary>
/// <param name="spatial">How many axes.</param>
/// <param name="smooth">The flag that interpolates, which is TorchSharp's and, as far as it goes, ONNX's name of it.</param>
internal abstract class EnlargingRule(int spatial, string smooth) : Rule
{
    public override void Infer(Inference i)
    {
        if (!i.TryMaps(spatial) || !i.RequireWindow(("factor", 1))) return;
        var (x, factor) = (i.Shape(), i.Argument("factor").Along);
        i.Output(Enlarged(x, x.WithSpatial(Enumerable.Range(0, spatial).Select(n => x[n + 2] * factor[n]).ToList())));
    }

    /// <summary>Pixels are repeated, or means of neighbours.</summary>
    protected static Shape Enlarged(Shape x, Shape sizes)
        => sizes with { Element = ElementType.Real, Domain = x.Domain == Domain.Distribution ? Domain.Probability : x.Domain };

    public override string Functional(NodeCode c) => Call(c, c.In());

    public override string? Ensemble(EnsembleCode c) => c.AsChannels(folded => Call(c, folded));

    /// <summary>The sizes as TorchSharp takes them.</summary>
    protected virtual string Target(NodeCode c) => $"scale_factor: new double[] {{ {string.Join(", ", c.Along("factor"))} }}";

    private string Call(NodeCode c, string x)
    {
        var mode = c.Flag(smooth)
            ? $"torch.InterpolationMode.{char.ToUpperInvariant(smooth[0])}{smooth.Substring(1)}, align_corners: false"
            : "torch.InterpolationMode.Nearest";
        return $"functional.interpolate({x}, {Target(c)}, mode: {mode})";
    }

    /// <summary>Linear in its input: the directions as more images of one batch.</summary>
    public override bool Tangent(TangentCode c) => c.Set(c.AsBatch(folded => Call(c, folded)));

    /// <summary>A product for each of the neighbours and their sum for each interpolated pixel; repetition computes nothing.</summary>
    public override Dim Flops(NodeCode c) => c.Flag(smooth) ? ((2 << spatial) - 1) * c.Result().Elements : Dim.Zero;

    /// <summary>Scales of all axes, or "" and the sizes, which ONNX takes after them.</summary>
    private protected virtual string[] OnnxTarget(OnnxCode c)
        => [c.Builder.Singles([spatial + 2], [1, 1, .. c.Lengths("factor").Select(factor => (float)factor)])];

    internal override string? Onnx(OnnxCode c)
        => c.Flag(smooth)
            ? c.Add("Resize", [c.X, "", .. OnnxTarget(c)], ("mode", "linear"), ("coordinate_transformation_mode", "half_pixel"))
            : c.Add(
                "Resize", [c.X, "", .. OnnxTarget(c)], ("mode", "nearest"),
                ("coordinate_transformation_mode", "asymmetric"),
                ("nearest_mode", "floor"));
}
