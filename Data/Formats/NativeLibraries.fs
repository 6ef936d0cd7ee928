namespace Hybrid.Data

open System
open System.Collections.Generic
open System.IO
open System.Reflection
open System.Runtime.InteropServices

/// Finds the native libraries that the formats call, by the names each system gives them.
[<RequireQualifiedAccess>]
module internal NativeLibraries =
    /// Candidate names in the order to try, and what to install where none is there.
    let private known (name: string) : (string list * string) voption =
        match name with
        | "cfitsio" ->
            ValueSome(
                [ "libcfitsio.so.10"; "libcfitsio.so"; "libcfitsio.dylib"; "cfitsio.dll" ],
                "CFITSIO reads and writes FITS files. On Debian: apt-get install libcfitsio10"
            )
        | "spng" ->
            ValueSome(
                [ "libspng.so.0"; "libspng.so"; "libspng.dylib"; "spng.dll" ],
                "libspng reads and writes PNG files. On Debian: apt-get install libspng0"
            )
        | "zstd" -> ValueSome([ "libzstd.so.1"; "libzstd.so"; "libzstd.dylib"; "libzstd.dll" ],
                              "libzstd decompresses pages of Parquet files")
        // The plain name is a linker script where libc's headers are installed.
        | "libc" -> ValueSome([ "libc.so.6"; "libc" ], "the C library")
        | _ -> ValueNone

    let private load (name: string) (assembly: Assembly) (path: Nullable<DllImportSearchPath>) : nativeint =
        match known name with
        | ValueNone -> 0n
        | ValueSome(candidates, remedy) ->
            let mutable handle = 0n

            for candidate in candidates do
                if handle = 0n then
                    NativeLibrary.TryLoad(candidate, assembly, path, &handle) |> ignore

            if handle = 0n then
                let tried = String.Join(", ", candidates)
                raise (DllNotFoundException $"{remedy}. Tried {tried}.")

            handle

    // The runtime asks once for every imported function: one answer for all of them.
    let private loaded = Dictionary<string, nativeint>()

    let private resolve (name: string) (assembly: Assembly) (path: Nullable<DllImportSearchPath>) : nativeint =
        lock loaded (fun () ->
            match loaded.TryGetValue name with
            | true, handle -> handle
            | _ ->
                let handle = load name assembly path
                loaded[name] <- handle
                handle)

    let private registered =
        lazy (NativeLibrary.SetDllImportResolver(Assembly.GetExecutingAssembly(), DllImportResolver resolve))

    /// Whether a library is there, for those that can be done without.
    let isPresent (name: string) : bool =
        try
            registered.Force()
            resolve name (Assembly.GetExecutingAssembly()) (Nullable()) <> 0n
        with :? DllNotFoundException ->
            false

    /// To be called before the first call into any of the libraries.
    let register () = registered.Force()
