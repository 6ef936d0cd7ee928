using System;
using System.Runtime.InteropServices;

namespace Hybrid.Models.Engine;

/// <summary>What libtorch says of a failed call, without the frames of its C++ code that TorchSharp's messages carry.</summary>
public static class LibtorchMessage
{
    private const string ScriptFailure = "The following operation failed in the TorchScript interpreter.", RuntimeError = "RuntimeError: ";
    private static readonly string[] _ends = ["\nException raised from", "\nframe #"];

    /// <summary>Whether a failure comes from libtorch, through TorchSharp.</summary>
    public static bool IsOf(Exception failure) => failure is ExternalException and not SEHException;

    /// <summary>The message up to its C++ frames; of any other exception the whole message.</summary>
    public static string Of(Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        var message = failure.Message;
        // A script's: its own traceback, then what libtorch said.
        if (message.StartsWith(ScriptFailure, StringComparison.Ordinal)
            && message.LastIndexOf(RuntimeError, StringComparison.Ordinal) is var start and > 0)
            message = message[(start + RuntimeError.Length)..];
        foreach (var end in _ends)
            if (message.IndexOf(end, StringComparison.Ordinal) is var at and > 0) message = message[..at];
        return message.TrimEnd();
    }
}
