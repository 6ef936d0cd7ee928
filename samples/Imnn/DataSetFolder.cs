using System;
using System.IO;
using System.Linq;
using Hybrid.Data.Cache;
using Hybrid.Data.Systems.Imnn;
using Hybrid.Models.Systems.Imnn;
using Hybrid.Samples.CommandLine;
using static TorchSharp.torch;

namespace Hybrid.Samples.Imnn;

/// <summary>
/// A folder of simulations, a file each (fiducial_0000.npy, derivative_0000.npy, remaining_0000.npy; the same after validation_) or
/// several (.tfrecords). They are read once into Parquet caches, and from there chunk by chunk in every iteration, so that there may be
/// more than fit into memory.
/// </summary>
internal sealed class DataSetFolder : ITrainingData, IDisposable
{
    private readonly Cache _main;
    private readonly Cache? _remaining, _validationMain, _validationRemaining;

    private DataSetFolder(
        double[] fiducial, long inputSize, (Cache Main, Cache? Remaining) training, (Cache Main, Cache? Remaining)? validation)
    {
        (Fiducial, InputSize, (_main, _remaining)) = (fiducial, inputSize, training);
        (_validationMain, _validationRemaining) = (validation?.Main, validation?.Remaining);
    }

    public long InputSize { get; }

    public double[] Fiducial { get; }

    public double[]? Width => null;

    public string Description
        => $"{Plural.Of(_main.Count, "simulation")} with derivatives and {_remaining?.Count ?? 0} without"
            + (_validationMain is null
                ? ", no validation set"
                : $", {_validationMain.Count + (_validationRemaining?.Count ?? 0)} to validate")
            + ": AggregatedImnn";

    public static bool IsIn(string folder) => SimulationFiles.IsIn(folder);

    /// <param name="folder">Of the files.</param>
    /// <param name="caches">Folder for caches.</param>
    /// <param name="fiducial">--fiducial.</param>
    /// <param name="shape">--shape, which records need.</param>
    public static DataSetFolder Read(string folder, string caches, string? fiducial, string? shape)
    {
        var theta = ArrayFolder.Numbers("--fiducial", fiducial)
            ?? throw new ArgumentException($"--fiducial: expected θ at which the simulations of {folder} were made, such as 0,1.");
        var sizes = ArrayFolder.Numbers("--shape", shape)?.Select(size => (int)size).ToArray();
        var isOfRecords = Directory.EnumerateFiles(folder, "fiducial_*.tfrecords").Any();
        int? parameters = isOfRecords ? theta.Length : null;
        var training = SimulationFiles.Find(folder, "", parameters, sizes);
        if (training.Parameters != theta.Length)
            throw new ArgumentException(
                $"--fiducial: expected {training.Parameters} numbers as the derivatives of {folder} have parameters, got {theta.Length}.");
        if (training.Shape.Count != 1)
            throw new InvalidDataException(
                $"{folder}: expected simulations of one axis for the networks of this command, got ({string.Join(", ", training.Shape)}). "
                + "Flatten them, or use AggregatedImnn with a network of your own.");
        var hasValidation = Directory.EnumerateFiles(folder, "validation_fiducial_*").Any();
        return new DataSetFolder(
            theta, training.Shape[0], Open(training),
            hasValidation ? Open(SimulationFiles.Find(folder, "validation_", parameters, training.Shape.ToArray())) : null);

        (Cache, Cache?) Open(SimulationFiles files)
        {
            var main = files.Main(caches);
            return (main, files.Remaining(caches, main.Count));
        }
    }

    public InformationMaximiser Train(Compressor compressor, optim.Optimizer optimiser, Device device, ImnnRunOptions options)
        => new AggregatedImnn(
            compressor, optimiser, Fiducial, new CacheSource(_main, _remaining, options.Chunk),
            _validationMain is null ? null : new CacheSource(_validationMain, _validationRemaining, options.Chunk),
            new AggregateOptions { Workers = options.Workers, KeptChunks = options.KeptChunks })
        {
            Lambda = options.Lambda, Epsilon = options.Epsilon,
        };

    public void Dispose()
    {
        foreach (var cache in new[] { _main, _remaining, _validationMain, _validationRemaining }) (cache as IDisposable)?.Dispose();
    }
}
