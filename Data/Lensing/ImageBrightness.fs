namespace Hybrid.Data.Lensing

open System
open Hybrid.Data.Images
open Hybrid.Data.Statistics

/// How bright one plane of an image is: the light within an aperture about its middle, and its signal-to-noise ratio.
[<Struct>]
type ImageBrightness =
    { /// zero point − 2.5 log₁₀ of the light; 99 where there is none above 0.
      Magnitude: float
      /// The light over σ √N, N pixels in the aperture; 0 where there is none, or no noise to measure it by.
      SignalToNoise: float }

    /// Photometry's sign of what was not detected.
    static member val Undetected = 99.0

    /// Deviation of the noise, measured in the outermost three rows and columns: 1.4826 times the median distance from their median. 0
    /// where none of their pixels is finite.
    static member Noise(plane: ReadOnlySpan<float32>, height: int, width: int) : float =
        let border = ResizeArray()

        for y in 0 .. height - 1 do
            for x in 0 .. width - 1 do
                let value = float plane[y * width + x]

                if Double.IsFinite value && min (min x (width - 1 - x)) (min y (height - 1 - y)) < 3 then
                    border.Add value

        if border.Count = 0 then
            0.0
        else
            let values = border.ToArray()
            let middle = Percentile.Median values
            let distances = values |> Array.map (fun value -> abs (value - middle))
            1.4826 * Percentile.Median distances

    /// plane : fluxes (height × width);  radius : of the aperture, pixels, > 0;  zeroPoint : magnitude of a flux of 1.
    static member Of(plane: ReadOnlySpan<float32>, height: int, width: int, radius: float, zeroPoint: float) : ImageBrightness =
        if height < 1 || width < 1 || plane.Length <> height * width then
            invalidArg (nameof plane) $"ImageBrightness.Of: expected {height} × {width} pixels, got {plane.Length}."

        if not (radius > 0.0) then
            raise (ArgumentOutOfRangeException(nameof radius, radius, $"ImageBrightness.Of: expected a radius > 0, got {radius}."))

        let mutable light, pixels = 0.0, 0

        for y in 0 .. height - 1 do
            for x in 0 .. width - 1 do
                let value = float plane[y * width + x]

                if Double.IsFinite value then
                    let dx, dy = float x - float (width - 1) / 2.0, float y - float (height - 1) / 2.0

                    if dx * dx + dy * dy <= radius * radius then
                        light <- light + value
                        pixels <- pixels + 1

        let noise = ImageBrightness.Noise(plane, height, width)

        { Magnitude = if light > 0.0 then zeroPoint - 2.5 * log10 light else ImageBrightness.Undetected
          SignalToNoise = if light > 0.0 && noise > 0.0 then light / (noise * sqrt (float pixels)) else 0.0 }

    /// Of each image in its first band, within three arcsec about its middle at the pixels of the Dark Energy Survey.
    static member OfFirstBand(images: ImageSet) : ImageBrightness[] =
        Array.init images.Count (fun i ->
            ImageBrightness.Of(images.Plane(i, 0), images.Height, images.Width, 3.0 / DesGalaxies.PixelScale, images.ZeroPoints[0]))
