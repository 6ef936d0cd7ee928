using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Rules;

/// <summary>
/// HYB3008: similarities of embeddings that a contrastive loss takes for logits as they are. Each embedding's product with itself is the
/// largest of its row, and hides all others; and cosines, which are at most 1, are not separated by a softmax without a
/// temperature.
/// </summary>
internal static class Similarities
{
    public static void WarnOfSimilarities(this Inference i, Value logits, string parameter)
    {
        if (logits.Shape.Rank != 2 || logits.MayReinterpret) return;
        var (value, isScaled) = (logits, false);
        while (i.Producer(value) is { } node)
        {
            var tensors = node.Inputs.Where(input => input >= 0).Select(i.Builder.ValueOf).ToList();
            if (node.Operation is "MatMul" or "Einsum" && tensors.Count == 2)
            {
                Warn(i, logits, value, tensors[0], tensors[1], isScaled, parameter);
                return;
            }
            isScaled |= node.Operation is "*" or "/";
            // A number, or a learned temperature, beside the products.
            var whole = tensors.Where(tensor => !tensor.Shape.Sizes.All(size => size.Equals(Dim.One))).ToList();
            var isScale = RuleTable.Get(node.Operation) is BinaryRule || node.Operation is "Transpose" or "Neg" or "Clamp";
            if (whole.Count != 1 || !isScale) return;
            value = whole[0];
        }
    }

    private static void Warn(Inference i, Value logits, Value product, Value left, Value right, bool isScaled, string parameter)
    {
        if (left.Shape.Rank != 2 || right.Shape.Rank != 2) return;
        var (a, b) = (Upright(i, left), Upright(i, right));
        if (Sameness.IsSame(i.Builder, a, b) && product.Shape[0].Equals(product.Shape[1]))
        {
            i.Warn(
                "HYB3008",
                $"{i.Subject}: {i.Describe(logits)} {logits.Shape} has each of {i.Describe(a)} {a.Shape} with itself on its diagonal, the "
                    + "largest of its row. Take it out: Sym.Where(isItself, -1e9, similarity), with isItself true on the diagonal.",
                parameter, logits);
        }
        else if (!isScaled && i.Producer(a)?.Operation == "Normalize" && i.Producer(b)?.Operation == "Normalize")
        {
            i.Warn(
                "HYB3008",
                $"{i.Subject}: {i.Describe(logits)} {logits.Shape} holds cosines, which are in [-1, 1], so that the loss stays near ln "
                    + $"{product.Shape[1]} whatever is learned. Divide by a temperature: / 0.1, or * scale.Exp() with a learned scale.",
                parameter, logits);
        }
    }

    /// <summary>A side without the views that turn it for the product.</summary>
    private static Value Upright(Inference i, Value value)
    {
        while (i.Producer(value) is { Operation: "Transpose" or "Permute" or "Detach" } view) value = i.Builder.ValueOf(view.Inputs[0]);
        return value;
    }
}
