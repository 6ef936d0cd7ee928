using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Hybrid.Generators.Calls;

/// <summary>Calls of TorchSharp's own losses that take logits, or probabilities.</summary>
internal static class TorchLosses
{
    /// <summary>The loss, whether it takes logits, and its prediction; null for any other call.</summary>
    public static (string Name, bool TakesLogits, IOperation Prediction)? Find(IInvocationOperation call)
    {
        var method = call.TargetMethod;
        var (name, takesLogits) = method switch
        {
            { IsStatic: true, ContainingType.Name: "functional", Name: "cross_entropy" or "binary_cross_entropy_with_logits" }
                => (method.Name, true),
            { IsStatic: true, ContainingType.Name: "functional", Name: "binary_cross_entropy" } => (method.Name, false),
            { IsStatic: false, Name: "forward" or "call" } => call.Instance?.Type?.Name switch
            {
                "CrossEntropyLoss" or "BCEWithLogitsLoss" => (call.Instance.Type.Name, true),
                "BCELoss" => (call.Instance.Type.Name, false),
                _ => ("", false),
            },
            _ => ("", false),
        };
        if (name.Length == 0) return null;
        // TorchSharp.Modules.CrossEntropyLoss, TorchSharp.torch.nn.functional.
        var home = (method.IsStatic ? method.ContainingType : call.Instance!.Type!).ContainingNamespace;
        while (home is { ContainingNamespace: { IsGlobalNamespace: false } outer }) home = outer;
        if (home?.Name != "TorchSharp") return null;
        return call.Arguments.FirstOrDefault(argument => argument.Parameter?.Ordinal == 0)?.Value is { } prediction
            ? (name, takesLogits, prediction)
            : null;
    }
}
