using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Engine;

/// <summary>
/// Derivatives as <c>torch.autograd.grad</c> gives them. TorchSharp 0.107's own ends the process where libtorch refuses: a graph that was
/// freed, an input that was not used, a value that was changed in place. Here such a call throws; the gradient by an input that was not
/// used is zero.
/// </summary>
public static class Gradients
{
    private static readonly Lazy<jit.CompilationUnit> _script = new(() => jit.compile("""
        def gradients(outputs: List[Tensor], inputs: List[Tensor], cotangents: List[Tensor], create_graph: bool):
            given: List[Optional[Tensor]] = []
            for cotangent in cotangents:
                given.append(cotangent)
            found = torch.autograd.grad(outputs, inputs, given, True, create_graph, True)
            result: List[Tensor] = []
            for i in range(len(found)):
                gradient = found[i]
                if gradient is None:
                    result.append(torch.zeros_like(inputs[i]))
                else:
                    result.append(gradient)
            return result

        """));

    /// <summary>
    /// vᵀ·∂y/∂x for every x, summed over the y. The graph is kept, so that further derivatives of the same values can be asked for.
    /// </summary>
    /// <param name="outputs">y, connected to the inputs by operations with gradients.</param>
    /// <param name="inputs">x, which require gradients.</param>
    /// <param name="cotangents">v, one of each output's shape.</param>
    /// <param name="createGraph">Whether the result can be differentiated again.</param>
    /// <returns>Of the inputs' shapes.</returns>
    /// <exception cref="InvalidOperationException">libtorch refuses; the message says why.</exception>
    public static Tensor[] Of(
        IReadOnlyList<Tensor> outputs, IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> cotangents, bool createGraph = false)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(cotangents);
        if (outputs.Count != cotangents.Count)
            throw new ArgumentException(
                $"Gradients.Of: expected a cotangent for each of {outputs.Count} outputs, got {cotangents.Count}.", nameof(cotangents));
        try
        {
            return (Tensor[])_script.Value.invoke("gradients", outputs.ToArray(), inputs.ToArray(), cotangents.ToArray(), createGraph);
        }
        catch (Exception failure) when (LibtorchMessage.IsOf(failure))
        {
            throw new InvalidOperationException($"Gradients.Of: {LibtorchMessage.Of(failure)}", failure);
        }
    }
}
