using System.Linq;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Training;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>The eight rotations and reflections of an image, which the detector does not distinguish.</summary>
internal static class RecoilTurns
{
    /// <summary>All of them, one after another: (B, C, H, H) → (8 · B, C, H, H), with the channels last in memory.</summary>
    internal static Tensor All(Tensor maps)
    {
        using var scope = NewDisposeScope();
        var rows = maps.permute(0, 2, 3, 1);
        var turned = Enumerable.Range(0, ImageAugmentation.Turns).Select(turn => ImageAugmentation.Turned(rows, turn, 1));
        return cat([.. turned]).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    // The same turn for a whole batch: over an epoch every image is seen in many.
    internal static TensorBatch AtRandom(TensorBatch batch)
    {
        var turn = (int)randint(ImageAugmentation.Turns, [1]).item<long>();
        return new TensorBatch(
            ("image", ImageAugmentation.Turned(batch["image"], turn)), ("class", batch["class"]), ("energy", batch["energy"]));
    }
}
