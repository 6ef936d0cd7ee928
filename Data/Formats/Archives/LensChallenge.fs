namespace Hybrid.Data.Formats

open System
open System.Collections.Generic
open System.IO
open System.Text.RegularExpressions

/// What a catalogue says of an object; NaN where it has no such column.
[<Struct>]
type internal LensChallengeTruth =
    { IsLens: bool
      AreaSr: float
      Magnification: float
      SourcePixels: float }

/// An object of the Bologna lens finding challenges: its id, its file in each band, and what the catalogue says of it.
[<Sealed>]
type LensChallengeObject internal (id: int64, files: string[], hasTruth: bool, truth: LensChallengeTruth) =
    member _.Id = id
    /// One path a band, in the order of LensChallenge.Bands.
    member _.Files: IReadOnlyList<string> = files
    /// Whether the catalogue knows the object; if not IsLens is false and the radius NaN.
    member _.HasTruth = hasTruth
    member _.IsLens = truth.IsLens
    /// Effective magnification of the source (challenge II: mag_eff); NaN in challenge I.
    member _.Magnification = truth.Magnification
    /// Pixels of the lensed image above the noise (numb_pix_lensed_image, n_pix_source).
    member _.SourcePixels = truth.SourcePixels

    /// Einstein radius in arcsec: √(A/π) · 206265″ of the area A in sr within the critical curves.
    member _.EinsteinRadiusArcsec = if hasTruth then sqrt (truth.AreaSr / Math.PI) * 206265.0 else nan

/// Which lenses of a challenge a system trains on. The defaults are the Einstein-radius work's.
[<Sealed>]
type LensSelection() =
    /// More pixels of the lensed image than this. The work takes 100 (20 for LensPop, and for challenge II in its sister project).
    member val SourcePixels = 100.0 with get, set
    /// A larger effective magnification than this; not asked for where the catalogue has none (challenge I).
    member val Magnification = 1.6 with get, set
    /// Einstein radii between these, arcsec, ends excluded.
    member val LeastThetaE = 0.0 with get, set
    member val LargestThetaE = 2.5 with get, set

    member selection.Contains(item: LensChallengeObject) : bool =
        item.IsLens
        && item.SourcePixels > selection.SourcePixels
        && (Double.IsNaN item.Magnification || item.Magnification > selection.Magnification)
        && item.EinsteinRadiusArcsec > selection.LeastThetaE
        && item.EinsteinRadiusArcsec < selection.LargestThetaE

