using System;
using System.Threading;

namespace Hybrid.Torch;

/// <summary>
/// Tells the collector about native memory: a tensor is a small object to it, whatever it holds. Once the memory held by live handles has grown
/// past a budget, it collects; finalisers then release what no scope disposed. Programs that dispose stay below the budget and never pay. What is forgotten can
/// so pile up to twice what was in use at once, 192 MiB at least.
/// </summary>
internal static class NativeMemory
{
    // A handle without storage of its own still costs a TensorImpl with its autograd metadata.
    private const long PerHandle = 512;
    private const long SmallestBudget = 192L << 20;

    private static long s_live;
    private static long s_budget = SmallestBudget;
    private static int s_collecting;

    public static long Live => Interlocked.Read(ref s_live);

    public static void Added(long bytes)
    {
        if (Interlocked.Add(ref s_live, bytes + PerHandle) > Volatile.Read(ref s_budget))
        {
            Collect();
        }
    }

    public static void Released(long bytes) => Interlocked.Add(ref s_live, -(bytes + PerHandle));

    /// <summary>Collects what nobody refers to, and sets the budget to twice what is left.</summary>
    internal static void Collect()
    {
        // A finaliser that makes tensors must not wait for finalisers.
        if (Interlocked.Exchange(ref s_collecting, 1) != 0)
        {
            return;
        }

        try
        {
            var before = Live;
            // Mostly a young generation is enough; an older one follows when it was not.
            GC.Collect(0, GCCollectionMode.Forced, blocking: true);
            GC.WaitForPendingFinalizers();
            var after = Live;
            if (after > before / 2)
            {
                GC.Collect(2, GCCollectionMode.Forced, blocking: true);
                GC.WaitForPendingFinalizers();
                after = Live;
            }

            Volatile.Write(ref s_budget, Math.Max(SmallestBudget, after * 2));
        }
        finally
        {
            Volatile.Write(ref s_collecting, 0);
        }
    }
}
