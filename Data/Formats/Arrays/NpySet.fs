namespace Hybrid.Data.Formats

open System
open System.Collections.Generic
open System.IO
open System.Runtime.InteropServices
open System.Threading
open System.Threading.Tasks

/// Folders of npy files with one image each, as DeepLense and the HSC cut-outs are handed round.
[<AbstractClass; Sealed>]
type NpySet =
    /// Reads files of one shape into one float array (files, …), on several threads (0: as many as there are processors). Other number
    /// types are converted. `expectedShape` null takes the shape of the first file that can be read. Files that cannot be read, or have
    /// another shape, are reported together: they fail the load (BrokenFilesException) or are left out. Progress is reported from several
    /// threads.
    static member Load
        (
            paths: IReadOnlyList<string>,
            [<Optional; DefaultParameterValue(null: IReadOnlyList<int> | null)>] expectedShape: IReadOnlyList<int> | null,
            [<Optional; DefaultParameterValue(BrokenFilePolicy.Fail)>] policy: BrokenFilePolicy,
            [<Optional; DefaultParameterValue(0)>] threads: int,
            [<Optional; DefaultParameterValue(null: IProgress<LoadProgress> | null)>] progress: IProgress<LoadProgress> | null,
            [<Optional>] cancellation: CancellationToken
        ) : LoadResult =
        ArgumentNullException.ThrowIfNull paths

        if paths.Count = 0 then
            raise (ArgumentException("expected at least one path.", nameof paths))

        let read (path: string) : Result<NdArray, string> =
            try
                Ok(Npy.Read path)
            with
            | :? InvalidDataException
            | :? IOException
            | :? UnauthorizedAccessException as e ->
                Error(BrokenFile.ReasonOf(path, e))

        let shape =
            match expectedShape with
            | null ->
                paths
                |> Seq.tryPick (fun path -> match read path with Ok array -> Some(Seq.toArray array.Shape) | Error _ -> None)
                |> Option.defaultValue [||]
            | given -> Seq.toArray given

        let size = int (Shape.count (Seq.map int64 shape))

        if Shape.count [ int64 paths.Count; int64 size ] > int64 Array.MaxLength then
            raise (ArgumentException($"{paths.Count} arrays of {Shape.describe shape} are more than one .NET array holds: load the set in \
                parts.", nameof paths))

        let values = GC.AllocateUninitializedArray<float32>(paths.Count * size)
        let broken = Array.zeroCreate<BrokenFile | null> paths.Count
        let finished = ref 0

        let one i =
            match read paths[i] with
            | Ok array when Seq.toArray array.Shape <> shape ->
                broken[i] <- BrokenFile(i, paths[i], $"expected an array of shape {Shape.describe shape}, got {Shape.describe array.Shape}")
            | Ok array -> array.ToSingles().CopyTo(values, i * size)
            | Error reason -> broken[i] <- BrokenFile(i, paths[i], reason)

            match progress with
            | null -> ()
            | some -> some.Report { Done = Interlocked.Increment finished; Total = paths.Count }

        let workers = if threads <= 0 then Environment.ProcessorCount else threads
        Parallel.For(0, paths.Count, ParallelOptions(MaxDegreeOfParallelism = workers, CancellationToken = cancellation), one) |> ignore
        let reported = broken |> Array.choose Option.ofObj

        if reported.Length > 0 && policy = BrokenFilePolicy.Fail then
            raise (BrokenFilesException(reported, paths.Count))

        let kept = [| for i in 0 .. paths.Count - 1 do if isNull broken[i] then i |]
        let pixels = if kept.Length = paths.Count then values else kept |> Array.collect (fun i -> values[i * size .. (i + 1) * size - 1])
        LoadResult(NdArray<float32>(Array.append [| kept.Length |] shape, pixels), kept, reported, [||])
