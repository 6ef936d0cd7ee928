namespace Hybrid.Data.Systems.Blase

open System
open System.Collections.Generic
open System.Globalization
open System.IO
open System.Security.Cryptography
open System.Text
open Hybrid.Data.Cache
open Hybrid.Data.Formats

/// The label, position and group that a training SED's file stands for.
[<Sealed>]
type SedLabel(peakFrequency: float, rightAscension: float, declination: float) =
    /// log10 of the synchrotron peak's frequency, Hz.
    member _.PeakFrequency = peakFrequency
    /// Degrees.
    member _.RightAscension = rightAscension
    member _.Declination = declination

    /// Reads SED_{log10 peak}_{right ascension}_{declination}_{name}. Throws InvalidDataException with the part that was not understood.
    static member Parse(fileName: string) : SedLabel =
        let parts = fileName.Split '_'

        if parts.Length < 4 || parts[0] <> "SED" then
            raise (InvalidDataException $"{fileName}: expected a name such as SED_11.78_227.1623_-49.8840_NAME (log10 of the peak in Hz, \
                right ascension, declination).")

        let number (part: int) (what: string) (low: float) (high: float) =
            // The last part may carry the file's ending where there is no name after it.
            match Double.TryParse(parts[part], NumberStyles.Float, CultureInfo.InvariantCulture) with
            | true, value when value >= low && value <= high -> value
            | _ -> raise (InvalidDataException $"{fileName}: expected {what} in [{low}, {high}] as part {part + 1} of the name, got \
                '{parts[part]}'.")

        let declination = number 3 "a declination" -90.0 90.0
        // 360° is 0°: SEDs of both are of one position.
        SedLabel(number 1 "log10 of the peak frequency" 5.0 30.0, number 2 "a right ascension" 0.0 360.0 % 360.0, declination)

