using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using Hybrid.Bench.Harness;
using Hybrid.Data.Cache;
using Hybrid.Data.Formats;

namespace Hybrid.Bench.Data;

/// <summary>
/// A gigabyte of images read batch by batch from the Parquet cache, warm, beside a plain read of the same file and np.load.
/// </summary>
public sealed class ParquetCache : Benchmark
{
    private const int Rows = 21_000;
    private const int RowFloats = 3 * 64 * 64; // 49,152 bytes: about 1.03 GB in all
    private const double Bytes = (double)Rows * RowFloats * sizeof(float);

    public override string Name => "parquet-cache";

    public override string Description
        => "read a cache of 21,000 images of 3x64x64 floats (1.03 GB) in batches of 64, "
            + "against a plain read of its file and np.load of the same array";

    public override IEnumerable<Measurement> Run(BenchOptions options)
    {
        using var folder = new ScratchFolder();
        using var plain = Build(folder, compress: false);
        using var zstd = Build(folder, compress: true);
        var npy = folder.File("images.npy");
        Npy.Write(npy, new NdArray<float>([Rows, RowFloats], Images(0, Rows)));
        using var numpy = PythonPeer.Start("npy_read.py", 1, npy);
        var file = Directory.GetFiles(plain.Folder, "*.parquet").Single();

        foreach (var (name, cache, target) in new[] { ("uncompressed", plain, 5.0), ("zstd", zstd, 1.5) })
        {
            foreach (var shuffle in new[] { false, true })
            {
                var times = Enumerable.Range(0, options.Rounds + 1)
                    .Select(_ => (Ours: ReadCache(cache, shuffle), Raw: ReadFile(file), Numpy: numpy.RunBlock()))
                    .Skip(1).ToArray();
                var ours = Speed(times.Select(t => t.Ours));
                var order = shuffle ? "shuffled" : "in order";
                foreach (var (peer, seconds) in new[]
                {
                    ("plain read of the file, 2 threads", times.Select(t => t.Raw).ToArray()),
                    (numpy.Description, times.Select(t => t.Numpy).ToArray()),
                })
                {
                    var ratios = times.Select((t, i) => seconds[i] / t.Ours).Order().ToArray();
                    yield return new Measurement(
                        $"cache, {name}, {order}\nHybrid, 2 threads | {peer}",
                        FormattableString.Invariant($"{ours:0.00} GB/s"), FormattableString.Invariant($"{Speed(seconds):0.00} GB/s"),
                        Comparison.Median(ratios), FormattableString.Invariant($"{ratios[0]:0.00}–{ratios[^1]:0.00}"),
                        FormattableString.Invariant($"≥ {target:0.0} GB/s"), ours >= target);
                }
            }
        }
        foreach (var (name, folderOf) in new[] { ("uncompressed", plain.Folder), ("zstd", zstd.Folder) })
        {
            var passes = Enumerable.Range(0, options.Rounds + 1).Select(_ =>
            {
                using var opened = Cache.Open(folderOf);
                return (First: ReadCache(opened, shuffle: false), Later: ReadCache(opened, shuffle: false));
            }).Skip(1).ToArray();
            var (first, later) = (Speed(passes.Select(pass => pass.First)), Speed(passes.Select(pass => pass.Later)));
            var ratios = passes.Select(pass => pass.Later / pass.First).Order().ToArray();
            yield return new Measurement(
                $"cache, {name}, from memory\nfirst pass, which compares checksums | later passes",
                FormattableString.Invariant($"{first:0.00} GB/s"), FormattableString.Invariant($"{later:0.00} GB/s"),
                Comparison.Median(ratios), FormattableString.Invariant($"{ratios[0]:0.00}–{ratios[^1]:0.00}"), "", null);
        }
        var peak = Process.GetCurrentProcess().PeakWorkingSet64 / 1e6;
        yield return new Measurement("peak memory of the whole benchmark (the array for np.load, 1.03 GB, among it)",
            FormattableString.Invariant($"{peak:0} MB"), "", double.NaN, "", "", null);
    }

    private static double Speed(IEnumerable<double> seconds) => Bytes / 1e9 / Comparison.Median(seconds);

    private static float[] Images(int first, int count)
    {
        var values = new float[count * RowFloats];
        for (var row = 0; row < count; row++)
        {
            var random = new Random(first + row);
            for (var i = 0; i < RowFloats; i++) values[row * RowFloats + i] = random.NextSingle() + random.NextSingle();
        }
        return values;
    }

    private static Cache Build(ScratchFolder folder, bool compress)
    {
        IEnumerable<CacheRows> Rows_()
        {
            for (var first = 0; first < Rows; first += 1000)
                yield return new CacheRows(
                [
                    CacheValues.Tensor("image", new NdArray<float>([1000, 3, 64, 64], Images(first, 1000))),
                    CacheValues.Integers("label", Enumerable.Range(first, 1000).Select(row => (long)(row % 2)).ToArray()),
                ]);
        }
        return Cache.GetOrBuild(folder.File("caches"), new CacheRecipe($"bench, compressed: {compress}"), Rows_,
            new CacheOptions { Compress = compress, RowsPerGroup = 256, ShardBytes = 2L << 30 });
    }

    /// <summary>Seconds to fill a tensor's memory with every batch of an epoch.</summary>
    private static double ReadCache(Cache cache, bool shuffle)
    {
        var batches = cache.Batches(new BatchOptions { BatchSize = 64, Shuffle = shuffle, Seed = 1, Threads = 2, Prefetch = 0 });
        var target = new float[64 * RowFloats];
        var rows = 0;
        var start = Stopwatch.GetTimestamp();
        foreach (var batch in batches.Epoch(0))
        {
            batch.Fill("image", target.AsSpan(0, batch.Length("image")));
            rows += batch.Count;
        }
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return rows == Rows ? seconds : throw new InvalidOperationException("parquet-cache: rows are missing");
    }

    /// <summary>Seconds to read the file from end to end in pieces of 1 MiB, each of two threads one half.</summary>
    private static double ReadFile(string path)
    {
        var length = new FileInfo(path).Length;
        var start = Stopwatch.GetTimestamp();
        var threads = Enumerable.Range(0, 2).Select(half => new Thread(() =>
        {
            using var handle = File.OpenHandle(path);
            var piece = GC.AllocateUninitializedArray<byte>(1 << 20);
            for (var at = half * length / 2; at < (half + 1) * length / 2; at += piece.Length) RandomAccess.Read(handle, piece, at);
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
