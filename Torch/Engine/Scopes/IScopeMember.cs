using System;

namespace TorchSharp;

/// <summary>What a dispose scope owns: it carries its scope and its place there.</summary>
internal interface IScopeMember : IDisposable
{
    DisposeScope? OwningScope { get; set; }

    int ScopeIndex { get; set; }

    LifetimeStatistics Statistics(DisposeScopeManager manager);

    /// <summary>Disposes a member whose scope has already let go of it.</summary>
    void DisposeFromScope(DisposeScopeManager manager);
}
