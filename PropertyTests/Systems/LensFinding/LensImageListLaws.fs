namespace Hybrid.PropertyTests.Systems.LensFinding

open System
open System.Collections.Generic
open System.IO
open System.Threading
open Xunit
open Hybrid.Data.Cache
open Hybrid.Data.Formats
open Hybrid.Data.Lensing
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data

/// Images of a user's own, however they are listed.
module LensImageListLaws =

    let private bands = [| "g"; "r" |]
    let private nothing = Action<string>(fun reason -> failwith $"left out {reason}")

    /// Planes whose pixels say where they are: band·10000 + row·100 + column, plus an offset.
    let private planes count height width offset =
        Array.init (count * height * width) (fun i ->
            float32 (offset + i / (height * width) * 10000 + i / width % height * 100 + i % width))

    let private all (list: LensImageList) size =
        [ for struct (entries, images) in list.Pieces(size, 30.0, 3, nothing) do
              for i in 0 .. entries.Length - 1 -> entries[i], images.Image(i).ToArray() ]

    let private middle (pixels: float32[]) planes height width size =
        Array.init (planes * size * size) (fun i ->
            let plane, row, column = i / (size * size), i / size % size, i % size
            pixels[plane * height * width + (row + (height - size) / 2) * width + column + (width - size) / 2])

    [<SeededProperty>]
    let ``cubes, extensions, arrays and files a band give the same images`` (height: byte) (width: byte) (cut: byte) =
        use folder = new ScratchFolder()
        let height, width = 2 + int height % 9, 2 + int width % 9
        let size = 1 + int cut % (min height width)
        let pixels = planes 2 height width 7
        let plane band = NdArray<float32>([| height; width |], pixels[band * height * width .. (band + 1) * height * width - 1])
        Fits.WriteImage(folder.File "cube.fits", FitsImage(NdArray<float32>([| 2; height; width |], pixels)))
        Fits.WriteImages(folder.File "extensions.fits", [| FitsImage(plane 0); FitsImage(plane 1) |])
        Npy.Write(folder.File "one.npy", NdArray<float32>([| 2; height; width |], pixels))
        Npy.Write(folder.File "many.npy", NdArray<float32>([| 2; 2; height; width |], Array.append (planes 2 height width 5) pixels))
        Fits.WriteImage(folder.File "g.fits", FitsImage(plane 0))
        Npy.Write(folder.File "r.npy", plane 1)
        let lines = [ "path,target,fold"; "cube.fits,1,0"; "extensions.fits,0,1"; "one.npy,1,2"; "many.npy:1,0,3"; "g.fits;r.npy,1,4" ]
        File.WriteAllLines(folder.File "list.csv", lines)
        let list = LensImageList.Open(folder.File "list.csv", bands)
        let read = all list size
        let wanted = middle pixels 2 height width size
        list.HasLabels && read.Length = 5 && read |> List.forall (fun (_, pixels) -> pixels = wanted)
        && [ for entry, _ in read -> entry.Label, entry.Fold ] = [ 1, 0; 0, 1; 1, 2; 0, 3; 1, 4 ]

    [<Fact>]
    let ``a folder's files and an array's rows are listed by name, without labels`` () =
        use folder = new ScratchFolder()
        Npy.Write(folder.File "b.npy", NdArray<float32>([| 3; 2; 4; 4 |], planes 6 4 4 0))
        Fits.WriteImage(folder.File "a.fits", FitsImage(NdArray<float32>([| 2; 5; 5 |], planes 2 5 5 0)))
        File.WriteAllText(folder.File "notes.txt", "no image")
        let list = LensImageList.Open(folder.Path, bands)
        Assert.False list.HasLabels
        let names = [ for entry, _ in all list 4 -> nonNull (Path.GetFileName entry.Id) ]
        Assert.Equal<string list>([ "a.fits"; "b.npy:0"; "b.npy:1"; "b.npy:2" ], names)

    [<Fact>]
    let ``colours of a PNG are bands`` () =
        use folder = new ScratchFolder()
        // Red, green and blue stand side by side.
        Png.Write(folder.File "c.png", NdArray<byte>([| 2; 2; 3 |], [| 1uy; 2uy; 3uy; 4uy; 5uy; 6uy; 7uy; 8uy; 9uy; 10uy; 11uy; 12uy |]))
        let entry, pixels = List.exactlyOne (all (LensImageList.Open(folder.File "c.png", [| "i"; "r"; "g" |])) 2)
        Assert.Equal<float32[]>([| 1f; 4f; 7f; 10f; 2f; 5f; 8f; 11f; 3f; 6f; 9f; 12f |], pixels)
        Assert.Equal(-1, entry.Label)

    let private keywords =
        [| FitsKeyword.OfText("CTYPE1", "RA---TAN")
           FitsKeyword.OfText("CTYPE2", "DEC--TAN")
           for name, value in [ "CRVAL1", 150.0; "CRVAL2", 2.2; "CRPIX1", 11.0; "CRPIX2", 16.0; "CD1_1", -7e-5; "CD2_2", 7e-5 ] do
               FitsKeyword.OfReal(name, value) |]

    let private mosaic (folder: ScratchFolder) =
        for band, name in [ 0, "g.fits"; 1, "r.fits" ] do
            let pixels = Array.init (40 * 30) (fun i -> float32 (band * 10000 + i / 30 * 100 + i % 30))
            Fits.WriteImage(folder.File name, FitsImage(NdArray<float32>([| 40; 30 |], pixels), keywords))

    /// The reference's pixel is column 10, row 15, counted from 0.
    [<SeededProperty>]
    let ``a catalogue's cut-outs have their place in the middle`` (right: byte) (up: byte) (isOdd: bool) =
        use folder = new ScratchFolder()
        mosaic folder
        let column, row, size = 5 + int right % 20, 5 + int up % 30, (if isOdd then 5 else 4)
        let ra = 150.0 - 7e-5 * float (column - 10) / cos (2.2 * Math.PI / 180.0)
        let dec = 2.2 + 7e-5 * float (row - 15)
        File.WriteAllLines(folder.File "c.csv",
                           [ "id,path,ra,dec"; FormattableString.Invariant $"J1,g.fits;r.fits,{ra:R},{dec:R}" ])
        let entry, pixels = List.exactlyOne (all (LensImageList.Open(folder.File "c.csv", bands)) size)
        let first = size / 2
        entry.Id = "J1"
        && pixels[first * size + first] = float32 (row * 100 + column)
        && pixels[size * size + first * size + first] = float32 (10000 + row * 100 + column)

    [<Fact>]
    let ``what cannot be read is left out with its reason, and the others stay`` () =
        use folder = new ScratchFolder()
        mosaic folder
        Npy.Write(folder.File "nan.npy", NdArray<float32>([| 2; 4; 4 |], Array.create 32 nanf))
        Npy.Write(folder.File "small.npy", NdArray<float32>([| 2; 3; 3 |], planes 2 3 3 0))
        Npy.Write(folder.File "bands.npy", NdArray<float32>([| 3; 4; 4 |], planes 3 4 4 0))
        File.WriteAllText(folder.File "broken.fits", "SIMPLE  =                    T")
        Npy.Write(folder.File "good.npy", NdArray<float32>([| 2; 4; 4 |], planes 2 4 4 0))
        File.WriteAllLines(folder.File "list.csv",
                           [ "path"; "nan.npy"; "small.npy"; "bands.npy"; "broken.fits"; "missing.npy"; "good.npy" ])
        let reasons = List<string>()
        let list = LensImageList.Open(folder.File "list.csv", bands)
        let read = [ for struct (entries, _) in list.Pieces(4, 30.0, 2, Action<string>(reasons.Add)) do yield! entries ]
        Assert.Equal<string list>([ "good.npy" ], [ for entry in read -> entry.Id ])
        Assert.Equal(5, reasons.Count)
        Assert.Equal("nan.npy: expected an image, none of its pixels is a finite number.", reasons[0])
        Assert.Equal("small.npy: expected images of at least 4 × 4 pixels, got 3 × 3.", reasons[1])
        Assert.EndsWith("bands.npy: expected 2 bands of one image, got (3, 4, 4).", reasons[2])

        File.WriteAllLines(folder.File "c.csv", [ "id,path,ra,dec"; "edge,g.fits;r.fits,150.0007,2.2" ])
        reasons.Clear()
        Assert.Empty((LensImageList.Open(folder.File "c.csv", bands)).Pieces(8, 30.0, 2, Action<string>(reasons.Add)))
        Assert.Matches(@"^edge in .*g\.fits: expected at least 8 × 8 pixels about its place, got 40 × 30 of which rows", reasons[0])

    [<Fact>]
    let ``lists that say nothing or twice the same are refused`` () =
        use folder = new ScratchFolder()
        let refuse (lines: string list) =
            File.WriteAllLines(folder.File "l.csv", lines)
            (Assert.ThrowsAny<Exception>(fun () -> LensImageList.Open(folder.File "l.csv", bands) |> ignore)).Message
        Assert.EndsWith("l.csv: expected images, found none.", refuse [ "path" ])
        Assert.EndsWith("l.csv: expected each id once, got 'a.npy' 2 times.", refuse [ "path"; "a.npy"; "a.npy" ])
        Assert.EndsWith("l.csv: expected both columns ra and dec, or none.", refuse [ "path,ra"; "a.fits,1" ])
        Assert.Contains("column 'target': expected a finite number in [0, 1], got '2'", refuse [ "path,target"; "a.fits,2" ])
        Assert.EndsWith("l.csv: expected one file, or 2 with ';' in between, for 'a;b;c', got 3.", refuse [ "path"; "a;b;c" ])

    [<Fact>]
    let ``caches have the domains' columns, are found again, and a changed file makes another`` () =
        use folder = new ScratchFolder()
        let random = Random 5
        let write () =
            Npy.Write(folder.File "a.npy",
                      NdArray<float32>([| 5; 2; 6; 6 |], Array.init (5 * 72) (fun _ -> 10f * float32 (random.NextDouble()))))
        write ()
        File.WriteAllLines(folder.File "l.csv", [ "path,target"; for row in 0..4 do $"a.npy:{row},{row % 2}" ])
        let cache part =
            (LensImageList.Open(folder.File "l.csv", bands)).Cache(folder.File "caches", part, 6, 27.0, LensDomains.Preprocessing, nothing,
                                                                   null, CancellationToken.None)
        use test = cache "test"
        Assert.Equal<int64 list>([ 0L; 1L; 0L; 1L; 0L ], List.ofArray (test.Integers "label"))
        Assert.Equal<int64 list>([ 0L; 1L; 2L; 3L; 4L ], List.ofArray (test.Integers "galaxy"))
        Assert.All(test.Reals "magnitude", fun m -> Assert.InRange(m, 15.0, 27.0))
        use again = cache "test"
        Assert.Equal(test.Folder, again.Folder)
        use source = cache "source"
        Assert.All(source.Integers "galaxy", fun g -> Assert.Equal(-1L, g))
        // The same images in two parts are a leak.
        let leak = Assert.ThrowsAny<Exception>(fun () ->
            LensDomains.RequireNoLeak [| struct ("source", source); struct ("test", test) |] |> ignore)
        Assert.Contains("source", leak.Message)
        write ()
        File.SetLastWriteTimeUtc(folder.File "a.npy", DateTime.UtcNow.AddMinutes 1.0)
        use other = cache "test"
        Assert.NotEqual<string>(test.Folder, other.Folder)

    /// A disc of 100 pixels of flux 4 on noise of deviation 1 measured at the border.
    [<Fact>]
    let ``brightness is the light in the aperture over the noise at the border`` () =
        let random = Random 6
        let normal () = sqrt (-2.0 * log (1.0 - random.NextDouble())) * cos (2.0 * Math.PI * random.NextDouble())
        let size, radius = 81, 5.7
        let pixels = Array.init (size * size) (fun i ->
            let x, y = float (i % size - 40), float (i / size - 40)
            float32 ((if x * x + y * y <= radius * radius then 40.0 else 0.0) + normal ()))
        let count = Seq.length (seq { for x in -6..6 do for y in -6..6 do if float (x * x + y * y) <= radius * radius then 1 })
        let seen = ImageBrightness.Of(ReadOnlySpan pixels, size, size, radius, 30.0)
        let light = 40.0 * float count
        Assert.Equal(30.0 - 2.5 * log10 light, seen.Magnitude, 0.02)
        Assert.InRange(seen.SignalToNoise, 0.9 * light / sqrt (float count), 1.1 * light / sqrt (float count))
        let dark = ImageBrightness.Of(ReadOnlySpan (Array.create 25 -1f), 5, 5, 2.0, 30.0)
        Assert.Equal(ImageBrightness.Undetected, dark.Magnitude)
        Assert.Equal(0.0, dark.SignalToNoise)

