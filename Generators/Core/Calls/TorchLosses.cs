using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Hybrid.Generators.Calls;

/// <summary>What a loss takes for its prediction.</summary>
internal enum PredictionKind
{
    Logits,
    Probabilities,

    /// <summary>Logarithms of probabilities.</summary>
    Logarithms,
}

/// <summary>Calls of TorchSharp's own losses, and of its softmax.</summary>
internal static class TorchLosses
{
    /// <summary>The loss, what it takes, and its prediction; null for any other call.</summary>
    public static (string Name, PredictionKind Takes, IOperation Prediction)? Find(IInvocationOperation call)
    {
        var method = call.TargetMethod;
        var name = method is { IsStatic: true, ContainingType.Name: "functional" } ? method.Name
            : method is { IsStatic: false, Name: "forward" or "call" } ? call.Instance?.Type?.Name
            : null;
        PredictionKind? takes = name switch
        {
            "cross_entropy" or "binary_cross_entropy_with_logits" or "CrossEntropyLoss" or "BCEWithLogitsLoss" => PredictionKind.Logits,
            "binary_cross_entropy" or "BCELoss" => PredictionKind.Probabilities,
            "nll_loss" or "NLLLoss" => PredictionKind.Logarithms,
            _ => null,
        };
        if (takes is null || !IsTorch(method.IsStatic ? method.ContainingType : call.Instance!.Type!)) return null;
        return call.Arguments.FirstOrDefault(argument => argument.Parameter?.Ordinal == 0)?.Value is { } prediction
            ? (name!, takes.Value, prediction)
            : null;
    }

    /// <summary>The tensor of a softmax, and the constant axis along which it is taken; null for any other call.</summary>
    public static (string Name, IOperation Of, IOperation Axis, long Along)? Softmax(IInvocationOperation call)
    {
        var method = call.TargetMethod;
        if (method.Name is not ("softmax" or "log_softmax") || !IsTorch(method.ContainingType)) return null;
        var axis = call.Arguments.FirstOrDefault(argument => argument.Parameter is { Name: "dim" })?.Value;
        var of = method.IsStatic ? call.Arguments.FirstOrDefault(argument => argument.Parameter is { Ordinal: 0 })?.Value : call.Instance;
        if (axis is null || of is null) return null;
        return axis.ConstantValue is { HasValue: true, Value: int or long } constant
            ? (method.Name, of, axis, System.Convert.ToInt64(constant.Value, System.Globalization.CultureInfo.InvariantCulture))
            : null;
    }

    // TorchSharp.Modules.CrossEntropyLoss, TorchSharp.torch.nn.functional.
    private static bool IsTorch(ITypeSymbol type)
    {
        var home = type.ContainingNamespace;
        while (home is { ContainingNamespace: { IsGlobalNamespace: false } outer }) home = outer;
        return home?.Name == "TorchSharp";
    }
}
