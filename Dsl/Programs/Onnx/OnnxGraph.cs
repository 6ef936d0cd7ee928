using System.Collections.Generic;
using Hybrid.Graphs;

namespace Hybrid.Onnx;

/// <summary>
/// A network's inference as ONNX writes it: the graph of the intermediate representation, version 8, operator set 17. Weights are named,
/// not held.
/// </summary>
/// <param name="Name">The network's.</param>
/// <param name="Inputs">What it takes.</param>
/// <param name="Outputs">What it gives.</param>
/// <param name="Nodes">Operations in order of evaluation.</param>
/// <param name="Weights">Tensors whose values are the module's, by checkpoint key.</param>
/// <param name="Constants">Small tensors that the operations need.</param>
/// <param name="Metadata">The spec's contract, which ONNX has no place for: <c>network</c>, <c>dims</c>, <c>where</c>, and
/// <c>param.NAME</c> for each [Param] size.</param>
public sealed record OnnxGraph(
    string Name,
    IReadOnlyList<OnnxTensor> Inputs,
    IReadOnlyList<OnnxTensor> Outputs,
    IReadOnlyList<OnnxNode> Nodes,
    IReadOnlyList<OnnxWeight> Weights,
    IReadOnlyList<OnnxConstant> Constants,
    IReadOnlyList<KeyValuePair<string, string>> Metadata)
{
    /// <summary>The operator set that the nodes are of.</summary>
    public const int OperatorSet = 17;
}

/// <summary>An input or output.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Element">Real is float32.</param>
/// <param name="Sizes">Numbers, or names and formulas of sizes that are known when it runs.</param>
public sealed record OnnxTensor(string Name, ElementType Element, IReadOnlyList<string> Sizes);

/// <summary>A weight of the module.</summary>
/// <param name="Key">Checkpoint key.</param>
/// <param name="Name">Its name in the graph: the key, followed by a number where an input or output has that name.</param>
/// <param name="Shape">Its sizes, which the module's must be.</param>
public sealed record OnnxWeight(string Key, string Name, IReadOnlyList<long> Shape);

/// <summary>A tensor of given values: float32 or int64.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="Shape">Its sizes; empty for a single number.</param>
/// <param name="Singles">Values of a float32 tensor, else null.</param>
/// <param name="Integers">Values of an int64 tensor, else null.</param>
public sealed record OnnxConstant(string Name, IReadOnlyList<long> Shape, float[]? Singles, long[]? Integers);

/// <summary>One operation.</summary>
/// <param name="Operator">Its name in ONNX.</param>
/// <param name="Inputs">Names; empty for an optional input that is not given.</param>
/// <param name="Outputs">Names.</param>
/// <param name="Attributes">Each a long, a long[], a float or a string.</param>
public sealed record OnnxNode(
    string Operator,
    IReadOnlyList<string> Inputs,
    IReadOnlyList<string> Outputs,
    IReadOnlyList<KeyValuePair<string, object>> Attributes);
