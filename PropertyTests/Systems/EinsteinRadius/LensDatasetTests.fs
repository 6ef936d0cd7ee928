namespace Hybrid.PropertyTests.Systems.EinsteinRadius

open System
open Hybrid.Data.Images
open Hybrid.Data.Systems.EinsteinRadius
open Xunit

module LensDatasetTests =

    let private data () =
        LensDataset("LensPop", ImageSet(Array.init 24 (fun i -> float32 (float i ** 1.5)), [| "g" |], 3, 4), [| 0.8; 1.9 |], [| "a"; "b" |])

    [<Fact>]
    let ``adjusting a distribution clips to both percentiles and z-scores the clipped band`` () =
        // x = numpy.arange(24)**1.5 as float32: P = percentile(x, 99.6), p = -percentile(-x, 99.5), z = (c - c.mean())/c.std() of c =
        // clip(x, p, P)
        let { Data = adjusted; Bands = bands } = data().AdjustDistributions([| 99.6 |], [| 99.5 |], true, 3)
        Assert.Equal(109.6495452270508, bands[0].High, 1e-4)
        Assert.Equal(0.115, bands[0].Low, 1e-6)
        Assert.Equal(-1.2942927, float (adjusted.Inputs.Pixels[0]), 1e-5)
        Assert.Equal(-1.2685336, float (adjusted.Inputs.Pixels[1]), 1e-5)
        Assert.Equal(1.8938601, float (adjusted.Inputs.Pixels[23]), 1e-5)
        Assert.Equal<float32[]>([| 0f; 1f; float32 (2.0 ** 1.5) |], bands[0].Smallest)
        Assert.Equal<float32[]>([| for i in 21.0..23.0 -> float32 (i ** 1.5) |], bands[0].Largest)

    [<Fact>]
    let ``without normalising the inputs stay as they are`` () =
        let before = data ()
        let { Data = after; Bands = bands } = before.AdjustDistributions([| 99.6 |], [| 99.5 |], false, 0)
        Assert.Same(before.Inputs, after.Inputs)
        Assert.Equal(1, bands.Length)

    [<Fact>]
    let ``as many percentiles as bands are asked for`` () =
        let adjust () = data().AdjustDistributions([| 99.0; 99.0 |], [| 99.0 |], true, 0) |> ignore
        let problem = Assert.Throws<ArgumentException> adjust
        Assert.StartsWith("LensDataset 'LensPop'.AdjustDistributions: expected 1 percentile, one a band, got 2 for the maximum and 1 for \
            the minimum.", problem.Message)

    [<Fact>]
    let ``a band of zeros goes after the bands or before them`` () =
        let after, before = data().PadBand("zero", false), data().PadBand("zero", true)
        Assert.Equal<string[]>([| "g"; "zero" |], after.Inputs.Bands)
        Assert.Equal<string[]>([| "zero"; "g" |], before.Inputs.Bands)
        Assert.All(before.Inputs.BandValues 0, fun v -> Assert.Equal(0f, v))
        Assert.Equal<float32[]>(data().Inputs.Pixels, before.Inputs.BandValues 1)

    [<Fact>]
    let ``channels of another size are resized before they are appended`` () =
        let other = ImageSet(Array.create (2 * 6 * 8) 4f, [| "VIS" |], 6, 8)
        let joined = data().Concatenate other
        Assert.Equal("2 images of g VIS, 3 × 4", string joined.Inputs)
        Assert.All(joined.Inputs.BandValues 1, fun v -> Assert.Equal(4f, v))

    [<Fact>]
    let ``targets must be as many as images`` () =
        let make () = LensDataset("Real", ImageSet(Array.zeroCreate 12, [| "g" |], 3, 4), [| 1.0; 2.0 |], [||]) |> ignore
        let problem = Assert.Throws<ArgumentException> make
        Assert.StartsWith("LensDataset 'Real': expected 1 target, one an image, got 2.", problem.Message)

    [<Fact>]
    let ``post-processing gives mean and deviation before and after`` () =
        let { Before = before; After = after } = data().PostProcess()
        Assert.True(before[0].Mean > 1.0)
        Assert.Equal(0.0, after[0].Mean, 1e-6)
        Assert.Equal(1.0, after[0].Deviation, 1e-6)
