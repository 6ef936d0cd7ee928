using System.Collections.Generic;
using System.Threading;
using Hybrid.Rules;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hybrid.Generators.Reading;

/// <summary>
/// The expressions and statements that the compiler itself complains about. Half-typed code is the normal case in an
/// editor: nothing is said about these, and the rest of the spec is still checked.
/// </summary>
internal sealed class BrokenCode
{
    private readonly HashSet<SyntaxNode> _nodes = new();
    private readonly HashSet<SyntaxNode> _scanned = new();
    private readonly Compilation? _compilation;
    private readonly CancellationToken _cancellation;

    private BrokenCode(Compilation? compilation, CancellationToken cancellation)
    {
        _compilation = compilation;
        _cancellation = cancellation;
    }

    /// <summary>What can be seen from the syntax alone: tokens that are missing.</summary>
    public static BrokenCode Syntactic() => new(null, default);

    /// <summary>What the compiler reports when it binds the methods that are read.</summary>
    public static BrokenCode Bound(Compilation compilation, CancellationToken cancellation) => new(compilation, cancellation);

    /// <summary>Collects the compiler's errors of a method before its body is read.</summary>
    public void Scan(MethodDeclarationSyntax method)
    {
        if (_compilation is null || !_scanned.Add(method)) return;
        var semantic = _compilation.GetSemanticModel(method.SyntaxTree);
        foreach (var diagnostic in semantic.GetDiagnostics(method.Span, _cancellation))
        {
            if (diagnostic.Severity != DiagnosticSeverity.Error || !diagnostic.Location.IsInSource) continue;
            var span = diagnostic.Location.SourceSpan;
            if (!method.FullSpan.Contains(span)) continue;
            var node = Readable(method.FindNode(span, getInnermostNodeForTie: true));
            // CS1929 stands at the receiver.
            var call = diagnostic.Id == "CS1929"
                && node.Parent is MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax of }
                ? of
                : node;
            if (!IsNoOperation(call, diagnostic.Id, semantic)) _nodes.Add(node);
        }
    }

    /// <summary>
    /// A call on a tensor of what the language calls otherwise, or to which the compiler answers with an overload of Enumerable: here the
    /// language says what does it. A misspelt name is the compiler's to report.
    /// </summary>
    private static bool IsNoOperation(SyntaxNode node, string id, SemanticModel semantic)
        => node is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access }
            && (id == "CS1929" || NearMisses.Has(access.Name.Identifier.ValueText))
            && RuleTable.Find(access.Name.Identifier.ValueText) is null
            && semantic.GetTypeInfo(access.Expression).Type is { Name: nameof(Sym) } type
            && SpecReader.IsVocabulary(type);

    /// <summary>
    /// The method that a call binds to when it is none of the language's: the generator reads syntax, so what it takes for an
    /// operation must be one. Null in a reading of syntax alone.
    /// </summary>
    public IMethodSymbol? Stranger(InvocationExpressionSyntax call)
    {
        if (_compilation is null) return null;
        return _compilation.GetSemanticModel(call.SyntaxTree).GetSymbolInfo(call, _cancellation).Symbol is IMethodSymbol method
            && !SpecReader.IsVocabulary((method.ReducedFrom ?? method).ContainingType)
            && method.ContainingType is not { Name: "List", ContainingNamespace.Name: "Generic" }
            ? method
            : null;
    }

    public bool Contains(SyntaxNode node) => node.IsMissing || _nodes.Contains(node);

    /// <summary>From the node of an error to the expression or statement that the reader visits.</summary>
    private static SyntaxNode Readable(SyntaxNode node)
    {
        while (node.Parent is { } parent)
        {
            var partOfParent = node switch
            {
                StatementSyntax => false,
                ExpressionSyntax =>
                    (parent is MemberAccessExpressionSyntax access && access.Name == node)
                    || (parent is InvocationExpressionSyntax invocation && invocation.Expression == node)
                    || parent is TypeArgumentListSyntax
                    || (parent is VariableDeclarationSyntax declaration && declaration.Type == node),
                MethodDeclarationSyntax => false,
                _ => true,
            };
            if (!partOfParent) break;
            node = parent;
        }
        return node;
    }
}
