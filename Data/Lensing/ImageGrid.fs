namespace Hybrid.Data.Lensing

open System

/// Where an image's pixels lie: height × width pixels of `pixelScale` arcsec about (0, 0), x along the rows.
/// supersampling : points a pixel each way, averaged.
[<Sealed>]
type ImageGrid internal (height: int, width: int, pixelScale: float, supersampling: int, isIntegrated: bool) =
    do
        if height < 1 || width < 1 || supersampling < 1 || not (pixelScale > 0.0) then
            invalidArg (nameof height) $"ImageGrid: expected at least one pixel, supersampling ≥ 1 and a pixel scale > 0, got {height} × \
                {width}, {supersampling} and {pixelScale}."

    let stride = (width + 15) / 16 * 16

    /// Light at so many points a pixel each way, as lenstronomy's supersampling. A cusp at or near a point makes a pixel many times too
    /// bright, and a source smaller than their distance comes out at any flux: see Integrated.
    new(height: int, width: int, pixelScale: float, supersampling: int) = ImageGrid(height, width, pixelScale, supersampling, false)

    /// A grid whose pixels hold the light that falls into them, as a detector's do: exactly where a profile has its cusp, and where a lens
    /// maps a pixel onto more than half of a source's radius, by as many rays as that takes. Fluxes are right to 1 %.
    static member Integrated(height: int, width: int, pixelScale: float) = ImageGrid(height, width, pixelScale, 1, true)

    /// Whether pixels hold integrated light.
    member _.IsIntegrated = isIntegrated
    member _.Height = height
    member _.Width = width
    member _.PixelScale = pixelScale
    member _.Supersampling = supersampling
    /// Values a row of a plane in memory: the width rounded up to a multiple of 16.
    member internal _.Stride = stride
    member internal _.PlaneLength = height * stride

    /// The points of subsample (i, j): x and y of every pixel, planes with Stride.
    member internal _.Points(i: int, j: int) : struct (float32[] * float32[]) =
        let offset k = (float k - float (supersampling - 1) / 2.0) / float supersampling
        let x = Array.zeroCreate<float32> (height * stride)
        let y = Array.zeroCreate<float32> (height * stride)

        for row in 0 .. height - 1 do
            for column in 0 .. stride - 1 do
                x[row * stride + column] <- float32 ((float column - float (width - 1) / 2.0 + offset i) * pixelScale)
                y[row * stride + column] <- float32 ((float row - float (height - 1) / 2.0 + offset j) * pixelScale)

        struct (x, y)
