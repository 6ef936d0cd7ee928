using Hybrid.Algebra;

namespace Hybrid.Graphs;

/// <summary>One operation of a graph.</summary>
/// <param name="Operation">The rule's name.</param>
/// <param name="Inputs">Value numbers, in the signature's order; −1 for an optional tensor that was not given.</param>
/// <param name="Arguments">One for each non-tensor parameter of the signature, defaults filled in.</param>
/// <param name="Outputs">Value numbers.</param>
/// <param name="Layer">Index into <see cref="Graph.Layers"/>, −1 when the operation has no weights.</param>
/// <param name="Origin">The call.</param>
public sealed record Node(
    string Operation,
    EquatableArray<int> Inputs,
    EquatableArray<Argument> Arguments,
    EquatableArray<int> Outputs,
    int Layer,
    Origin Origin);

public enum WeightRole
{
    /// <summary>Trained.</summary>
    Parameter,

    /// <summary>Saved with the network but not trained: running statistics.</summary>
    Buffer,
}

/// <summary>One tensor of a layer.</summary>
/// <param name="Name">Its name below the layer's key, as PyTorch calls it: <c>weight</c>, <c>out_proj.bias</c>; empty when the key is its
/// own.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Init">How it starts.</param>
/// <param name="Role">Trained or only kept.</param>
public sealed record Weight(string Name, Shape Shape, Init Init, WeightRole Role = WeightRole.Parameter)
{
    /// <summary>
    /// Where no layer of TorchSharp holds the tensor and the start is the default: U(±1/√FanIn), PyTorch's for linear maps; null means
    /// zeros.
    /// </summary>
    public Algebra.Dim? FanIn { get; init; }
}

/// <summary>An operation's weights; several nodes share them when the user applied one layer value several times.</summary>
/// <param name="Key">Checkpoint key without the weight's name: <c>block_1.stem</c>.</param>
/// <param name="Operation">The rule's name.</param>
/// <param name="Arguments">The construction's arguments.</param>
/// <param name="Weights">Its tensors, in registration order.</param>
/// <param name="IsPinned">True when the user wrote <c>key:</c>.</param>
/// <param name="Origin">Where the layer is made.</param>
public sealed record LayerInfo(
    string Key,
    string Operation,
    EquatableArray<Argument> Arguments,
    EquatableArray<Weight> Weights,
    bool IsPinned,
    Origin Origin)
{
    /// <summary>The checkpoint key of one of its tensors.</summary>
    public string KeyOf(Weight weight) => weight.Name.Length == 0 ? Key : $"{Key}.{weight.Name}";
}
