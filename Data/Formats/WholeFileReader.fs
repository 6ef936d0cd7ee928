namespace Hybrid.Data.Formats

open System
open System.IO
open System.Runtime.InteropServices
open System.Text

#nowarn "9" // native pointers

/// The calls into libc that reading many small files takes.
module internal LinuxCalls =
    [<DllImport("libc")>]
    extern int ``open``(nativeint path, int flags)

    [<DllImport("libc")>]
    extern nativeint read(int file, nativeint buffer, unativeint count)

    [<DllImport("libc")>]
    extern int close(int file)

    [<DllImport("libc")>]
    extern int madvise(nativeint address, unativeint length, int advice)

    /// O_RDONLY, O_CLOEXEC and O_NONBLOCK: the last changes nothing for files, and lets a named pipe be opened without a writer.
    [<Literal>]
    let ReadOnly = 0x80800

    [<Literal>]
    let private HugePage = 14

    /// Asks for pages of 2 MiB below a large fresh array, as numpy does: filling it then faults 500 times less often.
    let preferHugePages (values: float32[]) =
        let bytes = 4L * int64 values.Length

        if OperatingSystem.IsLinux() && bytes >= (1L <<< 24) then
            let pin = GCHandle.Alloc(values, GCHandleType.Pinned)

            try
                let first = int64 (pin.AddrOfPinnedObject())
                let aligned = (first + 4095L) &&& ~~~4095L
                madvise (nativeint aligned, unativeint (first + bytes - aligned), HugePage) |> ignore
            finally
                pin.Free()

/// Reads small files whole into one buffer that is used again and again.
[<Sealed>]
type internal WholeFileReader(capacity: int) =
    let buffer = GC.AllocateUninitializedArray<byte>(capacity, pinned = true)
    let address = Marshal.UnsafeAddrOfPinnedArrayElement(buffer, 0)
    let mutable name = GC.AllocateUninitializedArray<byte>(4096, pinned = true)

    let fill (read: nativeint -> int -> int) =
        let mutable filled = 0
        let mutable more = true

        while more && filled < capacity do
            let got = read (address + nativeint filled) (capacity - filled)
            more <- got > 0
            filled <- filled + max 0 got

        filled

    member _.Buffer = buffer

    /// Bytes read: less than the capacity if that is the whole file, the capacity if there may be more; −1 where it cannot be opened.
    member _.Read(path: string) : int =
        if OperatingSystem.IsLinux() then
            // Three system calls a file; File.OpenHandle makes about six.
            let needed = Encoding.UTF8.GetMaxByteCount path.Length + 1

            if needed > name.Length then
                name <- GC.AllocateUninitializedArray<byte>(needed, pinned = true)

            let length = Encoding.UTF8.GetBytes(path, 0, path.Length, name, 0)
            name[length] <- 0uy
            let file = LinuxCalls.``open`` (Marshal.UnsafeAddrOfPinnedArrayElement(name, 0), LinuxCalls.ReadOnly)

            if file < 0 || path.Contains '\000' then
                -1
            else
                try
                    let mutable filled = 0
                    let mutable more = true

                    while more && filled < capacity do
                        let asked = capacity - filled
                        let got = int (LinuxCalls.read (file, address + nativeint filled, unativeint asked))
                        filled <- filled + max 0 got
                        // A regular file gives less than asked only at its end.
                        more <- got = asked

                    filled
                finally
                    LinuxCalls.close file |> ignore
        else
            try
                use file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read)
                let position = ref 0L

                fill (fun at count ->
                    let got = RandomAccess.Read(file, Span<byte>(at.ToPointer(), count), position.Value)
                    position.Value <- position.Value + int64 got
                    got)
            with
            | :? IOException
            | :? UnauthorizedAccessException -> -1
