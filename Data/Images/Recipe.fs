namespace Hybrid.Data.Images

open System
open System.Security.Cryptography
open System.Text
open Hybrid.Data.Statistics

/// Steps in order, as a value: it prints, compares, hashes (the cache's key), and repeats by seed.
[<Sealed>]
type Recipe([<ParamArray>] steps: ImageStep[]) =
    let steps = Array.copy steps
    let text = String.Join(" → ", steps |> Array.map string)

    member _.Steps = Array.copy steps
    member _.IsRandom = steps |> Array.exists _.IsRandom

    /// This recipe and then another.
    member _.Then([<ParamArray>] more: ImageStep[]) = Recipe(Array.append steps more)

    /// The steps as text: "window(60, 130) → centreCrop(128, 128)".
    override _.ToString() = text
    override _.Equals other = match other with :? Recipe as recipe -> recipe.ToString() = text | _ -> false
    override _.GetHashCode() = StringComparer.Ordinal.GetHashCode text

    /// SHA-256 of the text, in lower-case hexadecimal. The number in front rises when a step changes its meaning.
    member _.Hash : string =
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes("recipe 1: " + text))).ToLowerInvariant()

    /// The images after all steps.
    /// firstImage : number of the first image, so that a set worked on in parts gives what it gives in one piece.
    member _.Apply(images: ImageSet, seed: int64, firstImage: int64) : ImageSet =
        steps
        |> Seq.indexed
        |> Seq.fold
            (fun images (place, step: ImageStep) ->
                step.Apply(images, fun i -> SeededRandom.For(seed, int64 place, firstImage + int64 i)))
            images

    member recipe.Apply(images: ImageSet, seed: int64) = recipe.Apply(images, seed, 0L)

    /// The weak augmentation of the lens finder: for images of 64 × 64, a zoom into 32 × 32 and flips.
    static member LensFinderWeak() =
        Recipe(ImageStep.RandomZoom(32, 32, 0.5), ImageStep.RandomFlipHorizontal 0.25, ImageStep.RandomFlipVertical 0.25)

    /// AdaMatch's strong augmentation in the lens finder, for images of 64 × 64 in [0, 1].
    static member LensFinderStrong() =
        Recipe(
            ImageStep.RandomZoom(32, 32, 0.7),
            ImageStep.RandomFlipHorizontal 0.4,
            ImageStep.RandomFlipVertical 0.4,
            ImageStep.GaussianNoise(0.001, 0.5)
        )

    /// The augmentation of the DeepLense comparison of domain adaptation (Tidball's project), for images of 150 × 150 in [0, 1]: flips,
    /// blur, contrast, inversion, sharpness, solarisation, and an affine change of ±45°, 0.3 of the side, scale 0.8 to 1.2 and a shear of
    /// ±0.3°.
    static member DomainAdaptation() =
        Recipe(
            ImageStep.RandomFlipHorizontal 0.5,
            ImageStep.RandomFlipVertical 0.5,
            ImageStep.RandomGaussianBlur(0.1, 1.0, 0.5),
            ImageStep.RandomAutoContrast 0.5,
            ImageStep.RandomInvert 0.5,
            ImageStep.RandomSharpness(2.0, 0.5),
            ImageStep.RandomSolarize(0.5f, 0.5),
            ImageStep.RandomAffine(45.0, 0.3, 0.8, 1.2, 0.3, 0.5)
        )

    /// CYGNO's preprocessing: the intensity window, then the centre.
    static member Cygno() =
        Recipe(ImageStep.Window(60.0, 130.0), ImageStep.CentreCrop(128, 128))
