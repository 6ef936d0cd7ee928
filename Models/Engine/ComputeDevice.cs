using System;
using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Engine;

/// <summary>The device that a user names on a command line.</summary>
public static class ComputeDevice
{
    /// <summary>cpu, cuda (the first GPU) or cuda:N.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">It is another name, or there is no such GPU.</exception>
    public static Device Named(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name == "cpu") return CPU;
        var index = 0;
        if (name != "cuda"
            && !(name.StartsWith("cuda:", StringComparison.Ordinal)
                && int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out index)))
            throw new ArgumentException($"--device: expected cpu, cuda or cuda:N, got '{name}'.");
        if (!HasCuda(out var count))
            throw new ArgumentException(
                $"--device {name}: this program finds no CUDA device. "
                + "Use --device cpu, or on a machine with an NVIDIA GPU build with -p:TorchBackend=cuda.");
        if (index >= count) throw new ArgumentException($"--device {name}: expected cuda:0 to cuda:{count - 1}, which this machine has.");
        return new Device(DeviceType.CUDA, index);
    }

    private static bool HasCuda(out int count)
    {
        count = 0;
        if (!cuda.is_available()) return false;
        count = cuda.device_count();
        return count > 0;
    }
}
