namespace Hybrid.Data.Lensing

open System
open Hybrid.Data.Statistics

/// A point-spread function on pixels.
[<Sealed>]
type PointSpread private (separable: float32[], kernel: float32[], height: int, width: int) =

    /// No blurring.
    static member None = PointSpread([| 1f |], [||], 1, 1)

    /// A Gaussian of this full width at half maximum (arcsec), cut at `truncation` deviations (lenstronomy's default 5) and summing
    /// to 1. At most 221 pixels wide. Beyond an image's edge its edge pixels continue.
    static member Gaussian(fwhm: float, pixelScale: float, truncation: float) =
        if not (fwhm >= 0.0 && pixelScale > 0.0 && truncation > 0.0) then
            invalidArg (nameof fwhm) $"PointSpread.Gaussian: expected fwhm ≥ 0, pixelScale > 0 and truncation > 0, got {fwhm}, \
                {pixelScale} and {truncation}."

        if fwhm = 0.0 then
            PointSpread.None
        else
            let sigma = fwhm / (2.0 * sqrt (2.0 * log 2.0))
            let radius = min 110 (max (int (Math.Round(truncation * sigma / pixelScale))) 1)
            let raw = Array.init (2 * radius + 1) (fun i -> exp (-0.5 * (float (i - radius) * pixelScale / sigma) ** 2.0))
            let total = Array.sum raw
            PointSpread(raw |> Array.map (fun k -> float32 (k / total)), [||], 2 * radius + 1, 2 * radius + 1)

    /// A measured PSF: rows of an odd number of pixels; it is scaled to sum to 1. Beyond an image's edge there is nothing.
    static member OfImage(pixels: float32[], height: int, width: int) =
        if height % 2 = 0 || width % 2 = 0 || pixels.Length <> height * width then
            invalidArg (nameof pixels) $"PointSpread.OfImage: expected an odd height and width with {height} × {width} pixels, got \
                {pixels.Length}."

        let total = pixels |> Array.sumBy float

        if not (total > 0.0) then
            invalidArg (nameof pixels) $"PointSpread.OfImage: expected pixels with a sum > 0, got {total}."

        PointSpread([||], pixels |> Array.map (fun p -> float32 (float p / total)), height, width)

    member _.Height = height
    member _.Width = width
    member internal _.Separable = separable
    member internal _.Kernel = kernel

/// Deflectors on one plane, light behind them and light of their own.
[<Sealed>]
type LensScene(lenses: LensProfile[], sources: LightProfile[], lensLights: LightProfile[]) =
    member _.Lenses = lenses
    member _.Sources = sources
    member _.LensLights = lensLights

    /// Where light seen at θ = (x, y) comes from: β = θ − α(θ).
    member _.ShootRay(x: float, y: float) : PlaneVector =
        let mutable bx = x
        let mutable by = y

        for lens in lenses do
            let { X = ax; Y = ay } = lens.Deflection(x, y)
            bx <- bx - ax
            by <- by - ay

        { X = bx; Y = by }

