namespace Hybrid.Data.Formats

open System
open System.Collections.Generic
open System.IO
open System.Runtime.InteropServices
open System.Text

/// How the pixels of a written image are stored.
type FitsCompression =
    /// As they are: what every reader takes, and the fastest to read.
    | None = 0
    /// Rice in tiles, lossless; integers only.
    | Rice = 1
    /// gzip in tiles, lossless, any type.
    | Gzip = 2
    /// gzip in tiles whose bytes are ordered by significance first (GZIP_2): smaller for floats and wide integers.
    | GzipShuffled = 3
    /// IRAF's pixel lists in tiles, lossless; for masks: integers from 0 to 16,777,215.
    | Plio = 4
    /// H-compress in tiles, lossless; integers of 8 to 32 bits with at least 4 rows and columns.
    | HCompress = 5

/// Writes FITS files through CFITSIO.
[<RequireQualifiedAccess>]
module internal FitsWriting =
    let private bitpix (t: Type) =
        if t = typeof<byte> then 8
        elif t = typeof<sbyte> then 10
        elif t = typeof<int16> then 16
        elif t = typeof<uint16> then 20
        elif t = typeof<int32> then 32
        elif t = typeof<uint32> then 40
        elif t = typeof<int64> then 64
        elif t = typeof<uint64> then 80
        elif t = typeof<float32> then -32
        elif t = typeof<float> then -64
        else
            raise (
                ArgumentException
                    $"a FITS image holds integers of 8 to 64 bits, float or double, got {t.Name}: convert it first"
            )

    /// What describes pixels and file is written by CFITSIO: the same keywords of an image read elsewhere are left out.
    let private structural (name: string) =
        let numbered (prefix: string) =
            name.StartsWith(prefix, StringComparison.Ordinal)
            && name.AsSpan(prefix.Length).IndexOfAnyExceptInRange('0', '9') < 0

        match name with
        | "SIMPLE"
        | "XTENSION"
        | "BITPIX"
        | "EXTEND"
        | "PCOUNT"
        | "GCOUNT"
        | "TFIELDS"
        | "THEAP"
        | "BSCALE"
        | "BZERO"
        | "BLANK"
        | "CHECKSUM"
        | "DATASUM"
        | "ZIMAGE"
        | "ZCMPTYPE"
        | "ZQUANTIZ"
        | "ZDITHER0"
        | "ZBLANK"
        | "ZSIMPLE"
        | "ZBITPIX"
        | "ZEXTEND"
        | "ZPCOUNT"
        | "ZGCOUNT"
        | "ZTENSION"
        | "ZHECKSUM"
        | "ZDATASUM"
        | "ZSCALE"
        | "ZZERO"
        | "END"
        | "" -> true
        | _ ->
            [ "NAXIS"; "TTYPE"; "TFORM"; "ZNAXIS"; "ZTILE"; "ZNAME"; "ZVAL" ]
            |> List.exists numbered

    /// The two lines that CFITSIO itself puts into every primary header.
    let private boilerplate (k: FitsKeyword) =
        k.Name = "COMMENT"
        && (k.Text.Contains "FITS (Flexible Image Transport System) format is"
            || k.Text.Contains "and Astrophysics', volume 376, page 359")

    /// Pixel lists hold what fits 24 bits without a sign.
    let private requireListable (subject: string) (pixels: NdArray) =
        match pixels.ToDoubles() |> Array.tryFind (fun v -> v < 0.0 || v > 16777215.0) with
        | Some v -> raise (ArgumentException $"{subject}: Plio compression takes integers from 0 to 16777215, got {v}; \
            FitsCompression.Rice takes any.")
        | None -> ()

    let private writeImage (file: Cfitsio) (path: string) (index: int) (image: FitsImage) (compression: FitsCompression) =
        let subject = $"{path}, HDU {index}"
        let pixels = image.Pixels
        let t = pixels.ElementType

        if pixels.Rank < 1 then
            raise (ArgumentException $"{subject}: a FITS image has at least one axis, got a scalar.")

        let isReal = t = typeof<float32> || t = typeof<float>
        let isWide = t = typeof<int64> || t = typeof<uint64>

        match compression with
        | FitsCompression.None -> ()
        | FitsCompression.Gzip
        | FitsCompression.GzipShuffled when not isWide -> ()
        | _ when isWide -> raise (ArgumentException $"{subject}: CFITSIO compresses no 64-bit integers; write them uncompressed.")
        | _ when isReal ->
            raise (
                ArgumentException
                    $"{subject}: {compression} compression of {t.Name} pixels would round them; FitsCompression.Gzip keeps every bit."
            )
        | FitsCompression.Plio -> requireListable subject pixels
        | FitsCompression.HCompress when pixels.Rank < 2 || Seq.exists (fun n -> n < 4) (Seq.skip (pixels.Rank - 2) pixels.Shape) ->
            raise (ArgumentException $"{subject}: H-compress takes images of at least 4 rows and 4 columns, got shape \
                {Shape.describe pixels.Shape}.")
        | _ -> ()

        let mutable status = 0

        let kind =
            match compression with
            | FitsCompression.Rice -> 11
            | FitsCompression.Gzip -> 21
            | FitsCompression.GzipShuffled -> 22
            | FitsCompression.Plio -> 31
            | FitsCompression.HCompress -> 41
            | _ -> 0

        CfitsioNative.fits_set_compression_type (file.Handle, kind, &status) |> ignore
        // A level of 0 switches quantisation of floating-point pixels off.
        CfitsioNative.fits_set_quantize_level (file.Handle, 0f, &status) |> ignore
        let axes = pixels.Shape |> Seq.rev |> Seq.map int64 |> Seq.toArray

        // CFITSIO's tiles are single rows; short ones are joined, since a tile of a few pixels has no room for its code. H-compress
        // needs tiles of several rows: CFITSIO chooses them.
        if compression <> FitsCompression.None && compression <> FitsCompression.HCompress then
            let room = ref 1024L

            let tile =
                axes
                |> Array.mapi (fun i n ->
                    let t = if i = 0 then max 1L n else max 1L (min n room.Value)
                    room.Value <- (room.Value + t - 1L) / t
                    t)

            CfitsioNative.fits_set_tile_dim (file.Handle, tile.Length, tile, &status) |> ignore

        CfitsioNative.ffcrimll (file.Handle, bitpix t, axes.Length, axes, &status)
        |> ignore

        Cfitsio.Check(subject, "create the image", status)

        for keyword in image.Keywords do
            if not (structural (keyword.Name.ToUpperInvariant())) && not (boilerplate keyword) then
                for card in FitsCard.format keyword do
                    CfitsioNative.ffprec (file.Handle, Encoding.ASCII.GetBytes(card + "\000"), &status)
                    |> ignore

                    Cfitsio.Check(subject, $"write keyword {keyword.Name}", status)

        if pixels.Length > 0 then
            let pin = GCHandle.Alloc(pixels.RawValues, GCHandleType.Pinned)

            try
                CfitsioNative.ffppr (
                    file.Handle,
                    CfitsioType.ofType t,
                    1L,
                    int64 pixels.Length,
                    pin.AddrOfPinnedObject(),
                    &status
                )
                |> ignore

                if status = 413 then
                    raise (
                        ArgumentException
                            $"{subject}: {compression} compression would make these {pixels.Length} pixels larger, and CFITSIO has no \
                                room for that: they are too few, or noise of many bits. Write them uncompressed."
                    )

                Cfitsio.Check(subject, "write the pixels", status)
            finally
                pin.Free()

        CfitsioNative.ffpcks (file.Handle, &status) |> ignore
        Cfitsio.Check(subject, "write its checksums", status)

    let write (path: string) (images: IReadOnlyList<FitsImage>) (compression: FitsCompression) =
        if images.Count = 0 then
            raise (ArgumentException("expected at least one image.", nameof images))

        WholeFile.WriteAt(
            path,
            fun temporary ->
                use file = Cfitsio.Create temporary

                for index in 0 .. images.Count - 1 do
                    writeImage file path index images[index] compression

                file.Close()
        )

