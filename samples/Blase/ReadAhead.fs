namespace Hybrid.Samples.Blase

open System
open System.Collections.Concurrent
open System.Collections.Generic
open System.Runtime.ExceptionServices
open System.Threading
open System.Threading.Tasks

/// A sequence whose next items are made on another thread while one is used, at most `ahead` of them. What the sequence throws is thrown
/// where the item would have come. Dispose ends the other thread's work after the item it is at.
[<Sealed>]
type internal ReadAhead<'T>(items: seq<'T>, ahead: int) =
    let ready = new BlockingCollection<'T>(ahead)
    let stop = new CancellationTokenSource()

    let work =
        Task.Run(fun () ->
            try
                try
                    for item in items do
                        ready.Add(item, stop.Token)
                with :? OperationCanceledException when stop.IsCancellationRequested ->
                    ()
            finally
                ready.CompleteAdding())

    let mutable current = ValueNone

    /// The item that MoveNext came to.
    member _.Current : 'T =
        match current with
        | ValueSome item -> item
        | ValueNone -> invalidOp "ReadAhead: MoveNext has not come to an item."

    /// Waits until the first item is there, or it is known that there is none.
    member _.WaitForFirst() : unit =
        while ready.Count = 0 && not ready.IsCompleted && not work.IsCompleted do
            Thread.Sleep 1

    /// Waits for the next item; false when there is none.
    member _.MoveNext() : bool =
        let mutable item = Unchecked.defaultof<'T>

        if ready.TryTake(&item, Timeout.Infinite) then
            current <- ValueSome item
            true
        else
            current <- ValueNone

            match work.Exception with
            | null -> ()
            | failure -> ExceptionDispatchInfo.Throw(nonNull failure.InnerException)

            false

    interface IDisposable with
        member _.Dispose() =
            stop.Cancel()
            (work :> IAsyncResult).AsyncWaitHandle.WaitOne() |> ignore
            ready.Dispose()
            stop.Dispose()
