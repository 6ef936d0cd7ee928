using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Hybrid.Bench.Harness;
using Hybrid.Data.Formats;

namespace Hybrid.Bench.Data;

/// <summary>Camera images of a recoil experiment, as PNG, into one array.</summary>
public sealed class PngFiles : Benchmark
{
    private const int Files = 100;
    private const int Side = 576;

    public override string Name => "png-files";

    public override string Description => $"{Files} grey {Side}x{Side} PNG files of camera noise to one array, against Pillow on one core";

    public override IEnumerable<Measurement> Run(BenchOptions options)
    {
        using var folder = new ScratchFolder();
        var paths = Enumerable.Range(0, Files).Select(i => folder.File($"{i:000}.png")).ToArray();
        var random = new Random(1);
        foreach (var path in paths) Png.Write(path, new NdArray<byte>([Side, Side], Noise(random)));

        foreach (var threads in options.Threads)
        {
            using var ours = new Ours(paths, threads);
            using var pillow = PythonPeer.Start("png_files.py", 1, folder.Path);
            yield return Comparison.Run($"PNG files, {threads} threads", ours, pillow, options.Rounds, threads == 1 ? 1.0 : 1.8);
        }
    }

    /// <summary>The camera's noise: Gaussian around 100 ADU with a deviation of 3.4.</summary>
    private static byte[] Noise(Random random)
    {
        var pixels = new byte[Side * Side];
        for (var i = 0; i < pixels.Length; i++)
        {
            var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            pixels[i] = (byte)Math.Round(100.41 + 3.4 * radius * Math.Cos(2 * Math.PI * random.NextDouble()));
        }
        return pixels;
    }

    private sealed class Ours(string[] paths, int threads) : IContender
    {
        public string Description => $"Hybrid, {threads} threads";

        public double RunBlock()
        {
            var start = Stopwatch.GetTimestamp();
            var result = Png.ReadSet(paths, threads);
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (result.Length != Files * Side * Side) throw new InvalidOperationException("png-files: pixels are missing");
            return seconds / paths.Length;
        }

        public void Dispose() { }
    }
}
