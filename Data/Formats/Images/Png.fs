namespace Hybrid.Data.Formats

open System
open System.Buffers.Binary
open System.Collections.Generic
open System.IO
open System.IO.Hashing
open System.Runtime.InteropServices
open System.Threading
open System.Threading.Tasks
open Hybrid.Data

#nowarn "9" // native pointers

[<Struct; StructLayout(LayoutKind.Sequential)>]
type internal SpngHeader =
    val mutable Width: uint32
    val mutable Height: uint32
    val mutable BitDepth: byte
    val mutable ColourType: byte
    val mutable Compression: byte
    val mutable Filter: byte
    val mutable Interlace: byte

/// libspng calls this to hand over bytes of a file being written.
type internal SpngWrite = delegate of nativeint * nativeint * nativeint * unativeint -> int

module internal SpngNative =
    [<DllImport("spng")>]
    extern nativeint spng_ctx_new(int flags)

    [<DllImport("spng")>]
    extern void spng_ctx_free(nativeint context)

    [<DllImport("spng")>]
    extern int spng_set_png_buffer(nativeint context, nativeint bytes, unativeint size)

    [<DllImport("spng")>]
    extern int spng_set_png_stream(nativeint context, nativeint callback, nativeint user)

    [<DllImport("spng")>]
    extern int spng_set_crc_action(nativeint context, int critical, int ancillary)

    [<DllImport("spng")>]
    extern int spng_set_image_limits(nativeint context, uint32 width, uint32 height)

    [<DllImport("spng")>]
    extern int spng_get_ihdr(nativeint context, SpngHeader& header)

    [<DllImport("spng")>]
    extern int spng_set_ihdr(nativeint context, SpngHeader& header)

    [<DllImport("spng")>]
    extern int spng_decoded_image_size(nativeint context, int format, unativeint& size)

    [<DllImport("spng")>]
    extern int spng_decode_image(nativeint context, nativeint target, unativeint size, int format, int flags)

    [<DllImport("spng")>]
    extern int spng_encode_image(nativeint context, nativeint pixels, unativeint size, int format, int flags)

    [<DllImport("spng")>]
    extern nativeint spng_strerror(int error)

/// 8-bit grey images of a set, in one array.
[<Sealed>]
type GreyImages internal (pixels: NdArray<byte>, indices: int[], broken: BrokenFile[]) =
    /// (images, rows, columns)
    member _.Pixels = pixels
    /// For each image in Pixels its place in the list that was asked for.
    member _.Indices: IReadOnlyList<int> = indices
    /// The files that could not be read, by place.
    member _.Broken: IReadOnlyList<BrokenFile> = broken


