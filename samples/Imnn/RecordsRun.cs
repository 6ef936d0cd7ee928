using System;
using System.IO;
using System.Linq;
using System.Threading;
using Hybrid.Data.Systems.Imnn;

namespace Hybrid.Samples.Imnn;

/// <summary>./hybrid imnn records: simulations of the worked problem as records, to train on with --data.</summary>
/// <param name="Count">Simulations at the fiducial parameters, n_s.</param>
/// <param name="Derivatives">The first of them have derivatives, n_d.</param>
/// <param name="Validation">As many for validation, all with derivatives; 0: none.</param>
/// <param name="Start">Number of the first simulation: another process can write others.</param>
/// <param name="RecordSize">MB of a file.</param>
/// <param name="Seed">Simulation i depends on it and i alone.</param>
internal sealed record RecordsRun(int Count, int Derivatives, int Validation, long Start, double RecordSize, long Seed)
{
    private const int Piece = 10_000;

    public void Check()
    {
        if (Count < 1) throw new ArgumentException($"--count: expected at least 1, got {Count}.");
        if (Derivatives < 1 || Derivatives > Count)
            throw new ArgumentException($"--derivatives: expected 1 to {Count} as --count has, got {Derivatives}.");
        if (Validation < 0) throw new ArgumentException($"--validation: expected at least 0, got {Validation}.");
        if (Start < 0) throw new ArgumentException($"--start: expected at least 0, got {Start}.");
        if (!(RecordSize > 0)) throw new ArgumentException($"--record-size: expected MB > 0, got {RecordSize}.");
    }

    /// <summary>Writes them; the folder stands under its name when all are there.</summary>
    /// <returns>Files written.</returns>
    /// <exception cref="IOException">The folder is not empty: records of another set would be read as part of this one.</exception>
    public int Write(string folder, CancellationToken stop)
    {
        if (Path.Exists(folder) && (File.Exists(folder) || Directory.EnumerateFileSystemEntries(folder).Any()))
            throw new IOException($"--output: {Path.GetFullPath(folder)} is not empty. Choose another folder, or remove it.");
        var part = Path.TrimEndingDirectorySeparator(folder) + ".part";
        if (Directory.Exists(part)) Directory.Delete(part, recursive: true);
        var files = Fill(part, stop);
        if (Directory.Exists(folder)) Directory.Delete(folder);
        Directory.Move(part, folder);
        return files;
    }

    private int Fill(string folder, CancellationToken stop)
    {
        var problem = GaussianProblem.Worked;
        var files = 0;
        Set("", Start, Derivatives, withDerivatives: true);
        // Those beyond are the original's "remaining".
        if (Count > Derivatives) Set("", Start + Derivatives, Count - Derivatives, withDerivatives: false);
        // Far from the training simulations, so that --start does not reach them.
        if (Validation > 0) Set("validation_", Start + (1L << 40), Validation, withDerivatives: true);
        return files;

        void Set(string prefix, long first, int count, bool withDerivatives)
        {
            var draws = problem.DataPerSimulation;
            using var simulations = new SimulationRecordWriter(folder, prefix + (withDerivatives ? "fiducial" : "remaining"), RecordSize);
            using var derivatives = withDerivatives ? new SimulationRecordWriter(folder, prefix + "derivative", RecordSize) : null;
            for (var done = 0; done < count; done += Piece)
            {
                stop.ThrowIfCancellationRequested();
                var data = new float[Math.Min(Piece, count - done) * draws];
                problem.Simulate(GaussianProblem.WorkedMean, GaussianProblem.WorkedVariance, Seed, first + done, data);
                var along = withDerivatives
                    ? problem.Derivatives(data, GaussianProblem.WorkedMean, GaussianProblem.WorkedVariance)
                    : [];
                for (var i = 0; i < data.Length / draws; i++)
                {
                    simulations.Write(first + done + i, data.AsSpan(i * draws, draws));
                    derivatives?.Write(first + done + i, along.AsSpan(2 * i * draws, 2 * draws));
                }
            }
            files += simulations.Paths.Count + (derivatives?.Paths.Count ?? 0);
        }
    }
}
