using System.Threading.Tasks;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Libtorch;

/// <summary>
/// Calls that end the process in TorchSharp 0.107, since their native functions let a C++ exception through. Generated programs compare
/// sizes before a matmul and check that a transposed convolution leaves a map, and no code of this project makes the other two. A test that
/// fails here says that upstream mended it: the guard may go.
/// </summary>
public sealed class ProcessEnds
{
    internal static void Matmul() => ones(2, 3).matmul(ones(4, 5));

    internal static void UnusedInput() => autograd.grad([ones(2, requires_grad: true).square().sum()], [ones(2, requires_grad: true)]);

    // 3 pixels and a kernel of 2, of which a padding of 3 takes 6: −2 are left.
    internal static void MapTakenAway() => nn.functional.conv_transpose2d(zeros(2, 3, 3, 3), zeros(3, 1, 2, 2), padding: [3, 3]);

    internal static void UnknownOperator() => jit.compile("def f(x):\n  return nosuch(x)\n");

    [Theory]
    [InlineData(nameof(Matmul), "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)")]
    [InlineData(nameof(UnusedInput), "of the differentiated Tensors appears to not have been used in the graph")]
    [InlineData(nameof(MapTakenAway), "could not construct a memory descriptor using a format tag")]
    [InlineData(nameof(UnknownOperator), "undefined value nosuch")]
    public async Task Call_EndsTheProcess(string call, string saying)
    {
        var (exitCode, output) = await Child.Run(call);
        Assert.True(
            exitCode == 134 && output.Contains(saying),
            $"expected {call} to abort with '{saying}', the child ended with {exitCode}:\n{output}");
    }
}
