using System.Linq;
using System.Threading;
using Hybrid.Data.Formats;
using Hybrid.Data.Images;
using Hybrid.Data.Systems.Cygno;
using static TorchSharp.torch;

namespace Hybrid.Samples.Cygno;

/// <summary>Images of one kind and energy, as networks see them.</summary>
internal static class SimulatedImages
{
    private const int Size = 128;

    /// <summary>Images first … first + count − 1 of a seed, preprocessed: (count, 1, H, W) in the caller's dispose scope.</summary>
    public static Tensor Of(
        Recoil kind, double energyKeV, int count, long seed, long first, Recipe preprocessing, Device device, CancellationToken stop)
    {
        var made = new RecoilSimulator { Size = Size }.Simulate(
            [.. Enumerable.Repeat(kind, count)], [.. Enumerable.Repeat(energyKeV, count)], seed, first, stop);
        var images = preprocessing.Apply(ImageSet.OfArray(new NdArray<byte>([count, Size, Size], made.Pixels), "light"), 0);
        return tensor(images.Pixels, [count, 1, images.Height, images.Width]).to(device);
    }
}
