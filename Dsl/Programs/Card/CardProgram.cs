using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;

namespace Hybrid.Programs;

/// <summary>The network's card as a static member.</summary>
public sealed class CardProgram() : DerivedProgram(Hybrid.Variant.Card)
{
    public override bool Fits(GraphKind kind) => kind == GraphKind.Network;

    private protected override void WriteMembers(CSharpText text, Graph graph, TypeHeader type) => Members(text, Cards.Of(graph));

    private static void Members(CSharpText text, ModelCard card)
    {
        text.Summary(
            $"{card.Mapping}: {card.Parameters} parameters, {card.Flops} FLOPs, {card.ActivationBytes} bytes of activations in float32.");
        text.Line("public static global::Hybrid.ModelCard ModelCard { get; } = new(");
        text.Line($"    {Quoted(card.Name)},");
        text.Line($"    {Quoted(card.Mapping)},");
        text.Line($"    new string[] {{ {string.Join(", ", card.Facts.Select(Quoted))} }},");
        text.Line($"    {Quoted(card.Smallest)},");
        text.Line($"    {Quoted(card.Parameters)},");
        text.Line($"    {Quoted(card.Flops)},");
        text.Line($"    {Quoted(card.ActivationBytes)},");
        Rows("CardLayer", card.Layers.Select(layer => new[] { layer.Operation, layer.Key, layer.Output, layer.Parameters, layer.Flops }));
        Rows("CardTensor", card.Tensors.Select(tensor => new[] { tensor.Key, tensor.Shape }));
        text.Line("    string.Join(\"\\n\", new string[]");
        text.Line("    {");
        foreach (var line in card.Mermaid.Split('\n')) text.Line($"        {Quoted(line)},");
        text.Line("    }));");

        void Rows(string type, IEnumerable<string[]> rows)
        {
            text.Line($"    new global::Hybrid.{type}[]");
            text.Line("    {");
            foreach (var row in rows) text.Line($"        new({string.Join(", ", row.Select(Quoted))}),");
            text.Line("    },");
        }
    }

    private static string Quoted(string text) => CSharpText.Literal(text);
}
