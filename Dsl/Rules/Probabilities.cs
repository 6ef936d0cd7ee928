using System.Linq;
using Hybrid.Graphs;

namespace Hybrid.Rules;

/// <summary>
/// HYB3003 for a softmax or a sigmoid of what is a probability already: the one of a network, and another of its loss, or a second one of
/// the head.
/// </summary>
internal static class Probabilities
{
    /// <summary>Logarithms of probabilities, of which another log-softmax is the same again.</summary>
    public static void WarnOfLogarithmsTwice(this Inference i, Value x, string parameter)
    {
        var from = x;
        while (i.Producer(from) is { } node && RuleTable.Get(node.Operation).IsView && node.Inputs.Count(input => input >= 0) == 1)
            from = i.Builder.ValueOf(node.Inputs[0]);
        if (x.MayReinterpret || i.Producer(from)?.Operation != "LogSoftmax") return;
        i.Warn(
            "HYB3003",
            $"{i.Subject} applies log-softmax itself; {i.Describe(x)} {x.Shape} holds logarithms of probabilities already, and the same "
                + "comes "
                + "out again. Feed the logits.",
            parameter, x);
        if (from.Id == x.Id) i.Offer(EditKind.Unwrap, "");
    }

    public static void WarnOfTwice(this Inference i)
    {
        var x = i.Value();
        if (x.MayReinterpret || x.Shape.Domain is not (Domain.Probability or Domain.Distribution)) return;
        var from = x;
        while (i.Producer(from) is { } node && (RuleTable.Get(node.Operation).IsView || node.Operation == "Clamp")
            && node.Inputs.Count(input => input >= 0) == 1)
        {
            from = i.Builder.ValueOf(node.Inputs[0]);
        }
        if (i.Producer(from) is not { Operation: "Softmax" or "Sigmoid" or "Of" } made) return;
        var name = made.Operation == "Of" ? "a network that gives probabilities" : made.Operation;
        i.Warn(
            "HYB3003",
            $"{i.Subject}: {i.Describe(x)} {x.Shape} holds probabilities already (by {name}), which another {i.Rule.Name} brings close "
                + "to one "
                + "another. Leave one of them out.",
            "x", x);
        i.Offer(EditKind.Unwrap, "", i.Call);
    }
}
