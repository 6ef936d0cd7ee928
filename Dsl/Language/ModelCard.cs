using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Hybrid;

/// <summary>One operation of a network, as its card lists it. Sizes are formulas over the network's symbols.</summary>
/// <param name="Operation">The operation, as the spec calls it.</param>
/// <param name="Key">The checkpoint key of its weights; empty for an operation without any.</param>
/// <param name="Output">What it computes: <c>(B, 64, H/2, W/2)</c>.</param>
/// <param name="Parameters">Trainable numbers that this operation is the first to use: a shared layer counts once.</param>
/// <param name="Flops">Of one evaluation, a multiply-add counted as two.</param>
public sealed record CardLayer(string Operation, string Key, string Output, string Parameters, string Flops);

/// <summary>A tensor of a checkpoint.</summary>
/// <param name="Key">Its key in the state dictionary.</param>
/// <param name="Shape">Its sizes: <c>(64, 3, 7, 7)</c>.</param>
public sealed record CardTensor(string Key, string Shape);

/// <summary>
/// What a network is and costs, without running it: shapes, parameters, operations and memory as formulas over its symbols. A spec that
/// derives <see cref="Variant.Card"/> has it as a static member; <see cref="Programs.Cards"/> makes it from any graph.
/// </summary>
/// <param name="Name">The class's full name.</param>
/// <param name="Mapping">Inputs and results: <c>image (B, 3, H, W) → (B, 1)</c>.</param>
/// <param name="Facts">What the sizes must fulfil, declared and inferred.</param>
/// <param name="Smallest">The smallest legal sizes: <c>B = 1, H = 16</c>; empty without symbols.</param>
/// <param name="Parameters">Trainable numbers of all layers.</param>
/// <param name="Flops">Of one evaluation, a multiply-add counted as two.</param>
/// <param name="ActivationBytes">Memory of all intermediate results that are not views, in float32: what a training step keeps at
/// most.</param>
/// <param name="Layers">Every operation in order.</param>
/// <param name="Tensors">The checkpoint's tensors in order.</param>
/// <param name="Mermaid">The network as a flowchart in Mermaid's language, shapes on its edges.</param>
public sealed record ModelCard(
    string Name, string Mapping, IReadOnlyList<string> Facts, string Smallest, string Parameters, string Flops, string ActivationBytes,
    IReadOnlyList<CardLayer> Layers, IReadOnlyList<CardTensor> Tensors, string Mermaid)
{
    /// <summary>The whole card as Markdown, with the flowchart at its end.</summary>
    public string Markdown
    {
        get
        {
            var text = new StringBuilder();
            Line($"# {Name}", "", $"`{Mapping}`", "");
            Line("| | |", "|---|---|");
            Line($"| sizes | {(Facts.Count == 0 ? "any" : string.Join(", ", Facts.Select(fact => $"`{fact}`")))} |");
            if (Smallest.Length > 0) Line($"| smallest input | {Smallest} |");
            Line($"| parameters | {Parameters} |", $"| FLOPs | {Flops} |", $"| activations, bytes | {ActivationBytes} |", "");
            Line("| operation | key | output | parameters | FLOPs |", "|---|---|---|---|---|");
            foreach (var layer in Layers)
                Line($"| {layer.Operation} | {layer.Key} | {layer.Output} | {layer.Parameters} | {layer.Flops} |");
            if (Tensors.Count > 0) Line("", "| checkpoint key | shape |", "|---|---|");
            foreach (var tensor in Tensors) Line($"| {tensor.Key} | {tensor.Shape} |");
            Line("", "```mermaid", Mermaid.TrimEnd(), "```");
            return text.ToString();

            void Line(params string[] lines)
            {
                foreach (var line in lines) text.Append(line).Append('\n');
            }
        }
    }

    public bool Equals(ModelCard? other)
        => other is not null
            && (Name, Mapping, Smallest, Parameters, Flops, ActivationBytes, Mermaid) == (
                other.Name, other.Mapping, other.Smallest, other.Parameters, other.Flops, other.ActivationBytes, other.Mermaid)
            && Facts.SequenceEqual(other.Facts) && Layers.SequenceEqual(other.Layers) && Tensors.SequenceEqual(other.Tensors);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Name + Mermaid);
}
