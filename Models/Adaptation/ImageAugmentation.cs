using System;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Adaptation;

/// <summary>Changes of square images that leave what they show as it is.</summary>
public static class ImageAugmentation
{
    /// <summary>Rotations and reflections of a square.</summary>
    public const int Turns = 8;

    /// <summary>
    /// One of the square's eight symmetries and a shift, the same for a batch; what a shift moves out comes in at the other side.
    /// </summary>
    /// <param name="image">(B, C, H, H).</param>
    /// <param name="largestShift">Pixels, in [0, H/2].</param>
    public static Tensor TurnedAndShifted(Tensor image, int largestShift = 2)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (largestShift < 0 || largestShift > image.size(2) / 2)
            throw new ArgumentOutOfRangeException(
                nameof(largestShift),
                $"ImageAugmentation.TurnedAndShifted: expected a shift in [0, {image.size(2) / 2}], got {largestShift}.");
        var side = (2 * largestShift) + 1;
        var draw = randint(0, (long)Turns * side * side, [1]).item<long>();
        var (turn, right, down) = ((int)(draw % Turns), draw / Turns % side, draw / Turns / side);
        return Turned(image, turn, 2).roll([down - largestShift, right - largestShift], [2L, 3L]).contiguous();
    }

    /// <summary>One of the square's eight symmetries, by its number: what an answer is averaged over.</summary>
    /// <param name="image">(B, C, H, H).</param>
    /// <param name="turn">0 to 7: bit 0 reflects rows, bit 1 columns, bit 2 swaps the two; 0 leaves the image.</param>
    public static Tensor Turned(Tensor image, int turn)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Turned(image, turn, 2).contiguous();
    }

    /// <summary>The mean of what a network says of the eight symmetries of images.</summary>
    /// <param name="image">(B, C, H, H).</param>
    /// <param name="outputs">Of images, (B, …).</param>
    public static Tensor OverTurns(Tensor image, Func<Tensor, Tensor> outputs)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        var sum = outputs(Turned(image, 0));
        for (var turn = 1; turn < Turns; turn++) sum = sum + outputs(Turned(image, turn));
        return sum / Turns;
    }

    /// <summary>The same symmetries of whatever axes are rows and columns, as a view where it can be one.</summary>
    /// <param name="image">Square in two axes that follow each other.</param>
    /// <param name="turn">As above.</param>
    /// <param name="axis">The first of them.</param>
    internal static Tensor Turned(Tensor image, int turn, int axis)
    {
        if ((turn & 1) != 0) image = image.flip(axis);
        if ((turn & 2) != 0) image = image.flip(axis + 1);
        return (turn & 4) != 0 ? image.transpose(axis, axis + 1) : image;
    }
}
