namespace Hybrid.Data.Lensing

open System
open System.Collections.Generic
open System.IO
open System.Text
open System.Threading
open Hybrid.Data
open Hybrid.Data.Cache
open Hybrid.Data.Formats
open Hybrid.Data.Images

/// One image of a user's own.
type LensImageEntry =
    { Id: string
      /// A file, or one a band.
      Paths: string[]
      /// Which row of an npy array; −1 for the whole file.
      Row: int
      /// 1 a lens, 0 none, −1 not known.
      Label: int
      /// Which fold judges it; −1 where none is said.
      Fold: int
      /// Degrees; NaN where the file is the cut-out.
      Ra: float
      Dec: float }

/// Images of a user's own, by what lists them: a CSV file, an npy array, FITS or PNG files, or a folder of those.
///
/// A CSV file has a line of names and a column `path`, a file beside it or below its folder: FITS (a cube of bands, or an image extension a
/// band), npy ((bands, rows, columns), or with `:ROW` one of (images, bands, rows, columns)), PNG (grey, or red, green and blue as three
/// bands); one a band with `;` in between. Further columns: `target` (1 a lens, 0 none), `fold`, `id`, and `ra` and `dec` (degrees), by
/// which images are cut from larger ones with celestial coordinates.
[<Sealed>]
type LensImageList private (place: string, bands: string[], entries: LensImageEntry[]) =

    static let endings = [| ".fits"; ".fits.gz"; ".fit"; ".npy"; ".png" |]
    static let ends (path: string) (ending: string) = path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)
    static let isFits path = ends path ".fits" || ends path ".fits.gz" || ends path ".fit"

    static let unlabelled id path row = { Id = id; Paths = [| path |]; Row = row; Label = -1; Fold = -1; Ra = nan; Dec = nan }

    /// All rows of an array of images, with the labels of the table beside it where there is one.
    static let rowsOf (bands: string[]) (path: string) =
        use rows = NpyRows.Open path
        let shape = String.Join(", ", rows.RowShape)
        let isOne = rows.RowShape.Count = 2 && (rows.Count = bands.Length)

        match rows.RowShape.Count with
        | 3 when rows.RowShape[0] = bands.Length -> [| for row in 0 .. rows.Count - 1 -> unlabelled $"{path}:{row}" path row |]
        | 2 when isOne -> [| unlabelled path path -1 |]
        | 2 when bands.Length = 1 -> [| for row in 0 .. rows.Count - 1 -> unlabelled $"{path}:{row}" path row |]
        | 1 when bands.Length = 1 -> [| unlabelled path path -1 |]
        | _ ->
            raise (InvalidDataException $"{path}: expected (images, {bands.Length} band{Plural.s bands.Length}, rows, columns), got \
                ({rows.Count}, {shape}).")

    static let ofFile (bands: string[]) (path: string) = if ends path ".npy" then rowsOf bands path else [| unlabelled path path -1 |]

    static let ofTable (path: string) =
        let table = Catalogue.Read path
        let folder = match Path.GetDirectoryName(Path.GetFullPath path) with null -> "" | folder -> folder
        let has name = Seq.contains name table.Names
        let whole name low high = if has name then table.Reals(name, low, high) |> Array.map int else Array.create table.Count -1
        let ids = if has "id" then table.Texts "id" else Array.replicate table.Count ""
        let labels, folds = whole "target" 0.0 1.0, whole "fold" 0.0 1e6

        if has "ra" <> has "dec" then raise (InvalidDataException $"{path}: expected both columns ra and dec, or none.")

        let ras, decs =
            if has "ra" then table.Reals("ra", -360.0, 360.0, "degrees"), table.Reals("dec", -90.0, 90.0, "degrees")
            else Array.create table.Count nan, Array.create table.Count nan

        let entries =
            table.Texts "path" |> Array.mapi (fun i text ->
                let files, row =
                    match text.LastIndexOf ':' with
                    | -1 -> text, -1
                    | at ->
                        match Int32.TryParse(text.Substring(at + 1)) with
                        | true, row when row >= 0 && ends (text.Substring(0, at)) ".npy" -> text.Substring(0, at), row
                        | _ -> text, -1

                { Id = (if ids[i] <> "" then ids[i] else text)
                  Paths = files.Split ';' |> Array.map (fun file -> Path.Combine(folder, file.Trim()))
                  Row = row; Label = labels[i]; Fold = folds[i]; Ra = ras[i]; Dec = decs[i] })

        match entries |> Seq.countBy _.Id |> Seq.tryFind (fun (_, count) -> count > 1) with
        | Some(id, count) -> raise (InvalidDataException $"{path}: expected each id once, got '{id}' {count} times.")
        | None -> entries

    /// Planes of a cut-out, all of one size; row-major, band by band.
    static let planesOf (bands: int) (entry: LensImageEntry) : struct (float32[] * int * int) =
        let refuse (path: string) (what: string) : struct (float32[] * int * int) =
            raise (InvalidDataException $"{path}: expected {bands} band{Plural.s bands} of one image, got {what}.")

        let shape (array: NdArray) = "(" + String.Join(", ", array.Shape) + ")"

        let ofArray path (array: NdArray) =
            match array.Rank with
            | 2 when bands = 1 -> struct (array.ToSingles(), array.Shape[0], array.Shape[1])
            | 3 when array.Shape[0] = bands -> struct (array.ToSingles(), array.Shape[1], array.Shape[2])
            | _ -> refuse path (shape array)

        let ofPng path =
            let array = Png.Read path
            let values = array.ToSingles()

            match array.Rank with
            | 2 when bands = 1 -> struct (values, array.Shape[0], array.Shape[1])
            // Colours stand side by side in the file.
            | 3 when array.Shape[2] = bands || (array.Shape[2] = bands + 1 && bands <> 2) ->
                let height, width, colours = array.Shape[0], array.Shape[1], array.Shape[2]
                struct (Array.init (bands * height * width) (fun i ->
                            values[(i % (height * width)) * colours + i / (height * width)]), height, width)
            | _ -> refuse path $"{shape array} pixels and colours"

        let ofFits path =
            use file = FitsFile.Open path
            let first = file.ReadImage(0).Pixels

            if first.Rank = 3 || bands = 1 then
                ofArray path first
            elif first.Rank <> 2 then
                refuse path (shape first)
            else
                let others = [| for band in 1 .. bands - 1 -> file.ReadImage(band).Pixels |]

                match others |> Array.tryFind (fun other -> not (Seq.forall2 (=) other.Shape first.Shape)) with
                | Some other -> refuse path $"{shape first} and {shape other}"
                | None -> struct (Array.collect (fun (plane: NdArray) -> plane.ToSingles()) [| first; yield! others |], first.Shape[0],
                                  first.Shape[1])

        let ofOne path =
            if isFits path then ofFits path
            elif ends path ".png" then ofPng path
            else ofArray path (Npy.Read path)

        ofOne entry.Paths[0]

    /// Opens a list. bands : names of the bands, in the order of the files'.
    /// Throws InvalidDataException where it lists nothing that can be read.
    static member Open(place: string, bands: string[]) : LensImageList =
        if bands.Length = 0 then invalidArg (nameof bands) "LensImageList: expected at least one band, got none."

        let entries =
            if File.Exists place then
                if ends place ".csv" then ofTable place
                elif endings |> Array.exists (ends place) then ofFile bands place
                else
                    let known = String.Join(", ", endings)
                    raise (InvalidDataException $"{place}: expected a CSV file, or one that ends in {known}.")
            elif Directory.Exists place then
                Directory.EnumerateFiles(place, "*", SearchOption.AllDirectories)
                |> Seq.filter (fun path -> endings |> Array.exists (ends path))
                |> Seq.sortWith (fun a b -> String.CompareOrdinal(a, b))
                |> Seq.collect (ofFile bands)
                |> Array.ofSeq
            else
                raise (FileNotFoundException($"{Path.GetFullPath place} is not there.", place))

        if entries.Length = 0 then raise (InvalidDataException $"{place}: expected images, found none.")

        for entry in entries do
            if entry.Paths.Length <> 1 && entry.Paths.Length <> bands.Length then
                raise (InvalidDataException $"{place}: expected one file, or {bands.Length} with ';' in between, for '{entry.Id}', got \
                    {entry.Paths.Length}.")

        LensImageList(place, bands, entries)

    member _.Place = place
    member _.Bands = Array.copy bands
    member _.Entries: IReadOnlyList<LensImageEntry> = entries
    member _.Count = entries.Length
    /// Whether every image has a label.
    member _.HasLabels = entries |> Array.forall (fun entry -> entry.Label >= 0)

    /// The entries of which a condition holds.
    member _.Where(isWanted: Func<LensImageEntry, bool>) : LensImageList =
        LensImageList(place, bands, entries |> Array.filter isWanted.Invoke)

    /// Images of `size` pixels each way about the middle of theirs, in pieces; what cannot be read, is smaller or has no finite pixel is
    /// left out, and reported with the reason.
    /// zeroPoint : magnitude of a pixel value of 1 in the files.
    member _.Pieces
        (size: int, zeroPoint: float, pieceSize: int, leftOut: Action<string>) : IEnumerable<struct (LensImageEntry[] * ImageSet)> =
        // Of arrays and mosaics the last one stays open: lists name their rows one after another.
        let arrays = Dictionary<string, NpyRows>()
        let mosaics = Dictionary<string, struct (float32[] * int * int * FitsWcs)>()

        let cropped (subject: string) (pixels: float32[]) height width top left =
            if top < 0 || left < 0 || top + size > height || left + size > width then
                raise (InvalidDataException $"{subject}: expected at least {size} × {size} pixels about its place, got {height} × {width} \
                    of which rows {top} to {top + size - 1} and columns {left} to {left + size - 1} are asked for.")

            let planes = pixels.Length / (height * width)
            Array.init (planes * size * size) (fun i ->
                let plane, row, column = i / (size * size), i / size % size, i % size
                pixels[plane * height * width + (top + row) * width + left + column])

        let middle (subject: string) (struct (pixels, height, width)) =
            if height < size || width < size then
                raise (InvalidDataException $"{subject}: expected images of at least {size} × {size} pixels, got {height} × {width}.")

            cropped subject pixels height width ((height - size) / 2) ((width - size) / 2)

        let mosaic path =
            match mosaics.TryGetValue path with
            | true, known -> known
            | _ ->
                if mosaics.Count >= bands.Length then mosaics.Clear()
                use file = FitsFile.Open path
                // A primary header without an image stands before that of a compressed one.
                let hdu = match file.Hdus |> Seq.tryFindIndex (fun hdu -> hdu.Shape.Count = 2) with Some found -> found | None -> 0
                let image = file.ReadImage hdu

                if image.Pixels.Rank <> 2 then
                    raise (InvalidDataException $"{path}: expected an image of one band to cut from, got rank {image.Pixels.Rank}.")

                let wcs = FitsWcs.Of(file[hdu].Header, path)
                let read = struct (image.Pixels.ToSingles(), image.Pixels.Shape[0], image.Pixels.Shape[1], wcs)
                mosaics[path] <- read
                read

        let cut (entry: LensImageEntry) path =
            let struct (pixels, height, width, wcs) = mosaic path
            let struct (x, y) = wcs.PixelOf(entry.Ra, entry.Dec)

            if Double.IsNaN x then raise (InvalidDataException $"{entry.Id}: its place is not in {path}.")
            // The place's pixel is in the middle; of an even number of pixels, after it.
            let corner (place: float) = int (Math.Floor(place + 0.5)) - size / 2
            cropped $"{entry.Id} in {path}" pixels height width (corner y) (corner x)

        let row (entry: LensImageEntry) =
            let path = entry.Paths[0]

            if not (arrays.ContainsKey path) then
                for open' in arrays.Values do (open' :> IDisposable).Dispose()
                arrays.Clear()
                arrays[path] <- NpyRows.Open path

            let array = arrays[path]

            if entry.Row >= array.Count then
                raise (InvalidDataException $"{path}: expected row {entry.Row} of '{entry.Id}', the array has {array.Count}.")

            let shape = array.RowShape
            let isPlane = shape.Count = 2 && bands.Length = 1

            if not isPlane && not (shape.Count = 3 && shape[0] = bands.Length) then
                let text = String.Join(", ", shape)
                raise (InvalidDataException $"{path}: expected rows of {bands.Length} band{Plural.s bands.Length}, got ({text}).")

            struct ((array.Read(entry.Row, 1)).ToSingles(), shape[shape.Count - 2], shape[shape.Count - 1])

        let read (entry: LensImageEntry) =
            let pixels =
                if not (Double.IsNaN entry.Ra) then entry.Paths |> Array.collect (cut entry)
                elif entry.Row >= 0 then middle entry.Id (row entry)
                elif entry.Paths.Length = 1 then middle entry.Id (planesOf bands.Length entry)
                else entry.Paths |> Array.collect (fun path -> middle path (planesOf 1 { entry with Paths = [| path |] }))

            if pixels.Length <> bands.Length * size * size then
                raise (InvalidDataException $"{entry.Id}: expected {bands.Length} band{Plural.s bands.Length}, got \
                    {pixels.Length / (size * size)}.")

            if not (pixels |> Array.exists Single.IsFinite) then
                raise (InvalidDataException $"{entry.Id}: expected an image, none of its pixels is a finite number.")

            pixels

        seq {
            try
                for piece in entries |> Array.chunkBySize pieceSize do
                    let found = ResizeArray<LensImageEntry>()
                    let pixels = ResizeArray<float32[]>()

                    for entry in piece do
                        try
                            pixels.Add(read entry)
                            found.Add entry
                        with
                        | :? InvalidDataException
                        | :? IOException
                        | :? UnauthorizedAccessException as failure -> leftOut.Invoke failure.Message
                        | :? ArgumentException as failure -> leftOut.Invoke $"{entry.Id}: {failure.Message}"

                    if found.Count > 0 then
                        let zeroPoints = Array.create bands.Length zeroPoint
                        yield struct (found.ToArray(), ImageSet(Array.concat pixels, bands, size, size, zeroPoints))
            finally
                for array in arrays.Values do
                    (array :> IDisposable).Dispose()
        }

    /// What the images are: with the preprocessing, the recipe of their cache. A file that was written again makes another one.
    member _.Describe(size: int, zeroPoint: float, part: string) : string =
        let text = StringBuilder()

        for path in entries |> Seq.collect _.Paths |> Seq.distinct do
            let file = FileInfo path
            let length, written = if file.Exists then file.Length, file.LastWriteTimeUtc.Ticks else -1L, 0L
            text.Append($"{path} {length} {written}\n") |> ignore

        for entry in entries do
            let paths = String.Join(';', entry.Paths)
            text.Append(FormattableString.Invariant $"{entry.Id} {paths} {entry.Row} {entry.Label} {entry.Ra} {entry.Dec}\n") |> ignore

        let hash = Convert.ToHexStringLower(Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))
        let names = String.Join(" ", bands)
        FormattableString.Invariant $"lens finding, images of {part}: {entries.Length} listed in {hash}; {size} pixels, bands {names}, \
            zero point {zeroPoint}"

    /// The preprocessed images in a cache below `root`, built where it is not there yet, with the columns of lens finding's domains.
    /// part : source, target or test; of the test part each image is a galaxy of its own.
    /// Throws InvalidDataException where no image can be read.
    member list.Cache
        (
            root: string,
            part: string,
            size: int,
            zeroPoint: float,
            preprocessing: Recipe,
            leftOut: Action<string>,
            progress: IProgress<int64> | null,
            cancellation: CancellationToken
        ) : Cache =
        let recipe = CacheRecipe($"{list.Describe(size, zeroPoint, part)}\n{preprocessing}")

        let rows () =
            let mutable at = 0L

            seq {
                for struct (found, images) in list.Pieces(size, zeroPoint, 256, leftOut) do
                    let ours = images.ToZeroPoint(DesGalaxies.ZeroPoint)
                    let first = at
                    at <- at + int64 found.Length
                    let whole (value: LensImageEntry -> int) = found |> Array.map (fun entry -> int64 (value entry))
                    let brightness = ImageBrightness.OfFirstBand ours

                    LabelledImages(
                        ours,
                        CacheValues.Integers("label", whole _.Label),
                        CacheValues.Reals("theta_e", Array.zeroCreate found.Length),
                        CacheValues.Integers("non_lens", Array.create found.Length -1L),
                        CacheValues.Integers("galaxy", Array.init found.Length (fun i -> if part = "test" then first + int64 i else -1L)),
                        CacheValues.Integers("source", Array.create found.Length -1L),
                        CacheValues.Reals("magnitude", brightness |> Array.map _.Magnitude),
                        CacheValues.Reals("signal_to_noise", brightness |> Array.map _.SignalToNoise),
                        CacheValues.Integers("number", Array.init found.Length (fun i -> first + int64 i)),
                        CacheValues.Texts("id", found |> Array.map _.Id)
                    )
                        .Apply(preprocessing, 1L, first).ToRows()
            }

        Cache.GetOrBuild(root, recipe, rows, CacheOptions(), progress, cancellation)
