namespace Hybrid.Data.Cache

open System
open System.Collections
open System.Collections.Generic
open System.Runtime.InteropServices
open System.Threading
open System.Threading.Tasks
open Microsoft.FSharp.NativeInterop
open Hybrid.Data

#nowarn "9" // native pointers

/// Some rows of a cache. Its memory is used again: it is valid until the next batch is asked for.
[<Sealed>]
type Batch
    internal
    (
        rows: ArraySegment<int>,
        tensors: string[],
        sizes: int[],
        readers: TensorReader[],
        threads: int,
        buffers: float32[][] | null
    ) =
    let column (name: string) =
        match tensors |> Array.tryFindIndex (fun t -> String.Equals(t, name, StringComparison.OrdinalIgnoreCase)) with
        | Some i -> i
        | None ->
            let names = String.Join(", ", tensors)
            raise (KeyNotFoundException $"the batch has no tensor column '{name}'; it has {names}.")

    /// Number of rows.
    member _.Count = rows.Count
    /// The rows by their numbers in the cache, from 0; Cache.Integers and its like are indexed by them.
    member _.Rows: ReadOnlyMemory<int> = Memory.op_Implicit (rows.AsMemory())

    /// Number of floats that a tensor column has in this batch.
    member _.Length(tensor: string) = sizes[column tensor] * rows.Count

    /// Writes a tensor column, rows first, into the caller's memory: a tensor's own, so that there is no copy in between
    /// (one, from the buffer, with Prefetch). Values of other types than float are converted.
    member _.Fill(tensor: string, target: Span<float32>) : unit =
        let c = column tensor
        let needed = sizes[c] * rows.Count

        if target.Length <> needed then
            raise (ArgumentException($"tensor '{tensor}': expected room for {needed} floats ({rows.Count} \
                row{Plural.s rows.Count} of {sizes[c]}), got \
                {target.Length}.", nameof target))

        match buffers with
        | null -> Batch.ReadParts(readers[c], rows, sizes[c], threads, target)
        | filled -> ReadOnlySpan(filled[c], 0, needed).CopyTo target

    /// Reads rows straight into `target`, a part of them on each thread.
    static member private ReadParts(reader: TensorReader, rows: ArraySegment<int>, size: int, threads: int, target: Span<float32>) : unit =
        let parts = if target.Length < (1 <<< 16) then 1 else min threads rows.Count

        if parts = 1 then
            reader.ReadSingles(ReadOnlySpan(rows.Array, rows.Offset, rows.Count), target)
        else
            // The span's memory stays in place while the threads write: it is pinned here.
            use pinned = fixed &MemoryMarshal.GetReference target
            let first = NativePtr.toNativeInt pinned

            try
                Parallel.For(
                    0,
                    parts,
                    fun (part: int) ->
                        let from = rows.Count * part / parts
                        let count = rows.Count * (part + 1) / parts - from
                        let place = first + nativeint (int64 from * int64 size * 4L)
                        reader.ReadSingles(ReadOnlySpan(rows.Array, rows.Offset + from, count),
                                           Span<float32>(place.ToPointer(), count * size))
                )
                |> ignore
            with :? AggregateException as e ->
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw e.InnerExceptions[0]

    /// The tensor column in the batch's own buffer; with Prefetch only.
    member _.View(tensor: string) : ReadOnlyMemory<float32> =
        let c = column tensor

        match buffers with
        | null -> raise (InvalidOperationException "the batch has no buffer, since Prefetch is 0: Fill reads into the caller's memory.")
        | filled -> ReadOnlyMemory(filled[c], 0, sizes[c] * rows.Count)

/// Decodes the groups of coming batches while the present one is used, on as many threads as there are. Rows in their order would
/// otherwise keep all threads waiting for the one group that they are all in. Its caller lets one thread in at a time.
[<Sealed>]
type internal GroupsAhead(batches: ArraySegment<int>[], readers: TensorReader[], threads: int) =
    // Rows that are read one by one need nothing ahead, and are not looked through for it.
    let readers = if threads > 1 then readers |> Array.filter _.ReadsWholeGroups else [||]
    // For each group asked for ahead, the batch that first wants it.
    let coming = Queue<int>()
    let running = List<Task>()
    let seen = HashSet<struct (int * int)>()
    let mutable looked = 0

    /// Before the rows of a batch are asked for.
    member _.Reach(batch: int) : unit =
        while coming.Count > 0 && coming.Peek() <= batch do
            coming.Dequeue() |> ignore

        running.RemoveAll _.IsCompleted |> ignore
        looked <- max looked (batch + 1)

        while readers.Length > 0 && coming.Count < threads && looked < batches.Length do
            for c in 0 .. readers.Length - 1 do
                for group in readers[c].WholeGroups(batches[looked].AsSpan()) do
                    // Rows of a view in an order of its own may come back to a group: it is loaded ahead for the first of them only.
                    if seen.Add(struct (c, group)) then
                        coming.Enqueue looked
                        running.Add(readers[c].LoadAhead group)

            looked <- looked + 1

    /// Waits for what is under way, so that the files may be closed.
    member _.Wait() : unit =
        for load in running do
            load.Wait()

