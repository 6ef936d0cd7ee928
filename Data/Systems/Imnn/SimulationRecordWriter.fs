namespace Hybrid.Data.Systems.Imnn

open System
open System.Collections.Generic
open Hybrid.Data.Formats

/// Writes simulations as the IMNN package's TFRecords: features `data` (the raw floats) and `seed`; a file is closed when it has about
/// `megabytes` (150 in the package), and the next begins: {name}_00000.tfrecords, {name}_00001.tfrecords, …
/// name : fiducial, derivative, remaining; for validation with `validation_` before
[<Sealed>]
type SimulationRecordWriter(folder: string, name: string, megabytes: float) =
    do
        if not (megabytes > 0.0 && Double.IsFinite megabytes) then
            raise (ArgumentOutOfRangeException(nameof megabytes, megabytes,
                                               $"SimulationRecordWriter: expected a size > 0 MB, got {megabytes}."))

    let writer = new TfRecordWriter(folder, name, megabytes * 1e6)

    /// The files so far.
    member _.Paths: IReadOnlyList<string> = writer.Paths

    /// seed : the simulation's own, by which it is found again;  data : the simulation, or its derivatives (…, P)
    member _.Write(seed: int64, data: ReadOnlySpan<float32>) : unit =
        let features = [| KeyValuePair("data", TfFeature.OfSingles data); KeyValuePair("seed", TfFeature.OfIntegers seed) |]
        writer.Write(ReadOnlySpan(TfExample(features).ToBytes()))

    interface IDisposable with
        member _.Dispose() = writer.Dispose()
