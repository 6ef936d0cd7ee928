using System;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Adaptation;

/// <summary>Changes of square images that leave what they show as it is.</summary>
public static class ImageAugmentation
{
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
        var draw = randint(0, 8L * side * side, [1]).item<long>();
        var (turn, right, down) = (draw % 8, draw / 8 % side, draw / 8 / side);
        if ((turn & 1) != 0) image = image.flip(2);
        if ((turn & 2) != 0) image = image.flip(3);
        if ((turn & 4) != 0) image = image.transpose(2, 3);
        return image.roll([down - largestShift, right - largestShift], [2L, 3L]).contiguous();
    }

    /// <summary>One of the square's eight symmetries, by its number: what an answer is averaged over.</summary>
    /// <param name="image">(B, C, H, H).</param>
    /// <param name="turn">In [0, 7]; 0 leaves it.</param>
    public static Tensor Turned(Tensor image, int turn)
    {
        ArgumentNullException.ThrowIfNull(image);
        if ((turn & 1) != 0) image = image.flip(2);
        if ((turn & 2) != 0) image = image.flip(3);
        if ((turn & 4) != 0) image = image.transpose(2, 3);
        return image.contiguous();
    }
}
