namespace Hybrid.Data.Simulators

open System
open System.Globalization
open System.IO

/// One forecast lens (Collett 2015). Angles in arcsec, magnitudes in g, r, i.
[<Sealed>]
type LensPopRow(values: float[]) =
    member _.LensRedshift = values[0]
    member _.SourceRedshift = values[1]
    member _.ThetaE = values[2]
    /// km/s.
    member _.VelocityDispersion = values[3]
    member _.LensAxisRatio = values[4]
    /// Half-light radius of the lens, Sérsic index 4.
    member _.LensRadius = values[5]
    member _.LensMagnitudes = values[6..8]
    /// Source position relative to the lens.
    member _.SourceX = values[9]
    member _.SourceY = values[10]
    member _.SourceAxisRatio = values[11]
    /// Degrees.
    member _.SourceAngle = values[12]
    /// Half-light radius of the source, Sérsic index 1. The catalogue rounds to 0.01″: a radius printed as 0.00 counts as 0.005.
    member _.SourceRadius = max values[13] 0.005
    member _.SourceMagnitudes = values[14..16]
    /// Total magnification.
    member _.Magnification = values[17]

/// LensPop's forecast catalogues: 25 columns of numbers, comments after '#'.
[<AbstractClass; Sealed>]
type LensPopCatalogue =

    static member Parse(path: string, lines: string seq) : LensPopRow[] =
        [| for i, line in Seq.indexed lines do
               let text = line.Trim()

               if text <> "" && not (text.StartsWith '#') then
                   let cells = text.Split([| ' '; '\t' |], StringSplitOptions.RemoveEmptyEntries)

                   if cells.Length <> 25 then
                       raise (InvalidDataException $"{path}, line {i + 1}: expected 25 columns, got {cells.Length}.")

                   let values =
                       cells
                       |> Array.mapi (fun c cell ->
                           match Double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture) with
                           | true, v when Double.IsFinite v -> v
                           | _ -> raise (InvalidDataException $"{path}, line {i + 1}, column {c}: expected a number, got '{cell}'."))

                   for c, name in [ 2, "Einstein radius"; 4, "lens axis ratio"; 5, "lens half-light radius"; 11, "source axis ratio"; 13, "source half-light radius" ] do
                       let isRatio = c = 4 || c = 11
                       let isRounded = c = 13 && values[c] = 0.0

                       if not (values[c] > 0.0 || isRounded) || (isRatio && values[c] > 1.0) then
                           let range = if isRatio then "(0, 1]" elif c = 13 then "[0, ∞)" else "(0, ∞)"
                           raise (InvalidDataException $"{path}, line {i + 1}, column {c} ({name}): expected a number in {range}, got '{cells[c]}'.")

                   LensPopRow values |]

    static member Read(path: string) : LensPopRow[] = LensPopCatalogue.Parse(path, File.ReadLines path)
