using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hybrid.Generators.Reading;

/// <summary>
/// Numbers the places of one spec in reading order. The analyzer keeps the syntax behind each number to report at it;
/// the generator only counts, so that its model holds no syntax.
/// </summary>
internal sealed class Places
{
    private readonly List<SyntaxNodeOrToken>? _syntax;
    private int _count;

    private Places(List<SyntaxNodeOrToken>? syntax) => _syntax = syntax;

    public static Places Counted() => new(null);

    public static Places Kept() => new(new List<SyntaxNodeOrToken>());

    public int Add(SyntaxNodeOrToken syntax)
    {
        _syntax?.Add(syntax);
        return _count++;
    }

    /// <summary>The syntax at a place of a reading that kept it.</summary>
    public SyntaxNodeOrToken this[int id] => _syntax![id];

    /// <summary>The calls that were read as operations of the language, of a reading that kept its syntax.</summary>
    public List<InvocationExpressionSyntax> VocabularyCalls { get; } = new();

    /// <summary>A call that is read as an operation.</summary>
    public int AddOperation(InvocationExpressionSyntax call)
    {
        if (_syntax is not null) VocabularyCalls.Add(call);
        return Add(call);
    }
}
