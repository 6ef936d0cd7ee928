using System;

namespace Hybrid.Torch;

/// <summary>How many threads an operation uses unless the program says otherwise.</summary>
internal static class BackendThreads
{
    /// <summary>One thread a core, unless OMP_NUM_THREADS says otherwise: libtorch's own default counts physical cores only where it can tell.</summary>
    public static void ApplyDefault()
    {
        // Setting what is set already would still start the thread pool of libtorch's mobile kernels, which spins for a while.
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OMP_NUM_THREADS")) && Native.hybrid_num_threads() != Environment.ProcessorCount)
        {
            Native.hybrid_set_num_threads(Environment.ProcessorCount);
        }
    }
}
