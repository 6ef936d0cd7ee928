namespace Hybrid.Data.Figures

open System
open Hybrid.Data.Statistics

/// One image of a grid.
[<Sealed>]
type ImageTile(pixels: float32[], height: int, width: int) =
    do
        if height < 1 || width < 1 || (pixels.Length <> height * width && pixels.Length <> 3 * height * width) then
            invalidArg (nameof pixels) $"ImageTile: expected {height} × {width} values, or three such planes for red, green and blue, got \
                {pixels.Length}."

    /// One plane, or three planes (red, green, blue) one after the other.
    member _.Pixels = pixels
    member _.Height = height
    member _.Width = width
    member _.IsColour = pixels.Length = 3 * height * width
    /// A few words above the tile.
    member val Title = "" with get, set

/// Images in rows and columns. Single planes share one value range and a colour bar; colour images are stretched per channel.
[<Sealed>]
type ImageGridFigure() =

    member val Columns = 6 with get, set
    member val Map = ColourMap.Viridis with get, set
    /// The values that the ends of the colour bar stand for. NaN: the smallest and largest value of all tiles.
    member val Low = nan with get, set
    member val High = nan with get, set
    /// Title of the colour bar: the quantity with its unit.
    member val ValueTitle = "" with get, set
    /// The first row of pixels at the bottom, as FITS images are shown.
    member val OriginBelow = false with get, set
    /// Side of a tile in units of the figure; 0: fits the columns into the page.
    member val TileSize = 0.0 with get, set

    member private options.Paint(tile: ImageTile, low: float, high: float) =
        let h, w = tile.Height, tile.Width
        let row y = if options.OriginBelow then h - 1 - y else y

        let level (low: float) (high: float) (v: float32) =
            if not (Single.IsFinite v) then 0uy
            elif high > low then byte (Math.Round(255.0 * Math.Clamp((float v - low) / (high - low), 0.0, 1.0)))
            else 0uy

        // At least about two screen pixels each way.
        let factor = max 1 (256 / max h w)

        let palette, channels, bytes =
            if tile.IsColour then
                let bytes = Array.zeroCreate<byte> (3 * h * w)

                for c in 0..2 do
                    let plane = tile.Pixels.AsSpan(c * h * w, h * w).ToArray() |> Array.filter Single.IsFinite |> Array.map float
                    Array.sortInPlace plane
                    // A stretch to the 99.5th percentile keeps one hot pixel from turning the rest black.
                    let low, high =
                        if plane.Length = 0 then
                            0.0, 1.0
                        else
                            Percentile.OfSorted(ReadOnlySpan plane, 1.0), Percentile.OfSorted(ReadOnlySpan plane, 99.5)

                    for y in 0 .. h - 1 do
                        for x in 0 .. w - 1 do
                            bytes[3 * (y * w + x) + c] <- level low high tile.Pixels[c * h * w + row y * w + x]

                [||], 3, bytes
            else
                ColourMap.table options.Map, 1, Array.init (h * w) (fun i -> level low high tile.Pixels[row (i / w) * w + i % w])

        bytes |> InlinePng.enlarge factor w h channels |> InlinePng.encode (w * factor) (h * factor) palette |> InlinePng.dataUri

    member options.Build(title: string, [<ParamArray>] tiles: ImageTile[]) : Figure =
        if tiles.Length = 0 then
            invalidArg (nameof tiles) $"ImageGridFigure '{title}': expected at least one tile, got none."

        let columns = max 1 (min options.Columns tiles.Length)
        let rows = (tiles.Length + columns - 1) / columns
        let gap = 8.0
        let side = if options.TileSize > 0.0 then options.TileSize else min 200.0 ((620.0 - gap * float (columns - 1)) / float columns)
        let titled = tiles |> Array.exists (fun tile -> tile.Title <> "")
        let head = if titled then 16.0 else 0.0
        let values = tiles |> Seq.filter (fun tile -> not tile.IsColour) |> Seq.collect _.Pixels |> Seq.map float |> Spec.extent
        let low = if Double.IsNaN options.Low then fst values else options.Low
        let high = if Double.IsNaN options.High then snd values else options.High
        let hasScale = tiles |> Array.exists (fun tile -> not tile.IsColour)
        let width = float columns * side + float (columns - 1) * gap
        let height = float rows * (side + head) + float (rows - 1) * gap
        let left i = float (i % columns) * (side + gap)
        let top i = float (i / columns) * (side + head + gap)

        let at field size =
            Obj [ "field", Text field; "type", Text "quantitative"; "axis", Null;
                  "scale", Obj [ Spec.domain 0.0 size; "range", Json.numbers [ 0.0; size ]; "nice", Bool false; "zero", Bool false ] ]

        Figure(title, [
            "width", Number width
            "height", Number height
            "layer", List [
                if hasScale then
                    // Draws nothing: it carries the colour bar.
                    Obj [
                        Spec.values [ Obj [ "x", Number 0.0; "y", Number 0.0; "v", Json.number low ] ]
                        "mark", Obj [ "type", Text "point"; "opacity", Number 0.0 ]
                        "encoding", Obj [
                            "x", at "x" width
                            "y", at "y" height
                            "color", Obj [
                                "field", Text "v"
                                "type", Text "quantitative"
                                "scale", Obj [ Spec.domain low high; "range", ColourMap.range options.Map ]
                                "legend", Obj [
                                    "title", (if options.ValueTitle = "" then Null else Text options.ValueTitle)
                                    "gradientLength", Number(min 200.0 (max 60.0 (height - 30.0)))
                                    "gradientThickness", Number 12.0
                                    "gradientOpacity", Number 1.0
                                ]
                            ]
                        ]
                    ]
                // Sizes are properties of the mark: one layer a size.
                for (w, h), group in tiles |> Seq.indexed |> Seq.groupBy (fun (_, tile) -> tile.Width, tile.Height) do
                    let scale = side / float (max w h)

                    Obj [
                        Spec.values [
                            for i, tile in group ->
                                Obj [
                                    "x", Json.number (left i)
                                    "y", Json.number (top i + head)
                                    "u", Text(options.Paint(tile, low, high))
                                ]
                        ]
                        "mark", Obj [
                            "type", Text "image"; "width", Json.number (float w * scale); "height", Json.number (float h * scale)
                            "align", Text "left"; "baseline", Text "top"; "aspect", Bool true
                        ]
                        "encoding", Obj [ "x", at "x" width; "y", at "y" height; "url", Obj [ "field", Text "u" ] ]
                    ]
                if titled then
                    Obj [
                        Spec.values [
                            for i, tile in Seq.indexed tiles do
                                if tile.Title <> "" then
                                    Obj [ "x", Json.number (left i); "y", Json.number (top i + head - 4.0); "t", Text tile.Title ]
                        ]
                        "mark", Obj [ "type", Text "text"; "align", Text "left"; "baseline", Text "alphabetic"; "fontSize", Number 10.0;
                                      "color", Text "@muted"; "limit", Number side ]
                        "encoding", Obj [ "x", at "x" width; "y", at "y" height; "text", Obj [ "field", Text "t" ] ]
                    ]
            ]
        ])
