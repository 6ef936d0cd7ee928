using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Hybrid.Data.Formats;
using Hybrid.Data.Systems.Blase;

namespace Hybrid.Bench.Blase;

/// <summary>What both sides of BlaSE's benchmarks work on: simulated SED files, and our sample's program.</summary>
internal static class BlaseSamples
{
    public const string PythonHint = "Its packages: apt-get install python3-torch python3-numpy.";

    /// <summary>Writes as many SED files as BlaSE's training set has, in its format.</summary>
    public static string WriteSeds(string folder, int count)
    {
        Directory.CreateDirectory(folder);
        var seds = new SedSimulator().Simulate(count, 1, 0);
        Parallel.ForEach(seds, sed => sed.Write(Path.Combine(folder, sed.FileName), SedVersion.Vou));
        return folder;
    }

    public static ProcessStartInfo Sample(params string[] arguments)
    {
        var sample = Path.Combine(AppContext.BaseDirectory, "..", "..", "Blase", "release", "hybrid-blase.dll");
        if (!File.Exists(sample)) throw new InvalidOperationException("bench: the BlaSE sample is not built; run ./hybrid setup first");
        return new ProcessStartInfo("dotnet", [sample, .. arguments]);
    }

    public static NdArray Array(float[] values, params int[] shape) => new NdArray<float>(shape, values);

    public static NdArray Rows(int[] values) => new NdArray<long>([values.Length], values.Select(value => (long)value).ToArray());
}