/// FITS in one call: reading one image or table, writing images.
[<AbstractClass; Sealed>]
type Fits =
    /// Reads one image in its own type; FitsFile.ReadImage says which, and what is checked.
    static member ReadImage
        (
            path: string,
            [<Optional; DefaultParameterValue(0)>] hdu: int,
            [<Optional; DefaultParameterValue(null: IReadOnlyList<int> | null)>] expectedShape: IReadOnlyList<int> | null
        ) : FitsImage =
        use file = FitsFile.Open path
        file.ReadImage(hdu, expectedShape)

    /// Reads the table of one HDU.
    static member ReadTable(path: string, hdu: int) : FitsTable =
        use file = FitsFile.Open path
        file.ReadTable hdu

    /// Writes an image with CHECKSUM and DATASUM, so that later damage is noticed. The file appears under `path` only when complete.
    static member WriteImage
        (
            path: string,
            image: FitsImage,
            [<Optional; DefaultParameterValue(FitsCompression.None)>] compression: FitsCompression
        ) : unit =
        FitsWriting.write path [| image |] compression

    /// Writes several images as the HDUs of one file.
    static member WriteImages
        (
            path: string,
            images: IReadOnlyList<FitsImage>,
            [<Optional; DefaultParameterValue(FitsCompression.None)>] compression: FitsCompression
        ) : unit =
        FitsWriting.write path images compression