/// Binned SEDs with labels and positions, as networks are trained on. Groups are what must not be torn apart between bags: SEDs of one
/// physical spectrum, or of one position.
[<Sealed>]
type LabelledSeds
    internal
    (
        names: string[],
        binned: BinnedSeds,
        rightAscension: float[],
        declination: float[],
        groups: string[],
        left: BrokenFile[],
        problemLines: int
    ) =
    static let spectraFile = "spectra.csv"

    /// A simulated set keeps its SEDs in a folder of their own, beside what is said about them.
    static let sedsOf (path: string) =
        let inner = Path.Combine(path, "seds")
        if Directory.Exists inner then inner else path

    member _.Names = names
    member _.Binned = binned
    member _.Count = binned.Count
    /// Degrees.
    member _.RightAscension = rightAscension
    member _.Declination = declination
    member _.Groups = groups
    /// Files that were left out, with the reason.
    member _.LeftOut: IReadOnlyList<BrokenFile> = left
    /// Lines within the files taken that could not be read.
    member _.UnreadableLines = problemLines

    /// The name of the file that groups a set: columns file and family, or spectrum where there is no family. Without it SEDs of one
    /// position are a group.
    static member GroupFile = spectraFile

    static member private GroupsOf(folder: string) : Dictionary<string, string> | null =
        let path = Path.Combine(folder, spectraFile)

        if not (File.Exists path) then
            null
        else
            let table = Catalogue.Read path
            let groups = Dictionary<string, string>()
            let column = if table.Names |> Seq.contains "family" then "family" else "spectrum"
            Seq.iter2 (fun file group -> groups[file] <- column + " " + group) (table.Texts "file") (table.Texts column)
            groups

    /// Reads and bins all SEDs at `path` (a folder, its sub-folder seds if there is one, or a zip), labelled by their names. Files that are
    /// not an SED, have no label in their name or fill no bin are left out and listed. Throws when nothing is left.
    static member Read(path: string, bins: SedBins) : LabelledSeds =
        let set = SedFile.ReadAll(sedsOf path)
        let known = if Directory.Exists path then LabelledSeds.GroupsOf path else null
        let left = ResizeArray<BrokenFile>(set.Broken |> Seq.filter (fun file -> Path.GetFileName file.Path <> spectraFile))
        let rows = ResizeArray<struct (Sed * SedLabel * float[])>()

        for sed in set.Seds do
            try
                let label = SedLabel.Parse sed.Name
                let row = bins.Bin sed

                if row |> Array.exists (fun v -> v <> 0.0) then
                    rows.Add(struct (sed, label, row))
                else
                    left.Add(BrokenFile(left.Count, sed.Name, "no detection falls into a bin"))
            with :? InvalidDataException as e ->
                left.Add(BrokenFile(left.Count, sed.Name, e.Message))

        if rows.Count = 0 then
            let first = if left.Count > 0 then $" The first of {left.Count} left out: {left[0]}" else ""
            raise (InvalidDataException $"{path}: expected SEDs named like SED_11.78_227.1623_-49.8840_NAME, found none.{first}")

        let take f = rows |> Seq.map f |> Array.ofSeq

        let group (struct (sed: Sed, label: SedLabel, _: float[])) =
            let mutable found = Unchecked.defaultof<string>

            match known with
            | null -> ()
            | table -> table.TryGetValue(sed.Name, &found) |> ignore

            if isNull (box found) then FormattableString.Invariant $"position {label.RightAscension:F4} {label.Declination:F4}" else found

        LabelledSeds(
            take (fun (struct (sed, _, _)) -> sed.Name),
            BinnedSeds(take (fun (struct (_, _, row)) -> row), take (fun (struct (_, label, _)) -> label.PeakFrequency)),
            take (fun (struct (_, label, _)) -> label.RightAscension),
            take (fun (struct (_, label, _)) -> label.Declination),
            take group,
            left.ToArray(),
            set.Seds |> Seq.sumBy _.Problems.Count
        )

    /// What the set is, for a recipe: names, lengths and times of its files and the bins.
    static member private Recipe(path: string, bins: SedBins) : CacheRecipe =
        let files =
            if Directory.Exists path then
                let groups = Path.Combine(path, spectraFile)
                let seds = RegularFile.Below(sedsOf path, fun _ -> true)
                if File.Exists groups && not (Array.contains groups seds) then Array.append [| groups |] seds else seds
            else
                [| path |]

        let edges = String.Join(' ', Seq.map2 (fun (a: float) (b: float) -> FormattableString.Invariant $"{a}-{b}") bins.Starts bins.Ends)
        CacheRecipe($"labelled SEDs 1\nbins {edges}", files)

    /// As Read, from a Parquet cache below `cacheRoot` when these files were binned before; else it is built. Files left out are listed in
    /// the cache too.
    static member ReadCached(path: string, bins: SedBins, cacheRoot: string) : LabelledSeds =
        if not (Path.Exists path) then
            raise (FileNotFoundException($"{path}: no such file or folder.", path))

        let build () =
            let seds = LabelledSeds.Read(path, bins)
            // Left-out files are rows without a label: one table holds the whole outcome.
            let n, m = seds.Count, seds.LeftOut.Count
            let pad (values: 'T[]) (filler: 'T) = Array.append values (Array.create m filler)
            let flat = Array.zeroCreate<float> ((n + m) * bins.Count)
            seds.Binned.Rows |> Array.iteri (fun i row -> Array.blit row 0 flat (i * bins.Count) bins.Count)

            Seq.singleton (
                CacheRows
                    [| CacheValues.Tensor("binned", NdArray<float>([| n + m; bins.Count |], flat))
                       CacheValues.Reals("peak", pad seds.Binned.Labels nan)
                       CacheValues.Reals("right_ascension", pad seds.RightAscension nan)
                       CacheValues.Reals("declination", pad seds.Declination nan)
                       CacheValues.Texts("name", Array.append seds.Names [| for file in seds.LeftOut -> file.Path |])
                       CacheValues.Texts("group", Array.append seds.Groups [| for file in seds.LeftOut -> file.Reason |])
                       CacheValues.Logicals("taken", Array.append (Array.create n true) (Array.create m false))
                       CacheValues.Integers("unreadable_lines",
                                            Array.init (n + m) (fun i -> if i = 0 then int64 seds.UnreadableLines else 0L)) |]
            )

        use cache = Cache.GetOrBuild(cacheRoot, LabelledSeds.Recipe(path, bins), (fun () -> build ()))
        let taken = cache.Logicals "taken"
        let n = taken |> Array.filter id |> Array.length
        let names, groups = cache.Texts "name", cache.Texts "group"
        let first (values: 'T[]) = Array.sub values 0 n
        let rows = Array.init n (fun i -> (cache.ReadTensor("binned", i)).ToDoubles())

        LabelledSeds(
            first names,
            BinnedSeds(rows, first (cache.Reals "peak")),
            first (cache.Reals "right_ascension"),
            first (cache.Reals "declination"),
            first groups,
            [| for i in n .. taken.Length - 1 -> BrokenFile(i - n, names[i], groups[i]) |],
            int (Array.sum (cache.Integers "unreadable_lines"))
        )

    /// SHA-256 over labels, bins, positions and groups, hexadecimal: what a network was trained on.
    member _.Fingerprint : string =
        use hash = IncrementalHash.CreateHash HashAlgorithmName.SHA256

        for i in 0 .. names.Length - 1 do
            hash.AppendData(Encoding.UTF8.GetBytes(names[i] + "\n" + groups[i] + "\n"))
            hash.AppendData(Runtime.InteropServices.MemoryMarshal.AsBytes(ReadOnlySpan binned.Rows[i]))
            hash.AppendData(BitConverter.GetBytes binned.Labels[i])

        Convert.ToHexStringLower(hash.GetHashAndReset())
