using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using Hybrid.Data.Formats;
using Hybrid.Data.Images;

namespace Hybrid.Samples.Serving.Events;

/// <summary>An event that cannot be scored as it was sent.</summary>
/// <param name="label">A word or two: the label of a counter.</param>
/// <param name="message">What was expected, and what came.</param>
public sealed class BadEventException(string label, string message) : Exception(message)
{
    /// <summary>A word or two.</summary>
    public string Label { get; } = label;
}

/// <summary>Bytes as they are sent into a preprocessed image, or a reason.</summary>
/// <param name="preprocessing">The model's.</param>
/// <param name="mostPixels">A larger image is refused before memory is taken for it.</param>
public sealed class FrameReader(FramePreprocessing preprocessing, long mostPixels)
{
    private static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>A PNG: grey, 8 or 16 bits.</summary>
    /// <exception cref="BadEventException">It is something else, damaged, too large or too small.</exception>
    public ImageSet Png(string name, byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        var called = name.Length > 0 ? name : "the image";
        if (bytes.Length == 0) throw new BadEventException("empty", $"{called}: expected a PNG, got nothing.");
        if (!bytes.AsSpan().StartsWith(Signature))
            throw new BadEventException(
                "not a PNG",
                $"{called}: expected a PNG, which begins with the bytes 89504E470D0A1A0A, got "
                    + $"{Convert.ToHexString(bytes.AsSpan(0, Math.Min(8, bytes.Length)))}.");
        try
        {
            return preprocessing.ApplyPng(called, bytes, mostPixels);
        }
        catch (ArgumentException failure)
        {
            throw Unfit(called, failure);
        }
        catch (InvalidDataException failure)
        {
            var isLarge = failure.Message.Contains("expected at most", StringComparison.Ordinal);
            throw new BadEventException(isLarge ? "too large" : "damaged", failure.Message);
        }
    }

    /// <summary>Raw pixels of 16 bits, little-endian, row by row: one image, or several of one size after another.</summary>
    /// <exception cref="BadEventException">The bytes do not fit the sizes, or the image is too large or too small.</exception>
    public IReadOnlyList<ImageSet> Raw(string name, ReadOnlySpan<byte> bytes, int height, int width)
    {
        var called = name.Length > 0 ? name : "the image";
        if (height < 1 || width < 1)
            throw new BadEventException("wrong size", $"{called}: expected height and width of at least 1, got {height} × {width}.");
        if ((long)height * width > mostPixels)
            throw new BadEventException("too large", $"{called}: expected at most {mostPixels} pixels, got {height} × {width}.");
        var one = 2L * height * width;
        if (bytes.Length == 0 || bytes.Length % one != 0)
            throw new BadEventException(
                "wrong size",
                $"{called}: expected {one} bytes for each image of {height} × {width} pixels of 16 bits, got {bytes.Length}.");
        var images = new List<ImageSet>();
        for (var at = 0; at < bytes.Length; at += (int)one)
        {
            var pixels = MemoryMarshal.Cast<byte, ushort>(bytes.Slice(at, (int)one)).ToArray();
            images.Add(Preprocessed(called, new NdArray<ushort>([height, width], pixels)));
        }
        return images;
    }

    private ImageSet Preprocessed(string called, NdArray frame)
    {
        try
        {
            return preprocessing.Apply(frame);
        }
        catch (ArgumentException failure)
        {
            throw Unfit(called, failure);
        }
    }

    private static BadEventException Unfit(string called, ArgumentException failure)
    {
        var message = failure.Message.Split(" (Parameter")[0];
        return new BadEventException(
            message.Contains("channels", StringComparison.Ordinal) ? "colour" : "too small", $"{called}: {message}");
    }
}
