namespace Hybrid.Data.Formats

open System
open System.Collections.Generic
open System.IO
open System.Text.RegularExpressions

/// An object of the Bologna lens finding challenges: its id, its file in each band, and what the catalogue says of it.
[<Sealed>]
type LensChallengeObject internal (id: int64, files: string[], isLens: bool, hasTruth: bool, areaSr: float) =
    member _.Id = id
    /// One path a band, in the order of LensChallenge.Bands.
    member _.Files: IReadOnlyList<string> = files
    /// Whether the catalogue knows the object; if not IsLens is false and the radius NaN.
    member _.HasTruth = hasTruth
    member _.IsLens = isLens

    /// Einstein radius in arcsec: √(A/π) · 206265″ of the area A in sr within the critical curves.
    member _.EinsteinRadiusArcsec = if hasTruth then sqrt (areaSr / Math.PI) * 206265.0 else nan

/// The unpacked files of the challenges in their own layouts: images named image{SURVEY}_{band}-{id}.fits (or
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

    static member private Truth(catalogue: string) : Dictionary<int64, struct (bool * float)> =
        let table = Catalogue.Read catalogue
        let truth = Dictionary<int64, struct (bool * float)>()
        let ids = table.Integers "ID"

        if table.Names |> Seq.contains "is_lens" then
            let lens = table.Integers "is_lens"
            let area = table.Reals("Einstein_area", 0.0, 4.0 * Math.PI, "sr")
            ids |> Array.iteri (fun i id -> truth[id] <- struct (lens[i] = 1L, area[i]))
        else
            let images = table.Integers "n_source_im"
            let area = table.Reals("ein_area", 0.0, 4.0 * Math.PI, "sr")
            ids |> Array.iteri (fun i id -> truth[id] <- struct (images[i] > 0L, area[i]))

        truth

    /// Finds the images below `folder`. `catalogue` is the path of the CSV file, or null where there is none.
    /// `bands` chooses bands and their order; null takes all there are in ordinal order.
    static member Open(folder: string, catalogue: string | null, bands: IReadOnlyList<string> | null) : LensChallenge =
        if not (Directory.Exists folder) then
            raise (DirectoryNotFoundException $"{folder}: no such folder.")

        let found = SortedDictionary<int64, Dictionary<string, string>>()

        for path in Directory.GetFiles(folder, "*.fits*", SearchOption.AllDirectories) |> Array.sortWith (fun a b -> String.CompareOrdinal(a, b)) do
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
            | null -> found.Values |> Seq.collect _.Keys |> Seq.distinct |> Seq.sortWith (fun a b -> String.CompareOrdinal(a, b)) |> Seq.toArray
            | given -> Seq.toArray given

        let truth =
            match catalogue with
            | null -> Dictionary<int64, struct (bool * float)>()
            | path -> LensChallenge.Truth path

        let objects = ResizeArray<LensChallengeObject>()
        let incomplete = ResizeArray<BrokenFile>()

        for KeyValue(id, files) in found do
            match chosen |> Array.tryFind (fun band -> not (files.ContainsKey band)) with
            | Some band -> incomplete.Add(BrokenFile(int id, Seq.head files.Values, $"object {id} has no image in band {band}"))
            | None ->
                let struct (isLens, area), known =
                    match truth.TryGetValue id with
                    | true, entry -> entry, true
                    | _ -> struct (false, nan), false

                objects.Add(LensChallengeObject(id, [| for band in chosen -> files[band] |], isLens, known, area))

        LensChallenge(chosen, objects.ToArray(), incomplete.ToArray())
