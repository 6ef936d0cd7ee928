using System.Linq;
using Hybrid.Graphs;

namespace Hybrid.Onnx;

/// <summary>Means over all elements of what a network says of a target that is one of its inputs.</summary>
internal static class OnnxLosses
{
    public static string Mse(OnnxCode c)
    {
        var difference = c.Subtract(c.Real("prediction"), c.Real("target"));
        return Mean(c, c.Multiply(difference, difference), c.Read.Shape("prediction").Rank);
    }

    public static string L1(OnnxCode c) => Mean(c, c.Add("Abs", [c.Subtract(c.Real("prediction"), c.Real("target"))]), c.Read.Shape("prediction").Rank);

    /// <summary>−t ln p − (1 − t) ln(1 − p), logarithms not below −100.</summary>
    public static string Bce(OnnxCode c)
    {
        var (p, t, one) = (c.Real("probability"), c.Real("target"), c.Builder.Single(1));
        string Log(string x) => c.Add("Max", [c.Add("Log", [x]), c.Builder.Single(-100)]);
        var sum = c.Add(c.Multiply(t, Log(p)), c.Multiply(c.Subtract(one, t), Log(c.Subtract(one, p))));
        return Mean(c, c.Add("Neg", [sum]), c.Read.Shape("probability").Rank);
    }

    /// <summary>max(x, 0) − x t + ln(1 + exp(−|x|)).</summary>
    public static string BceWithLogits(OnnxCode c)
    {
        var (x, t) = (c.Real("logits"), c.Real("target"));
        var tail = c.Add("Softplus", [c.Add("Neg", [c.Add("Abs", [x])])]);
        return Mean(c, c.Add(c.Subtract(c.Add("Relu", [x]), c.Multiply(x, t)), tail), c.Read.Shape("logits").Rank);
    }

    public static string GaussianNll(OnnxCode c)
    {
        var (variance, error) = (c.Real("variance"), c.Subtract(c.Real("target"), c.Real("mean")));
        var sum = c.Add(c.Add("Log", [variance]), c.Divide(c.Multiply(error, error), variance));
        return c.Divide(Mean(c, sum, c.Read.Shape("mean").Rank), c.Builder.Single(2));
    }

    public static string CrossEntropy(OnnxCode c)
    {
        var (logarithms, rank) = (c.Add("LogSoftmax", [c.Real("logits")], ("axis", 1L)), c.Read.Shape("logits").Rank);
        var chosen = c.Read.Shape("target").Element == ElementType.Int64
            ? c.Add("GatherElements", [logarithms, c.Unsqueeze(c.In("target"), 1)], ("axis", 1L))
            : c.Sum(c.Multiply(c.Real("target"), logarithms), keep: true, 1);
        return c.Add("Neg", [Mean(c, chosen, rank)]);
    }

    private static string Mean(OnnxCode c, string x, int rank) => rank == 0 ? x : c.Mean(x, keep: false, Enumerable.Range(0, rank).Select(axis => (long)axis).ToArray());
}