/// PNG images of 8 or 16 bits: grey, grey with alpha, RGB, RGB with alpha. Palettes become RGB, fewer bits become 8. Colour profiles, gamma
/// and transparent colours are not applied: the samples are those of the file.
[<AbstractClass; Sealed>]
type Png =
    static member private Fail(path: string, action: string, error: int) : unit =
        if error <> 0 then
            let words = match Marshal.PtrToStringUTF8(SpngNative.spng_strerror error) with null -> "" | text -> text
            raise (InvalidDataException $"{path}: the PNG could not be {action}: {words} (libspng error {error})")

    /// libspng's format, channels and bytes a sample of an image.
    static member private Layout(header: SpngHeader) : struct (int * int * int) =
        match header.ColourType, header.BitDepth with
        | 0uy, depth when depth < 8uy -> struct (64, 1, 1) // SPNG_FMT_G8
        | 3uy, _ -> struct (4, 3, 1) // SPNG_FMT_RGB8
        | colour, depth ->
            let channels =
                match colour with
                | 0uy -> 1
                | 2uy -> 3
                | 4uy -> 2
                | _ -> 4

            struct (256, channels, int depth / 8) // SPNG_FMT_PNG: as stored, this machine's byte order

    /// Checks every chunk's CRC-32 (PNG specification, 5.3) and, where `compacts`, leaves out in place those that no pixel depends on:
    /// colour profiles, texts, times. libspng would refuse an image for a fault in them. It stops reading with the last row, before the
    /// checksums after it: a damaged byte near the end would change pixels in silence. Returns the length of what is left.
    static member private CheckChunks(path: string, bytes: byte[], length: int, compacts: bool) : int =
        let signature = ReadOnlySpan(bytes, 0, min length 8)

        if not (signature.SequenceEqual [| 0x89uy; 0x50uy; 0x4Euy; 0x47uy; 0x0Duy; 0x0Auy; 0x1Auy; 0x0Auy |]) then
            raise (InvalidDataException $"{path}: expected a PNG, which begins with the bytes 89504E470D0A1A0A, got \
                {Convert.ToHexString signature}.")

        let mutable at = 8
        let mutable kept = 8
        let mutable ended = false

        while not ended do
            if length - at < 12 then
                raise (InvalidDataException $"{path}: the PNG ends early, at byte {length} inside the chunk at byte {at}.")

            let size = BinaryPrimitives.ReadUInt32BigEndian(ReadOnlySpan(bytes, at, 4))

            if int64 size > int64 (length - at - 12) then
                raise (InvalidDataException $"{path}: the chunk at byte {at} claims {size} bytes, {length - at - 12} are left: the PNG is \
                    damaged or ends early.")

            let covered = ReadOnlySpan(bytes, at + 4, 4 + int size)
            let stored = BinaryPrimitives.ReadUInt32BigEndian(ReadOnlySpan(bytes, at + 8 + int size, 4))

            if Crc32.HashToUInt32 covered <> stored then
                raise (InvalidDataException $"{path}: the checksum of the chunk at byte {at} does not fit its content: the PNG is damaged.")

            ended <- covered.Slice(0, 4).SequenceEqual "IEND"B
            let whole = 12 + int size

            // A small letter begins the names of chunks that can be left out.
            if bytes[at + 4] &&& 0x20uy = 0uy then
                if compacts && kept < at then
                    Buffer.BlockCopy(bytes, at, bytes, kept, whole)

                kept <- kept + whole

            at <- at + whole

        kept

    /// Decodes the `length` bytes at `bytes`. `prepare` gets height, width, channels and bytes a sample, and gives the address to write to.
    static member private Decode
        (
            path: string,
            bytes: byte[],
            length: int,
            prepare: SpngHeader -> struct (int * int * int) -> nativeint
        ) : unit =
        NativeLibraries.register ()
        let length = Png.CheckChunks(path, bytes, length, true)
        let pin = GCHandle.Alloc(bytes, GCHandleType.Pinned)
        let context = SpngNative.spng_ctx_new 1 // SPNG_CTX_IGNORE_ADLER32: the chunks' checksums cover the same bytes

        try
            if context = 0n then
                raise (OutOfMemoryException "libspng: no memory for a context")

            SpngNative.spng_set_image_limits (context, 1_000_000u, 1_000_000u) |> ignore
            SpngNative.spng_set_crc_action (context, 2, 2) |> ignore // SPNG_CRC_USE: they were checked above
            Png.Fail(path, "opened", SpngNative.spng_set_png_buffer (context, pin.AddrOfPinnedObject(), unativeint length))
            let mutable header = SpngHeader()
            Png.Fail(path, "read", SpngNative.spng_get_ihdr (context, &header))
            let struct (format, channels, sample) = Png.Layout header
            let mutable size = 0un
            Png.Fail(path, "read", SpngNative.spng_decoded_image_size (context, format, &size))
            let expected = Shape.count [ int64 header.Width; int64 header.Height; int64 channels; int64 sample ]

            // Deflate shrinks at most 1032 to 1: a larger claim is damage, and nothing is allocated for it.
            if expected > int64 Array.MaxLength || expected / 8200L > int64 length || int64 size <> expected then
                raise (
                    InvalidDataException
                        $"{path}: {header.Width} × {header.Height} pixels of {channels} channels cannot come from a file of {length} \
                            bytes: its header is damaged"
                )

            let target = prepare header (struct (channels, sample, int expected))
            Png.Fail(path, "decoded", SpngNative.spng_decode_image (context, target, size, format, 0))
        finally
            if context <> 0n then
                SpngNative.spng_ctx_free context

            pin.Free()

    static member private ReadBytes(path: string, bytes: byte[], length: int) : NdArray =
        let mutable pin = GCHandle()
        let mutable result: NdArray | null = null

        try
            Png.Decode(
                path,
                bytes,
                length,
                fun header (struct (channels, sample, size)) ->
                    let plane = [| int header.Height; int header.Width |]
                    let shape = if channels = 1 then plane else Array.append plane [| channels |]

                    let values: Array =
                        if sample = 1 then GC.AllocateUninitializedArray<byte> size
                        else GC.AllocateUninitializedArray<uint16>(size / 2)

                    pin <- GCHandle.Alloc(values, GCHandleType.Pinned)

                    result <-
                        if sample = 1 then NdArray<byte>(shape, unbox<byte[]> (box values)) :> NdArray
                        else NdArray<uint16>(shape, unbox<uint16[]> (box values))

                    pin.AddrOfPinnedObject()
            )
        finally
            if pin.IsAllocated then
                pin.Free()

        nonNull result

    /// Reads a file: NdArray<byte> or NdArray<ushort> of shape (rows, columns), or (rows, columns, channels) where there are
    /// several. Throws InvalidDataException with the path for a file that is damaged (chunks and pixels carry checksums).
    static member Read(path: string) : NdArray =
        RegularFile.Require path
        let bytes = File.ReadAllBytes path
        Png.ReadBytes(path, bytes, bytes.Length)

    /// Refuses an image of more than `mostPixels` before anything is allocated for it.
    static member private Bound(name: string, bytes: byte[], mostPixels: int64) : unit =
        // Width and height stand at bytes 16 and 20; another file is refused by who reads it.
        if bytes.Length >= 24 && bytes[0] = 0x89uy && bytes[1] = 0x50uy then
            let width = BinaryPrimitives.ReadUInt32BigEndian(ReadOnlySpan(bytes, 16, 4))
            let height = BinaryPrimitives.ReadUInt32BigEndian(ReadOnlySpan(bytes, 20, 4))

            if uint64 width * uint64 height > uint64 mostPixels then
                raise (InvalidDataException $"{name}: expected at most {mostPixels} pixels, got {height} × {width}.")

    /// The same of a file that is in memory, such as one that came over a network; nothing is allocated for an image of more pixels than
    /// `mostPixels`.
    ///   name : what messages call it.
    static member Parse(name: string, bytes: byte[], [<Optional; DefaultParameterValue(Int64.MaxValue)>] mostPixels: int64) : NdArray =
        Png.Bound(name, bytes, mostPixels)
        // The chunks are checked, and moved, in place.
        Png.ReadBytes(name, Array.copy bytes, bytes.Length)

    /// The middle `height` × `width` pixels of a file that is in memory (Geometry.CentreCrop says which those are), or all of it where the
    /// file has fewer rows or columns. Of an 8-bit grey file the rows below are not decoded; their checksums are compared all the same.
    static member ParseMiddle
        (name: string, bytes: byte[], height: int, width: int, [<Optional; DefaultParameterValue(Int64.MaxValue)>] mostPixels: int64)
        : NdArray =
        Png.Bound(name, bytes, mostPixels)
        let number (at: int) = int (BinaryPrimitives.ReadUInt32BigEndian(ReadOnlySpan(bytes, at, 4)))

        // IHDR first, of 13 bytes: width, height, 8 bits, grey, and the only compression, filter and interlacing that are meant here.
        let isPlain =
            bytes.Length >= 33 && number 8 = 13 && ReadOnlySpan(bytes, 12, 4).SequenceEqual "IHDR"B && bytes[24] = 8uy && bytes[25] = 0uy
            && bytes[26] = 0uy && bytes[27] = 0uy && bytes[28] = 0uy

        let columns, rows = if isPlain then number 16, number 20 else 0, 0

        // A larger claim than deflate allows is damage (Decode).
        if not isPlain || rows < height || columns < width || height < 1 || width < 1
           || int64 rows * int64 columns / 8200L > int64 bytes.Length then
            let whole = Png.Parse(name, bytes, mostPixels)

            if whole.Rank = 2 && whole.Shape[0] >= height && whole.Shape[1] >= width && height > 0 && width > 0 then
                let top, left = (whole.Shape[0] - height) / 2, (whole.Shape[1] - width) / 2
                let cut (values: 'T[]) : 'T[] =
                    Array.init (height * width) (fun i -> values[(top + i / width) * whole.Shape[1] + left + i % width])

                match whole.RawValues with
                | :? (byte[]) as values when whole.ElementType = typeof<byte> -> NdArray<byte>([| height; width |], cut values) :> NdArray
                | values -> NdArray<uint16>([| height; width |], cut (values :?> uint16[]))
            else
                whole
        else
            Png.CheckChunks(name, bytes, bytes.Length, false) |> ignore
            // Where each piece of the pixels' data begins, and its length.
            let pieces = ResizeArray<struct (int * int)>()
            let mutable at = 33
            let mutable ended = false

            while not ended do
                let size = number at
                let kind = ReadOnlySpan(bytes, at + 4, 4)
                if kind.SequenceEqual "IDAT"B then pieces.Add(struct (at + 8, size))
                ended <- kind.SequenceEqual "IEND"B
                at <- at + 12 + size

            use data =
                if pieces.Count = 1 then
                    let struct (start, size) = pieces[0]
                    new MemoryStream(bytes, start, size, false)
                else
                    let joined = new MemoryStream()
                    for struct (start, size) in pieces do joined.Write(bytes, start, size)
                    joined.Position <- 0L
                    joined

            let pixels = GreyRows.read name data columns ((rows - height) / 2) ((columns - width) / 2) height width
            NdArray<byte>([| height; width |], pixels)

    /// Writes NdArray<byte> or NdArray<ushort> of shape (rows, columns) or (rows, columns, 1 to 4 channels). The file appears
    /// under `path` only when complete.
    static member Write(path: string, pixels: NdArray) : unit =
        NativeLibraries.register ()
        let shape = Seq.toArray pixels.Shape
        let channels = if shape.Length = 3 then shape[2] else 1

        if shape.Length < 2 || shape.Length > 3 || channels < 1 || channels > 4 || shape[0] < 1 || shape[1] < 1 then
            raise (ArgumentException($"a PNG has shape (rows, columns) or (rows, columns, 1 to 4), got {Shape.describe shape}.",
                                     nameof pixels))

        let sample =
            if pixels.ElementType = typeof<byte> then 1
            elif pixels.ElementType = typeof<uint16> then 2
            else raise (ArgumentException($"a PNG holds bytes or ushorts, got {pixels.ElementType.Name}: scale the image first.",
                                          nameof pixels))

        let pin = GCHandle.Alloc(pixels.RawValues, GCHandleType.Pinned)
        let context = SpngNative.spng_ctx_new 2 // SPNG_CTX_ENCODER

        try
            WholeFile.Write(
                path,
                fun stream ->
                    let write =
                        SpngWrite(fun _ _ bytes length ->
                            stream.Write(ReadOnlySpan<byte>(bytes.ToPointer(), int length))
                            0)

                    let mutable header = SpngHeader()
                    header.Width <- uint32 shape[1]
                    header.Height <- uint32 shape[0]
                    header.BitDepth <- byte (8 * sample)
                    header.ColourType <- [| 0uy; 4uy; 2uy; 6uy |][channels - 1]
                    Png.Fail(path, "written", SpngNative.spng_set_png_stream (context, Marshal.GetFunctionPointerForDelegate write, 0n))
                    Png.Fail(path, "written", SpngNative.spng_set_ihdr (context, &header))

                    Png.Fail(
                        path,
                        "encoded",
                        SpngNative.spng_encode_image (context, pin.AddrOfPinnedObject(), unativeint (int64 pixels.Length * int64 sample),
                                                      256, 2)
                    )

                    GC.KeepAlive write
            )
        finally
            if context <> 0n then
                SpngNative.spng_ctx_free context

            pin.Free()

    static member private IsGrey(image: NdArray) = image.Rank = 2 && image.ElementType = typeof<byte>

    static member private RefuseAsGrey(path: string, image: NdArray) =
        let got = $"{image.ElementType.Name} of shape {Shape.describe image.Shape}"
        raise (InvalidDataException $"{path}: expected an 8-bit grey image, got {got}")

    /// Reads 8-bit grey files of one shape into one array (files, rows, columns), on several threads. Files that cannot be
    /// read, or have another shape or depth, are reported together in a BrokenFilesException.
    /// Progress is reported from several threads.
    static member ReadSet
        (
            paths: IReadOnlyList<string>,
            [<Optional; DefaultParameterValue(0)>] threads: int,
            [<Optional; DefaultParameterValue(null: IProgress<LoadProgress> | null)>] progress: IProgress<LoadProgress> | null,
            [<Optional>] cancellation: CancellationToken
        ) : NdArray<byte> =
        let read = Png.ReadReadable(paths, threads, progress, cancellation)

        if read.Indices.Count = 0 then
            Png.RefuseAsGrey(paths[0], Png.Read paths[0])

        if read.Broken.Count > 0 then
            raise (BrokenFilesException(read.Broken, paths.Count))

        read.Pixels

    /// The same of the files that can be read; the others are named in the result. The shape is that of the first that can.
    static member ReadReadable
        (
            paths: IReadOnlyList<string>,
            [<Optional; DefaultParameterValue(0)>] threads: int,
            [<Optional; DefaultParameterValue(null: IProgress<LoadProgress> | null)>] progress: IProgress<LoadProgress> | null,
            [<Optional>] cancellation: CancellationToken
        ) : GreyImages =
        if paths.Count = 0 then
            raise (ArgumentException("expected at least one path.", nameof paths))

        let tryGrey (path: string) : Result<NdArray, exn> =
            try
                let image = Png.Read path
                if Png.IsGrey image then Ok image else Png.RefuseAsGrey(path, image)
            with
            | :? InvalidDataException
            | :? IOException
            | :? UnauthorizedAccessException as e -> Error e

        // The first that can be read gives the shape, whichever it is.
        let refused = ResizeArray<BrokenFile>()
        let mutable found: NdArray | null = null

        while isNull found && refused.Count < paths.Count do
            let path = paths[refused.Count]

            match tryGrey path with
            | Ok image -> found <- image
            | Error e -> refused.Add(BrokenFile(refused.Count, path, BrokenFile.ReasonOf(path, e)))

        match found with
        | null -> GreyImages(NdArray<byte>([| 0; 0; 0 |], [||]), [||], refused.ToArray())
        | first -> Png.ReadLike(first, paths, threads, progress, cancellation)

    static member private ReadLike
        (
            first: NdArray,
            paths: IReadOnlyList<string>,
            threads: int,
            progress: IProgress<LoadProgress> | null,
            cancellation: CancellationToken
        ) : GreyImages =
        let size = first.Length

        if int64 paths.Count * int64 size > int64 Array.MaxLength then
            raise (ArgumentException($"{paths.Count} images of {size} pixels are more than one .NET array holds: load the set in parts.",
                                     nameof paths))

        let values = GC.AllocateUninitializedArray<byte>(paths.Count * size)
        let pin = GCHandle.Alloc(values, GCHandleType.Pinned)
        let broken = Array.zeroCreate<BrokenFile | null> paths.Count
        let finished = ref 0
        let next = ref -1

        let work () =
            let mutable file = Array.zeroCreate<byte> (1 <<< 18)
            let mutable i = Interlocked.Increment next

            while i < paths.Count do
                cancellation.ThrowIfCancellationRequested()
                let path = paths[i]

                try
                    use handle = File.OpenHandle path
                    let length = RandomAccess.GetLength handle

                    if length > int64 Array.MaxLength then
                        raise (InvalidDataException $"{length} bytes are too many for a PNG")

                    if int64 file.Length < length then
                        file <- Array.zeroCreate<byte> (int length)

                    let mutable filled = 0
                    let mutable got = 1

                    while got > 0 && filled < int length do
                        got <- RandomAccess.Read(handle, file.AsSpan(filled, int length - filled), int64 filled)
                        filled <- filled + got

                    Png.Decode(
                        path,
                        file,
                        filled,
                        fun header (struct (channels, sample, bytes)) ->
                            let isShape = int header.Height = first.Shape[0] && int header.Width = first.Shape[1]

                            if channels <> 1 || sample <> 1 || not isShape then
                                raise (
                                    InvalidDataException
                                        $"{path}: expected 8-bit grey {Shape.describe first.Shape}, got {channels} \
                                            channel{Plural.s channels} of {8 * sample} bits, shape ({header.Height}, {header.Width})"
                                )

                            ignore bytes
                            pin.AddrOfPinnedObject() + nativeint (int64 i * int64 size)
                    )
                with
                | :? InvalidDataException
                | :? IOException
                | :? UnauthorizedAccessException as e ->
                    broken[i] <- BrokenFile(i, path, BrokenFile.ReasonOf(path, e))

                match progress with
                | null -> ()
                | some -> some.Report { Done = Interlocked.Increment finished; Total = paths.Count }

                i <- Interlocked.Increment next

        try
            let workers = if threads <= 0 then Environment.ProcessorCount else threads

            if workers = 1 then
                work ()
            else
                try
                    Parallel.For(0, workers, ParallelOptions(MaxDegreeOfParallelism = workers), (fun (_: int) -> work ())) |> ignore
                with :? AggregateException when cancellation.IsCancellationRequested ->
                    cancellation.ThrowIfCancellationRequested()
        finally
            pin.Free()

        let reported = broken |> Array.choose Option.ofObj

        let read = [| for i in 0 .. paths.Count - 1 do if isNull broken[i] then i |]

        // What was left out leaves no gap.
        if reported.Length > 0 then
            read |> Array.iteri (fun place i -> values.AsSpan(i * size, size).CopyTo(values.AsSpan(place * size, size)))

        let kept = if reported.Length > 0 then Array.sub values 0 (read.Length * size) else values
        GreyImages(NdArray<byte>([| read.Length; first.Shape[0]; first.Shape[1] |], kept), read, reported)
