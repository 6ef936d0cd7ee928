namespace Hybrid.Data.Lensing

open System
open Hybrid.Data
open Hybrid.Data.Statistics

/// One fold of real galaxies and sources: what trains and adapts, and what only judges. No galaxy and no source is in both.
[<Sealed>]
type RealFold internal (galaxies: RealGalaxy[], sources: RealSource[], testGalaxies: RealGalaxy[], testSources: RealSource[]) =
    /// To train and adapt on.
    member _.Galaxies = galaxies
    member _.Sources = sources
    /// To judge on.
    member _.TestGalaxies = testGalaxies
    member _.TestSources = testSources

/// Splits quasi-real domains by what is real in them. Images of one galaxy with different arcs share its pixels, and networks learn those:
/// a split by image tests what was trained on.
[<AbstractClass; Sealed>]
type RealSplit =

    /// k folds; each galaxy and each source is in the test part of exactly one.
    /// galaxies, sources : with names of their own, at least k each.
    static member Folds(galaxies: RealGalaxy[], sources: RealSource[], k: int, seed: int64) : RealFold[] =
        let check what (names: string[]) =
            for name, count in names |> Seq.countBy id do
                if count > 1 then
                    invalidArg what $"RealSplit.Folds: expected {what} with names of their own, got '{name}' {count} times."

            if k < 2 || names.Length < k then
                raise (ArgumentOutOfRangeException(nameof k, k, $"RealSplit.Folds: expected 2 to {names.Length} folds of {names.Length} \
                    {what}, got {k}."))

        check (nameof galaxies) (galaxies |> Array.map _.Name)
        check (nameof sources) (sources |> Array.map _.Name)
        let ofGalaxies = SeededRandom.For(seed, 1L).Permutation galaxies.Length
        let ofSources = SeededRandom.For(seed, 2L).Permutation sources.Length

        let parts (items: 'T[]) (order: int[]) fold =
            let test = [| for place in 0 .. items.Length - 1 do if place % k = fold then order[place] |]
            let train = [| for place in 0 .. items.Length - 1 do if place % k <> fold then order[place] |]
            Array.map (fun i -> items[i]) (Array.sort train), Array.map (fun i -> items[i]) (Array.sort test)

        Array.init k (fun fold ->
            let galaxies, testGalaxies = parts galaxies ofGalaxies fold
            let sources, testSources = parts sources ofSources fold
            RealFold(galaxies, sources, testGalaxies, testSources))
