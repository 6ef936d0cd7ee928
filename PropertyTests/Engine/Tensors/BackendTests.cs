using Hybrid.Torch;
using TorchSharp;
using Xunit;

namespace Hybrid.PropertyTests.Engine.Tensors;

public sealed class BackendTests
{
    [Theory]
    [InlineData("/usr/lib/x86_64-linux-gnu/openblas-openmp/libblas.so.3", BlasKind.OpenBlasOpenMP)]
    [InlineData("/usr/lib/x86_64-linux-gnu/openblas-pthread/libopenblasp-r0.3.21.so", BlasKind.OpenBlasPthread)]
    [InlineData("/usr/lib/x86_64-linux-gnu/openblas-serial/libblas.so.3", BlasKind.OpenBlasSerial)]
    [InlineData("/usr/lib/x86_64-linux-gnu/blas/libblas.so.3.11.0", BlasKind.Reference)]
    [InlineData("/opt/intel/libmkl_core.so.2", BlasKind.Mkl)]
    [InlineData("/usr/lib/libc.so.6", BlasKind.Unknown)]
    public void AFileName_TellsTheBlas(string path, BlasKind kind) => Assert.Equal(kind, TorchBackend.KindOf(path));

    [Fact]
    public void ThisProcess_IsDescribed()
    {
        var backend = TorchBackend.Current();
        Assert.Matches(@"^\d+\.\d+", backend.LibtorchVersion);
        Assert.NotNull(backend.Libtorch);
        Assert.True(backend.Threads >= 1, $"expected at least one thread, got {backend.Threads}");
        Assert.Equal(torch.get_num_threads(), backend.Threads);
        Assert.Equal(backend.Blas is BlasKind.Reference or BlasKind.OpenBlasPthread or BlasKind.OpenBlasSerial or BlasKind.Atlas or BlasKind.Blis, backend.Warning is not null);
    }

    [Fact]
    public void ASlowBlas_IsNamedWithItsCure()
    {
        var slow = new TorchBackend("1.13.1", "/lib/libtorch_cpu.so", BlasKind.Reference, "/usr/lib/x86_64-linux-gnu/blas/libblas.so.3", "BLAS", 2, 0);
        Assert.Contains("apt-get install libopenblas0-openmp", slow.Warning, System.StringComparison.Ordinal);
        Assert.Contains("threads fight", (slow with { Blas = BlasKind.OpenBlasPthread }).Warning, System.StringComparison.Ordinal);
        Assert.Null((slow with { Blas = BlasKind.OpenBlasOpenMP }).Warning);
    }
}
