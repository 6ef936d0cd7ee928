namespace Hybrid.Data.Systems.EinsteinRadius

open System
open Hybrid.Data.Images

/// A middle of `From` pixels that becomes `Into` pixels.
[<Struct>]
type ScaleChange = { From: int; Into: int }

/// Images of different surveys brought to one pixel scale.
[<AbstractClass; Sealed>]
type RadiusScales =

    /// The pair that comes closest to a ratio of pixel scales; the error of a radius is that of the ratio.
    /// from, into : arcsec a pixel;  available : pixels of the images;  least : pixels wanted, of which the result has at least as many and
    /// whose parity it has, so that the middle stays in the middle.
    static member Find(from: float, into: float, available: int, least: int) : ScaleChange =
        let candidates =
            [| for result in least .. 2 .. max least (int (float available * from / into) + 1) do
                   let needed = int (Math.Round(float result * into / from))
                   // Cropped about the middle, and the middle stays there only where the parity is the images' own.
                   if needed <= available && (available - needed) % 2 = 0 then
                       { From = needed; Into = result } |]

        if candidates.Length = 0 then
            invalidArg (nameof available) $"RadiusScales: expected images of at least {float least * into / from:F0} pixels of {from}\" \
                for {least} of {into}\", got {available}."

        candidates |> Array.minBy (fun pair -> abs (float pair.From * from / (float pair.Into * into) - 1.0))

    /// Images at another pixel scale, cut to size × size pixels about their middle. Fluxes stay: a pixel four times as large holds four
    /// times the light.
    /// from, into : arcsec a pixel.
    static member To(images: ImageSet, from: float, into: float, size: int) : ImageSet =
        if abs (from / into - 1.0) < 1e-9 then
            Geometry.CentreCrop(images, size, size)
        else
            let { From = cropped; Into = result } = RadiusScales.Find(from, into, min images.Height images.Width, size)
            // By area in both directions: what lies between pixel centres would lose light where it is sampled unevenly.
            let resized = Resize.To(Geometry.CentreCrop(images, cropped, cropped), result, result, Interpolation.Area)
            let larger = float cropped / float result
            let scale = Array.create images.BandCount (1.0 / (larger * larger))
            let zeroPoints = images.ZeroPoints
            let scaled = Intensity.StandardiseBands(resized, Array.zeroCreate images.BandCount, scale)
            let cut = Geometry.CentreCrop(scaled, size, size)
            ImageSet(cut.Pixels, cut.Bands, size, size, zeroPoints)
