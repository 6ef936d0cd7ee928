using System;

namespace Hybrid.Samples.CommandLine;

/// <summary>
/// Shows on the error output how many images of a long step are done: one line that is written over on a terminal, else a line at the end.
/// </summary>
/// <param name="done">What happens to them: "preprocessed".</param>
/// <param name="count">How many there are.</param>
public sealed class CountProgress(string done, int count) : IProgress<long>
{
    public void Report(long value)
    {
        if (value >= count) Console.Error.WriteLine($"{(Console.IsErrorRedirected ? "" : "\r")}{done} {Plural.Of(value, "image")}");
        else if (!Console.IsErrorRedirected) Console.Error.Write($"\r{done} {value} of {Plural.Of(count, "image")}");
    }
}
