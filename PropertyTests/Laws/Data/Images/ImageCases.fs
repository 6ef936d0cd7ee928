namespace Hybrid.PropertyTests.Laws.Data.Images

open System
open Hybrid.Data.Images
open Hybrid.Data.Statistics

/// Random image sets for properties: sizes and values from a seed, so that a case prints as one number.
[<RequireQualifiedAccess>]
module ImageCases =

    let sized (seed: int) count bands height width =
        let random = SeededRandom(int64 seed)
        ImageSet(Array.init (count * bands * height * width) (fun _ -> float32 (random.NextNormal() * 3.0)),
                 Array.init bands (fun b -> $"band{b}"), height, width)

    let some (seed: int) =
        let random = SeededRandom.For(int64 seed, 1L)
        sized seed (1 + random.Next 4) (1 + random.Next 3) (1 + random.Next 12) (1 + random.Next 12)

    let square (seed: int) =
        let random = SeededRandom.For(int64 seed, 2L)
        let side = 1 + random.Next 12
        sized seed (1 + random.Next 4) (1 + random.Next 3) side side

    let same (a: ImageSet) (b: ImageSet) =
        a.Height = b.Height && a.Width = b.Width && a.Bands = b.Bands && a.Pixels.AsSpan().SequenceEqual(ReadOnlySpan b.Pixels)

    let near (tolerance: float) (a: ImageSet) (b: ImageSet) =
        a.Height = b.Height && a.Width = b.Width && a.Pixels.Length = b.Pixels.Length
        && (a.Pixels, b.Pixels)
           ||> Array.forall2 (fun x y -> abs (float x - float y) <= tolerance + tolerance * abs (float y))
