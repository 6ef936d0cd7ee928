using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Programs;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Hybrid.Generators.Calls;

/// <summary>
/// What is known of a tensor from the expression that computes it: results of generated programs, new tensors of constant sizes, locals
/// that hold one of these and are assigned once, and what passes a shape on unchanged. Everything else is not known.
/// </summary>
internal sealed class KnownShapes(GeneratedPrograms programs, CancellationToken cancellation)
{
    private const int Deepest = 32;

    private static readonly HashSet<string> _unchanged = new()
    {
        "alias",
        "clone",
        "contiguous",
        "cpu",
        "cuda",
        "detach",
        "detach_",
        "DetachFromDisposeScope",
        "MoveToOuterDisposeScope",
        "requires_grad_",
        "to",
    };

    // Functions of each element, and what is known of their values.
    private static readonly Dictionary<string, Domain> _functions = new()
    {
        ["abs"] = Domain.NonNegative, ["elu"] = Domain.Any, ["exp"] = Domain.Positive, ["gelu"] = Domain.Any, ["leaky_relu"] = Domain.Any,
        ["log"] = Domain.Any, ["log_softmax"] = Domain.Any, ["neg"] = Domain.Any, ["relu"] = Domain.NonNegative,
        ["sigmoid"] = Domain.Probability, ["silu"] = Domain.Any, ["softmax"] = Domain.Distribution, ["softplus"] = Domain.Positive,
        ["sqrt"] = Domain.NonNegative, ["square"] = Domain.NonNegative, ["tanh"] = Domain.Any,
    };

    // Of whole numbers and truth values too they make real ones.
    private static readonly HashSet<string> _real = new() { "exp", "log", "log_softmax", "sigmoid", "softmax", "sqrt", "tanh" };

    // What changes a tensor's shape where it stands: a local on which one of these is called is not what it was given.
    private static readonly HashSet<string> _reshaping = new()
    {
        "resize_", "resize_as_", "set_", "squeeze_", "swapaxes_", "swapdims_", "t_", "transpose_", "unsqueeze_",
    };

    private static readonly HashSet<string> _new = new() { "empty", "full", "ones", "rand", "randint", "randn", "zeros" };

    // Calls are numbered as they are met: each has sizes of its own. The call that is analysed is number 0.
    private readonly Dictionary<SyntaxNode, int> _calls = new();

    public KnownTensor? Of(IOperation operation) => Of(operation, 0) is { Count: 1 } single ? single[0] : null;

    /// <summary>The generated program that a tensor comes from, and its call.</summary>
    public (string Name, Location Place)? Source(IOperation operation)
    {
        for (var depth = 0; depth < Deepest; depth++)
        {
            switch (Plain(operation))
            {
                case IInvocationOperation call when programs.Find(call) is { } program:
                    return (program.Name, call.Syntax.GetLocation());
                case IInvocationOperation { Instance: { } receiver } call
                    when _unchanged.Contains(call.TargetMethod.Name) || _functions.ContainsKey(call.TargetMethod.Name):
                    operation = receiver;
                    break;
                case IInvocationOperation call when FunctionOf(call) is { } argument:
                    operation = argument;
                    break;
                case ILocalReferenceOperation local when Written(local) is { } value:
                    operation = value.Value;
                    break;
                case IFieldReferenceOperation { Instance: { Type.IsTupleType: true } tuple }:
                    operation = tuple;
                    break;
                default:
                    return null;
            }
        }
        return null;
    }

