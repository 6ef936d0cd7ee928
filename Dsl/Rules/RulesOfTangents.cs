using Hybrid.Programs;

namespace Hybrid.Rules;

internal static class RulesOfTangents
{
    /// <summary>A tangent that passes unchanged into a larger result: repeated along the axes that the value is.</summary>
    public static string Widen(this TangentCode c, string tangent, string parameter)
        => c.Shape(parameter).Rank == c.Result().Rank && c.SameSizes(parameter) ? tangent : $"{tangent}.expand({c.Sizes(tangent)})";

    public static bool SameSizes(this NodeCode c, string parameter)
    {
        var (own, result) = (c.Shape(parameter), c.Result());
        if (own.Rank != result.Rank) return false;
        for (var axis = 0; axis < own.Rank; axis++)
            if (!own[axis].Equals(result[axis])) return false;
        return true;
    }

    private static string Sizes(this TangentCode c, string tangent)
    {
        var sizes = new System.Collections.Generic.List<string> { $"{tangent}.shape[0]" };
        foreach (var size in c.Result().Sizes) sizes.Add(c.Size(size));
        return NodeCode.Longs(sizes);
    }
}
