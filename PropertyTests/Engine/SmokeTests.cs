using TorchSharp;
using Xunit;
using static TorchSharp.torch;
namespace Hybrid.PropertyTests.Engine;
public sealed class SmokeTests
{
    [Fact]
    public void Works()
    {
        using var s = torch.NewDisposeScope();
        var a = torch.tensor(new float[] { 1, 2, 3, 4 }).reshape(2, 2);
        var b = a.matmul(a) + 1;
        Assert.Equal(new float[] { 8, 11, 16, 23 }, b.data<float>().ToArray());
        var w = torch.ones(3, requires_grad: true);
        var l = (w * w * 2.0).sum();
        l.backward();
        Assert.Equal(new float[] { 4, 4, 4 }, w.grad!.data<float>().ToArray());
        var x = torch.randn(3, 4); 
        Assert.Equal(new long[] { 3 }, x[TensorIndex.Colon, 1].shape);
        Assert.Equal(new long[] { 2, 2 }, x[1.., 2..].shape);
        Assert.Equal(2, s.DisposablesCount > 0 ? 2 : 0);
    }
}