/// The batches of one epoch, read ahead by background threads. Dispose stops them.
[<Sealed>]
type internal BatchEnumerator
    (
        batches: ArraySegment<int>[],
        tensors: string[],
        sizes: int[],
        readers: TensorReader[],
        options: BatchOptions,
        cancellation: CancellationToken
    ) =
    let slots = min options.Prefetch batches.Length
    let gate = obj ()

    let buffers =
        let rows = if batches.Length = 0 then 0 else min options.BatchSize (batches |> Array.map _.Count |> Array.max)
        Array.init slots (fun _ -> sizes |> Array.map (fun size -> GC.AllocateUninitializedArray<float32>(size * rows)))

    // Number of the batch that a slot holds complete; −1 before the first.
    let ready = Array.create slots -1
    let mutable next = 0
    let mutable current = -1
    let mutable stopped = false
    let mutable failure: exn | null = null
    // Threads that read shuffled rows decode different groups as it is, and the groups of a shuffle's buffer leave no room for others.
    let ahead = GroupsAhead(batches, readers, (if options.Shuffle then 1 else options.Threads))

    let take () =
        lock gate (fun () ->
            // A slot may be filled again when the batch before it in the same slot is no longer the consumer's.
            while not stopped && next < batches.Length && next - slots >= max 0 current do
                Monitor.Wait gate |> ignore

            if stopped || next >= batches.Length then
                -1
            else
                ahead.Reach next
                next <- next + 1
                next - 1)

    let work () =
        try
            let mutable b = take ()

            while b >= 0 do
                let rows = batches[b]

                for c in 0 .. readers.Length - 1 do
                    readers[c].ReadSingles(ReadOnlySpan(rows.Array, rows.Offset, rows.Count),
                                           Span(buffers[b % slots][c], 0, sizes[c] * rows.Count))

                lock gate (fun () ->
                    ready[b % slots] <- b
                    Monitor.PulseAll gate)

                b <- take ()
        with e ->
            lock gate (fun () ->
                failure <- e
                stopped <- true
                Monitor.PulseAll gate)

    let threads =
        [| for _ in 1 .. (if slots = 0 then 0 else min options.Threads slots) ->
               let thread = Thread(work, IsBackground = true, Name = "Hybrid batches")
               thread.Start()
               thread |]

    let registration =
        cancellation.Register(fun () -> lock gate (fun () -> Monitor.PulseAll gate))

    member _.Current =
        let b = current
        Batch(batches[b], tensors, sizes, readers, options.Threads, (if slots = 0 then null else buffers[b % slots]))

    interface IEnumerator<Batch> with
        member this.Current = this.Current
        member this.Current: obj | null = box this.Current

        member _.MoveNext() =
            cancellation.ThrowIfCancellationRequested()

            if current + 1 >= batches.Length then
                current <- batches.Length
                false
            else
                lock gate (fun () ->
                    current <- current + 1
                    Monitor.PulseAll gate

                    if slots = 0 then
                        ahead.Reach current
                    else
                        while ready[current % slots] <> current && isNull failure && not cancellation.IsCancellationRequested do
                            Monitor.Wait gate |> ignore

                    match failure with
                    | null -> ()
                    | e -> System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw e)

                cancellation.ThrowIfCancellationRequested()
                true

        member _.Reset() = raise (NotSupportedException())

        member _.Dispose() =
            lock gate (fun () ->
                stopped <- true
                Monitor.PulseAll gate)

            for thread in threads do
                thread.Join()

            ahead.Wait()
            registration.Dispose()

/// The batches of a cache, epoch by epoch. The same options and epoch give the same batches on every machine.
[<Sealed>]
type Batches internal (options: BatchOptions, tensors: string[], sizes: int[], readers: TensorReader[], order: int -> ArraySegment<int>[]) =
    /// The batches of one epoch; each is valid until the next one.
    member this.Epoch(epoch: int, [<System.Runtime.InteropServices.Optional>] cancellation: CancellationToken) : IEnumerable<Batch> =
        this.From(epoch, 0, cancellation)

    /// The batches of one epoch from number `first` on, as a run that was stopped in its middle continues.
    member _.From
        (
            epoch: int,
            first: int,
            [<System.Runtime.InteropServices.Optional>] cancellation: CancellationToken
        ) : IEnumerable<Batch> =
        let rest () =
            let all = order epoch

            if first < 0 || first > all.Length then
                raise (ArgumentOutOfRangeException(nameof first, $"batch {first} of {all.Length}."))

            new BatchEnumerator(Array.skip first all, tensors, sizes, readers, options, cancellation)

        { new IEnumerable<Batch> with
            member _.GetEnumerator() : IEnumerator<Batch> = rest ()
            member _.GetEnumerator() : IEnumerator = rest () }

    /// Rows of each batch of an epoch, without reading any tensor.
    member _.Plan(epoch: int) : int[][] = order epoch |> Array.map _.ToArray()
