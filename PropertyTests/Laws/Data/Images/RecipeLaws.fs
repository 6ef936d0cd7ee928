namespace Hybrid.PropertyTests.Laws.Data.Images

open System
open Xunit
open FsCheck
open Hybrid.Data.Images
open Hybrid.PropertyTests

module RecipeLaws =

    let private everyRandomStep () =
        Recipe(
            ImageStep.RandomZoom(3, 3, 0.7),
            ImageStep.RandomFlipHorizontal 0.4,
            ImageStep.RandomFlipVertical 0.4,
            ImageStep.RandomDihedral(),
            ImageStep.RandomRotation(180.0, 0f),
            ImageStep.RandomGaussianBlur(0.1, 1.0, 0.5),
            ImageStep.RandomBrightness 0.2,
            ImageStep.GaussianNoise(0.001, 0.5),
            ImageStep.RandomAffine(45.0, 0.3, 0.8, 1.2, 0.3, 0.8),
            ImageStep.RandomAutoContrast 0.5,
            ImageStep.RandomInvert 0.5,
            ImageStep.RandomSolarize(0.5f, 0.5),
            ImageStep.RandomSharpness(2.0, 0.5),
            ImageStep.RandomCrop(4, 5)
        )

    [<Fact>]
    let ``a recipe prints its steps and its hash is fixed`` () =
        let recipe = Recipe.Cygno()
        Assert.Equal("window(60, 130) → centreCrop(128, 128)", string recipe)
        // printf 'recipe 1: window(60, 130) → centreCrop(128, 128)' | sha256sum
        Assert.Equal("2c8f99a9571c971f2467eabeaecf10f9a5911fa00087f6fc754a6b12f211011a", recipe.Hash)

    [<Fact>]
    let ``recipes are equal when they print the same`` () =
        Assert.Equal(Recipe.LensFinderStrong(), Recipe.LensFinderStrong())
        Assert.Equal(Recipe.LensFinderStrong().Hash, Recipe.LensFinderStrong().Hash)
        Assert.NotEqual(Recipe.LensFinderStrong(), Recipe.LensFinderWeak())
        Assert.NotEqual(ImageStep.Asinh 0.1, ImageStep.Asinh 0.2)

    [<Fact>]
    let ``every parameter of a step shows in its text`` () =
        let texts =
            [ ImageStep.Window(1.5, 2.0); ImageStep.MinMaxPerImage(); ImageStep.ZScorePerImage(); ImageStep.ZScorePerBand()
              ImageStep.StandardiseBands([| 1.0 |], [| 2.0 |]); ImageStep.Asinh 3.0; ImageStep.Log 1e-9; ImageStep.Clip(-1f, 0.5f)
              ImageStep.ClipPercentiles([| 0.5 |], [| 99.6 |]); ImageStep.ClipBands([| -3.0 |], [| 40.0 |])
              ImageStep.ReplaceMarked(100f, 0f); ImageStep.ReplaceMissing 0f
              ImageStep.SelectBands("g", "r"); ImageStep.Pad(2, 0f); ImageStep.Resize(4, 5, Interpolation.Area)
              ImageStep.GaussianBlur 0.7 ]
            |> List.map string

        Assert.Equal<string list>(
            [ "window(1.5, 2)"; "minMaxPerImage()"; "zScorePerImage()"; "zScorePerBand()"; "standardiseBands([1], \
                [2])"; "asinh(3)"; "log(1E-09)"
              "clip(-1, 0.5)"; "clipPercentiles([0.5], [99.6])"; "clipBands([-3], [40])"; "replaceMarked(100, 0)"
              "replaceMissing(0)"; "selectBands(\"g\", \"r\")"
              "pad(2, 0)"; "resize(4, 5, area)"; "gaussianBlur(0.7)" ],
            texts
        )

    [<Fact>]
    let ``a recipe repeats by seed and another seed gives another result`` () =
        let images = ImageCases.sized 1 6 2 9 9
        let recipe = everyRandomStep ()
        Assert.True(ImageCases.same (recipe.Apply(images, 5L)) (recipe.Apply(images, 5L)))
        Assert.False(ImageCases.same (recipe.Apply(images, 5L)) (recipe.Apply(images, 6L)))

    [<SeededProperty(MaxTest = 30)>]
    let ``an image's result does not depend on the images beside it`` (seed: int) (cut: byte) =
        let images = ImageCases.sized seed 5 2 8 8
        let recipe = everyRandomStep ()
        let whole = recipe.Apply(images, int64 seed)
        let cut = 1 + int cut % 4
        let head = recipe.Apply(images.Take [| 0 .. cut - 1 |], int64 seed, 0L)
        let tail = recipe.Apply(images.Take [| cut..4 |], int64 seed, int64 cut)
        ImageCases.same whole (ImageSet.Concatenate [| head; tail |])

    [<Fact>]
    let ``a random step happens about as often as its probability says`` () =
        let images = ImageCases.sized 1 2000 1 1 2
        let flipped = Recipe(ImageStep.RandomFlipHorizontal 0.25).Apply(images, 3L)
        let count = Seq.length (Seq.filter (fun i -> flipped.Pixels[2 * i] <> images.Pixels[2 * i]) [ 0..1999 ])
        // 500 ± 5 standard deviations of 19.4
        Assert.InRange(count, 403, 597)

    [<Fact>]
    let ``noise has the variance asked for`` () =
        let flat = ImageSet(Array.zeroCreate 40_000, [| "r" |], 200, 200)
        let noisy = Recipe(ImageStep.GaussianNoise(0.001, 1.0)).Apply(flat, 3L)
        let { Mean = mean; Deviation = deviation } = BandStatistics.MeanAndDeviation(ReadOnlySpan noisy.Pixels)
        Assert.InRange(mean, -8e-4, 8e-4)
        Assert.InRange(deviation * deviation, 0.00096, 0.00104)

    [<SeededProperty>]
    let ``contrast, inversion, solarisation and sharpness keep an image within 0 to 1`` (seed: int) =
        let unit seed = Intensity.MinMaxPerImage(ImageCases.sized seed 3 2 7 6)
        let always (step: ImageStep) (images: ImageSet) = Recipe(step).Apply(images, 1L)

        let images = unit seed
        let invert = always (ImageStep.RandomInvert 1.0)
        let stretched = always (ImageStep.RandomAutoContrast 1.0) images
        let sharp = always (ImageStep.RandomSharpness(2.0, 1.0)) images
        let planeOf (set: ImageSet) = set.Plane(0, 0).ToArray()

        ImageCases.near 1e-6 images (invert (invert images))
        && ImageCases.same (always (ImageStep.RandomSolarize(2f, 1.0)) images) images
        && ImageCases.same (always (ImageStep.RandomSolarize(0f, 1.0)) images) (invert images)
        && Array.min (planeOf stretched) = 0f && Array.max (planeOf stretched) = 1f
        && ImageCases.near 1e-6 (always (ImageStep.RandomSharpness(1.0, 1.0)) images) images
        && sharp.Pixels |> Array.forall (fun v -> v >= 0f && v <= 1f)
        && [ 0..2 ] |> List.forall (fun i -> (sharp.Plane(i, 1).Slice(0, 6)).SequenceEqual(images.Plane(i, 1).Slice(0, 6)))

    [<Fact>]
    let ``sharpness is torchvision's`` () =
        // torchvision.transforms.functional.adjust_sharpness(x, 2.0) at the middle of [[0, .1, .2], [.3, .5, .4], [.6, .7, .8]]:
        // s = (3.1 + 5·0.5)/13 = 5.6/13, then s + 2 (0.5 − s) = 0.5692.
        let images = ImageSet([| 0f; 0.1f; 0.2f; 0.3f; 0.5f; 0.4f; 0.6f; 0.7f; 0.8f |], [| "r" |], 3, 3)
        let sharp = Recipe(ImageStep.RandomSharpness(2.0, 1.0)).Apply(images, 1L)
        Assert.Equal(0.5692308, float sharp.Pixels[4], 1e-6)
        Assert.Equal<float32[]>(images.Pixels[0..3], sharp.Pixels[0..3])

    [<Fact>]
    let ``no step changes its input`` () =
        let images = ImageCases.sized 4 3 2 9 9
        let before = Array.copy images.Pixels
        (everyRandomStep ()).Apply(images, 1L) |> ignore
        Assert.Equal<float32[]>(before, images.Pixels)

    [<Fact>]
    let ``a probability outside 0 to 1 is refused`` () =
        let problem = Assert.Throws<ArgumentException>(fun () -> ImageStep.GaussianNoise(0.1, 1.5) |> ignore)
        Assert.StartsWith("gaussianNoise: expected a probability in [0, 1], got 1.5.", problem.Message)
