/// Celestial coordinates of FITS images, against astropy and themselves.
module Hybrid.PropertyTests.Laws.Data.Formats.FitsWcsLaws

open System
open System.IO
open Xunit
open Hybrid.Data.Formats
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data

let private keywords (more: (string * float) list) =
    [| FitsKeyword.OfText("CTYPE1", "RA---TAN")
       FitsKeyword.OfText("CTYPE2", "DEC--TAN")
       for name, value in [ "CRVAL1", 10.5; "CRVAL2", -45.25; "CRPIX1", 500.5; "CRPIX2", 400.0 ] do
           if not (List.exists (fun (other, _) -> other = name) more) then FitsKeyword.OfReal(name, value)
       for name, value in more do
           FitsKeyword.OfReal(name, value) |]

let private wcs (folder: ScratchFolder) (keywords: FitsKeyword[]) =
    let path = folder.File($"{Guid.NewGuid()}.fits")
    Fits.WriteImage(path, FitsImage(NdArray<float32>([| 2; 3 |], Array.zeroCreate 6), keywords))
    use file = FitsFile.Open path
    FitsWcs.Of(file[0].Header, "image.fits")

let private cd = [ "CD1_1", -7.3e-5; "CD1_2", 1e-6; "CD2_1", 2e-6; "CD2_2", 7.3e-5 ]

/// astropy 5.2.1: WCS(header).all_world2pix(ra, dec, 0).
[<Fact>]
let ``places are where astropy has them`` () =
    use folder = new ScratchFolder()

    for more, ra, dec, x, y in
        [ cd, 10.5, -45.25, 499.5, 399.0
          cd, 10.52, -45.24, 308.53316054915376, 541.1943631828539
          cd, 10.1, -45.5, 4291.682625868495, -3139.1369319641803
          cd, 359.5, -44.0, 109360.48425070119, 7265.579330580013
          [ "CDELT1", -1e-4; "CDELT2", 1e-4; "CROTA2", 30.0 ], 10.52, -45.24, 327.5483285261081, 415.1735585772803
          [ "CDELT1", -1e-4; "CDELT2", 1e-4; "CROTA2", 30.0 ], 10.1, -45.5, 4181.05165610796, -370.2851466610448
          [ "CDELT1", -1e-4; "CDELT2", 1.2e-4; "PC1_1", 0.8; "PC1_2", -0.6; "PC2_1", 0.6; "PC2_2", 0.8 ], 10.52, -45.24,
          436.82908502247614, 550.1516740815454
          [ "CRVAL1", 0.01; "CRVAL2", 89.5; "CD1_1", -7.3e-5; "CD2_2", 7.3e-5 ], 359.99, 89.51, 501.843016176283, 535.9867116793831
          [ "CRVAL1", 0.01; "CRVAL2", 89.5; "CD1_1", -7.3e-5; "CD2_2", 7.3e-5 ], 180.0, 89.9, 499.2609008137366, 8618.478519083203 ] do
        let struct (column, row) = (wcs folder (keywords more)).PixelOf(ra, dec)
        let near (wanted: float) (got: float) = abs (got - wanted) < 1e-6 + 1e-10 * abs wanted
        Assert.True(near x column && near y row, $"{ra}, {dec}: expected {x}, {y}, got {column}, {row}")

[<Fact>]
let ``the scale is the root of a pixel's area, and places a quarter of the sky away are nowhere`` () =
    use folder = new ScratchFolder()
    let wcs = wcs folder (keywords [ "CD1_1", -7.3e-5; "CD2_2", 7.3e-5 ])
    Assert.Equal(0.2628, wcs.PixelScale, 1e-12)
    let struct (column, _) = wcs.PixelOf(190.5, 45.25)
    Assert.True(Double.IsNaN column)

[<SeededProperty>]
let ``a pixel's place is in that pixel`` (x: int16) (y: int16) (angle: byte) (dec0: int8) =
    use folder = new ScratchFolder()
    let turn, size = float angle * Math.PI / 128.0, 7e-5
    let more = [ "CRVAL1", 359.999; "CRVAL2", float dec0 * 0.7; "CD1_1", -size * cos turn; "CD1_2", size * sin turn
                 "CD2_1", size * sin turn; "CD2_2", size * cos turn ]
    let wcs = wcs folder (keywords more)
    let struct (ra, dec) = wcs.SkyOf(float x / 4.0, float y / 4.0)
    let struct (column, row) = wcs.PixelOf(ra, dec)
    ra >= 0.0 && ra < 360.0 && abs (column - float x / 4.0) < 1e-5 && abs (row - float y / 4.0) < 1e-5

[<Fact>]
let ``what has no plain tangent plane is refused with the keyword`` () =
    use folder = new ScratchFolder()
    let message keywords = (Assert.Throws<InvalidDataException>(fun () -> wcs folder keywords |> ignore)).Message
    Assert.StartsWith("image.fits: expected CTYPE1 = 'RA---TAN' of celestial coordinates", message [||])
    Assert.StartsWith("image.fits: expected CTYPE1 = 'RA---TAN', got 'RA---TAN-SIP': its distortion is not read.",
                      message [| FitsKeyword.OfText("CTYPE1", "RA---TAN-SIP"); FitsKeyword.OfText("CTYPE2", "DEC--TAN-SIP") |])
    Assert.StartsWith("image.fits: expected the keyword CDELT1", message (keywords []))
    Assert.StartsWith("image.fits: expected a matrix CD that can be inverted", message (keywords [ "CD1_1", 0.0 ]))
    Assert.StartsWith("image.fits: expected LONPOLE = 180, got 90", message (keywords (("LONPOLE", 90.0) :: cd)))

[<SeededProperty>]
let ``rows of an array in parts are the array's`` (seed: int) (rows: byte) (first: byte) =
    use folder = new ScratchFolder()
    let random, count = Random seed, 1 + int rows % 9
    let values = Array.init (count * 6) (fun _ -> random.NextDouble())
    Npy.Write(folder.File "a.npy", NdArray<float>([| count; 2; 3 |], values))
    use parts = NpyRows.Open(folder.File "a.npy")
    let start = int first % count
    let length = random.Next(count - start + 1)
    let read = parts.Read(start, length)
    parts.Count = count && Seq.toList parts.RowShape = [ 2; 3 ] && Seq.toList read.Shape = [ length; 2; 3 ]
    && read.ToDoubles() = values[start * 6 .. (start + length) * 6 - 1]
