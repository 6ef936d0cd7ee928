namespace Hybrid.Data.Images

open System

/// How a resized pixel takes its value.
type Interpolation =
    /// Between the four nearest pixel centres (half-pixel centres, edges repeated), as OpenCV's INTER_LINEAR and
    /// PyTorch's bilinear with align_corners = false. No anti-aliasing when shrinking.
    | Bilinear = 0
    /// The mean over the area that the new pixel covers: keeps the mean of the image, the right choice for shrinking.
    | Area = 1

[<AbstractClass; Sealed>]
type Resize =

    /// For each new pixel along one axis: the first old pixel and the weights from it on.
    static member private Weights(from: int, into: int, mode: Interpolation) : struct (int * float[])[] =
        let ratio = float from / float into

        Array.init into (fun i ->
            match mode with
            | Interpolation.Area ->
                let low, high = float i * ratio, float (i + 1) * ratio
                let first = int (floor low)
                let last = min (from - 1) (int (ceil high) - 1)
                let shared k = min high (float (first + k + 1)) - max low (float (first + k))
                let weights = Array.init (last - first + 1) (fun k -> shared k / ratio)
                struct (first, weights)
            | _ ->
                let centre = (float i + 0.5) * ratio - 0.5
                let below = int (floor centre)
                let t = centre - float below

                if below < 0 then struct (0, [| 1.0 |])
                elif below >= from - 1 then struct (from - 1, [| 1.0 |])
                else struct (below, [| 1.0 - t; t |]))

    /// To height × width.
    static member To(images: ImageSet, height: int, width: int, mode: Interpolation) : ImageSet =
        if height < 1 || width < 1 then
            invalidArg (nameof height) $"Resize.To: expected a height and width of at least 1, got {height} × {width}."

        let h, w = images.Height, images.Width
        let rows, columns = Resize.Weights(h, height, mode), Resize.Weights(w, width, mode)
        images.MapPlanes(height, width, PlaneFill(fun source target -> Resize.Plane(source, h, w, rows, columns, target)))

    static member private Plane
        (
            source: ReadOnlySpan<float32>,
            h: int,
            w: int,
            rows: struct (int * float[])[],
            columns: struct (int * float[])[],
            target: Span<float32>
        ) =
        // Along the rows first, then down the columns.
        let width = columns.Length
        let narrow = Array.zeroCreate<float> (h * width)

        for y in 0 .. h - 1 do
            for x in 0 .. width - 1 do
                let struct (first, weights) = columns[x]
                let mutable sum = 0.0

                for k in 0 .. weights.Length - 1 do
                    sum <- sum + weights[k] * float source[y * w + first + k]

                narrow[y * width + x] <- sum

        for y in 0 .. rows.Length - 1 do
            let struct (first, weights) = rows[y]

            for x in 0 .. width - 1 do
                let mutable sum = 0.0

                for k in 0 .. weights.Length - 1 do
                    sum <- sum + weights[k] * narrow[(first + k) * width + x]

                target[y * width + x] <- float32 sum

    /// One image of one set, for a step that resizes after a random crop.
    static member internal PlaneTo
        (
            source: ReadOnlySpan<float32>,
            h: int,
            w: int,
            height: int,
            width: int,
            mode: Interpolation,
            target: Span<float32>
        ) =
        Resize.Plane(source, h, w, Resize.Weights(h, height, mode), Resize.Weights(w, width, mode), target)
