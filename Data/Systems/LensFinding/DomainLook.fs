namespace Hybrid.Data.Systems.LensFinding

open System
open Hybrid.Data
open Hybrid.Data.Images
open Hybrid.Data.Lensing
open Hybrid.Data.Statistics

/// What of two domains may be made alike.
[<Flags>]
type GapMatch =
    | None = 0
    /// The source's median brightness becomes the target's.
    | Brightness = 1
    /// Noise is added to the source where the target has more.
    | Noise = 2

/// How a domain's images look, whatever they show: what differs between domains besides their lenses.
[<NoComparison>]
type DomainLook =
    { /// Median magnitude within three arcsec in the first band, and half the range of the middle 68 %.
      Magnitude: float
      MagnitudeSpread: float
      /// Median deviation of the noise at the border, band by band.
      Noise: float[]
      /// Median radius that holds half of the light within three arcsec, pixels, first band.
      HalfLightRadius: float }

    /// Of images of one size; those in which nothing is detected count for the noise alone.
    static member Of(images: ImageSet) : DomainLook =
        if images.Count = 0 then invalidArg (nameof images) "DomainLook.Of: expected at least one image, got none."
        let height, width, aperture = images.Height, images.Width, 3.0 / DesGalaxies.PixelScale

        let noise band =
            let all = Array.init images.Count (fun i -> ImageBrightness.Noise(images.Plane(i, band), height, width))
            Percentile.Median all

        let magnitudes =
            ImageBrightness.OfFirstBand images |> Array.map _.Magnitude |> Array.filter (fun m -> m <> ImageBrightness.Undetected)

        let radius (image: int) =
            let plane = images.Plane(image, 0).ToArray()
            let places =
                Array.init plane.Length (fun i ->
                    let dx, dy = float (i % width) - float (width - 1) / 2.0, float (i / width) - float (height - 1) / 2.0
                    sqrt (dx * dx + dy * dy), float plane[i])
                |> Array.filter (fun (r, value) -> r <= aperture && Double.IsFinite value)
                |> Array.sortBy fst

            let all = places |> Array.sumBy snd

            if all <= 0.0 then
                nan
            else
                let mutable sum, at = 0.0, 0

                while at < places.Length - 1 && sum + snd places[at] < all / 2.0 do
                    sum <- sum + snd places[at]
                    at <- at + 1

                fst places[at]

        let radii = Array.init images.Count radius |> Array.filter (Double.IsNaN >> not)
        let percentile (values: float[]) percent = if values.Length = 0 then nan else Percentile.Of(values, percent)

        { Magnitude = percentile magnitudes 50.0
          MagnitudeSpread = (percentile magnitudes 84.0 - percentile magnitudes 16.0) / 2.0
          Noise = Array.init images.BandCount noise
          HalfLightRadius = percentile radii 50.0 }

    /// Images of this domain made to look as another one.
    /// into : the other's look;  what : in which respect;  seed : of the noise, image by image;  firstImage : number of the first one.
    member own.Match(images: ImageSet, into: DomainLook, what: GapMatch, seed: int64, firstImage: int64) : ImageSet =
        if images.BandCount <> own.Noise.Length || images.BandCount <> into.Noise.Length then
            invalidArg (nameof images) $"DomainLook.Match: expected {own.Noise.Length} band{Plural.s own.Noise.Length}, as both looks \
                have, got {images.BandCount}."

        let factor =
            if what.HasFlag GapMatch.Brightness && Double.IsFinite(own.Magnitude - into.Magnitude) then
                10.0 ** (0.4 * (own.Magnitude - into.Magnitude))
            else
                1.0

        let added =
            Array.init images.BandCount (fun band ->
                if what.HasFlag GapMatch.Noise then
                    sqrt (max 0.0 (into.Noise[band] * into.Noise[band] - factor * factor * own.Noise[band] * own.Noise[band]))
                else
                    0.0)

        let pixels = Array.copy images.Pixels

        for image in 0 .. images.Count - 1 do
            let random = SeededRandom.For(seed, 13L, firstImage + int64 image)

            for i in 0 .. images.ImageSize - 1 do
                let place = image * images.ImageSize + i
                let deviation = added[i / images.PlaneSize]
                let noise = if deviation > 0.0 then deviation * random.NextNormal() else 0.0
                pixels[place] <- float32 (factor * float pixels[place] + noise)

        ImageSet(pixels, images.Bands, images.Height, images.Width, images.ZeroPoints)
