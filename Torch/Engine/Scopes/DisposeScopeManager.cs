using System;

namespace TorchSharp;

/// <summary>The dispose scopes of one thread, innermost current.</summary>
public class DisposeScopeManager
{
    [ThreadStatic] private static DisposeScopeManager? s_ofThread;

    internal static DisposeScopeManager OfThread => s_ofThread ??= new DisposeScopeManager();

    internal ThreadDisposeScopeStatistics StatisticsInstance { get; } = new();

    internal DisposeScope? CurrentDisposeScope { get; private set; }

    /// <summary>What happened to tensors on this thread.</summary>
    public static ThreadDisposeScopeStatistics Statistics => OfThread.StatisticsInstance;

    /// <summary>Enters a new tensor or packed sequence in the current scope, if there is one.</summary>
    internal static void Register(IScopeMember member)
    {
        var manager = OfThread;
        var statistics = member.Statistics(manager);
        if (manager.CurrentDisposeScope is { } scope)
        {
            statistics.CreatedInScopeCount++;
            scope.Add(member);
        }
        else
        {
            statistics.CreatedOutsideScopeCount++;
        }
    }

    /// <summary>Counts a disposal on this thread and takes the member out of its scope.</summary>
    internal static void Unregister(IScopeMember member)
    {
        var statistics = member.Statistics(OfThread);
        if (member.OwningScope is { } scope)
        {
            statistics.DisposedInScopeCount++;
            scope.Remove(member);
        }
        else
        {
            statistics.DisposedOutsideScopeCount++;
        }
    }

    internal DisposeScope NewDisposeScope() => CurrentDisposeScope = new DisposeScope(this);

    internal void RemoveDisposeScope(DisposeScope scope)
    {
        if (ReferenceEquals(CurrentDisposeScope, scope))
        {
            CurrentDisposeScope = scope.OuterScope;
            return;
        }

        for (var inner = CurrentDisposeScope; inner is not null; inner = inner.OuterScope)
        {
            if (ReferenceEquals(inner.OuterScope, scope))
            {
                inner.OuterScope = scope.OuterScope;
                return;
            }
        }
    }
}
