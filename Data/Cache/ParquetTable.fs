namespace Hybrid.Data.Cache

open System
open System.IO.Compression
open Hybrid.Data.Formats
open Parquet
open Parquet.Schema

/// A table as one Parquet file for other tools: required columns of whole numbers, doubles, texts and truth values, compressed with zstd.
[<AbstractClass; Sealed>]
type ParquetTable =
    /// Writes the rows; the file stands under its name only when complete.
    /// Throws ArgumentException for a tensor column: those are a cache's.
    static member Write(path: string, rows: CacheRows) : unit =
        let columns = rows.Columns |> Seq.toArray

        let fields =
            columns
            |> Array.map (fun values ->
                let kind =
                    match values.Column.Kind with
                    | CacheColumnKind.Integer -> typeof<int64>
                    | CacheColumnKind.Real -> typeof<float>
                    | CacheColumnKind.Text -> typeof<string>
                    | CacheColumnKind.Logical -> typeof<bool>
                    | _ ->
                        raise (ArgumentException($"column '{values.Column.Name}': expected numbers, texts or truth values, got \
                            {values.Column}.", nameof rows))

                DataField(values.Column.Name, kind, Nullable false))

        let options =
            ParquetOptions(CompressionMethod = CompressionMethod.Zstd, CompressionLevel = CompressionLevel.Fastest)

        WholeFile.WriteAt(
            path,
            fun temporary ->
                use stream = new ShardFile(temporary)
                let schema = ParquetSchema(fields |> Array.map (fun field -> field :> Field))
                let writer = ParquetWriter.CreateAsync(schema, stream, options).GetAwaiter().GetResult()

                if rows.Count > 0 then
                    use group = writer.CreateRowGroup()

                    for values, field in Array.zip columns fields do
                        let column = GroupColumn(values.Column, field, rows.Count)
                        column.Fill(values, 0, 0, rows.Count, 0L)
                        column.Write(group, rows.Count, Threading.CancellationToken.None)

                // Once: it writes the footer.
                writer.DisposeAsync().AsTask().GetAwaiter().GetResult()
        )
