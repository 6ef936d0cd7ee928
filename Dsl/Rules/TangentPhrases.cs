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

    private static bool SameSizes(this NodeCode c, string parameter)
        => c.Shape(parameter).Rank == c.Result().Rank && c.Shape(parameter).Sizes.SequenceEqual(c.Result().Sizes);

    /// <summary>(K, B, …) folded to (K·B, …) for an operation that takes one batch axis, and unfolded again.</summary>
    public static string AsBatch(this TangentCode c, Func<string, string> operation, string parameter = "x")
    {
        var tangent = c.TangentOf(parameter)!;
        return $"{operation($"{tangent}.flatten(0, 1)")}.unflatten(0, {NodeCode.Longs("-1", $"{c.In(parameter)}.shape[0]")})";
    }

    /// <summary>The tangent at the places, counted through height and width, that a max pool chose.</summary>
    public static string AtPlaces(this TangentCode c, string places)
    {
        var tangent = c.TangentOf()!;
        var chosen = $"{places}.flatten(2).unsqueeze(0).expand({tangent}.shape[0], -1, -1, -1)";
        return $"{tangent}.flatten(3).gather(3, {chosen}).unflatten(3, {NodeCode.Longs($"{c.Out}.shape[2]", $"{c.Out}.shape[3]")})";
    }
}
