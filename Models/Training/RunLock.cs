using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Text;

namespace Hybrid.Models.Training;

/// <summary>
/// Says that a process is writing into a run's folder, so that no second one does: a file that is open, and locked by the operating system, as long as the process writes. A killed process
/// leaves a file that nothing holds, which the next one takes over.
/// </summary>
internal sealed class RunLock : IDisposable
{
    private const string FileName = "run.lock";
    private readonly FileStream _file;

    private RunLock(FileStream file) => _file = file;

    /// <summary>Takes the folder.</summary>
    /// <exception cref="IOException">Another process has it; the message names it.</exception>
    public static RunLock Take(string folder)
    {
        var path = Path.Combine(folder, FileName);
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 512, FileOptions.DeleteOnClose);
        }
        catch (IOException failure) when (File.Exists(path))
        {
            throw new IOException($"{folder}: a run is being written there{Holder(path)}. Wait for its end, or choose another folder.", failure);
        }
        file.SetLength(0);
        using var self = Process.GetCurrentProcess();
        file.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"process {self.Id}, begun {self.StartTime:yyyy-MM-dd HH:mm:ss}\n")));
        file.Flush();
        return new RunLock(file);
    }

    public void Dispose() => _file.Dispose();

    private static string Holder(string path)
    {
        try
        {
            using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            return reader.ReadLine() is { Length: > 0 } holder ? $" by {holder}" : "";
        }
        catch (IOException)
        {
            return ""; // its owner has just finished, or locks reading, too
        }
    }
}
