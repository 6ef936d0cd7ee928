using System;
using System.Collections.Generic;
using System.Linq;

namespace Hybrid.Graphs;

/// <summary>Where a layer is made: the block's prefix and the local being declared, if it gives its name.</summary>
internal sealed record LayerName(string Prefix, string? Local, int Statement);

/// <summary>
/// Checkpoint keys. A pinned key wins; else the local's name, with the operation added from the local's second layer on
/// (<c>stem</c>, <c>stem_batchNorm</c>); else operation and ordinal (<c>linear_2</c>). Inside a block, prefixed <c>block_i.</c>
/// </summary>
internal sealed class KeyScopes
{
    private readonly Stack<Scope> _scopes = new([new Scope("")]);
    private readonly Dictionary<string, Scope> _byPrefix = new(StringComparer.Ordinal);
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private int _statements;

    private sealed class Scope(string prefix)
    {
        public string Prefix { get; } = prefix;

        public Dictionary<string, int> Counts { get; } = new(StringComparer.Ordinal);

        public Stack<(string Name, bool NamesLayers, int Statement)> Locals { get; } = new();
    }

    /// <summary>The innermost local being declared.</summary>
    public string? Current => _scopes.Peek().Locals.Count > 0 ? _scopes.Peek().Locals.Peek().Name : null;

    public IDisposable Local(GraphBuilder builder, string name, bool namesLayers)
    {
        var scope = _scopes.Peek();
        scope.Locals.Push((name, namesLayers, ++_statements));
        return new Exit(() => scope.Locals.Pop());
    }

    public IDisposable Block(string name)
    {
        var scope = _scopes.Peek();
        var lower = Lower(name);
        _scopes.Push(new Scope($"{scope.Prefix}{lower}_{Count(scope, lower)}."));
        return new Exit(() => _scopes.Pop());
    }

    public LayerName Name(string operation)
    {
        var scope = _scopes.Peek();
        var local = scope.Locals.Count > 0 && scope.Locals.Peek().NamesLayers ? scope.Locals.Peek() : default;
        return new LayerName(scope.Prefix, local.Name, local.Statement);
    }

    /// <summary>
    /// The key of a new layer. Every layer counts for its operation's ordinal, named or not, so that naming one renames no other.
    /// </summary>
    public string Key(string operation, string? pinned, LayerName? made)
    {
        made ??= Name(operation);
        var lower = Lower(operation);
        var ordinal = Count(ScopeOf(made.Prefix), lower);
        if (pinned is not null)
        {
            _used.Add(made.Prefix + pinned);
            return made.Prefix + pinned;
        }
        if (made.Local is null) return Unused(made.Prefix, $"{lower}_{ordinal}");
        return Unused(made.Prefix, made.Local, lower);
    }

    private Scope ScopeOf(string prefix)
    {
        if (_scopes.FirstOrDefault(scope => scope.Prefix == prefix) is { } open) return _byPrefix[prefix] = open;
        return _byPrefix.TryGetValue(prefix, out var scope) ? scope : _byPrefix[prefix] = new Scope(prefix);
    }

    /// <summary>The name itself, else with the operation, else with a number.</summary>
    private string Unused(string prefix, string name, string? operation = null)
    {
        if (_used.Add(prefix + name)) return prefix + name;
        if (operation is not null && _used.Add($"{prefix}{name}_{operation}")) return $"{prefix}{name}_{operation}";
        for (var i = 2; ; i++)
        {
            var candidate = operation is null ? $"{prefix}{name}_{i}" : $"{prefix}{name}_{operation}_{i}";
            if (_used.Add(candidate)) return candidate;
        }
    }

    private static int Count(Scope scope, string name)
    {
        scope.Counts.TryGetValue(name, out var count);
        return scope.Counts[name] = count + 1;
    }

    /// <summary>Conv2d is conv2d, BatchNorm is batchNorm.</summary>
    private static string Lower(string name) => char.ToLowerInvariant(name[0]) + name.Substring(1);

    private sealed class Exit(Action action) : IDisposable
    {
        private Action? _action = action;

        public void Dispose()
        {
            _action?.Invoke();
            _action = null;
        }
    }
}