    /// <summary>One entry for a tensor, several for a tuple of them, null for what is not known.</summary>
    private IReadOnlyList<KnownTensor?>? Of(IOperation operation, int depth)
    {
        cancellation.ThrowIfCancellationRequested();
        if (depth > Deepest) return null;
        switch (Plain(operation))
        {
            case IInvocationOperation call when programs.Find(call) is { } program:
                if (!_calls.TryGetValue(call.Syntax, out var number)) _calls.Add(call.Syntax, number = _calls.Count + 1);
                var arguments = program.Tensors.Select(tensor => Of(tensor, depth + 1) is { Count: 1 } single ? single[0] : null).ToList();
                var results = ContractCalls.Results(program.Contract, arguments, number, out var refused);
                // What follows from a call that cannot be is not worth a second message.
                return refused.Count > 0 ? null : results;
            case IInvocationOperation { Instance: { Type.Name: "Tensor" } receiver } call when _unchanged.Contains(call.TargetMethod.Name):
                if (Of(receiver, depth + 1) is not { Count: 1 } kept || kept[0] is not { } tensor) return null;
                return new[] { call.TargetMethod.Name == "to" ? tensor with { IsTyped = false } : tensor };
            case IInvocationOperation { Instance: { Type.Name: "Tensor" } receiver } call
                when _functions.ContainsKey(call.TargetMethod.Name):
                return Function(call.TargetMethod.Name, receiver, depth);
            case IInvocationOperation call when FunctionOf(call) is { } argument:
                return Function(call.TargetMethod.Name, argument, depth);
            case IInvocationOperation
            {
                TargetMethod: { IsStatic: true, ContainingType: { Name: "torch", ContainingNamespace.Name: "TorchSharp" } } made,
            } call when _new.Contains(made.Name):
                return New(call) is { } shape ? new[] { new KnownTensor(shape, Facts.None, IsTyped: false) } : null;
            case ILocalReferenceOperation local when Written(local) is var (value, element):
                var held = Of(value, depth + 1);
                // What is changed where it stands has other values.
                if (held is not null && IsOverwritten(local)) held = held.Select(one => one is null ? null : WithoutValues(one)).ToList();
                return held is null || element is null ? held : element < held.Count ? new[] { held[element.Value] } : null;
            case IFieldReferenceOperation { Instance: { Type: INamedTypeSymbol { IsTupleType: true } tuple } instance } field:
                var elements = Of(instance, depth + 1);
                for (var n = 0; elements is not null && n < tuple.TupleElements.Length && n < elements.Count; n++)
                    if (SymbolEqualityComparer.Default.Equals(
                        tuple.TupleElements[n].CorrespondingTupleField, field.Field.CorrespondingTupleField ?? field.Field))
                    {
                        return new[] { elements[n] };
                    }
                return null;
            default:
                return null;
        }
    }

    /// <summary>The tensor of <c>torch.sigmoid(x)</c> or <c>functional.softmax(x, 1)</c>; null for any other call.</summary>
    private static IOperation? FunctionOf(IInvocationOperation call)
        => call.TargetMethod is { IsStatic: true, ContainingType: { Name: "torch" or "functional" } type } method
            && _functions.ContainsKey(method.Name)
            && IsTorch(type)
            ? call.Arguments.FirstOrDefault(argument => argument.Parameter is { Ordinal: 0, Type.Name: "Tensor" })?.Value
            : null;

    private static bool IsTorch(INamedTypeSymbol type)
    {
        INamespaceOrTypeSymbol at = type;
        while (at is INamedTypeSymbol { ContainingType: { } outer }) at = outer;
        return at.ContainingNamespace?.Name == "TorchSharp";
    }

    private IReadOnlyList<KnownTensor?>? Function(string name, IOperation of, int depth)
        => Of(of, depth + 1) is { Count: 1 } known && known[0] is { } tensor
            ? new[]
            {
                tensor with
                {
                    AreLogits = false,
                    Shape = tensor.Shape with
                    {
                        Domain = _functions[name], Element = _real.Contains(name) ? ElementType.Real : tensor.Shape.Element,
                    },
                },
            }
            : null;

    private static IOperation Plain(IOperation operation)
    {
        while (true)
        {
            switch (operation)
            {
                case IConversionOperation { Conversion.IsIdentity: true } conversion: operation = conversion.Operand; break;
                case IParenthesizedOperation parenthesized: operation = parenthesized.Operand; break;
                default: return operation;
            }
        }
    }

