using System;
using System.IO;
using Hybrid.Models.Training;

namespace Hybrid.Samples.CommandLine;

/// <summary>Where a run goes, and what happens to one that stands there: nothing is overwritten unless the user says so.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Existing">What the trainer does with it.</param>
public readonly record struct RunFolder(string Path, ExistingRun Existing)
{
    /// <summary>
    /// Whether a run stands there that is to be continued. With --resume and none there, as after a job was killed in its first second, a
    /// new one begins.
    /// </summary>
    public bool Resumes => Existing == ExistingRun.Resume && RunDirectory.Exists(Path);

    /// <summary>
    /// Without --output the next free folder, or with --resume the newest run; a named folder that holds a run is refused unless --resume
    /// or --overwrite says what to do with it.
    /// </summary>
    /// <param name="output">--output; null where it is not given.</param>
    /// <param name="preset">The folder without it.</param>
    /// <param name="resume">--resume.</param>
    /// <param name="overwrite">--overwrite.</param>
    /// <exception cref="ArgumentException">Both are given.</exception>
    /// <exception cref="IOException">The folder holds a run.</exception>
    public static RunFolder Choose(string? output, string preset, bool resume, bool overwrite)
    {
        if (resume && overwrite) throw new ArgumentException("--resume and --overwrite: expected one of them, got both.");
        var path = output ?? (resume ? RunDirectory.Latest(preset) : overwrite ? preset : RunDirectory.NextFree(preset));
        var exists = RunDirectory.Exists(path);
        if (exists && !resume && !overwrite)
            throw new IOException(
                $"--output: {System.IO.Path.GetFullPath(path)} holds a run. "
                + "Give --resume to continue it, --overwrite to replace it, or another folder.");
        return new RunFolder(path, resume ? ExistingRun.Resume : overwrite ? ExistingRun.Replace : ExistingRun.Refuse);
    }
}
