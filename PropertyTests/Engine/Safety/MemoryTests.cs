using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using Hybrid.Torch;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Engine.Safety;

/// <summary>Memory stays flat whether a program disposes, uses scopes or forgets both.</summary>
public sealed class MemoryTests
{
    [Fact]
    public void AMillionDisposedOperations_LeaveMemoryAndCountsWhereTheyWere()
    {
        using var a = randn(8, 8);
        using var b = randn(8, 8);
        Run(20_000);
        Collect(); // what earlier tests left to finalisers would lower the count in the middle
        var (memory, count) = (ResidentMegabytes(), Tensor.TotalCount);
        Run(1_000_000);
        Assert.Equal(count, Tensor.TotalCount);
        var grown = ResidentMegabytes() - memory;
        Assert.True(grown < 30, $"a million operations grew the process by {grown:F0} MB");

        void Run(int times)
        {
            for (var i = 0; i < times; i++)
            {
                a.add(b).Dispose();
            }
        }
    }

    [Fact]
    public void OperationsThatNobodyDisposes_AreReclaimed()
    {
        using var a = randn(64, 64); // 16 KiB a result: 4.9 GB in all
        Collect();
        NativeMemory.Collect(); // twice what earlier tests held at once may pile up otherwise
        var peak = 0.0;
        var before = ResidentMegabytes();
        for (var i = 0; i < 300_000; i++)
        {
            a.add(a);
            if (i % 5000 == 0)
            {
                peak = Math.Max(peak, ResidentMegabytes() - before);
            }
        }

        Assert.True(peak < 700, $"undisposed results piled up to {peak:F0} MB");
        Collect();
        var left = ResidentMegabytes() - before;
        Assert.True(left < 500, $"{left:F0} MB were never given back");
    }

    [Fact]
    public void Finalisers_ReleaseWhatNoScopeOwned()
    {
        Collect();
        var before = Tensor.TotalCount;
        Forget();
        Collect();
        Assert.True(Tensor.TotalCount <= before, $"{Tensor.TotalCount - before} forgotten tensors are still alive");

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Forget()
        {
            for (var i = 0; i < 1000; i++)
            {
                ones(10);
            }
        }
    }

    [Fact]
    public void ATrainingStep_LeavesTheLiveTensorCountWhereItWas()
    {
        using var w = randn(5, 5).requires_grad_();
        Step();
        Collect();
        var before = Tensor.TotalCount;
        for (var i = 0; i < 50; i++)
        {
            Step();
        }

        Assert.Equal(before, Tensor.TotalCount);

        void Step()
        {
            using var scope = NewDisposeScope();
            var loss = (w.matmul(w).tanh() * 2).sum();
            loss.backward();
            using (no_grad())
            {
                w.sub_(w.grad! * 0.01);
                w.grad = null!;
            }
        }
    }

    private static double ResidentMegabytes()
    {
        var pages = File.ReadAllText("/proc/self/statm").Split(' ')[1];
        return long.Parse(pages, CultureInfo.InvariantCulture) * Environment.SystemPageSize / 1048576.0;
    }

    private static void Collect()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