/// The files of the challenges in their own layouts: images named image{SURVEY}_{band}-{id}.fits (or
/// imageEUC_{band}-{id}.fits) anywhere below a folder, and a catalogue with the columns ID, is_lens, Einstein_area of
/// challenge I, or ID, n_source_im, ein_area of challenge II.
[<Sealed>]
type LensChallenge private (bands: string[], objects: LensChallengeObject[], incomplete: BrokenFile[]) =
    static let pattern = Regex(@"^image(?<band>[A-Za-z]+_[A-Za-z]+)-(?<id>\d+)\.fits(\.gz)?$", RegexOptions.CultureInvariant)

    /// The bands found, as the files are named: EUC_VIS, or SDSS_G, SDSS_I, SDSS_R, SDSS_U.
    member _.Bands: IReadOnlyList<string> = bands
    /// Objects with a file in every band, by ascending id.
    member _.Objects: IReadOnlyList<LensChallengeObject> = objects
    /// Objects that lack a band, by id, with the reason.
    member _.Incomplete: IReadOnlyList<BrokenFile> = incomplete

    /// The lenses that a selection keeps, by ascending id.
    member _.Select(selection: LensSelection) : IReadOnlyList<LensChallengeObject> =
        ArgumentNullException.ThrowIfNull selection
        objects |> Array.filter selection.Contains :> IReadOnlyList<LensChallengeObject>

    static member private Truth(catalogue: string) : Dictionary<int64, LensChallengeTruth> =
        let table = Catalogue.Read catalogue
        let truth = Dictionary<int64, LensChallengeTruth>()
        let isFirst = table.Names |> Seq.contains "is_lens"
        let optional name = if table.Names |> Seq.contains name then table.Reals name else Array.create table.Count nan
        let ids = table.Integers "ID"

        let isLens =
            if isFirst then
                let flags = table.Integers "is_lens"

                match flags |> Array.tryFindIndex (fun flag -> flag <> 0L && flag <> 1L) with
                | Some row ->
                    raise (InvalidDataException $"{catalogue}, line {table.LineOf row}, column 'is_lens': expected 0 or 1, got \
                        '{flags[row]}'")
                | None -> flags |> Array.map ((=) 1L)
            else
                table.Integers "n_source_im" |> Array.map (fun n -> n > 0L)

        let area = table.Reals((if isFirst then "Einstein_area" else "ein_area"), 0.0, 4.0 * Math.PI, "sr")
        let pixels = optional (if isFirst then "numb_pix_lensed_image" else "n_pix_source")
        let magnification = optional "mag_eff"

        ids
        |> Array.iteri (fun i id ->
            let entry = { IsLens = isLens[i]; AreaSr = area[i]; Magnification = magnification[i]; SourcePixels = pixels[i] }

            if not (truth.TryAdd(id, entry)) then
                raise (InvalidDataException $"{catalogue}, line {table.LineOf i}: object {id} stands in the catalogue twice"))

        truth

    /// Finds the images below `folder`, which may be an archive too (Archive.Folder). `catalogue` is the path of the CSV file, or null
    /// where there is none.
    /// `bands` chooses bands and their order; null takes all there are in ordinal order.
    static member Open(folder: string, catalogue: string | null, bands: IReadOnlyList<string> | null) : LensChallenge =
        let folder = Archive.Folder folder
        let found = SortedDictionary<int64, Dictionary<string, string>>()

        for path in RegularFile.Below(folder, fun _ -> true) do
            let name = pattern.Match(Path.GetFileName path |> string)

            if name.Success then
                let id = Int64.Parse name.Groups["id"].Value
                let band = name.Groups["band"].Value

                let files =
                    match found.TryGetValue id with
                    | true, known -> known
                    | _ ->
                        let fresh = Dictionary<string, string>()
                        found[id] <- fresh
                        fresh

                if not (files.TryAdd(band, path)) then
                    raise (InvalidDataException $"{path}: object {id} has another image in band {band}: {files[band]}")

        if found.Count = 0 then
            raise (InvalidDataException $"{folder}: expected images named like imageEUC_VIS-100003.fits below it, found none")

        let chosen =
            match bands with
            | null ->
                found.Values
                |> Seq.collect _.Keys
                |> Seq.distinct
                |> Seq.sortWith (fun a b -> String.CompareOrdinal(a, b))
                |> Seq.toArray
            | given -> Seq.toArray given

        let truth =
            match catalogue with
            | null -> Dictionary<int64, LensChallengeTruth>()
            | path -> LensChallenge.Truth path

        let objects = ResizeArray<LensChallengeObject>()
        let incomplete = ResizeArray<BrokenFile>()

        for KeyValue(id, files) in found do
            match chosen |> Array.tryFind (fun band -> not (files.ContainsKey band)) with
            | Some band -> incomplete.Add(BrokenFile(int id, Seq.head files.Values, $"object {id} has no image in band {band}"))
            | None ->
                let truth, known =
                    match truth.TryGetValue id with
                    | true, entry -> entry, true
                    | _ -> { IsLens = false; AreaSr = nan; Magnification = nan; SourcePixels = nan }, false

                objects.Add(LensChallengeObject(id, [| for band in chosen -> files[band] |], known, truth))

        LensChallenge(chosen, objects.ToArray(), incomplete.ToArray())
