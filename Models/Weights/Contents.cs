using System;
using System.IO;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Weights;

/// <summary>What is asked of a file's tensors before they are used, in whichever format they came.</summary>
internal static class Contents
{
    /// <summary>A file with holes may be longer than all memory: reading it would end the process, not the call.</summary>
    /// <exception cref="InvalidDataException">The tensors need more than the machine (or the container) has.</exception>
    public static void RequireMemory(string path, long bytes)
    {
        var available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (bytes > available)
            throw new InvalidDataException($"{path}: its tensors need {bytes} bytes of memory, this machine has {available}.");
    }

    /// <summary>
    /// A truth value is a byte of 0 or 1: libtorch counts and indexes by it, with another one past the end of what it counted.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="what">The tensor, in a message.</param>
    /// <param name="read">In C order, on the CPU; of other types nothing is asked.</param>
    /// <exception cref="InvalidDataException">A byte is neither.</exception>
    public static void RequireTruth(string path, string what, Tensor read)
    {
        if (read.dtype != ScalarType.Bool) return;
        var bytes = read.bytes;
        var place = bytes.IndexOfAnyExceptInRange((byte)0, (byte)1);
        if (place >= 0)
            throw new InvalidDataException(
                $"{path}: {what} holds truth values, and a byte of {bytes[place]}; expected 0 or 1: the file is damaged.");
    }
}
