namespace Hybrid.PropertyTests.Laws.Data.Cache

open DuckDB.NET.Data

/// DuckDB beside Hybrid: another program that reads and writes Parquet files, with which the cache's are compared.
[<RequireQualifiedAccess>]
module Duck =
    /// A string literal.
    let quote (text: string) = "'" + text.Replace("'", "''") + "'"

    let private run (sql: string) (read: DuckDBCommand -> 'T) : 'T =
        use connection = new DuckDBConnection "DataSource=:memory:;autoinstall_known_extensions=false;autoload_known_extensions=false"
        connection.Open()
        use command = connection.CreateCommand()
        command.CommandText <- sql
        read command

    let execute (sql: string) : unit = run sql (fun command -> command.ExecuteNonQuery() |> ignore)

    /// The rows of an answer.
    let query (sql: string) : obj[][] =
        run sql (fun command ->
            use reader = command.ExecuteReader()

            [| while reader.Read() do
                   [| for i in 0 .. reader.FieldCount - 1 -> reader.GetValue i |] |])
