using System;
using Hybrid.Models.Systems.Imnn;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Samples.Imnn;

/// <summary>The networks of --network.</summary>
internal static class CompressorChoice
{
    public const string Exchangeable = "exchangeable", Dense = "dense", Paper = "paper";

    public static string[] Names => [Exchangeable, Dense, Paper];

    /// <summary>Width of the hidden layers where --hidden is not given: docs/results.md, "IMNN".</summary>
    public static int HiddenOf(string name) => name == Exchangeable ? 16 : 128;

    /// <summary>A new network; torch's generator gives its weights. Dispose the module.</summary>
    public static Compressor Make(string name, long inputs, int hidden, int summaries, Device? device = null) => name switch
    {
        Exchangeable => Compressor.Of(new ExchangeableCompressor(hidden, summaries, device)),
        Dense => Compressor.Of(new SmoothCompressor(inputs, hidden, summaries, device)),
        Paper => Compressor.Of(new DenseCompressor(inputs, hidden, summaries, device)),
        _ => throw new ArgumentException($"--network: expected one of {string.Join(", ", Names)}, got '{name}'."),
    };

    public static Compressor Make(ImnnRunOptions options, Device? device = null)
        => Make(options.Network, options.Inputs, options.Hidden, options.Summaries, device);
}
