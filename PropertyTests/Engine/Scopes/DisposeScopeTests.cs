using System;
using System.Linq;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Engine.Scopes;

public sealed class DisposeScopeTests
{
    [Fact]
    public void LeavingAScope_DisposesWhatWasMadeInIt_AndNothingElse()
    {
        using var outer = NewDisposeScope();
        var before = ones(2);
        Tensor inside, kept, detached;
        using (var scope = NewDisposeScope())
        {
            Assert.Same(scope, CurrentDisposeScope);
            inside = ones(2);
            kept = (inside + 1).MoveToOuterDisposeScope();
            detached = (inside + 2).DetachFromDisposeScope();
            Assert.Equal([inside], scope.DisposablesView.Take(1));
            Assert.True(scope.Contains(inside), "a tensor made in a scope belongs to it");
            Assert.False(scope.Contains(kept), "a moved tensor left its scope");
        }

        Assert.Same(outer, CurrentDisposeScope);
        Assert.True(inside.IsInvalid, "the scope must dispose what it owns");
        Assert.False(before.IsInvalid || kept.IsInvalid || detached.IsInvalid, "a scope must leave alone what it does not own");
        outer.Dispose();
        Assert.True(before.IsInvalid && kept.IsInvalid, "the outer scope owns what was moved to it");
        Assert.Equal(3f, detached[0].item<float>());
        detached.Dispose();
        Assert.Null(CurrentDisposeScope);
    }

    [Fact]
    public void Statistics_CountWhatHappened()
    {
        var statistics = DisposeScopeManager.Statistics;
        statistics.Reset();
        var loose = ones(1);
        using (var scope = NewDisposeScope())
        {
            var a = ones(1);
            _ = ones(1);
            var c = ones(1);
            scope.Detach(a);
            scope.Attach(loose);
            c.Dispose();
            Assert.Equal(2, scope.DisposablesCount);
            Assert.Equal(3, statistics.CreatedInScopeCount);
            Assert.Equal(1, statistics.CreatedOutsideScopeCount);
            Assert.Equal(1, statistics.DetachedFromScopeCount);
            Assert.Equal(1, statistics.AttachedToScopeCount);
            Assert.Equal(1, statistics.DisposedInScopeCount);
            Assert.Equal(3, statistics.ThreadTotalLiveCount);
            a.Dispose();
            Assert.Equal(1, statistics.DisposedOutsideScopeCount);
        }

        Assert.Equal(3, statistics.DisposedInScopeCount);
        Assert.Equal(0, statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void DisposeEverythingBut_KeepsTheNamed()
    {
        using var scope = NewDisposeScope();
        var tensors = Enumerable.Range(0, 100).Select(_ => ones(1)).ToArray();
        var kept = scope.DisposeEverythingBut(tensors[37]);
        Assert.Same(tensors[37], kept);
        Assert.Equal(99, tensors.Count(t => t.IsInvalid));
        Assert.Equal([kept], scope.DisposablesView);
        scope.DisposeEverything();
        Assert.True(kept.IsInvalid && scope.DisposablesCount == 0, "DisposeEverything keeps none");
    }

    [Fact]
    public void MembersKeepTheirPlaces_WhenOthersLeave()
    {
        using var scope = NewDisposeScope();
        var tensors = Enumerable.Range(0, 1000).Select(_ => ones(1)).ToArray();
        foreach (var t in tensors.Where((_, i) => i % 3 != 0))
        {
            t.Dispose();
        }

        var more = Enumerable.Range(0, 2000).Select(_ => ones(1)).ToArray();
        var alive = tensors.Where(t => !t.IsInvalid).Concat(more).ToArray();
        Assert.Equal(alive.Length, scope.DisposablesCount);
        Assert.True(alive.SequenceEqual(scope.DisposablesView.Cast<Tensor>(), ReferenceComparer.Instance), "members must stay in the order in which they entered");
    }

    [Fact]
    public void ADisposedScope_Refuses()
    {
        var scope = NewDisposeScope();
        scope.Dispose();
        scope.Dispose();
        Assert.Throws<ObjectDisposedException>(() => scope.DisposablesCount);
        Assert.Throws<ObjectDisposedException>(() => scope.Attach(ones(1)));
    }

    private sealed class ReferenceComparer : System.Collections.Generic.IEqualityComparer<Tensor>
    {
        public static readonly ReferenceComparer Instance = new();

        public bool Equals(Tensor? x, Tensor? y) => ReferenceEquals(x, y);

        public int GetHashCode(Tensor obj) => obj.GetHashCode();
    }
}
