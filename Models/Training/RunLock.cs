using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using Hybrid.Data.Formats;

namespace Hybrid.Models.Training;

/// <summary>
/// Says that a process is writing into a run's folder, so that no second one does: a file that is open, and locked by the operating system,
/// as long as the process writes. A killed process leaves a file that nothing holds, which the next one takes over.
/// </summary>
internal sealed class RunLock : IDisposable
{
    private const string OwnerName = "run.owner";
    private readonly IDisposable _held;
    private readonly string _owner;

    private RunLock(IDisposable held, string owner) => (_held, _owner) = (held, owner);

    /// <summary>Takes the folder.</summary>
    /// <exception cref="IOException">Another process has it; the message names it.</exception>
    public static RunLock Take(string folder)
    {
        // Who has it stands in a file of its own: the locked one cannot be read by others.
        var owner = Path.Combine(folder, OwnerName);
        var held = FolderLock.TryTake(folder, "run")
            ?? throw new IOException($"{folder}: a run is being written there{Holder(owner)}. Wait for its end, or choose another folder.");
        using var self = Process.GetCurrentProcess();
        File.WriteAllText(
            owner, string.Create(CultureInfo.InvariantCulture, $"process {self.Id}, begun {self.StartTime:yyyy-MM-dd HH:mm:ss}\n"));
        return new RunLock(held, owner);
    }

    public void Dispose()
    {
        File.Delete(_owner);
        _held.Dispose();
    }

    private static string Holder(string owner)
    {
        try
        {
            return File.ReadAllText(owner).Trim() is { Length: > 0 } holder ? $" by {holder}" : "";
        }
        catch (IOException)
        {
            return ""; // it has just begun or finished
        }
    }
}
