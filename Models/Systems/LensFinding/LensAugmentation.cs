using Hybrid.Models.Adaptation;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>
/// Changes of images (B, C, H, H) from 0 to 1 that leave a lens a lens. Weak: one of the square's eight symmetries and a shift of up to two
/// pixels, the same for a batch. Strong: that, and for each image another contrast, another background, noise and a blank square of a
/// quarter of the width.
/// </summary>
public static class LensAugmentation
{
    /// <summary>Both.</summary>
    public static Augmentation Default { get; } = new(Weak, Strong);

    /// <summary>Turned, reflected and shifted; what a shift moves out comes in at the other side.</summary>
    public static Tensor Weak(Tensor image) => ImageAugmentation.TurnedAndShifted(image);

    /// <summary>The weak one, and brightness, noise and a hole.</summary>
    public static Tensor Strong(Tensor image)
    {
        var weak = Weak(image);
        var (rows, size) = (weak.size(0), weak.size(3));
        var contrast = (0.6 * rand([rows, 1, 1, 1], device: weak.device)) + 0.7;
        var background = (0.2 * rand([rows, 1, 1, 1], device: weak.device)) - 0.1;
        var noise = 0.06 * rand([rows, 1, 1, 1], device: weak.device) * randn_like(weak);
        var hole = size / 4;
        var places = arange(size, device: weak.device);
        var (x, y) = (randint(0, size, [rows, 1], device: weak.device), randint(0, size, [rows, 1], device: weak.device));
        var inRow = ((places - x).abs() < hole / 2).unsqueeze(1).unsqueeze(1); // (B, 1, 1, H)
        var inColumn = ((places - y).abs() < hole / 2).unsqueeze(1).unsqueeze(3); // (B, 1, H, 1)
        return ((weak * contrast) + background + noise).masked_fill(inRow.logical_and(inColumn), 0);
    }
}
