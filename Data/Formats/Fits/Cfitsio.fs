namespace Hybrid.Data.Formats

open System
open System.IO
open System.Runtime.InteropServices
open System.Text
open Hybrid.Data

#nowarn "9" // native pointers

/// The calls into CFITSIO that the formats need, by the names its library exports (fitsio.h, long names beside them).
module internal CfitsioNative =
    [<DllImport("cfitsio")>]
    extern int ffdkopn(nativeint& file, byte[] name, int mode, int& status) // fits_open_diskfile

    [<DllImport("cfitsio")>]
    extern int ffomem(nativeint& file, byte[] name, int mode, nativeint buffer, nativeint size, unativeint delta, nativeint reallocate,
                      int& status) // fits_open_memfile

    [<DllImport("cfitsio")>]
    extern int ffdkinit(nativeint& file, byte[] name, int& status) // fits_create_diskfile

    [<DllImport("cfitsio")>]
    extern int ffclos(nativeint file, int& status) // fits_close_file

    [<DllImport("cfitsio")>]
    extern void ffgerr(int status, byte[] text) // fits_get_errstatus

    [<DllImport("cfitsio")>]
    extern void ffcmsg() // fits_clear_errmsg

    [<DllImport("cfitsio")>]
    extern int ffmahd(nativeint file, int hdu, int& kind, int& status) // fits_movabs_hdu

    [<DllImport("cfitsio")>]
    extern int ffgiet(nativeint file, int& bitpix, int& status) // fits_get_img_equivtype

    [<DllImport("cfitsio")>]
    extern int ffgidm(nativeint file, int& naxis, int& status) // fits_get_img_dim

    [<DllImport("cfitsio")>]
    extern int ffgiszll(nativeint file, int length, int64[] axes, int& status) // fits_get_img_sizell

    [<DllImport("cfitsio")>]
    extern int ffgpv(nativeint file, int datatype, int64 first, int64 count, nativeint missing, nativeint values, int& anyMissing,
                     int& status) // fits_read_img

    [<DllImport("cfitsio")>]
    extern int ffcrimll(nativeint file, int bitpix, int naxis, int64[] axes, int& status) // fits_create_imgll

    [<DllImport("cfitsio")>]
    extern int fits_set_compression_type(nativeint file, int kind, int& status)

    [<DllImport("cfitsio")>]
    extern int fits_set_tile_dim(nativeint file, int rank, int64[] lengths, int& status) // long is 64 bits wherever this .so is

    [<DllImport("cfitsio")>]
    extern int fits_set_quantize_level(nativeint file, float32 level, int& status)

    [<DllImport("cfitsio")>]
    extern int ffprec(nativeint file, byte[] card, int& status) // fits_write_record

    [<DllImport("cfitsio")>]
    extern int ffppr(nativeint file, int datatype, int64 first, int64 count, nativeint values, int& status) // fits_write_img

    [<DllImport("cfitsio")>]
    extern int ffpcks(nativeint file, int& status) // fits_write_chksum

/// CFITSIO's codes for the types of values in memory.
[<RequireQualifiedAccess>]
module internal CfitsioType =
    let private codes =
        dict
            [ typeof<byte>, 11
              typeof<sbyte>, 12
              typeof<bool>, 14
              typeof<uint16>, 20
              typeof<int16>, 21
              typeof<uint32>, 30
              typeof<int32>, 31
              typeof<float32>, 42
              typeof<uint64>, 80
              typeof<int64>, 81
              typeof<float>, 82
              typeof<ComplexSingle>, 83
              typeof<System.Numerics.Complex>, 163 ]

    let ofType (t: Type) = codes[t]

    let tryOfType (t: Type) =
        match codes.TryGetValue t with
        | true, code -> ValueSome code
        | _ -> ValueNone

/// An open CFITSIO file handle: opened from a path that exists, or from bytes in memory (a decompressed .gz).
/// CFITSIO is reentrant as Debian builds it: different handles may be used from different threads.
[<Sealed>]
type internal Cfitsio private (path: string, handle: nativeint, pin: GCHandle, buffer: nativeint) =
    let mutable handle = handle

    static let terminated (text: string) = Encoding.UTF8.GetBytes(text + "\000")

    /// Throws InvalidDataException for a status that is not 0, with CFITSIO's words for it.
    static member Check(subject: string, action: string, status: int) =
        if status <> 0 then
            let text = Array.zeroCreate<byte> 81
            CfitsioNative.ffgerr (status, text)
            CfitsioNative.ffcmsg ()
            let words = Encoding.ASCII.GetString(text, 0, max 0 (Array.IndexOf(text, 0uy)))
            raise (InvalidDataException $"{subject}: CFITSIO could not {action}: {words} (status {status})")

    /// Opens a plain file for reading. `path` must exist: CFITSIO would look for path.gz in its stead.
    static member OpenFile(path: string) =
        NativeLibraries.register ()
        let mutable handle = 0n
        let mutable status = 0
        CfitsioNative.ffdkopn (&handle, terminated path, 0, &status) |> ignore
        Cfitsio.Check(path, "open the file", status)
        new Cfitsio(path, handle, GCHandle(), 0n)

    /// Opens the first `length` bytes of a file in memory; they stay pinned until Dispose.
    static member OpenMemory(path: string, bytes: byte[], length: int64) =
        NativeLibraries.register ()
        let pin = GCHandle.Alloc(bytes, GCHandleType.Pinned)
        // CFITSIO keeps the addresses of both the pointer and the size.
        let cell = Marshal.AllocHGlobal(2 * IntPtr.Size)

        try
            Marshal.WriteIntPtr(cell, pin.AddrOfPinnedObject())
            Marshal.WriteIntPtr(cell, IntPtr.Size, nativeint length)
            let mutable handle = 0n
            let mutable status = 0

            CfitsioNative.ffomem (
                &handle,
                terminated "memory",
                0,
                cell,
                cell + nativeint IntPtr.Size,
                0un,
                0n,
                &status
            )
            |> ignore

            Cfitsio.Check(path, "open the decompressed file", status)
            new Cfitsio(path, handle, pin, cell)
        with _ ->
            pin.Free()
            Marshal.FreeHGlobal cell
            reraise ()

    /// Creates a file, which must not exist yet.
    static member Create(path: string) =
        NativeLibraries.register ()
        let mutable handle = 0n
        let mutable status = 0
        CfitsioNative.ffdkinit (&handle, terminated path, &status) |> ignore
        Cfitsio.Check(path, "create the file", status)
        new Cfitsio(path, handle, GCHandle(), 0n)

    member _.Handle = handle

    /// Goes to an HDU, counted from 0.
    member _.Move(hdu: int) =
        let mutable kind = 0
        let mutable status = 0
        CfitsioNative.ffmahd (handle, hdu + 1, &kind, &status) |> ignore
        Cfitsio.Check(path, $"go to HDU {hdu}", status)

    /// Closes the file, writing what is still in CFITSIO's buffers; a failure to write throws.
    member _.Close() =
        if handle <> 0n then
            let mutable status = 0
            CfitsioNative.ffclos (handle, &status) |> ignore
            handle <- 0n

            if pin.IsAllocated then
                pin.Free()
                Marshal.FreeHGlobal buffer

            Cfitsio.Check(path, "close the file", status)

    interface IDisposable with
        member this.Dispose() =
            try
                this.Close()
            with :? InvalidDataException ->
                ()
