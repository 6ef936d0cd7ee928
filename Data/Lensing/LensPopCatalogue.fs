namespace Hybrid.Data.Lensing

open System
open System.Globalization
open System.IO

/// One forecast lens (Collett 2015). Angles in arcsec.
/// bands : names of the magnitudes;  values : the catalogue's columns.
[<Sealed>]
type LensPopRow internal (bands: string[], values: float[]) =
    // One magnitude of the lens, and later of the source, a band: what follows moves by the bands beyond the first.
    let more = bands.Length - 1

    /// Bands of the magnitudes, in order.
    member _.Bands = Array.copy bands
    member _.LensRedshift = values[0]
    member _.SourceRedshift = values[1]
    member _.ThetaE = values[2]
    /// km/s.
    member _.VelocityDispersion = values[3]
    member _.LensAxisRatio = values[4]
    /// Half-light radius of the lens, Sérsic index 4.
    member _.LensRadius = values[5]
    member _.LensMagnitudes = values[6 .. 6 + more]
    /// Source position relative to the lens.
    member _.SourceX = values[7 + more]
    member _.SourceY = values[8 + more]
    member _.SourceAxisRatio = values[9 + more]
    /// Degrees.
    member _.SourceAngle = values[10 + more]
    /// Half-light radius of the source, Sérsic index 1. The catalogue rounds to 0.01″: a radius printed as 0.00 counts as 0.005.
    member _.SourceRadius = max values[11 + more] 0.005
    /// Without magnification.
    member _.SourceMagnitudes = values[12 + more .. 12 + 2 * more]
    /// Total magnification.
    member _.Magnification = values[13 + 2 * more]

    /// The same lens with magnitudes in other bands.
    /// lens, source : one a band, the source's without magnification.
    member _.WithMagnitudes(bands: string[], lens: float[], source: float[]) : LensPopRow =
        if bands.Length = 0 || lens.Length <> bands.Length || source.Length <> bands.Length then
            invalidArg (nameof bands) $"LensPopRow.WithMagnitudes: expected a magnitude of lens and source for each of {bands.Length} \
                bands, got {lens.Length} and {source.Length}."

        LensPopRow(
            Array.copy bands,
            Array.concat [ values[..5]; lens; values[7 + more .. 11 + more]; source; values[13 + 2 * more ..] ]
        )

/// LensPop's forecast catalogues: comments after '#', then 25 columns of numbers with magnitudes in g, r, i (DES, LSST) or 16 with
/// one magnitude in VIS (Euclid).
[<AbstractClass; Sealed>]
type LensPopCatalogue =

    static member Parse(path: string, lines: string seq) : LensPopRow[] =
        [| for i, line in Seq.indexed lines do
               let text = line.Trim()

               if text <> "" && not (text.StartsWith '#') then
                   let cells = text.Split([| ' '; '\t' |], StringSplitOptions.RemoveEmptyEntries)

                   let bands =
                       match cells.Length with
                       | 25 -> [| "g"; "r"; "i" |]
                       | 16 -> [| "VIS" |]
                       | got -> raise (InvalidDataException $"{path}, line {i + 1}: expected 25 columns (g, r, i) or 16 (VIS), got {got}.")

                   let values =
                       cells
                       |> Array.mapi (fun c cell ->
                           match Double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture) with
                           | true, v when Double.IsFinite v -> v
                           | _ -> raise (InvalidDataException $"{path}, line {i + 1}, column {c}: expected a number, got '{cell}'."))

                   let more = bands.Length - 1

                   for c, name in [ 2, "Einstein radius"; 4, "lens axis ratio"; 5, "lens half-light radius"; 9 + more, "source axis ratio";
                                    11 + more, "source half-light radius" ] do
                       let isRatio = c = 4 || c = 9 + more
                       let isRounded = c = 11 + more && values[c] = 0.0

                       if not (values[c] > 0.0 || isRounded) || (isRatio && values[c] > 1.0) then
                           let range = if isRatio then "(0, 1]" elif c = 11 + more then "[0, ∞)" else "(0, ∞)"
                           raise (InvalidDataException $"{path}, line {i + 1}, column {c} ({name}): expected a number in {range}, got \
                               '{cells[c]}'.")

                   LensPopRow(bands, values) |]

    static member Read(path: string) : LensPopRow[] = LensPopCatalogue.Parse(path, File.ReadLines path)
