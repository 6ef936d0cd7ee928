using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>Phrases that several rules write for tangents.</summary>
internal static class TangentPhrases
{
    /// <summary>A tangent that passes unchanged into a larger result: repeated along the axes that the value is.</summary>
    public static string Widen(this TangentCode c, string tangent, string parameter)
    {
        if (c.SameSizes(parameter)) return tangent;
        var sizes = new List<string> { "-1" };
        sizes.AddRange(c.Result().Sizes.Select(c.Size));
        return $"{tangent}.expand({NodeCode.Longs(sizes)})";
    }

    /// <summary>One number for each channel, axis 1 counted from the end: (C, 1, 1) broadcasts against value and tangent alike.</summary>
    public static string PerChannel(this TangentCode c, string tensor)
        => c.Shape().Rank == 2 ? tensor : $"{tensor}.view({NodeCode.Longs(Enumerable.Repeat("1", c.Shape().Rank - 2).Prepend("-1"))})";

    private static bool SameSizes(this NodeCode c, string parameter)
        => c.Shape(parameter).Rank == c.Result().Rank && c.Shape(parameter).Sizes.SequenceEqual(c.Result().Sizes);

    /// <summary>(K, B, …) folded to (K·B, …) for an operation that takes one batch axis, and unfolded again.</summary>
    public static string AsBatch(this TangentCode c, Func<string, string> operation, string parameter = "x")
        => c.AsBatchOf(c.TangentOf(parameter)!, operation, parameter);

    /// <summary>The same for any tangent, whose batch is that of <paramref name="parameter"/>.</summary>
    public static string AsBatchOf(this TangentCode c, string tangent, Func<string, string> operation, string parameter = "x")
        => $"{operation($"{tangent}.flatten(0, 1)")}.unflatten(0, {NodeCode.Longs("-1", $"{c.In(parameter)}.shape[0]")})";

    /// <summary>The tangent at the places, counted through all spatial axes, that a max pool chose.</summary>
    public static string AtPlaces(this TangentCode c, string places)
    {
        var tangent = c.TangentOf()!;
        var chosen = $"{places}.flatten(2).unsqueeze(0).expand({tangent}.shape[0], -1, -1, -1)";
        return $"{tangent}.flatten(3).gather(3, {chosen}).unflatten(3, "
            + $"{NodeCode.Longs(Enumerable.Range(2, c.Result().Rank - 2).Select(axis => $"{c.Out}.shape[{axis}]"))})";
    }

    /// <summary>
    /// The tangent of (x − mean)/σ times the weight, where mean and σ move with x: (dx − mean(dx) − x̂ · mean(x̂ dx)) · w/σ. Ioffe and
    /// Szegedy 2015, section 3.
    /// </summary>
    /// <param name="c">The node.</param>
    /// <param name="x">What is normalised.</param>
    /// <param name="dx">Its tangent, with the directions before its axes.</param>
    /// <param name="axes">The axes of the statistics, counted from the end.</param>
    /// <param name="shape">The shape of <paramref name="x"/> for comments.</param>
    /// <param name="fixedStatistics">Where the statistics may be fixed: when they are not, and the mean and variance that stand there
    /// otherwise.</param>
    /// <returns>x̂'s tangent, and 1/σ, by which and by the weight it is still to be multiplied.</returns>
    public static (string Moving, string Scale) Normalised(
        this TangentCode c, string x, string dx, string axes, string shape, (
            string IsOfBatch, string Mean, string Variance)? fixedStatistics = null)
    {
        string Choose(string moving, string? standing) => fixedStatistics is { } s ? $"{s.IsOfBatch} ? {moving} : {standing}" : moving;
        var mean = c.Local("mean", Choose($"{x}.mean({axes}, keepdim: true)", fixedStatistics?.Mean), "of each group of statistics");
        var centred = c.Local("centred", $"{x} - {mean}", shape);
        var variance = c.Local(
            "variance",
            Choose($"{centred}.square().mean({axes}, keepdim: true)", fixedStatistics?.Variance),
            "of each group of statistics");
        var scale = c.Local("scale", $"({variance} + {c.Number("eps")}).rsqrt()", "1/σ");
        var unit = c.Local("unit", $"{centred} * {scale}", shape);
        var moving = c.Local(
            "moving",
            Choose($"{dx} - {dx}.mean({axes}, keepdim: true) - ({unit} * ({unit} * {dx}).mean({axes}, keepdim: true))", dx),
            $"(K, {shape.Substring(1)}");
        return (moving, scale);
    }
}
