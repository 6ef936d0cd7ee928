using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using Hybrid.Bench.Harness;
using Hybrid.Data.Formats;

namespace Hybrid.Bench.Data;

/// <summary>A folder of small FITS images into one array, from a warm cache.</summary>
public sealed class FitsFiles : Benchmark
{
    private const int Files = 20_000;
    private const int AstropyFiles = 1_000; // one pass over all of them would take its minute alone
    private const int Side = 101;

    public override string Name => "fits-files";

    public override string Description
        => $"{Files} plain float32 {Side}x{Side} FITS files to one array, against fitsio one by one and astropy with a pool of 2 processes";

    public override IEnumerable<Measurement> Run(BenchOptions options)
    {
        using var folder = new ScratchFolder();
        var paths = Enumerable.Range(0, Files).Select(i => Path.Combine(folder.Path, $"image-{i:00000}.fits")).ToArray();
        for (var i = 0; i < Files; i++) WritePlain(paths[i], i);

        foreach (var threads in options.Threads)
        {
            using var ours = new Ours(paths, threads);
            var last = threads == options.Threads.Max();
            using (var fitsio = PythonPeer.Start("fits_files.py", 1, "fitsio", folder.Path, Files.ToString()))
                yield return Comparison.Run($"FITS files, {threads} threads", ours, fitsio, options.Rounds, last ? 3 : 1);
            if (!last) continue;
            using var astropy = PythonPeer.Start("fits_files.py", 2, "astropy", folder.Path, AstropyFiles.ToString());
            yield return Comparison.Run($"FITS files, {threads} threads", ours, astropy, options.Rounds, 25);
        }
    }

    /// <summary>A file as survey pipelines write it: a block of header, big-endian pixels, padding.</summary>
    private static void WritePlain(string path, int seed)
    {
        string[] cards =
        [
            "SIMPLE  =                    T", "BITPIX  =                  -32", "NAXIS   =                    2",
            $"NAXIS1  = {Side,20}", $"NAXIS2  = {Side,20}", "CTYPE1  = 'RA---TAN'", "CTYPE2  = 'DEC--TAN'",
            "CRPIX1  =                  51.", "CRPIX2  =                  51.", "END",
        ];
        var header = string.Concat(cards.Select(card => card.PadRight(80))).PadRight(2880);
        var bytes = new byte[2880 + (Side * Side * 4 + 2879) / 2880 * 2880];
        Encoding.ASCII.GetBytes(header, bytes);
        var random = new Random(seed);
        for (var i = 0; i < Side * Side; i++)
            BinaryPrimitives.WriteSingleBigEndian(bytes.AsSpan(2880 + 4 * i), random.NextSingle());
        File.WriteAllBytes(path, bytes);
    }

    private sealed class Ours(string[] paths, int threads) : IContender
    {
        public string Description => $"Hybrid, {threads} threads";

        public double RunBlock()
        {
            var start = Stopwatch.GetTimestamp();
            var result = FitsSet.Load(paths, new FitsSetOptions { Threads = threads });
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (result.Pixels.Length != Files * Side * Side) throw new InvalidOperationException("fits-files: pixels are missing");
            return seconds / paths.Length;
        }

        public void Dispose() { }
    }
}
