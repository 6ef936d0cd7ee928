namespace Hybrid.Data.Systems.EinsteinRadius

open System
open System.IO
open System.Runtime.InteropServices
open System.Text.Json
open Hybrid.Data.Figures
open Hybrid.Data.Formats
open Hybrid.Data.Statistics

/// How the values of one band, or the targets, are distributed.
type ValueDistribution =
    { /// The band's name; "Outputs" for the targets.
      Name: string
      Minimum: float
      Maximum: float
      /// Edges of bins of equal width over the whole range, and the number of values in each.
      Edges: float[]
      Counts: int[]
      /// A kernel density of the values at the points of Grid.
      Grid: float[]
      Density: float[] }

/// The densities of one quantity in two sets, at the same points.
type DensityPair =
    { Name: string
      Grid: float[]
      Density: float[]
      Compared: float[] }

/// Reading and writing of the records that the figures of a LensDataset are made from.
[<RequireQualifiedAccess>]
module internal LensNumbers =
    let private layout = JsonSerializerOptions(WriteIndented = true)

    let save (path: string) (numbers: 'T) : unit =
        WholeFile.WriteText(path, JsonSerializer.Serialize(numbers, layout) + "\n")

    let load<'T when 'T: not struct and 'T: not null> (path: string) (complete: 'T -> bool) : 'T =
        let expected = typeof<'T>.Name

        try
            match JsonSerializer.Deserialize<'T>(File.ReadAllText path) with
            | null -> raise (InvalidDataException $"{path}: expected a {expected}, got null.")
            | read when complete read -> read
            | _ -> raise (InvalidDataException $"{path}: expected a whole {expected}, some of its numbers are missing.")
        with :? JsonException as e ->
            raise (InvalidDataException($"{path}: expected a {expected} as its Save writes: {e.Message}", e))

    let isHere (value: 'T) = not (isNull (box value))

/// The distributions of a data set's bands and targets, as numbers that can be saved: what LensFigures draws.
type LensStatistics =
    { Dataset: string
      Bands: ValueDistribution[]
      Outputs: ValueDistribution }

    /// edges : number of edges of the bins, so 100 gives 99 of them, as in the original;  bandwidth : deviation of the densities' kernel,
    /// in the values' unit, by default the Einstein-radius work's, for values of deviation 1.
    static member Of
        (
            data: LensDataset,
            [<Optional; DefaultParameterValue(100)>] edges: int,
            [<Optional; DefaultParameterValue(0.13)>] bandwidth: float
        ) : LensStatistics =
        ArgumentNullException.ThrowIfNull data

        if edges < 2 then
            raise (ArgumentOutOfRangeException(nameof edges, edges, $"LensStatistics.Of: expected at least 2 edges, got {edges}."))

        let distribution name (values: float[]) =
            let first, last = Array.min values, Array.max values
            let bins = HistogramFigure.Edges(first, (if last > first then last else first + 1.0), edges - 1)
            let grid = KernelDensity.Grid(ReadOnlySpan values, 100)

            { Name = name
              Minimum = first
              Maximum = last
              Edges = bins
              Counts = HistogramFigure.Count(values, bins)
              Grid = grid
              Density = KernelDensity.Estimate(ReadOnlySpan values, ReadOnlySpan grid, bandwidth) }

        { Dataset = data.Name
          Bands = data.Inputs.Bands |> Array.mapi (fun b band -> distribution band (data.Inputs.BandValues b |> Array.map float))
          Outputs = distribution "Outputs" data.Outputs }

    /// Writes the numbers as JSON.
    member this.Save(path: string) : unit = LensNumbers.save path this

    /// Reads what Save wrote. Throws InvalidDataException with the path for anything else.
    static member Load(path: string) : LensStatistics =
        let isWhole (d: ValueDistribution) =
            LensNumbers.isHere d && LensNumbers.isHere d.Edges && LensNumbers.isHere d.Counts && d.Counts.Length = d.Edges.Length - 1
            && LensNumbers.isHere d.Grid && LensNumbers.isHere d.Density && d.Density.Length = d.Grid.Length

        LensNumbers.load<LensStatistics> path (fun read ->
            LensNumbers.isHere read.Bands && Array.forall isWhole read.Bands && isWhole read.Outputs)

/// The densities of two data sets' bands and targets over their joint ranges, as numbers that can be saved.
type LensComparison =
    { Dataset: string
      Compared: string
      Bands: DensityPair[]
      Outputs: DensityPair }

    /// `compared` must have all bands of `data`, in any order.
    static member Of
        (
            data: LensDataset,
            compared: LensDataset,
            [<Optional; DefaultParameterValue(0.13)>] bandwidth: float
        ) : LensComparison =
        ArgumentNullException.ThrowIfNull data
        ArgumentNullException.ThrowIfNull compared

        let pair name (own: float[]) (other: float[]) =
            let grid = KernelDensity.Grid(ReadOnlySpan(Array.append own other), 100)
            let density (values: float[]) = KernelDensity.Estimate(ReadOnlySpan values, ReadOnlySpan grid, bandwidth)

            { Name = name
              Grid = grid
              Density = density own
              Compared = density other }

        let bands =
            data.Inputs.Bands
            |> Array.mapi (fun b band ->
                let other = compared.Inputs.BandValues(compared.Inputs.BandIndex band)
                pair band (data.Inputs.BandValues b |> Array.map float) (other |> Array.map float))

        { Dataset = data.Name
          Compared = compared.Name
          Bands = bands
          Outputs = pair "outputs" data.Outputs compared.Outputs }

    /// Writes the numbers as JSON.
    member this.Save(path: string) : unit = LensNumbers.save path this

    /// Reads what Save wrote. Throws InvalidDataException with the path for anything else.
    static member Load(path: string) : LensComparison =
        let isWhole (pair: DensityPair) =
            LensNumbers.isHere pair && LensNumbers.isHere pair.Grid && LensNumbers.isHere pair.Density && LensNumbers.isHere pair.Compared
            && pair.Density.Length = pair.Grid.Length && pair.Compared.Length = pair.Grid.Length

        LensNumbers.load<LensComparison> path (fun read ->
            LensNumbers.isHere read.Bands && Array.forall isWhole read.Bands && isWhole read.Outputs)