/// Renders scenes on one grid; keeps its working memory, so one renderer serves one thread.
[<Sealed>]
type internal LensRenderer(grid: ImageGrid, largestPsf: int) =
    let n = grid.PlaneLength
    let s = grid.Supersampling
    let points = [| for j in 0 .. s - 1 do for i in 0 .. s - 1 -> grid.Points(i, j) |]
    let bx = Array.zeroCreate<float32> n
    let by = Array.zeroCreate<float32> n
    let work = Array.zeroCreate<float32> n
    let size =
        (grid.Height + 2 * largestPsf + 2) * (grid.Stride + 2 * largestPsf + 16)
        + 16 * (grid.Height + 4 * largestPsf)
        + grid.Stride

    let padded = Array.zeroCreate<float32> size

    let sampled = Array.zeroCreate<float32> (if grid.IsIntegrated then n else 0)
    let refinement = RayRefinement()
    // Pixels within four of a profile's centre, each way.
    let places, centres = Array.zeroCreate<int> 81, Array.zeroCreate<PlaneVector> 81

    /// One deflector's light, each pixel's own: samples at the pixels' centres, sixteen a pixel within four pixels of the profile's centre,
    /// the closed form where its cusp lies.
    let addIntegrated (light: LightProfile) (target: float32[]) =
        let h = grid.PixelScale
        let struct (gx, gy) = points[0]
        Array.Clear sampled
        LensKernels.addLight light (h * h) gx gy sampled n
        let column, row = light.CentreX / h + float (grid.Width - 1) / 2.0, light.CentreY / h + float (grid.Height - 1) / 2.0
        let reach = 4.0
        let mutable count = 0

        for y in max 0 (int (ceil (row - reach))) .. min (grid.Height - 1) (int (floor (row + reach))) do
            for x in max 0 (int (ceil (column - reach))) .. min (grid.Width - 1) (int (floor (column + reach))) do
                let cx, cy = (float x - float (grid.Width - 1) / 2.0) * h, (float y - float (grid.Height - 1) / 2.0) * h

                if abs (float x - column) < 1.0 && abs (float y - row) < 1.0 then
                    let flux = PixelFlux.ofRectangle light (cx - 0.5 * h) (cy - 0.5 * h) (cx + 0.5 * h) (cy + 0.5 * h)
                    sampled[y * grid.Stride + x] <- float32 flux
                else
                    places[count] <- y * grid.Stride + x
                    centres[count] <- { X = cx; Y = cy }
                    count <- count + 1

        refinement.Average(light, places, centres, count, h, sampled)
        LensKernels.combine 1f target 1f sampled target n

    // Columns beyond the width carry rays like all others; a PSF must not bring their light back in.
    let clearBeyondWidth (plane: float32[]) =
        if grid.Stride > grid.Width then
            for row in 0 .. grid.Height - 1 do
                Array.Clear(plane, row * grid.Stride + grid.Width, grid.Stride - grid.Width)

    // Where the light of every pixel's subsample comes from: bx, by.
    let shoot (lenses: LensProfile[]) (gx: float32[]) (gy: float32[]) =
        Array.Copy(gx, bx, n)
        Array.Copy(gy, by, n)

        for profile in lenses do
            LensKernels.deflect profile gx gy bx by n

    /// Light a pixel (surface brightness × pixel area) of the lensed sources into `source` and of the deflectors into `lens`, unblurred.
    member _.Light(scene: LensScene, source: float32[], lens: float32[]) : unit =
        Array.Clear source
        Array.Clear lens
        let weight = grid.PixelScale * grid.PixelScale / float (s * s)

        for struct (gx, gy) in points do
            if scene.Sources.Length > 0 then
                shoot scene.Lenses gx gy

                for light in scene.Sources do
                    if grid.IsIntegrated then
                        Array.Clear sampled
                        LensKernels.addLight light weight bx by sampled n
                        refinement.Refine(grid, scene.Lenses, light, gx, gy, bx, by, sampled)
                        LensKernels.combine 1f source 1f sampled source n
                    else
                        LensKernels.addLight light weight bx by source n

            for light in scene.LensLights do
                if grid.IsIntegrated then addIntegrated light lens
                else LensKernels.addLight light weight gx gy lens n

        clearBeyondWidth source
        clearBeyondWidth lens

    /// Share of a real source's flux a pixel, lensed and unblurred; the source's centre at (x, y), turned counterclockwise by `turn`
    /// radians.
    member _.RealLight(scene: LensScene, source: RealSource, band: int, x: float, y: float, turn: float, target: float32[]) : unit =
        Array.Clear target
        let weight = grid.PixelScale * grid.PixelScale / float (s * s)
        let cosine, sine = cos turn, sin turn

        for struct (gx, gy) in points do
            shoot scene.Lenses gx gy

            for row in 0 .. grid.Height - 1 do
                for i in row * grid.Stride .. row * grid.Stride + grid.Width - 1 do
                    let dx, dy = float bx[i] - x, float by[i] - y
                    target[i] <- target[i] + float32 (weight * source.Brightness(band, cosine * dx + sine * dy, cosine * dy - sine * dx))

    /// The image blurred in place.
    member _.Blur(psf: PointSpread, image: float32[]) : unit =
        if psf.Separable.Length > 1 then
            LensKernels.convolveSeparable psf.Separable grid.Height grid.Width grid.Stride image padded
            clearBeyondWidth image
        elif psf.Kernel.Length > 0 then
            LensKernels.convolve psf.Kernel psf.Height psf.Width grid.Height grid.Stride image work padded
            Array.Copy(work, image, n)
            clearBeyondWidth image

    member _.AddNoise(stream: byref<NormalStream>, background: float, photonTime: float, image: float32[]) : unit =
        LensKernels.addNoise &stream background photonTime image n

    /// Rows without the memory's padding.
    member _.CopyTo(image: float32[], target: Span<float32>) : unit =
        for row in 0 .. grid.Height - 1 do
            ReadOnlySpan(image, row * grid.Stride, grid.Width).CopyTo(target.Slice(row * grid.Width, grid.Width))

/// One image at a time.
[<AbstractClass; Sealed>]
type LensImage =

    /// The image of a scene without noise: light a pixel, (H, W), blurred.
    static member Render(scene: LensScene, grid: ImageGrid, psf: PointSpread) : float32[] =
        let renderer = LensRenderer(grid, max psf.Height psf.Width)
        let source = Array.zeroCreate<float32> grid.PlaneLength
        let lens = Array.zeroCreate<float32> grid.PlaneLength
        renderer.Light(scene, source, lens)

        for i in 0 .. source.Length - 1 do
            source[i] <- source[i] + lens[i]

        renderer.Blur(psf, source)
        let image = Array.zeroCreate<float32> (grid.Height * grid.Width)
        renderer.CopyTo(source, Span image)
        image

    /// Background and photon noise of a band, in place; image `item` of `seed`.
    static member AddNoise(image: Span<float32>, band: SurveyBand, seed: int64, item: int64) : unit =
        let noise = Array.zeroCreate<float32> image.Length
        NormalNumbers.Fill(seed, item, Span noise)
        let background = band.BackgroundDeviation

        for i in 0 .. image.Length - 1 do
            image[i] <- image[i] + noise[i] * float32 (sqrt (background * background + max (float image[i]) 0.0 / band.TotalTime))
