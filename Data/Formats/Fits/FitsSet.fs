namespace Hybrid.Data.Formats

open System
open System.Collections.Generic
open System.IO
open System.Numerics.Tensors
open System.Runtime.InteropServices
open System.Threading
open System.Threading.Tasks
open Hybrid.Data

/// One image of a file: the path and the HDU that holds it.
[<Struct>]
type FitsPlane =
    { Path: string
      Hdu: int }

    static member Of(path: string, [<Optional; DefaultParameterValue(0)>] hdu: int) = { Path = path; Hdu = hdu }

/// How a set of files is loaded.
[<Sealed>]
type FitsSetOptions() =
    /// Shape of every image, slowest axis first; null takes that of the first image that can be read.
    member val ExpectedShape: IReadOnlyList<int> | null = null with get, set
    member val Broken = BrokenFilePolicy.Fail with get, set
    /// Verifies CHECKSUM and DATASUM where files carry them; see FitsFile.Open.
    member val VerifyChecksums = false with get, set
    /// Threads that read; as many as there are processors unless said otherwise.
    member val Threads = Environment.ProcessorCount with get, set

/// Loads many FITS images of one shape into one array, in parallel.
[<AbstractClass; Sealed>]
type FitsSet =
    /// Files up to this size take the fast path; larger ones are read piece by piece, where a fast start no longer matters.
    static member private WholeFileBytes = 1 <<< 20

    /// The fast path: true if the file holds a plain primary image of `shape`, which is then in `target`.
    static member private TryRead(reader: WholeFileReader, path: string, shape: int[], verify: bool, target: Span<float32>) : bool =
        let length = reader.Read path
        let mutable image = Unchecked.defaultof<PlainImage>

        if length <= 0 || length = reader.Buffer.Length then
            false
        elif not (PlainImage.tryParse (ReadOnlySpan(reader.Buffer, 0, length), &image)) then
            false
        else
            let axis i =
                if i < shape.Length then shape[shape.Length - 1 - i] else 1

            let finish = int64 image.DataOffset + image.DataLength

            let fits =
                not (verify && image.HasChecksum)
                && image.Naxis = shape.Length
                && image.Axis1 = axis 0
                && image.Axis2 = axis 1
                && image.Axis3 = axis 2
                && image.Axis4 = axis 3
                && finish <= int64 length

            // What follows the pixels must be zeros up to a whole block, then nothing or an HDU: else the complete reader looks at it.
            let clean =
                fits
                && (let block = int64 FitsStructure.Block
                    let padded = min (int64 length) ((finish + block - 1L) / block * block)
                    let rest = ReadOnlySpan(reader.Buffer, int padded, length - int padded)

                    not (reader.Buffer.AsSpan(int finish, int (padded - finish)).ContainsAnyExcept 0uy)
                    && (rest.Length = 0 || (rest.Length >= FitsStructure.Block && FitsStructure.isStart 1 rest)))

            if clean then
                let bytes = reader.Buffer.AsSpan(image.DataOffset, int image.DataLength)
                let source: ReadOnlySpan<byte> = Span.op_Implicit bytes

                match image.BitPix with
                | -32 -> PlainImage.swap 4 source (MemoryMarshal.AsBytes target)
                | 8 -> TensorPrimitives.ConvertTruncating<byte, float32>(source, target)
                | 16 ->
                    PlainImage.swap 2 source bytes
                    TensorPrimitives.ConvertTruncating<int16, float32>(MemoryMarshal.Cast<byte, int16> source, target)
                | 32 ->
                    PlainImage.swap 4 source bytes
                    TensorPrimitives.ConvertTruncating<int32, float32>(MemoryMarshal.Cast<byte, int32> source, target)
                | 64 ->
                    PlainImage.swap 8 source bytes
                    TensorPrimitives.ConvertTruncating<int64, float32>(MemoryMarshal.Cast<byte, int64> source, target)
                | _ ->
                    PlainImage.swap 8 source bytes
                    TensorPrimitives.ConvertTruncating<float, float32>(MemoryMarshal.Cast<byte, float> source, target)

            clean

    /// The complete reader: what it passed over, or why it failed.
    static member private Complete
        (plane: FitsPlane, shape: IReadOnlyList<int> | null, isExpected: bool, verify: bool, target: Memory<float32>)
        : Result<IReadOnlyList<string>, string> =
        try
            use file = FitsFile.Open(plane.Path, verify)
            let image = file.ReadImage(plane.Hdu, shape, isExpected)
            image.Pixels.ToSingles().CopyTo target
            Ok image.Warnings
        with
        | :? InvalidDataException
        | :? IOException
        | :? UnauthorizedAccessException as e -> Error(BrokenFile.ReasonOf(plane.Path, e))

    /// The shape of the first image that can be read and in which nothing is odd, or else of the first that can be read; the empty shape
    /// where none can.
    static member private ShapeOfFirst(planes: seq<FitsPlane>, verify: bool) : int[] =
        let odd = ref [||]

        let shapeOf (plane: FitsPlane) =
            try
                use file = FitsFile.Open(plane.Path, verify)
                let image = file.ReadImage(plane.Hdu)
                let shape = Seq.toArray image.Pixels.Shape

                if image.Warnings.Count = 0 then
                    Some shape
                else
                    if odd.Value.Length = 0 then odd.Value <- shape
                    None
            with
            | :? InvalidDataException
            | :? IOException
            | :? UnauthorizedAccessException -> None

        planes |> Seq.tryPick shapeOf |> Option.defaultWith (fun () -> odd.Value)

    /// Loads images of several planes each (bands in separate files or HDUs): shape (images, planes, rows, columns).
    /// Every image has the same number of planes; one broken plane makes the image broken.
    /// Progress is reported from several threads. Throws BrokenFilesException under BrokenFilePolicy.Fail.
    static member LoadPlanes
        (
            images: IReadOnlyList<IReadOnlyList<FitsPlane>>,
            options: FitsSetOptions,
            [<Optional; DefaultParameterValue(null: IProgress<LoadProgress> | null)>] progress: IProgress<LoadProgress> | null,
            [<Optional>] cancellation: CancellationToken
        ) : LoadResult =
        ArgumentNullException.ThrowIfNull images
        ArgumentNullException.ThrowIfNull options

        if images.Count = 0 then
            raise (ArgumentException("expected at least one image.", nameof images))

        let planes = images[0].Count

        if planes = 0 || images |> Seq.exists (fun image -> image.Count <> planes) then
            raise (ArgumentException($"expected the same number of planes, at least one, for every image; the first has {planes}.",
                                     nameof images))

        FitsSet.Load(images.Count, planes, (fun image plane -> images[image][plane]), true, options, progress, cancellation)

    /// Loads one image a file, from its primary HDU: shape (files, rows, columns).
    /// Progress is reported from several threads. Throws BrokenFilesException under BrokenFilePolicy.Fail.
    static member Load
        (
            paths: IReadOnlyList<string>,
            options: FitsSetOptions,
            [<Optional; DefaultParameterValue(null: IProgress<LoadProgress> | null)>] progress: IProgress<LoadProgress> | null,
            [<Optional>] cancellation: CancellationToken
        ) : LoadResult =
        ArgumentNullException.ThrowIfNull paths
        ArgumentNullException.ThrowIfNull options

        if paths.Count = 0 then
            raise (ArgumentException("expected at least one path.", nameof paths))

        FitsSet.Load(paths.Count, 1, (fun image _ -> { Path = paths[image]; Hdu = 0 }), false, options, progress, cancellation)

    static member private Load
        (
            count: int,
            planes: int,
            plane: int -> int -> FitsPlane,
            planeAxis: bool,
            options: FitsSetOptions,
            progress: IProgress<LoadProgress> | null,
            cancellation: CancellationToken
        ) : LoadResult =
        NativeLibraries.register ()

        if options.Threads < 1 then
            raise (ArgumentException($"expected at least one thread, got {options.Threads}.", nameof options))

        let isExpected = not (isNull options.ExpectedShape)

        let shape =
            match options.ExpectedShape with
            | null ->
                let all = seq { for image in 0 .. count - 1 do for p in 0 .. planes - 1 -> plane image p }
                FitsSet.ShapeOfFirst(all, options.VerifyChecksums)
            | expected -> Seq.toArray expected

        // Without one readable image each is reported for what is wrong with it, not for its shape.
        let required: IReadOnlyList<int> | null = if shape.Length = 0 then null else shape
        let size = int (Shape.count (Seq.map int64 shape))
        let imageSize = size * planes

        if Shape.count [ int64 count; int64 planes; Shape.count (Seq.map int64 shape) ] > int64 Array.MaxLength then
            raise (
                ArgumentException
                    $"{count} images of {planes} × {Shape.describe shape} are more than {Array.MaxLength} pixels, the most that one .NET \
                        array holds: load the set in parts."
            )

        let values = GC.AllocateUninitializedArray<float32>(count * imageSize)
        LinuxCalls.preferHugePages values
        let broken = Array.zeroCreate<BrokenFile | null> count
        let warnings = Collections.Concurrent.ConcurrentBag<FileWarning>()
        let next = ref 0
        let finished = ref 0
        // Enough files to make the counter cheap, few enough to end together and to stop soon.
        let batch = max 1 (min 64 (count / (4 * options.Threads)))

        let work () =
            let reader = lazy WholeFileReader(FitsSet.WholeFileBytes)
            let mutable from = Interlocked.Add(next, batch) - batch

            while from < count do
                cancellation.ThrowIfCancellationRequested()
                let until = min count (from + batch)

                for image in from .. until - 1 do
                    let mutable p = 0

                    while p < planes do
                        let wanted = plane image p
                        let start = image * imageSize + p * size

                        let read =
                            wanted.Hdu = 0
                            && FitsSet.TryRead(reader.Value, wanted.Path, shape, options.VerifyChecksums,
                                               Span<float32>(values, start, size))

                        if not read then
                            let target = Memory<float32>(values, start, size)

                            match FitsSet.Complete(wanted, required, isExpected, options.VerifyChecksums, target) with
                            | Ok texts ->
                                for text in texts do
                                    warnings.Add(FileWarning(image, wanted.Path, text))
                            | Error reason ->
                                broken[image] <- BrokenFile(image, wanted.Path, reason)
                                p <- planes

                        p <- p + 1

                let total = Interlocked.Add(finished, until - from)

                match progress with
                | null -> ()
                | some -> some.Report { Done = total; Total = count }

                from <- Interlocked.Add(next, batch) - batch

        if options.Threads = 1 then
            work ()
        else
            try
                Parallel.For(
                    0,
                    options.Threads,
                    ParallelOptions(MaxDegreeOfParallelism = options.Threads),
                    fun (_: int) -> work ()
                )
                |> ignore
            with :? AggregateException as e when (e.InnerExceptions |> Seq.forall (fun x -> x :? OperationCanceledException)) ->
                cancellation.ThrowIfCancellationRequested()

        let reported = broken |> Array.choose Option.ofObj

        if reported.Length > 0 && options.Broken = BrokenFilePolicy.Fail then
            raise (BrokenFilesException(reported, count))

        let kept = [| for image in 0 .. count - 1 do if isNull broken[image] then image |]

        let pixels =
            if kept.Length = count then
                values
            else
                let rest = GC.AllocateUninitializedArray<float32>(kept.Length * imageSize)
                kept |> Array.iteri (fun i image -> Array.Copy(values, image * imageSize, rest, i * imageSize, imageSize))
                rest

        let axes = if planeAxis then Array.append [| kept.Length; planes |] shape else Array.append [| kept.Length |] shape
        let odd = warnings.ToArray() |> Array.filter (fun w -> isNull broken[w.Index])
        Array.Sort(odd, Comparison(fun (a: FileWarning) b -> compare (a.Index, a.Path, a.Text) (b.Index, b.Path, b.Text)))
        LoadResult(NdArray<float32>(axes, pixels), kept, reported, odd)
