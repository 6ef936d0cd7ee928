using System.Collections.Generic;
using System.Threading;
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
            _nodes.Add(Readable(method.FindNode(span, getInnermostNodeForTie: true)));
        }
    }

    /// <summary>
    /// The method that a call binds to when it is none of the language's: the generator reads syntax, so what it takes for an
    /// operation must be one. Null in a reading of syntax alone.
    /// </summary>
    public IMethodSymbol? Stranger(InvocationExpressionSyntax call)
    {
        if (_compilation is null) return null;
        return _compilation.GetSemanticModel(call.SyntaxTree).GetSymbolInfo(call, _cancellation).Symbol is IMethodSymbol method
            && !SpecReader.IsVocabulary((method.ReducedFrom ?? method).ContainingType)
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
