using System;
using System.IO;
using System.Linq;
using Hybrid.Data.Formats;
using Hybrid.Models.Systems.Imnn;
using Hybrid.Samples.CommandLine;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Samples.Imnn;

/// <summary>
/// Simulations saved as npy files: fiducial_data, fiducial_validation_data, derivative_data, derivative_validation_data (the last two also
/// with large_ or small_ before), and details.npz (likewise) with fiducial and delta. Derivatives are (n_d, 2, P, …) for numerical ones,
/// made below and above θ, or (n_d, …, P) for exact ones.
/// </summary>
internal sealed record ArrayFolder(
    NdArray Simulations, NdArray Derivatives, NdArray? ValidationSimulations, NdArray? ValidationDerivatives, double[] Fiducial,
    double[]? Width) : ITrainingData
{
    private static readonly string[] _sizes = ["", "large_", "small_"];

    public long InputSize => Simulations.Rank == 2
        ? Simulations.Shape[1]
        : throw new InvalidDataException(
            "fiducial_data.npy: expected (simulations, data) for a dense network, "
            + $"got ({string.Join(", ", Simulations.Shape)}). Flatten each simulation.");

    public string Description
        => $"{Plural.Of(Simulations.Shape[0], "simulation")} in memory, {Derivatives.Shape[0]} "
            + (Derivatives.Rank == Simulations.Rank + 2 ? "pairs around them: NumericalGradientImnn" : "with derivatives: GradientImnn");

    public static ArrayFolder Read(string folder, string? fiducial, string? delta)
    {
        if (!Directory.Exists(folder)) throw new InvalidDataException($"--data: there is no folder {folder}.");
        var simulations = Array(folder, "fiducial_data", "fiducial") ?? throw Missing(folder, "fiducial_data.npy");
        var size = _sizes.FirstOrDefault(size => File.Exists(Path.Combine(folder, size + "derivative_data.npy")))
            ?? throw Missing(folder, "derivative_data.npy (or large_derivative_data.npy, small_derivative_data.npy)");
        var derivatives = Array(folder, size + "derivative_data")!;
        var validation = Array(folder, "fiducial_validation_data");
        var validationDerivatives = Array(folder, size + "derivative_validation_data");
        if (validation is null != validationDerivatives is null)
            throw Missing(
                folder, validation is null ? "fiducial_validation_data.npy" : size + "derivative_validation_data.npy",
                "validation simulations and derivatives go together");
        var details = Path.Combine(folder, size + "details.npz");
        var known = File.Exists(details) ? Npz.Read(details) : null;
        double[]? Known(string name) => known is not null && known.TryGetValue(name, out var value) ? value.ToDoubles() : null;
        return new ArrayFolder(
            simulations, derivatives, validation, validationDerivatives,
            Numbers("--fiducial", fiducial) ?? Known("fiducial")
                ?? throw new InvalidDataException(
                    $"{folder}: θ of the simulations is unknown. Give --fiducial 0,1 or a {size}details.npz with 'fiducial'."),
            Numbers("--delta", delta) ?? Known("delta"));
    }

    public InformationMaximiser Train(Compressor compressor, optim.Optimizer optimiser, Device device, ImnnRunOptions options)
    {
        Tensor Load(NdArray array) => tensor(array.ToSingles(), array.Shape.Select(size => (long)size).ToArray(), device: device);
        Tensor? LoadIf(NdArray? array) => array is null ? null : Load(array);
        var isNumerical = Derivatives.Rank == Simulations.Rank + 2;
        if (isNumerical && Width is null)
            throw new InvalidDataException("--data: numerical derivatives need δθ. Give --delta 0.2,0.2 or a details.npz with 'delta'.");
        return isNumerical
            ? new NumericalGradientImnn(
                compressor, optimiser, Fiducial, Width!, Load(Simulations), Load(Derivatives), LoadIf(ValidationSimulations),
                LoadIf(ValidationDerivatives))
            {
                Lambda = options.Lambda, Epsilon = options.Epsilon,
            }
            : new GradientImnn(
                compressor, optimiser, Fiducial, Load(Simulations), Load(Derivatives), LoadIf(ValidationSimulations),
                LoadIf(ValidationDerivatives))
            {
                Lambda = options.Lambda, Epsilon = options.Epsilon,
            };
    }

    private static NdArray? Array(string folder, params string[] names)
        => names.Select(name => Path.Combine(folder, name + ".npy")).FirstOrDefault(File.Exists) is { } path ? Npy.Read(path) : null;

    private static InvalidDataException Missing(string folder, string name, string why = "")
    {
        var files = string.Join(", ", Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order().Take(12));
        return new($"--data: {folder} has no {name}{(why.Length > 0 ? ": " + why : "")}. It has {files}.");
    }

    internal static double[]? Numbers(string option, string? text)
        => text?.Split(',').Select(part => Options.ParseNumber(part.Trim())
            ?? throw new ArgumentException($"{option}: expected numbers separated by commas, got '{text}'.")).ToArray();
}
