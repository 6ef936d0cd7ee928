namespace Hybrid.Data.Systems.Imnn

open System
open System.Collections.Generic
open System.IO
open Hybrid.Data
open Hybrid.Data.Cache
open Hybrid.Data.Formats

/// Simulations on disk under the names that the IMNN package's examples give them, for training and, with `validation_` before, for
/// validation; in the order of their names, a simulation a file (.npy) or several (.tfrecords):
///   fiducial_0000 : at the fiducial parameters, of any shape
///   derivative_0000 : ∂d/∂θ of the simulation of that number, the parameters as its last axis
///   remaining_0000 : at the fiducial parameters, without derivatives
/// Where there are fewer derivatives than fiducial simulations, those beyond are without.
[<Sealed>]
type SimulationFiles private (folder: string, prefix: string, fiducial: string[], derivative: string[], remaining: string[],
                              shape: int[], parameters: int) =

    /// A piece of a cache is about this many floats.
    static let floatsPerPiece = 4_000_000

    static let isRecord (path: string) = Path.GetExtension path = ".tfrecords"

    static let nameOf (path: string) =
        match Path.GetFileNameWithoutExtension path with
        | null -> ""
        | name -> name

    static let find (folder: string) (start: string) =
        // Digits must follow: fiducial_data.npy is an array of many simulations.
        [| for path in Directory.GetFiles folder do
               let name = nameOf path
               let isKnown = Path.GetExtension path = ".npy" || isRecord path
               if isKnown && name.StartsWith(start, StringComparison.Ordinal) && name.Length > start.Length
                  && Seq.forall Char.IsAsciiDigit (name.Substring start.Length) then
                   path |]
        |> Array.sortWith (fun a b -> StringComparer.Ordinal.Compare(a, b))

    static let read (size: int) (path: string) : seq<float32[]> =
        let check (values: float32[]) place =
            if values.Length <> size then
                raise (InvalidDataException $"{path}{place}: expected {size} number{Plural.s size} as in the first simulation, got \
                    {values.Length}.")
            values

        if isRecord path then
            TfRecordFile.Read path
            |> Seq.mapi (fun i payload -> check ((TfExample.Parse payload).Singles "data") $", record {i}")
        else
            Seq.singleton (check ((Npy.Read path).ToSingles()) "")

    static let product (sizes: int[]) = Array.fold (*) 1 sizes

    static let numberOf (path: string) =
        let name = nameOf path
        name.Substring(name.LastIndexOf '_' + 1)

    let size = product shape

    let pieces (columns: (string * int[]) list) (rows: seq<float32[] list>) : seq<CacheRows> =
        let perRow = columns |> List.sumBy (snd >> product)

        rows
        |> Seq.chunkBySize (max 1 (floatsPerPiece / perRow))
        |> Seq.map (fun chunk ->
            CacheRows(
                [| for c, (name, sizes) in List.indexed columns do
                       let values = chunk |> Array.collect (fun row -> row[c])
                       CacheValues.Tensor(name, NdArray<float32>(Array.append [| chunk.Length |] sizes, values)) |]
            ))

    let names = [| yield! fiducial; yield! derivative; yield! remaining |]
    let described what = $"{prefix}{what} simulations ({String.Join(',', shape)}), {parameters} parameters"

    /// Whether a folder holds such files.
    static member IsIn(folder: string) : bool = Directory.Exists folder && (find folder "fiducial_").Length > 0

    /// The training files of a folder, or with the prefix `validation_` those for validation.
    /// parameters : P; null where the derivatives' own files say it (.npy)
    /// shape : of one simulation; null where the files say it (.npy)
    /// Throws InvalidDataException, with the file's path, where a set is incomplete or a shape does not fit.
    static member Find(folder: string, prefix: string, parameters: Nullable<int>, shape: int[] | null) : SimulationFiles =
        let set name = find folder (prefix + name + "_")
        let fiducial, derivative, remaining = set "fiducial", set "derivative", set "remaining"

        if fiducial.Length = 0 || derivative.Length = 0 then
            let missing = if fiducial.Length = 0 then "fiducial" else "derivative"
            raise (InvalidDataException $"{folder}: expected files {prefix}{missing}_0000.npy, … or .tfrecords, found none.")

        if not (isRecord fiducial[0]) then
            let known = Set.ofArray (fiducial |> Array.map numberOf)

            for path in derivative do
                if not (known.Contains(numberOf path)) then
                    raise (InvalidDataException $"{path}: expected a simulation of the same number, \
                        {prefix}fiducial_{numberOf path}.npy; there is none.")

        let shapeOf (path: string) (what: string) (given: int[] option) =
            match given with
            | Some sizes -> sizes
            | None when isRecord path ->
                raise (InvalidDataException $"{path}: a record does not say the shape of its simulation. Give {what}.")
            | None -> (Npy.Read path).Shape |> Seq.toArray

        let shape = shapeOf fiducial[0] "--shape" (match shape with null -> None | sizes -> Some sizes)

        let parameters =
            if parameters.HasValue then
                parameters.Value
            else
                let sizes = shapeOf derivative[0] "--fiducial" None

                if sizes.Length <> shape.Length + 1 || Array.take shape.Length sizes <> shape then
                    let expected, got = String.Join(", ", shape), String.Join(", ", sizes)
                    raise (InvalidDataException $"{derivative[0]}: expected ({expected}, parameters) for a simulation ({expected}), got \
                        ({got}).")

                Array.last sizes

        SimulationFiles(folder, prefix, fiducial, derivative, remaining, shape, parameters)

    member _.Folder = folder
    /// Of one simulation.
    member _.Shape: IReadOnlyList<int> = shape
    member _.Parameters = parameters
    /// All files, in the order in which they are read.
    member _.Inputs: IReadOnlyList<string> = names

    /// The cache of simulations with derivatives, columns `simulation` (…) and `derivative` (…, P).
    /// root : folder for caches
    member _.Main(root: string) : Cache =
        Cache.GetOrBuild(root, CacheRecipe(described "main", Array.append fiducial derivative), fun () ->
            let withNumber =
                if isRecord fiducial[0] then fiducial
                else
                    let wanted = Set.ofArray (derivative |> Array.map numberOf)
                    fiducial |> Array.filter (fun path -> wanted.Contains(numberOf path))

            let simulations = withNumber |> Seq.collect (read size)
            let derivatives = derivative |> Seq.collect (read (size * parameters))
            let rows = Seq.zip simulations derivatives |> Seq.map (fun (d, along) -> [ d; along ])
            pieces [ "simulation", shape; "derivative", Array.append shape [| parameters |] ] rows)

    /// The cache of those without, column `simulation`; null where there is none.
    /// root : folder for caches;  withDerivatives : rows of Main
    member _.Remaining(root: string, withDerivatives: int) : Cache | null =
        let beyond () =
            if isRecord fiducial[0] then
                fiducial |> Seq.collect (read size) |> Seq.skip withDerivatives
            else
                let used = Set.ofArray (derivative |> Array.map numberOf)
                fiducial |> Seq.filter (fun path -> not (used.Contains(numberOf path))) |> Seq.collect (read size)

        let all () = Seq.append (beyond ()) (remaining |> Seq.collect (read size))

        if Seq.isEmpty (all ()) then
            null
        else
            Cache.GetOrBuild(root, CacheRecipe(described "remaining", Array.append fiducial remaining), fun () ->
                pieces [ "simulation", shape ] (all () |> Seq.map List.singleton))
