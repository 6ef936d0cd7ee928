using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Hybrid.Bench.Data;
using Hybrid.Bench.Harness;
using Hybrid.Data.Cache;
using Hybrid.Data.Formats;
using Hybrid.Data.Systems.Cygno;
using Hybrid.Models.Systems.Cygno;
using Hybrid.Models.Training;
using TorchSharp;

namespace Hybrid.Bench.Cygno;

/// <summary>
/// Training epochs of the default network: ours by <see cref="RecoilTraining"/> from the Parquet cache on the disk,
/// the peer a PyTorch loop over arrays in memory.
/// </summary>
internal sealed class RecoilEpoch : Benchmark
{
    public const string Served = "cygno-epoch";
    private const string Folder = "HYBRID_BENCH_CYGNO";
    private const int Images = 3072, Batch = 64;

    public override string Name => "cygno-training";

    public override string Description
        => FormattableString.Invariant(
            $"training epochs of {Images} images in batches of {Batch}, from the cache, against a PyTorch loop over arrays in memory");

    /// <summary>An epoch a block, in the process that the parent started with its folder.</summary>
    public static IContender Ours()
        => new Epoch(
            Environment.GetEnvironmentVariable(Folder) ?? throw new InvalidOperationException($"bench: expected {Folder} to be set"));

    public override IEnumerable<Measurement> Run(BenchOptions options)
    {
        using var scratch = new ScratchFolder();
        var arrays = scratch.File("arrays.npz");
        using (var cache = Open(scratch.Path))
        {
            var images = new float[cache.Count * 128 * 128];
            cache.ReadTensors("image", Enumerable.Range(0, cache.Count).ToArray(), images);
            Npz.Write(
                arrays,
                new Dictionary<string, NdArray>
                {
                    ["images"] = new NdArray<float>([cache.Count, 1, 128, 128], images),
                    ["classes"] = new NdArray<long>([cache.Count], cache.Integers("class")),
                    ["energies"] = new NdArray<float>([cache.Count], [.. cache.Reals("energy").Select(energy => (float)energy)]),
                },
                compress: false);
        }
        using var ours = Serving.Best(Served, options.Threads, (Folder, scratch.Path));
        using var peer = PythonPeer.Best("cygno_training.py", options.Threads, arrays, Batch.ToString());
        yield return Comparison.Run("cygno-training, an image of an epoch", ours, peer, Math.Min(options.Rounds, 7), 1.5);
    }

    private static Cache Open(string folder)
    {
        var set = RecoilSet.Simulated(
            new RecoilSimulator { Size = 128 }, training: Images, validation: 1, test: 0, energies: [1, 3, 6, 10, 20, 30], seed: 1);
        return Cache.GetOrBuild(
            Path.Combine(folder, "cache"), new CacheRecipe(set.Description),
            () => set.Pieces().Select(piece => piece.Apply(RecoilSet.Preprocessing, 0).ToRows()));
    }

    private sealed class Epoch : IContender
    {
        private readonly Cache _cache;
        private readonly RecoilNetwork _network;

        public Epoch(string folder)
        {
            torch.manual_seed(0);
            (_cache, _network) = (Open(folder), new RecoilNetwork());
        }

        public string Description => Stepper.Describe("Hybrid", null);

        public double RunBlock()
        {
            var start = Stopwatch.GetTimestamp();
            RecoilTraining.Fit(
                _network, _cache, null, new RecoilTrainingOptions { Epochs = 1, BatchSize = Batch }, new TrainingOptions());
            return Stopwatch.GetElapsedTime(start).TotalSeconds / _cache.Count;
        }

        public void Dispose()
        {
            _network.Dispose();
            ((IDisposable)_cache).Dispose();
        }
    }
}
