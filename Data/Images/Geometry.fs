namespace Hybrid.Data.Images

open System

/// Where an image's pixels go: sheared along the rows (degrees), scaled, turned counterclockwise (degrees), then moved right and down
/// (pixels).
[<Struct>]
type Placement =
    { Degrees: float
      RightPixels: float
      DownPixels: float
      Scale: float
      ShearDegrees: float }

/// Transforms of pixel positions: crops, padding, flips, quarter turns, rotation.
[<AbstractClass; Sealed>]
type Geometry =

    /// Rows top … top + height − 1, columns left … left + width − 1.
    static member Crop(images: ImageSet, top: int, left: int, height: int, width: int) : ImageSet =
        if top < 0 || left < 0 || height < 1 || width < 1 || top + height > images.Height || left + width > images.Width then
            invalidArg (nameof top) $"Geometry.Crop: {height} × {width} at row {top}, column {left} does not lie inside {images.Height} × \
                {images.Width}."

        let stride = images.Width

        images.MovePlanes(height, width, PlaneFill(fun source target ->
            for y in 0 .. height - 1 do
                source.Slice((top + y) * stride + left, width).CopyTo(target.Slice(y * width, width))))

    /// The centre: of an odd remainder the extra row or column is cut below and right, so 576 to 128 keeps rows 224 to 351.
    static member CentreCrop(images: ImageSet, height: int, width: int) : ImageSet =
        if height > images.Height || width > images.Width then
            invalidArg (nameof height) $"Geometry.CentreCrop: expected at most {images.Height} × {images.Width}, got {height} × {width}."

        Geometry.Crop(images, (images.Height - height) / 2, (images.Width - width) / 2, height, width)

    /// A border of `value` on the four sides.
    static member Pad(images: ImageSet, top: int, bottom: int, left: int, right: int, value: float32) : ImageSet =
        if top < 0 || bottom < 0 || left < 0 || right < 0 then
            invalidArg (nameof top) $"Geometry.Pad: expected borders ≥ 0, got {top}, {bottom}, {left}, {right}."

        let h, w = images.Height, images.Width
        let newWidth = w + left + right

        images.MovePlanes(h + top + bottom, newWidth, PlaneFill(fun source target ->
            target.Fill value
            for y in 0 .. h - 1 do
                source.Slice(y * w, w).CopyTo(target.Slice((y + top) * newWidth + left, w))))

    /// Left and right swapped.
    static member FlipHorizontal(images: ImageSet) : ImageSet = Geometry.Dihedral(images, 4)

    /// Top and bottom swapped.
    static member FlipVertical(images: ImageSet) : ImageSet = Geometry.Dihedral(images, 6)

    /// Quarter turns counterclockwise (as numpy.rot90 turns the last two axes).
    static member Rotate90(images: ImageSet, turns: int) : ImageSet = Geometry.Dihedral(images, ((turns % 4) + 4) % 4)

    /// One of the eight symmetries of the square: element k < 4 is k quarter turns counterclockwise, k ≥ 4 a left–right flip
    /// followed by k − 4 quarter turns. Every element is exact: pixels move, none is interpolated.
    static member Dihedral(images: ImageSet, element: int) : ImageSet =
        Geometry.CheckElement element
        let h, w = images.Height, images.Width
        let newH, newW = if element % 2 = 0 then h, w else w, h
        images.MovePlanes(newH, newW, PlaneFill(fun source target -> Geometry.DihedralPlane(source, h, w, element, target)))

    static member private CheckElement(element: int) =
        if element < 0 || element > 7 then
            raise (ArgumentOutOfRangeException(nameof element, element, $"Geometry.Dihedral: expected an element in 0 … 7, got {element}."))

    /// The element that does what `first` and then `second` do.
    static member ComposeDihedral(first: int, second: int) : int =
        Geometry.CheckElement first
        Geometry.CheckElement second
        let flip1, turn1, flip2, turn2 = first / 4, first % 4, second / 4, second % 4
        // A flip turns a rotation's sense around: F R = R⁻¹ F.
        let turn = (turn2 + (if flip2 = 1 then 4 - turn1 else turn1)) % 4
        4 * (flip1 ^^^ flip2) + turn

    static member internal DihedralPlane(source: ReadOnlySpan<float32>, h: int, w: int, element: int, target: Span<float32>) =
        let newW = if element % 2 = 0 then w else h
        let newH = if element % 2 = 0 then h else w

        for y in 0 .. newH - 1 do
            for x in 0 .. newW - 1 do
                // Where the pixel was before the quarter turns …
                let struct (fromY, fromX) =
                    match element % 4 with
                    | 0 -> struct (y, x)
                    | 1 -> struct (x, w - 1 - y)
                    | 2 -> struct (h - 1 - y, w - 1 - x)
                    | _ -> struct (h - 1 - x, y)
                // … and before the flip.
                target[y * newW + x] <- source[fromY * w + (if element >= 4 then w - 1 - fromX else fromX)]

    /// Turned counterclockwise about the centre by any angle, bilinear; what comes from outside is `fill`.
    static member Rotate(images: ImageSet, degrees: float, fill: float32) : ImageSet =
        let h, w = images.Height, images.Width
        images.MovePlanes(h, w, PlaneFill(fun source target -> Geometry.RotatePlane(source, h, w, degrees, fill, target)))

    static member internal RotatePlane
        (
            source: ReadOnlySpan<float32>,
            h: int,
            w: int,
            degrees: float,
            fill: float32,
            target: Span<float32>
        ) =
        Geometry.AffinePlane(source, h, w, { Degrees = degrees; RightPixels = 0.0; DownPixels = 0.0; Scale = 1.0; ShearDegrees = 0.0 },
                             fill, target)

    /// Sheared along the rows, scaled and turned about the centre, then shifted; bilinear; what comes from outside is `fill`.
    static member Affine(images: ImageSet, placement: Placement, fill: float32) : ImageSet =
        if not (placement.Scale > 0.0) || not (abs placement.ShearDegrees < 90.0) then
            invalidArg (nameof placement) $"Geometry.Affine: expected a scale > 0 and a shear within ±90°, got {placement.Scale} and \
                {placement.ShearDegrees}."

        let h, w = images.Height, images.Width
        images.MovePlanes(h, w, PlaneFill(fun source target -> Geometry.AffinePlane(source, h, w, placement, fill, target)))

    static member internal AffinePlane
        (
            source: ReadOnlySpan<float32>,
            h: int,
            w: int,
            placement: Placement,
            fill: float32,
            target: Span<float32>
        ) =
        let angle = placement.Degrees * Math.PI / 180.0
        let c, s = cos angle / placement.Scale, sin angle / placement.Scale
        let shear = if placement.ShearDegrees = 0.0 then 0.0 else tan (placement.ShearDegrees * Math.PI / 180.0)
        let centreY, centreX = float (h - 1) / 2.0, float (w - 1) / 2.0

        for y in 0 .. h - 1 do
            for x in 0 .. w - 1 do
                let dx, dy = float x - centreX - placement.RightPixels, float y - centreY - placement.DownPixels
                // Where the pixel comes from. Rows run downwards, so a counterclockwise turn on the screen has this sign.
                let across, down = c * dx - s * dy, s * dx + c * dy
                let fromX = centreX + across - shear * down
                let fromY = centreY + down
                let x0, y0 = int (floor fromX), int (floor fromY)
                let tx, ty = fromX - float x0, fromY - float y0
                let mutable value = 0.0

                for j in 0..1 do
                    for i in 0..1 do
                        let weight = (if i = 0 then 1.0 - tx else tx) * (if j = 0 then 1.0 - ty else ty)

                        if weight > 0.0 then
                            let yy, xx = y0 + j, x0 + i
                            let v = if yy >= 0 && yy < h && xx >= 0 && xx < w then source[yy * w + xx] else fill
                            value <- value + weight * float v

                target[y * w + x] <- float32 value
