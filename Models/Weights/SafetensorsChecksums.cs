using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.IO.Hashing;
using System.Linq;
using System.Text;

namespace Hybrid.Models.Weights;

/// <summary>
/// XXH3 checksums (64 bits) in the metadata of safetensors files that Hybrid writes: of the header, whose checksum counts as zeros in it,
/// then of each tensor in the header's order, sixteen hexadecimal digits each. Other readers see a text beside the tensors.
/// </summary>
internal static class SafetensorsChecksums
{
    /// <summary>Its key in the metadata.</summary>
    public const string Key = "hybrid.checksums";

    private const int Digits = 16;

    /// <summary>Bytes that are hashed at once, while the processor still has them at hand.</summary>
    private const int PieceBytes = 1 << 17;

    /// <summary>What stands before the header's own checksum; quotes inside of texts are escaped, so no text can look like it.</summary>
    private static ReadOnlySpan<byte> Before => "\"hybrid.checksums\":\""u8;

    /// <summary>The metadata's text while the header's own checksum is not known.</summary>
    public static string Text(IEnumerable<ulong> tensors) => new string('0', Digits) + string.Concat(tensors.Select(Word));

    /// <summary>Puts the header's checksum into a header that has zeros there.</summary>
    public static void Seal(Span<byte> header)
    {
        var place = header.IndexOf(Before) + Before.Length;
        Encoding.ASCII.GetBytes(Word(XxHash3.HashToUInt64(header)), header.Slice(place, Digits));
    }

    /// <summary>The tensors' checksums in the header's order; null where the file has none.</summary>
    /// <param name="header">As it stands in the file.</param>
    /// <param name="text">The metadata's.</param>
    /// <param name="count">Tensors of the file.</param>
    /// <param name="bad">The error of a reason.</param>
    public static ulong[]? Of(byte[] header, string? text, int count, Func<string, Exception?, InvalidDataException> bad)
    {
        if (text is null) return null;
        var place = header.AsSpan().IndexOf(Before);
        if (place < 0 || text.Length != Digits * (count + 1) || !text.All(char.IsAsciiHexDigitLower))
            throw bad(
                $"expected {Digits * (count + 1)} hexadecimal digits as the metadata '{Key}', got {text.Length} characters: "
                + "the file is damaged, or another tool wrote it again and kept a text that does not belong to it any more", null);
        var words = Enumerable.Range(0, count + 1)
            .Select(word => ulong.Parse(text.AsSpan(Digits * word, Digits), NumberStyles.HexNumber, CultureInfo.InvariantCulture))
            .ToArray();
        var zeros = (byte[])header.Clone();
        zeros.AsSpan(place + Before.Length, Digits).Fill((byte)'0');
        var got = XxHash3.HashToUInt64(zeros);
        if (got != words[0])
            throw bad(
                $"expected a header (bytes 8 to {8 + header.Length}) with the checksum {Word(words[0])}, got {Word(got)}: the file is "
                + $"damaged, or another tool wrote it again and kept the metadata '{Key}', which it must leave out", null);
        return words[1..];
    }

    /// <summary>Fills memory from a stream, piece by piece, and hashes each.</summary>
    public static void Read(Stream stream, Span<byte> target, XxHash3 hash)
    {
        while (target.Length > 0)
        {
            var piece = target[..Math.Min(PieceBytes, target.Length)];
            stream.ReadExactly(piece);
            hash.Append(piece);
            target = target[piece.Length..];
        }
    }

    /// <summary>Sixteen digits.</summary>
    public static string Word(ulong sum) => sum.ToString("x16", CultureInfo.InvariantCulture);
}
