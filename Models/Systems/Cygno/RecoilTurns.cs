using System.Linq;
using Hybrid.Models.Training;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>The eight rotations and reflections of an image, which the detector does not distinguish.</summary>
public static class RecoilTurns
{
    /// <summary>How many there are.</summary>
    public const int Count = 8;

    /// <summary>One of them, of images (B, C, H, H).</summary>
    /// <param name="image">The images.</param>
    /// <param name="turn">0 to 7: bit 0 reflects rows, bit 1 columns, bit 2 swaps the two.</param>
    public static Tensor Turned(Tensor image, int turn)
        => (turn & 4) != 0 ? Turned(image, turn, 2).contiguous() : Turned(image, turn, 2);

    private static Tensor Turned(Tensor image, int turn, int axis)
    {
        if ((turn & 1) != 0) image = image.flip(axis);
        if ((turn & 2) != 0) image = image.flip(axis + 1);
        return (turn & 4) != 0 ? image.transpose(axis, axis + 1) : image;
    }

    /// <summary>All of them, one after another: (B, C, H, H) → (8 · B, C, H, H), with the channels last in memory.</summary>
    internal static Tensor All(Tensor maps)
    {
        using var scope = NewDisposeScope();
        var rows = maps.permute(0, 2, 3, 1);
        return cat([.. Enumerable.Range(0, Count).Select(turn => Turned(rows, turn, 1))]).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    // The same turn for a whole batch: over an epoch every image is seen in many.
    internal static TensorBatch AtRandom(TensorBatch batch)
    {
        var turn = (int)randint(Count, [1]).item<long>();
        return new TensorBatch(
            ("image", Turned(batch["image"], turn)), ("class", batch["class"]), ("energy", batch["energy"]));
    }
}
