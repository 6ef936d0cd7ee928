namespace Hybrid.Data.Lensing

open System

/// A real galaxy seen sharply, to be lensed. Its flux is replaced by magnitudes. Pixels below 0 are noise and count as 0: the negative
/// pixels of real cut-outs are 14 to 37 % of their signed sum, by which arcs came out too bright and with holes.
/// planes : height × width pixels, one plane a band, or one for all bands;  magnitudes : one a band.
[<Sealed>]
type RealSource(name: string, planes: float32[][], height: int, width: int, pixelScale: float, magnitudes: float[]) =
    do
        if height < 2 || width < 2 || not (pixelScale > 0.0) then
            invalidArg (nameof height) $"RealSource '{name}': expected at least 2 × 2 pixels and a pixel scale > 0, got {height} × \
                {width} and {pixelScale}."

        if magnitudes.Length = 0 || (planes.Length <> 1 && planes.Length <> magnitudes.Length) then
            invalidArg (nameof planes) $"RealSource '{name}': expected one plane, or one a magnitude ({magnitudes.Length}), got \
                {planes.Length}."

        for b in 0 .. planes.Length - 1 do
            if planes[b].Length <> height * width then
                invalidArg (nameof planes) $"RealSource '{name}', plane {b}: expected {height} × {width} pixels, got {planes[b].Length}."

    let planes = planes |> Array.map (Array.map (max 0f))
    let totals = planes |> Array.map (Array.sumBy float)

    do
        for b in 0 .. planes.Length - 1 do
            if not (totals[b] > 0.0) then
                invalidArg (nameof planes) $"RealSource '{name}', plane {b}: expected a pixel above 0, got none."

    let planeOf band = if planes.Length = 1 then 0 else band

    /// One plane for all bands.
    new(name: string, pixels: float32[], height: int, width: int, pixelScale: float, magnitudes: float[]) =
        RealSource(name, [| pixels |], height, width, pixelScale, magnitudes)

    member _.Name = name
    member _.Height = height
    member _.Width = width
    /// Arcsec a pixel.
    member _.PixelScale = pixelScale
    /// One a band of the galaxies it shall be seen through.
    member _.Magnitudes = magnitudes
    member _.Bands = magnitudes.Length
    /// Whether every band shows the same picture.
    member _.IsGrey = planes.Length = 1
    /// The pixels of a band, rows first.
    member _.Plane(band: int) : ReadOnlySpan<float32> = ReadOnlySpan planes[planeOf band]

    /// Share of a band's whole flux an arcsec² at an offset from the centre, bilinear; 0 outside.
    member _.Brightness(band: int, dx: float, dy: float) : float =
        let pixels = planes[planeOf band]
        let x, y = dx / pixelScale + float (width - 1) / 2.0, dy / pixelScale + float (height - 1) / 2.0

        if x < 0.0 || y < 0.0 || x > float (width - 1) || y > float (height - 1) then
            0.0
        else
            let x0, y0 = min (width - 2) (int x), min (height - 2) (int y)
            let tx, ty = x - float x0, y - float y0
            let at j i = float pixels[(y0 + j) * width + x0 + i]
            let value = (1.0 - ty) * ((1.0 - tx) * at 0 0 + tx * at 0 1) + ty * ((1.0 - tx) * at 1 0 + tx * at 1 1)
            value / (totals[planeOf band] * pixelScale * pixelScale)

    /// Pixels less the median of their first `corner` rows and columns: what a cut-out's empty corner says of its sky.
    static member SubtractCorner(pixels: ReadOnlySpan<float32>, height: int, width: int, corner: int) : float32[] =
        if pixels.Length <> height * width || corner < 1 || corner > height || corner > width then
            invalidArg (nameof corner) $"RealSource.SubtractCorner: expected {height} × {width} pixels and a corner of 1 to \
                {min height width}, got {pixels.Length} and {corner}."

        let sky = Array.zeroCreate<float> (corner * corner)

        for y in 0 .. corner - 1 do
            for x in 0 .. corner - 1 do
                sky[y * corner + x] <- float pixels[y * width + x]

        let median = Hybrid.Data.Statistics.Percentile.Median(ReadOnlySpan sky)
        let lowered = pixels.ToArray()

        for i in 0 .. lowered.Length - 1 do
            lowered[i] <- float32 (float lowered[i] - median)

        lowered
