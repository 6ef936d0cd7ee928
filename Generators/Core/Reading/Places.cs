using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Hybrid.Generators.Reading;

/// <summary>
/// Numbers the places of one spec in reading order. The analyzer keeps the syntax of each number to report at it;
/// the generator only counts, so that its model holds no syntax.
/// </summary>
internal sealed class Places
{
    private readonly List<SyntaxNodeOrToken>? _syntax;
    private readonly HashSet<InvocationExpressionSyntax> _callsOnValues = new();
    private int _count;

    private Places(List<SyntaxNodeOrToken>? syntax) => _syntax = syntax;

    public static Places Counted() => new(null);

    public static Places Kept() => new(new List<SyntaxNodeOrToken>());

    public int Add(SyntaxNodeOrToken syntax)
    {
        _syntax?.Add(syntax);
        return _count++;
    }

    /// <summary>A call on a value: its place is its name and arguments, since the receiver may be a chain of many lines.</summary>
    public int AddCallOnValue(InvocationExpressionSyntax call)
    {
        if (_syntax is not null) _callsOnValues.Add(call);
        return Add(call);
    }

    /// <summary>Where a place is, in a reading that kept its syntax.</summary>
    public Location Location(int id)
    {
        var syntax = _syntax![id];
        return syntax.AsNode() is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access } call
            && _callsOnValues.Contains(call)
            ? Microsoft.CodeAnalysis.Location.Create(call.SyntaxTree, TextSpan.FromBounds(access.Name.SpanStart, call.Span.End))
            : syntax.GetLocation()!;
    }
}
