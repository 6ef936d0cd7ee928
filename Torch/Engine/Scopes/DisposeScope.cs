using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Torch;

namespace TorchSharp;

/// <summary>
/// Owns the tensors that were made while it was the current scope of its thread and disposes them when it is disposed.
/// </summary>
/// <remarks>A member knows its scope and its place in it, so entering and leaving cost no hashing.</remarks>
public sealed class DisposeScope : IDisposable
{
    private readonly DisposeScopeManager _manager;
    private IScopeMember?[] _members = new IScopeMember?[16];
    private int _used;
    private int _count;
    private bool _disposed;

    internal DisposeScope(DisposeScopeManager manager)
    {
        _manager = manager;
        OuterScope = manager.CurrentDisposeScope;
    }

    internal DisposeScope? OuterScope { get; set; }

    /// <summary>The members at this moment, in the order in which they entered.</summary>
    public IReadOnlyList<IDisposable> DisposablesView
    {
        get
        {
            ThrowIfDisposed();
            return _members.Take(_used).Where(m => m is not null).Select(m => (IDisposable)m!).ToArray();
        }
    }

    public int DisposablesCount
    {
        get
        {
            ThrowIfDisposed();
            return _count;
        }
    }

    public T MoveToOuter<T>(T disposable) where T : IDisposable
    {
        MoveToOther(OuterScope, disposable);
        return disposable;
    }

    public (T1 first, T2 second) MoveToOuter<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable
    {
        MoveToOther(OuterScope, [first, second]);
        return (first, second);
    }

    public (T1 first, T2 second, T3 third) MoveToOuter<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable
    {
        MoveToOther(OuterScope, [first, second, third]);
        return (first, second, third);
    }

    public void MoveToOuter(params IDisposable[] disposables) => MoveToOther(OuterScope, (IEnumerable<IDisposable>)disposables);

    public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveToOther(OuterScope, disposables);

    public T MoveToOther<T>(DisposeScope? scope, T disposable) where T : IDisposable
    {
        ThrowIfDisposed();
        MoveOne(scope, disposable);
        return disposable;
    }

