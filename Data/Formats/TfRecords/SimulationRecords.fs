namespace Hybrid.Data.Formats

open System
open System.Collections.Generic
open System.IO
open Hybrid.Data

/// Simulations as the IMNN package keeps them in TFRecords: `data` holds the raw floats, `seed` an integer; single
/// simulations for numerical derivatives also `derivative` (0 below, 1 above the fiducial) and `parameter`.
[<AbstractClass; Sealed>]
type SimulationRecords =
    static member private Stack(paths: IReadOnlyList<string>, shape: int[]) : TfExample[] * float32[] =
        let size = Array.fold (*) 1 shape
        // What an Example does not have, or has of another kind, is said with its file and record.
        let naming (path: string) (record: int) (read: unit -> 'T) : 'T =
            try
                read ()
            with
            | :? InvalidDataException as e -> raise (InvalidDataException($"{path}: record {record} of the file: {e.Message}", e))
            | :? KeyNotFoundException as e -> raise (InvalidDataException($"{path}: record {record} of the file: {e.Message}", e))

        let examples =
            [| for path in paths do
                   let mutable record = 0

                   for payload in TfRecordFile.Read path do
                       let number = record
                       path, naming path number (fun () -> TfExample.Parse payload), number
                       record <- record + 1 |]

        let values = Array.zeroCreate<float32> (examples.Length * size)

        examples
        |> Array.iteri (fun i (path, example, number) ->
            let data = naming path number (fun () -> example.Singles "data")

            if data.Length <> size then
                raise (InvalidDataException $"{path}: record {i} of the set has {data.Length} floats, expected {size} for shape \
                    {Shape.describe shape}")

            data.CopyTo(values, i * size))

        examples |> Array.map (fun (_, example, _) -> example), values

    /// The one integer of a feature.
    static member private Integer(path: string, record: int, example: TfExample, name: string) : int64 =
        let feature =
            try
                example[name]
            with :? KeyNotFoundException as e ->
                raise (InvalidDataException($"{path}: record {record} of the set: {e.Message}", e))

        match (if feature.Kind = TfFeatureKind.Integers then feature.Integers else [||]) with
        | [| one |] -> one
        | many -> raise (InvalidDataException $"{path}: record {record} of the set, feature '{name}': expected one integer, got \
            {many.Length}")

    /// Simulations of one shape: (simulations, …shape). For exact derivatives the parameters are the shape's last axis.
    static member Read(paths: IReadOnlyList<string>, shape: IReadOnlyList<int>) : NdArray<float32> =
        let shape = Seq.toArray shape
        let examples, values = SimulationRecords.Stack(paths, shape)
        NdArray<float32>(Array.append [| examples.Length |] shape, values)

    /// Single simulations for numerical derivatives as one array (simulations, 2, parameters, …shape), axis 1 being below and
    /// above; each (seed, side, parameter) must be there once. Simulations come in the order of their seeds' first appearance.
    static member ReadNumericalDerivatives(paths: IReadOnlyList<string>, shape: IReadOnlyList<int>, parameters: int) : NdArray<float32> =
        let shape = Seq.toArray shape
        let size = Array.fold (*) 1 shape
        let examples, values = SimulationRecords.Stack(paths, shape)
        let places = Dictionary<int64, int>()

        let integer i name = SimulationRecords.Integer(paths[0], i, examples[i], name)

        for i in 0 .. examples.Length - 1 do
            places.TryAdd(integer i "seed", places.Count) |> ignore

        let slots = places.Count * 2 * parameters

        if examples.Length <> slots then
            raise (InvalidDataException $"{paths[0]}: {examples.Length} record{Plural.s examples.Length} for \
                {places.Count} seed{Plural.s places.Count}, expected {slots}: each seed once below and above for \
                each of {parameters} parameters")

        let result = Array.zeroCreate<float32> (slots * size)
        let seen = Array.zeroCreate<bool> slots

        examples
        |> Array.iteri (fun i _ ->
            let side = integer i "derivative"
            let parameter = integer i "parameter"

            if side < 0L || side > 1L || parameter < 0L || parameter >= int64 parameters then
                raise (InvalidDataException $"{paths[0]}: record {i} of the set: derivative {side}, parameter {parameter}; expected 0 or \
                    1, and 0 to {parameters - 1}")

            let slot = (places[integer i "seed"] * 2 + int side) * parameters + int parameter

            if seen[slot] then
                raise (InvalidDataException $"{paths[0]}: record {i} of the set repeats derivative {side} of parameter {parameter}")

            seen[slot] <- true
            Array.Copy(values, i * size, result, slot * size, size))

        NdArray<float32>(Array.append [| places.Count; 2; parameters |] shape, result)
