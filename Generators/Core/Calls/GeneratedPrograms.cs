using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Programs;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Hybrid.Generators.Calls;

/// <summary>A call of a generated program: its contract, and the tensors it is given in the contract's order.</summary>
internal sealed record GeneratedCall(string Name, Contract Contract, IReadOnlyList<IOperation> Tensors);

/// <summary>Recognises calls of generated programs; a contract is read once a class.</summary>
internal sealed class GeneratedPrograms(INamedTypeSymbol attribute)
{
    private readonly ConcurrentDictionary<INamedTypeSymbol, Contract?> _contracts = new(SymbolEqualityComparer.Default);

    /// <summary>
    /// <c>net.forward(…)</c>, <c>net.call(…)</c>, <c>Net.Forward(weights, …)</c> or <c>Loss.Value(…)</c>; null for any other call.
    /// </summary>
    public GeneratedCall? Find(IInvocationOperation call)
    {
        var method = call.TargetMethod;
        var arguments = call.Arguments.OrderBy(argument => argument.Parameter?.Ordinal ?? 0).ToList();
        if (!method.IsStatic)
        {
            if (method.Name is not ("forward" or "call")
                || call.Instance?.Type is not INamedTypeSymbol module
                || Contract(module) is not { } own
                || arguments.Count != own.Inputs.Count)
            {
                return null;
            }
            return new GeneratedCall($"{module.Name}.{method.Name}", own, arguments.Select(argument => argument.Value).ToList());
        }
        // A class is partial: other static methods of it are their author's.
        if (Contract(method.ContainingType) is not { } contract || method.Name != contract.Method) return null;
        // The functional form takes the class's weights first; a trailing switch for training is not a tensor.
        var weighty = arguments.Count > 0
            && arguments[0].Parameter!.Type is { Name: "Weights" } weights
            && SymbolEqualityComparer.Default.Equals(weights.ContainingType, method.ContainingType);
        var rest = arguments.Skip(weighty ? 1 : 0).ToList();
        var tensors = rest.TakeWhile(argument => argument.Parameter!.Type.Name == "Tensor").ToList();
        if (tensors.Count != contract.Inputs.Count
            || rest.Skip(tensors.Count).Any(argument => argument.Parameter!.Type.SpecialType != SpecialType.System_Boolean))
        {
            return null;
        }
        return Results(method) == contract.Outputs.Count
            ? new GeneratedCall(
                $"{method.ContainingType.Name}.{method.Name}", contract, tensors.Select(argument => argument.Value).ToList())
            : null;
    }

    /// <summary>How many tensors a method gives; 0 when it gives something else.</summary>
    private static int Results(IMethodSymbol method) => method.ReturnType switch
    {
        { Name: "Tensor" } => 1,
        INamedTypeSymbol { IsTupleType: true } tuple when tuple.TupleElements.All(
            element => element.Type.Name == "Tensor") => tuple.TupleElements.Length,
        _ => 0,
    };

    private Contract? Contract(INamedTypeSymbol type) => _contracts.GetOrAdd(type, t =>
    {
        var written = t.GetAttributes().FirstOrDefault(a => SymbolEqualityComparer.Default.Equals(a.AttributeClass, attribute));
        return written is { ConstructorArguments: { Length: 1 } arguments }
            && arguments[0].Value is string text
            && Programs.Contract.TryParse(text, out var contract, out _)
            ? contract
            : null;
    });
}