    public (T1 first, T2 second) MoveToOther<T1, T2>(DisposeScope? scope, T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable
    {
        MoveToOther(scope, [first, second]);
        return (first, second);
    }

    public (T1 first, T2 second, T3 third) MoveToOther<T1, T2, T3>(DisposeScope? scope, T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable
    {
        MoveToOther(scope, [first, second, third]);
        return (first, second, third);
    }

    public void MoveToOther(DisposeScope? scope, params IDisposable[] disposables) => MoveToOther(scope, (IEnumerable<IDisposable>)disposables);

    public void MoveToOther(DisposeScope? scope, IEnumerable<IDisposable> disposables)
    {
        ThrowIfDisposed();
        foreach (var disposable in disposables)
        {
            MoveOne(scope, disposable);
        }
    }

    public T Detach<T>(T disposable) where T : IDisposable
    {
        ThrowIfDisposed();
        MoveOne(null, disposable);
        return disposable;
    }

    public (T1 first, T2 second) Detach<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable
    {
        Detach([first, second]);
        return (first, second);
    }

    public (T1 first, T2 second, T3 third) Detach<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable
    {
        Detach([first, second, third]);
        return (first, second, third);
    }

    public void Detach(params IDisposable[] disposables) => Detach((IEnumerable<IDisposable>)disposables);

    public void Detach(IEnumerable<IDisposable> disposables)
    {
        ThrowIfDisposed();
        foreach (var disposable in disposables)
        {
            MoveOne(null, disposable);
        }
    }

    public void Attach(IDisposable disposable) => Attach((IEnumerable<IDisposable>)[disposable]);

    public void Attach(params IDisposable[] disposables) => Attach((IEnumerable<IDisposable>)disposables);

    /// <summary>Makes the tensors members of this scope, whichever scope owned them before.</summary>
    public IReadOnlyList<IDisposable> Attach(IEnumerable<IDisposable> disposables)
    {
        ThrowIfDisposed();
        var attached = new List<IDisposable>();
        foreach (var disposable in disposables)
        {
            var member = Member(disposable);
            if (member.OwningScope != this)
            {
                member.OwningScope?.Remove(member);
                Add(member);
                member.Statistics(_manager).AttachedToScopeCount++;
            }

            attached.Add(disposable);
        }

        return attached;
    }

    public void DisposeEverything() => DisposeEverythingBut((IEnumerable<IDisposable>)[]);

    /// <summary>Disposes the members except those named, which stay members.</summary>
    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        ThrowIfDisposed();
        var keep = new HashSet<object>(inKeep, ReferenceEqualityComparer.Instance);
        var (members, used) = (_members, _used);
        (_members, _used, _count) = (new IScopeMember?[Math.Max(16, keep.Count)], 0, 0);
        for (var i = 0; i < used; i++)
        {
            if (members[i] is not { } member)
            {
                continue;
            }

            if (keep.Contains(member))
            {
                Add(member);
            }
            else
            {
                member.DisposeFromScope(_manager);
            }
        }
    }

    public void DisposeEverythingBut(params IDisposable[] keep) => DisposeEverythingBut((IEnumerable<IDisposable>)keep);

    public T DisposeEverythingBut<T>(T keep) where T : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[keep]);
        return keep;
    }

    public (T1 first, T2 second) DisposeEverythingBut<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[first, second]);
        return (first, second);
    }

    public (T1 first, T2 second, T3 third) DisposeEverythingBut<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[first, second, third]);
        return (first, second, third);
    }

    /// <summary>Disposes the members and makes the outer scope the current one.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _manager.RemoveDisposeScope(this);
        var (members, used) = (_members, _used);
        (_members, _used, _count) = ([], 0, 0);
        _disposed = true;
        for (var i = 0; i < used; i++)
        {
            members[i]?.DisposeFromScope(_manager);
        }
    }

    /// <summary>Strikes a member that was disposed by other means.</summary>
    public void MarkAsDisposed(IDisposable disposable)
    {
        ThrowIfDisposed();
        if (disposable is IScopeMember member && member.OwningScope == this)
        {
            Remove(member);
        }
    }

    public bool Contains(IDisposable disposable) => disposable is IScopeMember member && member.OwningScope == this;

    internal void Add(IScopeMember member)
    {
        if (_used == _members.Length)
        {
            Grow();
        }

        member.OwningScope = this;
        member.ScopeIndex = _used;
        _members[_used++] = member;
        _count++;
    }

    internal void Remove(IScopeMember member)
    {
        var index = member.ScopeIndex;
        if (index < _used && ReferenceEquals(_members[index], member))
        {
            _members[index] = null;
            _count--;
            if (index == _used - 1)
            {
                _used--;
            }
        }

        member.OwningScope = null;
    }

    // Places that members left are reused when they are more than half; else the array doubles.
    private void Grow()
    {
        var target = _count > _used / 2 || _used == 0 ? new IScopeMember?[Math.Max(16, _used * 2)] : _members;
        var next = 0;
        for (var i = 0; i < _used; i++)
        {
            if (_members[i] is not { } member)
            {
                continue;
            }

            member.ScopeIndex = next;
            target[next++] = member;
        }

        if (ReferenceEquals(target, _members))
        {
            Array.Clear(target, next, _used - next);
        }

        (_members, _used) = (target, next);
    }

    private void MoveOne(DisposeScope? scope, IDisposable disposable)
    {
        if (disposable is not IScopeMember member || member.OwningScope != this || scope == this)
        {
            return;
        }

        Remove(member);
        if (scope is null)
        {
            member.Statistics(_manager).DetachedFromScopeCount++;
        }
        else
        {
            scope.Add(member);
        }
    }

    private static IScopeMember Member(IDisposable disposable) =>
        disposable as IScopeMember ?? throw new InvalidOperationException(
            $"DisposeScope can only manage Tensor or PackedSequence, got {disposable?.GetType().Name ?? "null"}.");

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, this);
}