    /// <summary>The sizes of <c>torch.randn(8, 3, 28, 28)</c>, all constants.</summary>
    private static Shape? New(IInvocationOperation call)
    {
        var axes = new List<Axis>();
        foreach (var argument in call.Arguments.OrderBy(a => a.Parameter!.Ordinal))
        {
            if (argument.Parameter!.Name is not ("size" or "dim0" or "dim1" or "dim2" or "dim3" or "rows" or "columns")) continue;
            var value = argument.Value;
            while (value is IConversionOperation conversion) value = conversion.Operand;
            IEnumerable<IOperation>? sizes = value switch
            {
                IArrayCreationOperation { Initializer: { } initializer } => initializer.ElementValues,
                ICollectionExpressionOperation collection => collection.Elements,
                _ when argument.Parameter.Type.SpecialType is SpecialType.System_Int32 or SpecialType.System_Int64 => new[] { value },
                _ => null,
            };
            if (sizes is null) return null;
            foreach (var size in sizes)
            {
                switch (size.ConstantValue.HasValue ? size.ConstantValue.Value : null)
                {
                    case int number: axes.Add(new Axis(number)); break;
                    case long number: axes.Add(new Axis(number)); break;
                    default: return null;
                }
            }
        }
        return axes.Count == 0 ? null : Shape.Of(axes.ToArray());
    }

    private static KnownTensor WithoutValues(KnownTensor tensor)
        => tensor with { AreLogits = false, Shape = tensor.Shape with { Domain = Domain.Any } };

    private static bool IsOverwritten(ILocalReferenceOperation reference)
    {
        IOperation root = reference;
        while (root.Parent is { } parent) root = parent;
        return root.Descendants().Any(
            operation => operation is IInvocationOperation { Instance: ILocalReferenceOperation changed } call
                && call.TargetMethod.Name.EndsWith("_", System.StringComparison.Ordinal)
                && SymbolEqualityComparer.Default.Equals(changed.Local, reference.Local));
    }

    /// <summary>
    /// The one value that a local is ever given, and which element of it; null when it is given several, or in a way that does not show.
    /// </summary>
    private static (IOperation Value, int? Element)? Written(ILocalReferenceOperation reference)
    {
        var local = reference.Local;
        IOperation root = reference;
        while (root.Parent is { } parent) root = parent;
        (IOperation, int?)? found = null;
        foreach (var operation in root.Descendants())
        {
            switch (operation)
            {
                case IVariableDeclaratorOperation { Initializer: { } initializer } declarator when Is(declarator.Symbol):
                    if (found is not null) return null;
                    found = (initializer.Value, null);
                    break;
                case ISimpleAssignmentOperation assignment when Is(assignment.Target):
                    if (found is not null) return null;
                    found = (assignment.Value, null);
                    break;
                case IDeconstructionAssignmentOperation deconstruction:
                    var target = deconstruction.Target is IDeclarationExpressionOperation declaration
                        ? declaration.Expression
                        : deconstruction.Target;
                    if (target is not ITupleOperation tuple) break;
                    for (var n = 0; n < tuple.Elements.Length; n++)
                    {
                        var element = tuple.Elements[n] is IDeclarationExpressionOperation inner ? inner.Expression : tuple.Elements[n];
                        if (element is ITupleOperation && element.Descendants().Any(Refers)) return null;
                        if (!Is(element)) continue;
                        if (found is not null) return null;
                        found = (deconstruction.Value, n);
                    }
                    break;
                case ICompoundAssignmentOperation compound when Is(compound.Target):
                case ICoalesceAssignmentOperation coalesce when Is(coalesce.Target):
                case IArgumentOperation { Parameter.RefKind: not (RefKind.None or RefKind.In) } argument when Is(argument.Value):
                case IInvocationOperation { Instance: { } changed } call when _reshaping.Contains(call.TargetMethod.Name) && Is(changed):
                case IForEachLoopOperation loop when loop.Locals.Any(Is):
                case IDeclarationPatternOperation pattern when SymbolEqualityComparer.Default.Equals(pattern.DeclaredSymbol, local):
                    return null;
            }
        }
        return found;

        bool Is(object? target) => target switch
        {
            ILocalReferenceOperation other => SymbolEqualityComparer.Default.Equals(other.Local, local),
            ILocalSymbol symbol => SymbolEqualityComparer.Default.Equals(symbol, local),
            _ => false,
        };

        bool Refers(IOperation operation) => Is(operation);
    }
}
