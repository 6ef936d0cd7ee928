using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Rules;

namespace Hybrid.Graphs;

/// <summary>The checks at the end of a spec.</summary>
internal sealed class Completion(
    GraphBuilder builder,
    IReadOnlyList<Value> values,
    IReadOnlyList<Node> nodes,
    IReadOnlyDictionary<int, string> producers,
    int inputs)
{
    /// <summary>HYB1018: what is returned has the promised shapes.</summary>
    public void Promise(IReadOnlyList<Value> outputs, IReadOnlyList<Shape> promised, Origin place, IReadOnlyList<Origin>? places)
    {
        if (builder.Kind == GraphKind.Loss && promised.Count == 0 && outputs.Count == 1 && outputs[0].Shape.Rank > 0)
        {
            var from = outputs[0];
            Report(
                $"A loss is one number, but {builder.LossName} returns {from.Shape} from {Describe(from)}. End with .Mean() or .Sum().",
                place, from, null);
            return;
        }
        if (promised.Count == 0) return;
        if (promised.Count != outputs.Count)
        {
            builder.Report(new Fault(
                "HYB1018",
                $"Spec promises {Plural.Of(promised.Count, "result")} but returns {outputs.Count}. Give one shape for each element of the "
                    + "tuple.",
                place));
            return;
        }
        for (var i = 0; i < outputs.Count; i++) Promise(outputs[i], promised[i], places?[i] ?? place);
    }

    private void Promise(Value output, Shape promised, Origin place)
    {
        var actual = output.Shape;
        if (actual.Element != promised.Element)
        {
            var made = promised.Element == ElementType.Real ? ", or make it real: * 1.0" : "";
            Report(
                $"Spec promises {LossTargets.Kind(promised.Element)} but returns {LossTargets.Kind(output)} from {Describe(output)}. "
                    + $"Write [return: Shape(\"{actual.Written}\")]{made}.",
                place, output, null);
            return;
        }
        var refuted = actual.Rank != promised.Rank;
        Witness? witness = null;
        string? missing = null;
        var example = "";
        for (var axis = 0; !refuted && axis < actual.Rank; axis++)
        {
            var verdict = builder.Facts.AreEqual(actual[axis], promised[axis]);
            if (verdict.IsProved) continue;
            (witness, missing) = (verdict.Witness, verdict.Missing);
            refuted = verdict.IsRefuted;
            if (refuted)
            {
                if (Restoring.Fault(
                    builder, output, axis, actual[axis], promised[axis], promised, "that the spec promises", [place]) is { } restoring)
                {
                    builder.Report(restoring);
                    return;
                }
                if (witness is { Values.Count: > 0 })
                    example = $" (axis {axis}: {witness} gives {witness.Evaluate(actual[axis])}, not {witness.Evaluate(promised[axis])})";
                continue;
            }
            var reason = missing is null ? "" : $"; true when {missing}";
            builder.Report(new Fault(
                "HYB1090",
                $"Result: cannot prove {actual[axis]} = {promised[axis]}{reason}. A run-time guard was generated.",
                place, Provenance(output), Fix: missing));
            builder.Guard(new Guard(actual[axis], Relation.Equal, promised[axis], $"Result: {actual[axis]} must equal {promised[axis]}"));
        }
        if (!refuted) return;
        var culprit = actual.Rank == promised.Rank ? Culprit(output, promised) : null;
        if (culprit is not null) place = culprit.Origin;
        missing = actual.Rank == promised.Rank ? builder.Facts.MissingFor(actual.Sizes.Zip(promised.Sizes, (a, b) => (a, b))) : null;
        // Each example gives a result of its own: a batch that was joined with another, or lost, does not change the promise.
        var keeps = promised.Rank > 0
            && promised[0].AsSymbol is { } batch
            && Batches.IsBatchByPlace(builder, batch)
            && (actual.Rank == 0 || !builder.Facts.AreEqual(actual[0], promised[0]).IsProved);
        if (keeps && missing is null)
        {
            builder.Report(
                new Fault(
                    "HYB1018",
                    $"Spec promises {promised} but returns {actual} from {Describe(output)}{example}. Keep the batch {promised[0]} on "
                        + "axis 0: "
                        + Advice(output, culprit),
                    place, Provenance(output), witness) { KeepsPromise = true });
            return;
        }
        var fix = missing is null && culprit is not null
            ? $" {culprit.Operation}{Fault.Place(culprit.Origin)} makes it so: name another axis, or change the promise to "
                + $"[return: Shape(\"{actual.Written}\")]."
            : missing is null
            ? $" Change the promise to [return: Shape(\"{actual.Written}\")] or the last operation."
            : $" Add Where = \"{missing}\", or change the promise.";
        Report($"Spec promises {promised} but returns {actual} from {Describe(output)}{example}.{fix}", place, output, witness, missing);
    }

    private string Advice(Value output, Node? culprit)
        => culprit is { Operation: not "Cat" }
            ? $"{culprit.Operation}{Fault.Place(culprit.Origin)} takes it away; name the axis of each example's elements."
            : culprit is not null || (producers.TryGetValue(output.Id, out var operation) && operation == "Cat")
            ? "Cat joins it; name the axis of the features, axis: 1."
            : "one result for each example.";

    /// <summary>
    /// The Cat or the reduction that turned a promised size into the one that is returned, along an axis that what follows keeps; null
    /// where none shows, or where it is in a block, which may be right for others.
    /// </summary>
    private Node? Culprit(Value output, Shape promised)
    {
        for (var axis = 0; axis < promised.Rank; axis++)
        {
            if (IsSize(output.Shape[axis], promised[axis])) continue;
            var value = output;
            while (builder.ProducerOf(value) is { } node)
            {
                var main = builder.ValueOf(node.Inputs.FirstOrDefault(input => input >= 0));
                var rule = RuleTable.Get(node.Operation);
                var isReduction = rule is ReductionRule && main.Shape.Rank == value.Shape.Rank + 1;
                if ((node.Operation == "Cat" || isReduction) && main.Shape.Rank > axis && IsSize(main.Shape[axis], promised[axis]))
                    return node.Origin.IsKnown && builder.SiteOf?.Invoke(node.Origin).Call is null ? node : null;
                var same = node.Inputs.Where(input => input >= 0)
                    .Select(builder.ValueOf)
                    .FirstOrDefault(input => input.Shape.Rank == value.Shape.Rank && IsSize(input.Shape[axis], value.Shape[axis]));
                if (same is null) break;
                value = same;
            }
        }
        return null;

        bool IsSize(Dim size, Dim other) => builder.Facts.AreEqual(size, other).IsProved;
    }

    private void Report(string text, Origin place, Value from, Witness? witness, string? fix = null)
        => builder.Report(new Fault("HYB1018", text, place, Provenance(from), witness, fix));

    private static EquatableArray<Origin> Provenance(Value from) => from.Origin.IsKnown ? EquatableArray.Of(from.Origin) : default;

    private string Describe(Value value)
    {
        var what = value.Name is not null
            ? $"'{value.Name}'"
            : producers.TryGetValue(value.Id, out var operation) ? $"the result of {operation}" : "an input";
        return what + Fault.Place(value.Origin);
    }

    /// <summary>
    /// HYB4016: dropout of what is returned. In training each class is left out now and then, and what a loss compares is not what
    /// evaluation gives.
    /// </summary>
    public void Endings(IReadOnlyList<Value> outputs, Origin place)
    {
        if (builder.Kind != GraphKind.Network) return;
        foreach (var output in outputs)
        {
            var (value, isFinal) = (output, false);
            while (builder.ProducerOf(value) is { Operation: "Softmax" or "LogSoftmax" or "Sigmoid" or "Squeeze" } last)
                (value, isFinal) = (builder.ValueOf(last.Inputs[0]), true);
            if (builder.ProducerOf(value) is not { Operation: "Dropout" } dropout) continue;
            var dropped = builder.ValueOf(dropout.Inputs[0]);
            if (builder.ProducerOf(dropped) is not { } maker) continue;
            var isHead = maker.Operation is "Softmax" or "Sigmoid"
                || (maker.Operation == "Linear"
                    && (isFinal
                        || (dropped.Shape.Rank == 2
                            && builder.Facts.IsAtLeast(builder.ValueOf(maker.Inputs[0]).Shape[-1] - dropped.Shape[-1], 1).IsProved)));
            if (!isHead) continue;
            builder.Report(new Fault(
                "HYB4016",
                $"Dropout falls on what the network returns, {dropped.Shape} from {Describe(dropped)}: in training it leaves results "
                    + "out. Move "
                    + "it before the last layer.",
                dropout.Origin.IsKnown ? dropout.Origin : place, Provenance(dropped)));
        }
    }

    /// <summary>
    /// Whether what is idle here is only the rest of something that is used: the last rounds of a loop, whose next round would have taken
    /// the value, or a result of a block's call that another call uses.
    /// </summary>
    private bool IsUsedElsewhere(Node node, ICollection<int> reached)
    {
        bool IsLive(Node other) => other.Outputs.Any(reached.Contains);
        var same = nodes.Where(other => other.Operation == node.Operation && IsSamePlace(node, other)).ToList();
        var lastLive = same.FindLastIndex(IsLive);
        // Idle in the first rounds and used of the last, as in `y = head(x)` that forgets the earlier ones, is a fault.
        if (lastLive >= 0 && same.FindIndex(other => !IsLive(other)) > lastLive) return true;
        return builder.SiteOf?.Invoke(node.Origin) is { Call: { } call } site
            && nodes.Any(other => IsLive(other) && builder.SiteOf(other.Origin).Place == site.Place)
            && nodes.Any(other => IsLive(other) && IsInside(other.Origin, call));
    }

    /// <summary>
    /// Whether two operations are one of the source, called from the same places; in a trace, which has none, whether they look so.
    /// </summary>
    private bool IsSamePlace(Node node, Node other)
    {
        if (builder.SiteOf is not { } siteOf) return node.Arguments == other.Arguments;
        Origin? a = node.Origin, b = other.Origin;
        while (a is { IsKnown: true } left && b is { IsKnown: true } right)
        {
            var (first, second) = (siteOf(left), siteOf(right));
            if (first.Place != second.Place) return false;
            (a, b) = (first.Call, second.Call);
        }
        return a is null == b is null;
    }

    private bool IsInside(Origin origin, Origin call)
    {
        for (Origin? at = origin; at is { IsKnown: true } known; at = builder.SiteOf!(known).Call)
            if (at.Value == call) return true;
        return false;
    }

    /// <summary>The operations that something needs: those that an output depends on, and layers, which have their weights.</summary>
    public IEnumerable<Node> Needed(IReadOnlyList<Value> outputs)
    {
        var needed = new HashSet<int>(outputs.Select(output => output.Id));
        var kept = new List<Node>();
        foreach (var node in nodes.Reverse().Where(node => node.Layer >= 0 || node.Outputs.Any(needed.Contains)))
        {
            needed.UnionWith(node.Inputs);
            kept.Add(node);
        }
        return kept.AsEnumerable().Reverse();
    }

    /// <summary>HYB4001: every input and every operation reaches an output.</summary>
    public void Connections(IReadOnlyList<Value> outputs, IReadOnlyList<SharedLayer> shared)
    {
        foreach (var layer in shared.Where(layer => layer.Index < 0))
        {
            var name = layer.Name.Local is { } local ? $"{layer.Rule.Name} '{local}'" : layer.Rule.Name;
            builder.Report(new Fault(
                "HYB4001", $"{name} is a layer that is never applied. Apply it with .On(…), or remove it.", layer.Origin));
        }
        var reached = new HashSet<int>(outputs.Select(output => output.Id));
        var idle = new List<Node>();
        foreach (var node in nodes.Reverse())
        {
            if (node.Outputs.Any(reached.Contains)) reached.UnionWith(node.Inputs);
            else idle.Add(node);
        }
        for (var i = 0; i < inputs; i++)
            if (!reached.Contains(i))
                builder.Report(
                    new Fault("HYB4001", $"Input '{values[i].Name}' never reaches an output. Use it or remove it.", values[i].Origin));
        // Of a chain that leads nowhere, only its end is worth a message.
        var used = new HashSet<int>(idle.SelectMany(node => node.Inputs));
        foreach (
            var node in idle.AsEnumerable()
                .Reverse()
                .Where(node => !node.Outputs.Any(used.Contains) && !IsUsedElsewhere(node, reached)))
        {
            var value = values[node.Outputs[0]];
            var subject = value.Name is null ? node.Operation : $"{node.Operation} '{value.Name}'";
            builder.Report(new Fault("HYB4001", $"{subject} never reaches an output. Use its result or remove it.", node.Origin));
        }
    }
}
