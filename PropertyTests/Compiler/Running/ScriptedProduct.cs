using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>
/// libtorch's own matmul, reached through a script: TorchSharp 0.107 passes the exception of a refused <c>Tensor.matmul</c> through native
/// frames, which ends the process, while a script's comes back as one of .NET. Tests that let libtorch refuse products on purpose ask here.
/// </summary>
internal static class ScriptedProduct
{
    private static readonly jit.CompilationUnit _script = jit.compile("def product(x, y):\n  return torch.matmul(x, y)\n");

    public static Tensor Of(Tensor x, Tensor y)
    {
        lock (_script) return _script.invoke<Tensor>("product", x, y);
    }
}
