namespace Hybrid.PropertyTests.Laws

open System
open FsCheck
open FsCheck.FSharp

/// Runs an FsCheck property inside an xunit fact. A failure throws with the shrunk case and the seed that replays it;
/// HYBRID_SEED="seed,gamma[,size]" (as printed) repeats that run.
[<RequireQualifiedAccess>]
module Property =

    let private configuration (count: int) =
        let quick = Config.QuickThrowOnFailure.WithMaxTest(count)

        match Environment.GetEnvironmentVariable "HYBRID_SEED" with
        | null | "" -> quick
        | text ->
            match text.Split ',' |> Array.map UInt64.Parse with
            | [| seed; gamma |] -> quick.WithReplay(seed, gamma)
            | [| seed; gamma; size |] -> quick.WithReplay(seed, gamma, int size)
            | _ -> invalidArg "HYBRID_SEED" $"expected 'seed,gamma' or 'seed,gamma,size' as FsCheck prints them, got '{text}'"

    /// Checks the property on `count` random cases.
    let checkTimes (count: int) property = Check.One(configuration count, property)

    /// Checks the property on 100 random cases.
    let check property = checkTimes 100 property
