namespace Hybrid.Samples.Blase

open System
open System.Collections.Concurrent
open System.Threading
open System.Threading.Tasks

/// A sequence whose next items are made on another thread while one is used, at most `ahead` of them. What the sequence throws is thrown
/// where the item would have come. Dispose ends the other thread's work after the item it is at.
[<Sealed>]
type internal ReadAhead<'T>(items: seq<'T>, ahead: int) =
    let ready = new BlockingCollection<'T>(ahead)
    let stop = new CancellationTokenSource()
    // Set with the first item, or with the end where there is none.
    let begun = new ManualResetEventSlim()

    let work =
        Task.Run(fun () ->
            try
                try
                    for item in items do
                        ready.Add(item, stop.Token)
                        begun.Set()
                with :? OperationCanceledException when stop.IsCancellationRequested ->
                    ()
            finally
                ready.CompleteAdding()
                begun.Set())

    let mutable current = ValueNone

    /// The item that MoveNext came to.
    member _.Current : 'T =
        match current with
        | ValueSome item -> item
        | ValueNone -> invalidOp "ReadAhead: MoveNext has not come to an item."

    /// Waits until the first item is there, or it is known that there is none.
    member _.WaitForFirst() : unit = begun.Wait()

    /// Waits for the next item; false when there is none.
    member _.MoveNext() : bool =
        let mutable item = Unchecked.defaultof<'T>

        if ready.TryTake(&item, Timeout.Infinite) then
            current <- ValueSome item
            true
        else
            current <- ValueNone
            // It may still be about to end; what it threw is thrown here.
            work.GetAwaiter().GetResult()
            false

    interface IDisposable with
        member _.Dispose() =
            stop.Cancel()
            (work :> IAsyncResult).AsyncWaitHandle.WaitOne() |> ignore
            ready.Dispose()
            begun.Dispose()
            stop.Dispose()
