using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;
using Hybrid.Rules;

namespace Hybrid.Programs;

/// <summary>
/// Where a Flipout network keeps its tensors: the network's own under their names, and beside the weights that can be drawn their
/// <c>…_rho</c>.
/// </summary>
internal sealed class FlipoutTree : TensorTree
{
    private readonly string _posterior;
    private readonly List<(string Class, LayerInfo Example)> _copies = [];

    /// <inheritdoc cref="TensorTree(Graph, string, string)"/>
    public FlipoutTree(Graph graph, string type) : base(graph, type, "Flipout")
    {
        _posterior = ClassOf("posterior", "Posterior");
        foreach (var layer in Order.Where(layer => KindOf(layer) is null))
            if (_copies.All(known => known.Class != Class(layer))) _copies.Add((Class(layer), graph.Layers[layer]));
    }

    /// <summary>Which kind of drawn layer it can be; null for one that cannot.</summary>
    public FlipoutLayers? KindOf(int layer) => PerturbedLayer.Of(Graph, Graph.Nodes.First(candidate => candidate.Layer == layer))?.Kind;

    public string Posterior => _posterior;

    /// <summary>Paths of the layers that can be drawn.</summary>
    public IEnumerable<(int Layer, string Path)> Drawn
        => Order.Where(layer => KindOf(layer) is not null).Select(layer => (layer, PathOf(layer)));

    protected override (string Parameters, string Arguments) Sources
        => ($"{Type} module, double initialSigma, global::Hybrid.FlipoutLayers layers", "module, initialSigma, layers");

    // Of the kinds that are asked for it may have none: then it is not drawn.
    protected override string InnerConstruction(int layer, string type)
        => $"{type}.From(module.{PathOf(layer)}, initialSigma, layers & {type}.Kinds)";

    protected override string Class(int layer)
        => KindOf(layer) is null ? ClassOf(Kind(Graph.Layers[layer]), Graph.Layers[layer].Operation + "Copy") : _posterior;

    protected override string Taking(int layer, Weight weight) => $"Copy(module.{SingleOf(layer, weight)})";

    protected override string Construction(int layer)
    {
        if (KindOf(layer) is not { } kind) return base.Construction(layer);
        var weights = Graph.Layers[layer].Weights;
        var bias = weights.FirstOrDefault(weight => weight.Name == "bias") is { } given ? Taking(layer, given) : "null";
        return $"{Taking(layer, weights.First(weight => weight.Name == "weight"))}, {bias}, (layers & "
            + $"global::Hybrid.FlipoutLayers.{kind}) != 0 ? initialSigma : null";
    }

    protected override void WriteLayers(CSharpText text)
    {
        foreach (var (name, layer) in _copies)
            WriteHolder(text, name, layer, $"The tensors of a layer {layer.Operation}, which are not drawn.");
        if (!Drawn.Any()) return;
        text.Line();
        text.Summary(
            "The weights of a layer: w ~ N(weight, softplus(weight_rho)²), likewise the bias; w = weight where weight_rho is null.");
        text.Block($"private sealed class {_posterior} : nn.Module", () =>
        {
            text.Line("[ComponentName(Name = \"weight\")] internal Modules.Parameter weight;");
            text.Line("[ComponentName(Name = \"bias\")] internal Modules.Parameter? bias;");
            text.Line("[ComponentName(Name = \"weight_rho\")] internal Modules.Parameter? weight_rho;");
            text.Line("[ComponentName(Name = \"bias_rho\")] internal Modules.Parameter? bias_rho;");
            text.Line();
            text.Block($"internal {_posterior}(Tensor weight, Tensor? bias, double? initialSigma) : base(\"{_posterior}\")", () =>
            {
                text.Line("this.weight = new Modules.Parameter(weight);");
                text.Line("if (bias is not null) this.bias = new Modules.Parameter(bias);");
                text.Block("if (initialSigma is { } sigma)", () =>
                {
                    text.Line("// softplus(start) = sigma, without overflow.");
                    text.Line("var start = sigma > 20 ? sigma : Math.Log(Math.Exp(sigma) - 1);");
                    text.Line("using var still = torch.no_grad();");
                    text.Line("weight_rho = new Modules.Parameter(torch.full_like(this.weight, start).DetachFromDisposeScope());");
                    text.Line(
                        "if (this.bias is not null) bias_rho = new Modules.Parameter(torch.full_like(this.bias, "
                            + "start).DetachFromDisposeScope());");
                });
                text.Line("RegisterComponents();");
            });
        });
    }
}
