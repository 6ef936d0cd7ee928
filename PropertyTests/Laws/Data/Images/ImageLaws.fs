namespace Hybrid.PropertyTests.Laws.Data.Images

open System
open Xunit
open FsCheck
open Hybrid.Data.Images
open Hybrid.Data.Statistics
open Hybrid.PropertyTests

module ImageLaws =

    [<SeededProperty>]
    let ``cropping what was padded gives the image back`` (seed: int) (a: byte) (b: byte) (c: byte) (d: byte) =
        let images = ImageCases.some seed
        let top, bottom, left, right = int a % 5, int b % 5, int c % 5, int d % 5
        let padded = Geometry.Pad(images, top, bottom, left, right, 7f)
        ImageCases.same images (Geometry.Crop(padded, top, left, images.Height, images.Width))

    [<SeededProperty>]
    let ``flips are involutions`` (seed: int) =
        let images = ImageCases.some seed
        ImageCases.same images (images |> Geometry.FlipHorizontal |> Geometry.FlipHorizontal)
        && ImageCases.same images (images |> Geometry.FlipVertical |> Geometry.FlipVertical)

    [<SeededProperty>]
    let ``the dihedral group composes`` (seed: int) (first: byte) (second: byte) =
        let images = ImageCases.square seed
        let first, second = int first % 8, int second % 8
        let both = Geometry.Dihedral(Geometry.Dihedral(images, first), second)
        ImageCases.same both (Geometry.Dihedral(images, Geometry.ComposeDihedral(first, second)))

    [<Fact>]
    let ``the eight elements of the dihedral group are different and closed`` () =
        let images = ImageCases.sized 3 1 1 5 5
        let results = [| for e in 0..7 -> Geometry.Dihedral(images, e).Pixels |> Array.toList |]
        Assert.Equal(8, results |> Array.distinct |> Array.length)

        for a in 0..7 do
            Assert.Equal(8, [ for b in 0..7 -> Geometry.ComposeDihedral(a, b) ] |> List.distinct |> List.length)

    [<Fact>]
    let ``quarter turns and flips are numpy's`` () =
        // a = numpy.arange(6).reshape(2, 3): numpy.rot90(a), numpy.rot90(a, 3), numpy.fliplr(a), numpy.flipud(a)
        let a = ImageSet([| 0f; 1f; 2f; 3f; 4f; 5f |], [| "r" |], 2, 3)
        Assert.Equal<float32[]>([| 2f; 5f; 1f; 4f; 0f; 3f |], Geometry.Rotate90(a, 1).Pixels)
        Assert.Equal<float32[]>([| 3f; 0f; 4f; 1f; 5f; 2f |], Geometry.Rotate90(a, -1).Pixels)
        Assert.Equal<float32[]>([| 2f; 1f; 0f; 5f; 4f; 3f |], Geometry.FlipHorizontal(a).Pixels)
        Assert.Equal<float32[]>([| 3f; 4f; 5f; 0f; 1f; 2f |], Geometry.FlipVertical(a).Pixels)

    [<SeededProperty>]
    let ``a rotation by a right angle is the exact quarter turn`` (seed: int) =
        let images = ImageCases.square seed
        ImageCases.near 1e-5 (Geometry.Rotate90(images, 1)) (Geometry.Rotate(images, 90.0, 0f))
        && ImageCases.same images (Geometry.Rotate(images, 0.0, 0f))

    [<SeededProperty>]
    let ``an affine change that does nothing changes nothing, a shift moves, a turn is the rotation``
        (seed: int)
        (right: byte)
        (down: byte)
        (angle: byte)
        =
        let still = { Degrees = 0.0; RightPixels = 0.0; DownPixels = 0.0; Scale = 1.0; ShearDegrees = 0.0 }

        let images = ImageCases.some seed
        let right, down = int right % 3, int down % 3
        let moved = Geometry.Affine(images, { still with RightPixels = float right; DownPixels = float down }, 7f)
        let padded = Geometry.Crop(Geometry.Pad(images, down, 0, right, 0, 7f), 0, 0, images.Height, images.Width)

        ImageCases.same images (Geometry.Affine(images, still, 7f))
        && ImageCases.near 1e-6 padded moved
        && ImageCases.same (Geometry.Rotate(images, float angle, 1f)) (Geometry.Affine(images, { still with Degrees = float angle }, 1f))

    [<Fact>]
    let ``scale and shear go where they say`` () =
        // A bright pixel 4 right of and 2 below the middle of 41 × 41.
        let images = ImageSet(Array.init (41 * 41) (fun i -> if i = 22 * 41 + 24 then 1f else 0f), [| "r" |], 41, 41)
        let still = { Degrees = 0.0; RightPixels = 0.0; DownPixels = 0.0; Scale = 1.0; ShearDegrees = 0.0 }

        let brightest placement =
            let pixels = Geometry.Affine(images, placement, 0f).Pixels
            let i = Array.IndexOf(pixels, Array.max pixels)
            i % 41 - 20, i / 41 - 20

        Assert.Equal((8, 4), brightest { still with Scale = 2.0 })
        // 2 rows down at 45° are 2 pixels further along the row.
        Assert.Equal((6, 2), brightest { still with ShearDegrees = 45.0 })
        // A quarter turn counterclockwise: right becomes up, down becomes right.
        Assert.Equal((2, -4), brightest { still with Degrees = 90.0 })
        let problem = Assert.Throws<ArgumentException>(fun () -> Geometry.Affine(images, { still with Scale = 0.0 }, 0f) |> ignore)
        Assert.StartsWith("Geometry.Affine: expected a scale > 0 and a shear within ±90°, got 0 and 0.", problem.Message)

    [<Fact>]
    let ``the centre of 576 pixels cut to 128 is 224 to 351`` () =
        let images = ImageSet(Array.init (576 * 576) (fun i -> float32 (i / 576)), [| "camera" |], 576, 576)
        let centre = Geometry.CentreCrop(images, 128, 128)
        Assert.Equal(224f, centre.Pixels[0])
        Assert.Equal(351f, centre.Pixels[centre.Pixels.Length - 1])

    [<Fact>]
    let ``a crop outside the image is refused with both sizes`` () =
        let problem = Assert.Throws<ArgumentException>(fun () -> Geometry.Crop(ImageCases.sized 1 1 1 4 5, 2, 0, 3, 5) |> ignore)
        Assert.StartsWith("Geometry.Crop: 3 × 5 at row 2, column 0 does not lie inside 4 × 5.", problem.Message)

    [<SeededProperty>]
    let ``clipping and windowing twice is clipping once`` (seed: int) =
        let images = ImageCases.some seed
        let clip set = Intensity.Clip(set, -1f, 2f)
        let unit set = Intensity.Window(set, 0.0, 1.0)
        ImageCases.same (clip images) (clip (clip images)) && ImageCases.same (unit images) (unit (unit images))

    [<SeededProperty>]
    let ``min-max puts every image into 0 to 1 and reaches both ends`` (seed: int) =
        let scaled = Intensity.MinMaxPerImage(ImageCases.sized seed 3 2 5 6)
        Seq.forall (fun i -> let image = scaled.Image(i).ToArray() in Array.min image = 0f && Array.max image = 1f) [ 0..2 ]

    [<SeededProperty>]
    let ``a z-scored image, and a z-scored band, has mean 0 and deviation 1`` (seed: int) =
        let isStandard (values: float32[]) =
            let { Mean = mean; Deviation = deviation } = BandStatistics.MeanAndDeviation(ReadOnlySpan values)
            abs mean < 1e-6 && abs (deviation - 1.0) < 1e-6

        let images = ImageCases.sized seed 3 2 5 6
        let perImage, perBand = Intensity.ZScorePerImage images, Intensity.ZScorePerBand images

        Seq.forall (fun i -> isStandard (perImage.Image(i).ToArray())) [ 0..2 ]
        && Seq.forall (fun b -> isStandard (perBand.BandValues b)) [ 0..1 ]

    [<Fact>]
    let ``a constant image becomes 0, not a division by 0`` () =
        let flat = ImageSet(Array.create 12 3f, [| "g" |], 3, 4)

        for change in [ Intensity.MinMaxPerImage; Intensity.ZScorePerImage; Intensity.ZScorePerBand ] do
            Assert.All((change flat).Pixels, fun v -> Assert.Equal(0f, v))

    [<SeededProperty(MaxTest = 50)>]
    let ``transforms of a set are those of its images one by one`` (seed: int) =
        let images = ImageCases.square seed
        let changes: (ImageSet -> ImageSet) list = [
            Intensity.MinMaxPerImage
            Intensity.ZScorePerImage
            fun set -> Intensity.Asinh(set, 0.5)
            fun set -> Geometry.Dihedral(set, 5)
            fun set -> Geometry.Rotate(set, 33.0, 0f)
            fun set -> Resize.To(set, 7, 5, Interpolation.Bilinear)
            fun set -> Resize.To(set, 7, 5, Interpolation.Area)
            fun set -> Blur.Gaussian(set, 0.8)
        ]

        changes
        |> List.forall (fun change ->
            ImageCases.same (change images) (ImageSet.Concatenate [| for i in 0 .. images.Count - 1 -> change (images.Take [| i |]) |]))

    [<SeededProperty>]
    let ``resizing to the same size changes nothing, and the area mean is kept`` (seed: int) (h: byte) (w: byte) =
        let images = ImageCases.some seed
        let h, w = 1 + int h % 9, 1 + int w % 9
        let mean (set: ImageSet) = set.Pixels |> Array.averageBy float

        ImageCases.same images (Resize.To(images, images.Height, images.Width, Interpolation.Bilinear))
        && ImageCases.near 1e-6 images (Resize.To(images, images.Height, images.Width, Interpolation.Area))
        && abs (mean images - mean (Resize.To(images, h, w, Interpolation.Area))) < 1e-5

    [<Fact>]
    let ``bilinear resizing is PyTorch's`` () =
        // torch.nn.functional.interpolate(torch.arange(6.).reshape(1, 1, 2, 3), size=(3, 5), mode="bilinear", align_corners=False)
        let a = ImageSet([| 0f; 1f; 2f; 3f; 4f; 5f |], [| "r" |], 2, 3)
        let expected = [| 0f; 0.4f; 1f; 1.6f; 2f; 1.5f; 1.9f; 2.5f; 3.1f; 3.5f; 3f; 3.4f; 4f; 4.6f; 5f |]
        let actual = Resize.To(a, 3, 5, Interpolation.Bilinear).Pixels
        Array.iter2 (fun (e: float32) (a: float32) -> Assert.True(abs (e - a) < 1e-6f, $"expected {e}, got {a}")) expected actual

    [<Fact>]
    let ``a Gaussian blur keeps the sum and two blurs add in quadrature`` () =
        let point = ImageSet(Array.init (41 * 41) (fun i -> if i = 20 * 41 + 20 then 1f else 0f), [| "r" |], 41, 41)
        let once = Blur.Gaussian(point, 2.5)
        let twice = Blur.Gaussian(Blur.Gaussian(point, 1.5), 2.0)
        Assert.Equal(1.0, once.Pixels |> Array.sumBy float, 5)
        // Cut at 4 σ and sampled on pixels, the two agree to a few 1e-5 of a peak of 0.025.
        Assert.True(ImageCases.near 5e-5 once twice)

    [<Fact>]
    let ``matching a narrow Gaussian PSF to a wide one gives the wide one`` () =
        let gaussian fwhm =
            let sigma = fwhm / (2.0 * sqrt (2.0 * log 2.0))
            let squares i = float (i / 41 - 20) ** 2.0 + float (i % 41 - 20) ** 2.0
            let raw = Array.init (41 * 41) (fun i -> exp (-(squares i) / (2.0 * sigma * sigma)))
            raw |> Array.map (fun v -> v / Array.sum raw)

        let narrow, wide = gaussian 4.0, gaussian 7.0
        let image = ImageSet(narrow |> Array.map float32, [| "r" |], 41, 41)
        let largest = Array.max wide

        let kernel = Blur.MatchingKernel(narrow, wide, 41, 0.9)
        let matched = Blur.Convolve(image, kernel, 41, 41)
        let direct = Blur.MatchGaussian(image, 4.0 * 0.263, 7.0 * 0.263, 0.263)

        for i in 0 .. wide.Length - 1 do
            Assert.True(abs (float matched.Pixels[i] - wide[i]) < 0.02 * largest,
                        $"kernel, pixel {i}: expected {wide[i]}, got {matched.Pixels[i]}")
            Assert.True(abs (float direct.Pixels[i] - wide[i]) < 0.005 * largest,
                        $"Gaussian, pixel {i}: expected {wide[i]}, got {direct.Pixels[i]}")

    [<Fact>]
    let ``matched distributions have the target's percentiles and keep the order of pixels`` () =
        let images = ImageCases.sized 1 4 2 20 20
        let target = ImageSet(Array.init (3 * 2 * 400) (fun i -> float32 (Math.Exp(float (i % 97) / 30.0))), [| "band0"; "band1" |], 20, 20)
        let matched = BandStatistics.MatchDistributions(images, target, 1001)

        for b in 0..1 do
            let own, was, goal = matched.BandValues b, images.BandValues b, target.BandValues b
            let percentile (values: float32[]) p = Percentile.Of(ReadOnlySpan(Array.map float values), p)

            for p in [ 1.0; 25.0; 50.0; 75.0; 99.0 ] do
                Assert.Equal(percentile goal p, percentile own p, 0.1)

            let byValue = Array.init own.Length id |> Array.sortBy (fun i -> was[i])
            Assert.True(byValue |> Seq.pairwise |> Seq.forall (fun (i, j) -> own[i] <= own[j]), "the order of pixels changed")

        let moments = BandStatistics.MatchMoments(images, target)
        let { Mean = mean; Deviation = deviation } = BandStatistics.MeanAndDeviation(ReadOnlySpan(moments.BandValues 0))
        let { Mean = goalMean; Deviation = goalDeviation } = BandStatistics.MeanAndDeviation(ReadOnlySpan(target.BandValues 0))
        Assert.Equal(goalMean, mean, 1e-5)
        Assert.Equal(goalDeviation, deviation, 1e-5)

    [<SeededProperty>]
    let ``the largest and smallest values are those of a sort`` (values: NormalFloat[]) (k: byte) =
        let values = values |> Array.map (fun v -> float32 v.Get)
        let k = if values.Length = 0 then 0 else int k % (values.Length + 1)
        let sorted = Array.sort values

        BandStatistics.Largest(ReadOnlySpan values, k) = sorted[sorted.Length - k ..]
        && BandStatistics.Smallest(ReadOnlySpan values, k) = sorted[.. k - 1]

    [<Fact>]
    let ``a copied band is found and a blank one is not taken for a copy`` () =
        let images = ImageCases.sized 5 2 3 4 4
        images.Image(0).Slice(0, 16).CopyTo(Span(images.Pixels, 32, 16))
        Span(images.Pixels, 48, 32).Clear()
        let found = BandStatistics.FindDuplicateBands images
        Assert.Equal<string[]>([| "image 0: bands band0 and band2 are identical" |], found |> Array.map string)

    [<SeededProperty>]
    let ``sample weights even out the histogram`` (values: NormalFloat[]) =
        let values = values |> Array.map (fun v -> v.Get % 10.0) |> Array.append [| 0.0; 0.5; 9.0 |]
        let weights = BandStatistics.SampleWeights(values, 100)
        let bins = 99
        let low, high = Array.min values - 1e-7, Array.max values + 1e-7
        let bin (v, _) = min (bins - 1) (int (float bins * (v - low) / (high - low)))
        let masses = Array.zip values weights |> Array.groupBy bin |> Array.map (fun (_, g) -> Array.sumBy snd g)
        // The most common bin has weight 1, and every weight is its density over the value's own.
        let densities = BandStatistics.SampleDensities(values, 100)
        let isDensity = Array.forall2 (fun w d -> abs (w * d - Array.max densities) < 1e-12) weights densities
        isDensity && Array.min weights = 1.0 && masses |> Array.forall (fun m -> abs (m - masses[0]) < 1e-9 * masses[0])

    [<Fact>]
    let ``arrays of files become sets of as many bands as they have`` () =
        let bytes = Hybrid.Data.Formats.NdArray<byte>([| 2; 3; 4 |], Array.init 24 byte)
        let set = ImageSet.OfArray(bytes, "camera")
        Assert.Equal("2 images of camera, 3 × 4", string set)
        Assert.Equal<float32[]>(Array.init 24 float32, set.Pixels)
        let cube = Hybrid.Data.Formats.NdArray<float>([| 1; 2; 3; 4 |], Array.init 24 float)
        Assert.Equal("1 image of g r, 3 × 4", string (ImageSet.OfArray(cube, "g", "r")))
        let problem = Assert.Throws<ArgumentException>(fun () -> ImageSet.OfArray(bytes, "g", "r") |> ignore)
        Assert.StartsWith("ImageSet.OfArray: expected shape (N, H, W) for one band or (N, 2, H, W), got (2, 3, 4).", problem.Message)

    [<Fact>]
    let ``an unknown band is named with those there are`` () =
        let problem = Assert.Throws<ArgumentException>(fun () -> (ImageCases.sized 1 1 2 3 3).BandIndex "z" |> ignore)
        Assert.StartsWith("ImageSet: no band 'z' among band0, band1.", problem.Message)
