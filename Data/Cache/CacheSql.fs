namespace Hybrid.Data.Cache

open System
open System.Data.Common
open System.IO
open System.Text
open DuckDB.NET.Data

/// What DuckDB answered to a statement that failed.
[<Sealed>]
type DuckDbException internal (message: string, statement: string, inner: exn | null) =
    inherit Exception(message, inner)
    /// The SQL that failed.
    member _.Statement = statement

/// SQL conditions over a Parquet file, answered by DuckDB: its assembly and its library are loaded when the first condition is asked for.
[<RequireQualifiedAccess>]
module internal CacheSql =
    /// One database in memory for the process; every query has a connection of its own to it. Nothing is installed or loaded from the
    /// network.
    let private database : Lazy<DbConnection> =
        lazy
            (let settings =
                String.Join(
                    ";",
                    [ "DataSource=:memory:"
                      $"threads={max 1 Environment.ProcessorCount}"
                      "autoinstall_known_extensions=false"
                      "autoload_known_extensions=false"
                      // The system caches files; a second copy of them here would have no bound but the machine's memory.
                      "enable_external_file_cache=false"
                      // Nothing that is asked for here is large, and no folder for spilled data shall appear beside the user's program.
                      "temp_directory=" ]
                )

             let connection = new DuckDBConnection(settings)
             connection.Open()
             use command = connection.CreateCommand()
             // Row groups are not left out by their statistics: DuckDB takes NaN for the largest number, and statistics do not cover it.
             command.CommandText <- "SET disabled_optimizers = 'filter_pushdown,statistics_propagation'"
             command.ExecuteNonQuery() |> ignore
             connection :> DbConnection)

    /// DuckDB reads *, ? and [ in a name as patterns, in brackets they stand for themselves. A backslash before them does not work then.
    let private escape (path: string) : string =
        let text = StringBuilder()

        for c in Path.GetFullPath path do
            (if c = '*' || c = '?' || c = '[' then text.Append('[').Append(c).Append(']') else text.Append c) |> ignore

        text.ToString()

    /// Calls `ask` with a name that means this file to DuckDB and nothing else. On Linux it is that of the open file, since a file's own
    /// name may look like a pattern, a column's value (k=1/) or an address; elsewhere patterns are escaped.
    let private named (path: string) (ask: string -> 'T) : 'T =
        if OperatingSystem.IsLinux() && Directory.Exists "/proc/self/fd" then
            use file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read)
            ask $"/proc/self/fd/{file.DangerousGetHandle()}"
        else
            ask (escape path)

    let private identifier (name: string) = "\"" + name.Replace("\"", "\"\"") + "\""

    /// The values of an integer column, sorted, of the rows of a Parquet file for which a condition holds. Throws DuckDbException with
    /// DuckDB's words.
    let private select (path: string) (column: string) (options: string) (condition: string) : ResizeArray<int64> =
        let rows = ResizeArray<int64>()

        named path (fun name ->
            // The file's name is a parameter, and folders such as k=1 give no columns.
            let sql = $"SELECT {identifier column} FROM read_parquet($1, hive_partitioning = false{options}) WHERE ({condition}\n)"

            try
                use connection = (database.Value :?> DuckDBConnection).Duplicate()
                connection.Open()
                use command = connection.CreateCommand()
                command.CommandText <- sql
                command.UseStreamingMode <- true
                command.Parameters.Add(DuckDBParameter name) |> ignore
                use reader = command.ExecuteReader()

                while reader.Read() do
                    rows.Add(reader.GetInt64 0)
            with :? DuckDBException as e ->
                raise (DuckDbException($"DuckDB: {e.Message.Replace(name, path)}", sql, e)))

        rows.Sort()
        rows

    /// Rows of a cache's shard for which a condition over its columns holds, in their order.
    let rowsOfShard (path: string) (condition: string) : ResizeArray<int64> = select path "row_index" "" condition

    /// Rows of any Parquet file for which a condition over its columns holds, in their order.
    let rowsOfFile (path: string) (condition: string) : ResizeArray<int64> =
        select path "file_row_number" ", file_row_number = true" condition
