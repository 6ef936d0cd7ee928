namespace Hybrid.PropertyTests.Systems.EinsteinRadius

open System
open System.Collections.Generic
open System.IO
open System.Threading
open Hybrid.Data.Formats
open Hybrid.Data.Images
open Hybrid.Data.Lensing
open Hybrid.Data.Systems.EinsteinRadius
open Hybrid.PropertyTests.Laws.Data
open Xunit

/// Real files of the challenges in place of their simulations: what is read, and what is left out and named.
module ChallengeFilesTests =

    let private none = CancellationToken.None

    /// A catalogue's area in sr of a radius in arcsec.
    let private area (thetaE: float) = (thetaE / 206265.0) ** 2.0 * Math.PI

    /// A round galaxy of 500 counts about the middle.
    let private galaxy pixels (width: float) =
        let at i = float i - float (pixels - 1) / 2.0
        let blob = Array.init (pixels * pixels) (fun i -> exp (-(at (i / pixels) ** 2.0 + at (i % pixels) ** 2.0) / (2.0 * width * width)))
        let total = Array.sum blob
        blob |> Array.map (fun v -> float32 (500.0 * v / total))

    let private write (folder: ScratchFolder) (name: string) pixels (values: float32[]) =
        Fits.WriteImage(folder.File name, FitsImage(NdArray<float32>([| pixels; pixels |], values)))

    let private ground (folder: ScratchFolder) id (change: float32[] -> unit) =
        for band in [ "SDSS_G"; "SDSS_R"; "SDSS_I" ] do
            let values = galaxy 101 4.0
            change values
            write folder $"image{band}-{id}.fits" 101 values

    let private read (folder: ScratchFolder) lines =
        File.WriteAllLines(folder.File "truth.csv", "ID,is_lens,Einstein_area,numb_pix_lensed_image" :: lines)
        let leftOut = List<string>()
        let files = ChallengeFiles(folder.Path, folder.File "truth.csv", 25.0)
        let struct (images, radii) = files.Challenge1(32, (fun broken -> leftOut.Add(string broken)), null, none)
        struct (images, radii, leftOut)

    let private row (id: int) (thetaE: float) = FormattableString.Invariant $"{id},1,{area thetaE},200"

    [<Fact>]
    let ``the first challenge's files become images in the common form with their radii`` () =
        use folder = new ScratchFolder()
        ground folder 1 ignore
        // A masked block away from the galaxy, and a pixel that is NaN in the middle of it.
        ground folder 2 (fun values -> for i in 0..5 do values[30 * 101 + 40 + i] <- 100f)
        ground folder 3 (fun values -> values[50 * 101 + 50] <- nanf)
        let struct (images, radii, leftOut) = read folder [ row 1 0.8; row 2 1.2; row 3 1.9 ]
        Assert.Equal("3 images of g r i, 32 × 32", string images)
        Assert.Equal(3, radii.Length)
        for expected, radius in Array.zip [| 0.8; 1.2; 1.9 |] radii do Assert.Equal(expected, radius, 1e-6)
        Assert.Empty leftOut
        Assert.All(images.Pixels, fun value -> Assert.True(Single.IsFinite value))
        // From zero point 25 to 30 a unit becomes 100; masked pixels hold no light; a pixel that is missing takes its own light along only.
        let light image = images.Plane(image, 0).ToArray() |> Array.sumBy float
        Assert.InRange(light 0, 49000.0, 50500.0)
        Assert.InRange(light 1 / light 0, 0.98, 1.001)
        Assert.InRange(light 2 / light 0, 0.98, 0.9999)

    [<Fact>]
    let ``an object without a band, a broken file, and a radius of nothing are left out`` () =
        use folder = new ScratchFolder()
        for id in 1..4 do ground folder id ignore
        File.Delete(folder.File "imageSDSS_I-2.fits")
        File.WriteAllText(folder.File "imageSDSS_R-3.fits", "SIMPLE  =                    T")
        let struct (images, radii, leftOut) = read folder [ row 1 1.0; row 2 1.1; row 3 1.2; "4,1,0,200" ]
        Assert.Equal(1, images.Count)
        Assert.Equal(1.0, Assert.Single radii, 1e-6)
        Assert.Equal(2, leftOut.Count)
        Assert.EndsWith("object 2 has no image in band SDSS_I", leftOut[0])
        Assert.Contains("imageSDSS_R-3.fits", leftOut[1])

    [<Fact>]
    let ``a catalogue without rows, an area below nothing and a band that no object has are refused`` () =
        use folder = new ScratchFolder()
        ground folder 1 ignore
        let refuse lines = (Assert.ThrowsAny<InvalidDataException>(fun () -> read folder lines |> ignore)).Message
        Assert.EndsWith("none of its 1 objects with images in SDSS_G, SDSS_R, SDSS_I is a lens that \
            " + folder.File "truth.csv" + " describes and the selection keeps.", refuse [])
        Assert.Contains("truth.csv, line 2, column 'Einstein_area'", refuse [ "1,1,-1e-11,200" ])
        File.Delete(folder.File "imageSDSS_G-1.fits")
        Assert.Contains("none of its 0 objects with images in SDSS_G, SDSS_R, SDSS_I", refuse [ row 1 1.0 ])

    let private simulations =
        let des =
            LensPopCatalogue.Parse("des.txt",
                [| for i in 0..9 -> $"0.4 1.5 1.{i} 230 0.8 0.9 21 20 19.5 0.1 0.05 0.7 30 0.3 23 22.5 22.2 4 1 1 1 1 1 1 1" |])

        let euclid =
            LensPopCatalogue.Parse("euclid.txt", [| for i in 0..9 -> $"0.4 1.5 1.{i} 230 0.8 0.9 20 0.1 0.05 0.7 30 0.3 22.5 4 0.2 50" |])

        lazy (RadiusSimulations(des, euclid, 32))

    [<Fact>]
    let ``the second challenge's cameras have other sizes, and a missing pixel stays where it is`` () =
        use folder = new ScratchFolder()

        for id in 1..3 do
            let vis = galaxy 200 8.0
            if id = 2 then vis[100 * 200 + 100] <- nanf
            write folder $"imageEUC_VIS-{id}.fits" 200 vis
            for band in [ "EUC_Y"; "EUC_H" ] do write folder $"image{band}-{id}.fits" 66 (galaxy 66 2.7)

        // A Y band of another size than the others'.
        write folder "imageEUC_Y-3.fits" 64 (galaxy 64 2.7)

        File.WriteAllLines(folder.File "truth.csv",
                           "ID,n_source_im,mag_eff,n_pix_source,ein_area"
                           :: [ for id in 1..3 -> FormattableString.Invariant $"{id},1,3.0,200,{area 1.3}" ])

        let leftOut = List<string>()
        let files = ChallengeFiles(folder.Path, folder.File "truth.csv", 25.0)
        let struct (images, radii) = files.Challenge2(simulations.Value, 1L, true, (fun broken -> leftOut.Add(string broken)), null, none)
        Assert.Equal("2 images of g r i, 32 × 32", string images)
        Assert.All(radii, fun radius -> Assert.Equal(1.3, radius, 1e-6))
        Assert.Contains("imageEUC_Y-3.fits", Assert.Single leftOut)
        Assert.All(images.Pixels, fun value -> Assert.True(Single.IsFinite value))
        let light image = images.Plane(image, 0).ToArray() |> Array.sumBy float
        // The noise that matches the survey's is another in each image.
        Assert.InRange(light 1 / light 0, 0.95, 1.05)
