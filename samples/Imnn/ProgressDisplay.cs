using System;
using System.Diagnostics;
using Hybrid.Models.Systems.Imnn;
using Spectre.Console;

namespace Hybrid.Samples.Imnn;

/// <summary>The fit as it runs: a line that renews itself in a terminal, one line for each tenth elsewhere.</summary>
internal sealed class ProgressDisplay(int iterations, int patience) : IProgress<ImnnIteration>, IDisposable
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);
    private readonly bool _renews = !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Interactive;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _shown = -_pause;
    private ImnnIteration? _last;

    public void Report(ImnnIteration value)
    {
        _last = value;
        if (_renews ? _clock.Elapsed - _shown < _pause : value.Number % Math.Max(1, iterations / 10) != 0) return;
        _shown = _clock.Elapsed;
        Show(value);
    }

    /// <summary>Leaves the last iteration on the screen.</summary>
    public void Finish()
    {
        if (_last is not null && (_renews || _last.Number % Math.Max(1, iterations / 10) != 0)) Show(_last);
        if (_renews && _last is not null) Console.WriteLine();
    }

    private void Show(ImnnIteration value)
    {
        var point = value.Validation ?? value.Training;
        var waiting = patience == int.MaxValue ? "" : $"  patience {value.Patience}/{patience}";
        var training = value.Validation is null ? "" : $" (training {value.Training.DetF:0.0})";
        var line = $"iteration {value.Number,5}/{iterations}  |F| {point.DetF,6:0.00}{training}  |C| {point.DetC:0.000}  |C⁻¹| {point.DetInverseC:0.000}  Λ₂ {point.Distance:0.000}  r {point.Strength:0.00}{waiting}";
        if (_renews) Console.Write($"\r\u001b[K{line}");
        else Console.WriteLine(line);
    }

    public void Dispose()
    {
        if (_renews) Console.Write("\u001b[0m");
    }
}
