using System;
using System.Runtime.CompilerServices;
using System.Threading;
using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>
    /// An n-dimensional array of libtorch. It owns native memory: dispose it, or let a <see cref="DisposeScope"/> do so; a finaliser reclaims
    /// what was missed.
    /// </summary>
    public partial class Tensor : IDisposable, IScopeMember
    {
        private static long s_totalCount;
        private static long s_peakCount;
        private readonly long _bytes;
        private nint _handle;

        /// <param name="handle">A TensorImpl with one reference, which this tensor takes over.</param>
        /// <param name="bytes">Native memory that goes with it, for the collector's benefit.</param>
        internal Tensor(nint handle, long bytes)
        {
            _handle = handle;
            _bytes = bytes;
            var count = Interlocked.Increment(ref s_totalCount);
            if (count > s_peakCount)
            {
                s_peakCount = count;
            }

            NativeMemory.Added(bytes);
            DisposeScopeManager.Register(this);
        }

        ~Tensor()
        {
            Dispose(false);
        }

        /// <summary>Tensors alive in this process.</summary>
        public static long TotalCount => s_totalCount;

        public static long PeakCount => s_peakCount;

        /// <summary>A label for debugging; no operation reads it.</summary>
        public string? name { get; set; }

        public bool IsInvalid => _handle == 0;

        /// <summary>What the constructor was told: a tensor that takes over this one's handle is told the same.</summary>
        internal long NativeBytes => _bytes;

        /// <summary>The native handle.</summary>
        /// <exception cref="InvalidOperationException">The tensor was disposed.</exception>
        public IntPtr Handle
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get
            {
                var handle = _handle;
                if (handle == 0)
                {
                    ThrowDisposed();
                }

                return handle;
            }
        }

        DisposeScope? IScopeMember.OwningScope { get; set; }

        int IScopeMember.ScopeIndex { get; set; }

        internal DisposeScope? OwningDisposeScope => ((IScopeMember)this).OwningScope;

        LifetimeStatistics IScopeMember.Statistics(DisposeScopeManager manager) => manager.StatisticsInstance.TensorStatistics;

        void IScopeMember.DisposeFromScope(DisposeScopeManager manager)
        {
            if (_handle != 0)
            {
                manager.StatisticsInstance.TensorStatistics.DisposedInScopeCount++;
                ((IScopeMember)this).OwningScope = null;
                Release();
                GC.SuppressFinalize(this);
            }
        }

        /// <summary>Takes over a native handle: a TensorImpl with a reference of its own.</summary>
        public static Tensor UnsafeCreateTensor(IntPtr handle) => new(handle, 0);

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (_handle == 0)
            {
                return;
            }

            if (disposing)
            {
                DisposeScopeManager.Unregister(this);
            }

            Release();
        }

        /// <summary>Gives the native handle away; this tensor becomes invalid.</summary>
        public IntPtr DecoupleFromNativeHandle()
        {
            var handle = Handle;
            DisposeScopeManager.Unregister(this);
            Forget();
            return handle;
        }

        /// <summary>Moves the tensor to the scope around its own; without one, out of all scopes.</summary>
        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        [Obsolete("The method name misspells 'Detach'. Use 'DetachFromDisposeScope' instead.", false)]
        public Tensor DetatchFromDisposeScope() => DetachFromDisposeScope();

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope!);

        public Tensor MoveToOtherDisposeScope(DisposeScope other)
        {
            if (OwningDisposeScope is { } own)
            {
                own.MoveToOther(other, this);
            }
            else
            {
                other?.Attach(this);
            }

            return this;
        }

        public override bool Equals(object? obj) => obj is Tensor other && Equals(other);

        /// <summary>The same type, shape and elements.</summary>
        public bool Equals(Tensor target) =>
            ReferenceEquals(this, target) || (target is not null && dtype == target.dtype && shape.AsSpan().SequenceEqual(target.shape) && RawOperations.equal(this, target));

        public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);

        private static void ThrowDisposed() => throw new InvalidOperationException(
            "Tensor invalid -- empty handle. The tensor was disposed, by Dispose or by the dispose scope that owned it; "
            + "move what must outlive a scope out of it with MoveToOuterDisposeScope or DetachFromDisposeScope.");

        private void Release()
        {
            var handle = Interlocked.Exchange(ref _handle, 0);
            if (handle != 0)
            {
                Interlocked.Decrement(ref s_totalCount);
                Native.hybrid_release(handle);
                NativeMemory.Released(_bytes);
            }
        }

        private void Forget()
        {
            _handle = 0;
            Interlocked.Decrement(ref s_totalCount);
            NativeMemory.Released(_bytes);
            GC.SuppressFinalize(this);
        }
    }
}