/// How domains look, and how they are made to look alike.
module DomainLookLaws =

    open Hybrid.Data.Images

    /// Gaussian blobs of a flux on noise of a deviation, two bands, zero point 30.
    let private images (seed: int) (flux: float) (noise: float) =
        let random, size = Random seed, 40
        let normal () = sqrt (-2.0 * log (1.0 - random.NextDouble())) * cos (2.0 * Math.PI * random.NextDouble())
        let pixels = Array.init (60 * 2 * size * size) (fun i ->
            let x, y = float (i % size) - 19.5, float (i / size % size) - 19.5
            float32 (flux / (2.0 * Math.PI * 9.0) * exp (-(x * x + y * y) / 18.0) + noise * normal ()))
        ImageSet(pixels, [| "g"; "r" |], size, size, [| 30.0; 30.0 |])

    [<Fact>]
    let ``a look is the images' brightness, noise and size`` () =
        let look = DomainLook.Of(images 1 10000.0 2.0)
        Assert.Equal(20.0, look.Magnitude, 0.02)
        Assert.All(look.Noise, fun noise -> Assert.InRange(noise, 1.9, 2.1))
        // Half of a Gaussian's light is within 1.177 σ.
        Assert.InRange(look.HalfLightRadius, 1.177 * 3.0 - 0.5, 1.177 * 3.0 + 0.5)

    [<Theory>]
    [<InlineData(GapMatch.Brightness)>]
    [<InlineData(GapMatch.Noise)>]
    [<InlineData(GapMatch.Brightness ||| GapMatch.Noise)>]
    let ``matched images look as the other domain's in that respect, and in no other`` (what: GapMatch) =
        let own, other = images 2 4000.0 1.0, images 3 10000.0 5.0
        let look, into = DomainLook.Of own, DomainLook.Of other
        let matched = DomainLook.Of(look.Match(own, into, what, 7L, 0L))
        let factor = if what.HasFlag GapMatch.Brightness then 2.5 else 1.0
        Assert.Equal((if what.HasFlag GapMatch.Brightness then into.Magnitude else look.Magnitude), matched.Magnitude, 0.05)
        let wanted = if what.HasFlag GapMatch.Noise then into.Noise[0] else factor * look.Noise[0]
        Assert.InRange(matched.Noise[0], 0.94 * wanted, 1.06 * wanted)
        // Image by image, whatever else is in the set.
        let part = look.Match(own.Take [| 5; 6 |], into, what, 7L, 5L)
        Assert.Equal<float32[]>((look.Match(own, into, what, 7L, 0L)).Image(6).ToArray(), part.Image(1).ToArray())
