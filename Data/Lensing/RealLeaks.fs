namespace Hybrid.Data.Lensing

open System
open System.Collections.Generic
open System.IO
open Hybrid.Data.Cache
open Hybrid.Data.Splits

/// Whether parts of a data set that shall have nothing in common do: images by their contents, real galaxies and sources by their numbers.
[<AbstractClass; Sealed>]
type RealLeaks =

    /// Compares caches with a tensor 'image' and whole numbers 'galaxy' and 'source' (−1 where nothing is real).
    /// Throws InvalidDataException where two have something in common: what it is and where.
    /// parts : by name.  judges : names of the parts that only judge; no other part may have their galaxies and sources.
    static member Require(parts: IReadOnlyList<struct (string * Cache)>, [<ParamArray>] judges: string[]) : string =
        let hashes =
            [| for struct (name, cache) in parts do
                   let column = cache.Columns |> Seq.find (fun column -> column.Name = "image")
                   let length = column.Shape |> Seq.fold (*) 1
                   let image = Array.zeroCreate<float32> length
                   name,
                   Array.init (int cache.Count) (fun row ->
                       cache.ReadTensors("image", ReadOnlySpan [| row |], Span image)
                       LeakCheck.Hash(ReadOnlySpan image)) |]

        for i in 0 .. hashes.Length - 1 do
            for j in i + 1 .. hashes.Length - 1 do
                LeakCheck.Require(fst hashes[i], snd hashes[i], fst hashes[j], snd hashes[j])

        for column in [ "galaxy"; "source" ] do
            for struct (name, cache) in parts do
                if Array.contains name judges then
                    for struct (other, others) in parts do
                        if not (Array.contains other judges) then
                            let seen = HashSet(others.Integers column |> Seq.filter (fun v -> v >= 0L))

                            match cache.Integers column |> Seq.tryFind (fun v -> v >= 0L && seen.Contains v) with
                            | Some shared ->
                                raise (InvalidDataException $"{name}: {column} {shared} is also in {other}. Split by galaxy and source.")
                            | None -> ()

        let counts = String.Join(", ", parts |> Seq.map (fun struct (name, cache) -> $"{name} {cache.Count}"))
        $"leak check: no image, test galaxy or test source in two of {counts}"
