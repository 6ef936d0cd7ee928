using Hybrid.Rules;

namespace Hybrid.Graphs;

/// <summary>A layer value of a spec: applied several times, it is one set of weights.</summary>
public sealed class SharedLayer
{
    internal SharedLayer(Rule rule, Binding binding, Origin origin, LayerName name)
        => (Rule, Binding, Origin, Name) = (rule, binding, origin, name);

    public Rule Rule { get; }

    internal Binding Binding { get; }

    internal Origin Origin { get; }

    internal LayerName Name { get; }

    /// <summary>Index of its weights once it was applied.</summary>
    internal int Index { get; set; } = -1;

    internal Origin FirstCall { get; set; } = Origin.None;

    internal Shape FirstShape { get; set; } = Shape.Scalar;
}
