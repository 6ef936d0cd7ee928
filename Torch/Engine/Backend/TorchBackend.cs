using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using TorchSharp;

namespace Hybrid.Torch;

/// <summary>Which BLAS multiplies matrices, as far as its file name tells.</summary>
public enum BlasKind
{
    /// <summary>OpenBLAS built with OpenMP: shares libtorch's threads.</summary>
    OpenBlasOpenMP,

    /// <summary>OpenBLAS with threads of its own, which fight libtorch's.</summary>
    OpenBlasPthread,

    OpenBlasSerial,
    Mkl,
    Blis,
    Atlas,

    /// <summary>The reference implementation: correct and many times slower.</summary>
    Reference,

    /// <summary>None loaded, or one of unknown name; a libtorch with a BLAS linked in shows no file.</summary>
    Unknown,
}

/// <summary>What computes under the TorchSharp API in this process.</summary>
/// <param name="LibtorchVersion">E.g. <c>1.13.1</c>.</param>
/// <param name="Libtorch">The file of libtorch's CPU library.</param>
/// <param name="Blas">The loaded BLAS.</param>
/// <param name="BlasPath">Its file; null when none shows.</param>
/// <param name="MatrixProducts">What multiplies float32 matrices: <c>oneDNN</c> or <c>BLAS</c>.</param>
/// <param name="Threads">Threads of one operation.</param>
/// <param name="CudaDevices">CUDA devices that this libtorch can use.</param>
public sealed record TorchBackend(string LibtorchVersion, string? Libtorch, BlasKind Blas, string? BlasPath, string MatrixProducts, int Threads, int CudaDevices)
{
    /// <summary>What slows this installation down and how to cure it; null when nothing does.</summary>
    public string? Warning => Blas switch
    {
        BlasKind.Reference =>
            $"Torch: the reference BLAS is loaded ({BlasPath}), many times slower than OpenBLAS. On Debian: apt-get install libopenblas0-openmp.",
        BlasKind.OpenBlasPthread =>
            $"Torch: OpenBLAS's pthread variant is loaded ({BlasPath}); its threads fight libtorch's OpenMP threads, which makes small networks several times slower. "
            + "On Debian: apt-get install libopenblas0-openmp, then update-alternatives --auto libblas.so.3-x86_64-linux-gnu (./hybrid setup does it).",
        BlasKind.OpenBlasSerial =>
            $"Torch: OpenBLAS's serial variant is loaded ({BlasPath}); matrix products use one thread of {Environment.ProcessorCount}. On Debian: apt-get install libopenblas0-openmp.",
        BlasKind.Atlas or BlasKind.Blis =>
            $"Torch: {Blas} is loaded ({BlasPath}); OpenBLAS's OpenMP variant is what this project measures with. On Debian: apt-get install libopenblas0-openmp.",
        _ => null,
    };

    /// <summary>Loads libtorch, if that has not happened yet, and looks at what came with it.</summary>
    public static TorchBackend Current()
    {
        var version = torch.__version__;
        var files = LoadedFiles();
        var blasPath = files.FirstOrDefault(f => KindOf(f) is not BlasKind.Unknown);
        return new TorchBackend(
            version,
            files.FirstOrDefault(f => Path.GetFileName(f).StartsWith("libtorch_cpu", StringComparison.Ordinal)),
            blasPath is null ? BlasKind.Unknown : KindOf(blasPath),
            blasPath,
            Native.hybrid_gemm() != 0 ? "oneDNN" : "BLAS",
            torch.get_num_threads(),
            torch.cuda.device_count());
    }

    public override string ToString() =>
        $"libtorch {LibtorchVersion}, {Blas}{(BlasPath is null ? "" : $" ({BlasPath})")}, float32 products by {MatrixProducts}, {Threads} threads{(CudaDevices > 0 ? $", {CudaDevices} CUDA devices" : "")}";

    /// <summary>What a BLAS's file is; Debian tells the variants of OpenBLAS apart by folder.</summary>
    internal static BlasKind KindOf(string path)
    {
        var name = Path.GetFileName(path);
        if (name.StartsWith("libopenblas", StringComparison.Ordinal) || (name.StartsWith("libblas", StringComparison.Ordinal) && path.Contains("/openblas-", StringComparison.Ordinal)))
        {
            return path.Contains("openmp", StringComparison.Ordinal) || name.StartsWith("libopenblaso", StringComparison.Ordinal) ? BlasKind.OpenBlasOpenMP
                : path.Contains("pthread", StringComparison.Ordinal) || name.StartsWith("libopenblasp", StringComparison.Ordinal) ? BlasKind.OpenBlasPthread
                : BlasKind.OpenBlasSerial;
        }

        return name.StartsWith("libmkl", StringComparison.Ordinal) ? BlasKind.Mkl
            : name.StartsWith("libblis", StringComparison.Ordinal) || path.Contains("/blis-", StringComparison.Ordinal) ? BlasKind.Blis
            : path.Contains("/atlas/", StringComparison.Ordinal) ? BlasKind.Atlas
            : name.StartsWith("libblas.so", StringComparison.Ordinal) ? BlasKind.Reference
            : BlasKind.Unknown;
    }

    private static List<string> LoadedFiles()
    {
        const string maps = "/proc/self/maps";
        return File.Exists(maps)
            ? File.ReadLines(maps).Select(l => l[(l.IndexOf('/') is var at and >= 0 ? at : l.Length)..]).Where(f => f.Length > 0).Distinct().ToList()
            : [];
    }
}
