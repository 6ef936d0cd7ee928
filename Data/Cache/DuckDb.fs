namespace Hybrid.Data.Cache

open System
open System.Collections.Generic
open System.IO
open System.Runtime.InteropServices
open System.Text
open Hybrid.Data

#nowarn "9" // native pointers

/// The result structure of duckdb.h, handed to some functions by value.
[<Struct; StructLayout(LayoutKind.Sequential)>]
type internal DuckResultHandle =
    val mutable DeprecatedColumnCount: uint64
    val mutable DeprecatedRowCount: uint64
    val mutable DeprecatedRowsChanged: uint64
    val mutable DeprecatedColumns: nativeint
    val mutable DeprecatedErrorMessage: nativeint
    val mutable InternalData: nativeint

/// The functions of DuckDB's C API (duckdb.h 1.5.6) that the cache needs; handles are pointers.
module internal DuckDbNative =
    [<DllImport("duckdb")>]
    extern int duckdb_create_config(nativeint& config)

    [<DllImport("duckdb")>]
    extern int duckdb_set_config(nativeint config, byte[] name, byte[] option)

    [<DllImport("duckdb")>]
    extern void duckdb_destroy_config(nativeint& config)

    [<DllImport("duckdb")>]
    extern int duckdb_open_ext(byte[] path, nativeint& database, nativeint config, nativeint& error)

    [<DllImport("duckdb")>]
    extern void duckdb_close(nativeint& database)

    [<DllImport("duckdb")>]
    extern int duckdb_connect(nativeint database, nativeint& connection)

    [<DllImport("duckdb")>]
    extern void duckdb_disconnect(nativeint& connection)

    [<DllImport("duckdb")>]
    extern void duckdb_interrupt(nativeint connection)

    [<DllImport("duckdb")>]
    extern void duckdb_free(nativeint memory)

    [<DllImport("duckdb")>]
    extern nativeint duckdb_library_version()

    [<DllImport("duckdb")>]
    extern int duckdb_query(nativeint connection, byte[] sql, DuckResultHandle& result)

    [<DllImport("duckdb")>]
    extern void duckdb_destroy_result(DuckResultHandle& result)

    [<DllImport("duckdb")>]
    extern nativeint duckdb_result_error(DuckResultHandle& result)

    [<DllImport("duckdb")>]
    extern uint64 duckdb_column_count(DuckResultHandle& result)

    [<DllImport("duckdb")>]
    extern nativeint duckdb_column_name(DuckResultHandle& result, uint64 column)

    [<DllImport("duckdb")>]
    extern int duckdb_column_type(DuckResultHandle& result, uint64 column)

    [<DllImport("duckdb")>]
    extern nativeint duckdb_column_logical_type(DuckResultHandle& result, uint64 column)

    [<DllImport("duckdb")>]
    extern nativeint duckdb_fetch_chunk(DuckResultHandle result)

    [<DllImport("duckdb")>]
    extern int duckdb_prepare(nativeint connection, byte[] sql, nativeint& statement)

    [<DllImport("duckdb")>]
    extern nativeint duckdb_prepare_error(nativeint statement)

    [<DllImport("duckdb")>]
    extern void duckdb_destroy_prepare(nativeint& statement)

    [<DllImport("duckdb")>]
    extern int duckdb_bind_int64(nativeint statement, uint64 parameter, int64 value)

    [<DllImport("duckdb")>]
    extern int duckdb_execute_prepared(nativeint statement, DuckResultHandle& result)

    [<DllImport("duckdb")>]
    extern int duckdb_execute_prepared_streaming(nativeint statement, DuckResultHandle& result)

    [<DllImport("duckdb")>]
    extern void duckdb_destroy_data_chunk(nativeint& chunk)

    [<DllImport("duckdb")>]
    extern uint64 duckdb_data_chunk_get_size(nativeint chunk)

    [<DllImport("duckdb")>]
    extern void duckdb_data_chunk_set_size(nativeint chunk, uint64 size)

    [<DllImport("duckdb")>]
    extern nativeint duckdb_data_chunk_get_vector(nativeint chunk, uint64 column)

    [<DllImport("duckdb")>]
    extern nativeint duckdb_vector_get_data(nativeint vector)

    [<DllImport("duckdb")>]
    extern nativeint duckdb_vector_get_validity(nativeint vector)

    [<DllImport("duckdb")>]
    extern void duckdb_vector_assign_string_element_len(nativeint vector, uint64 index, nativeint text, uint64 length)

    [<DllImport("duckdb")>]
    extern nativeint duckdb_list_vector_get_child(nativeint vector)

    [<DllImport("duckdb")>]
    extern nativeint duckdb_array_vector_get_child(nativeint vector)

    [<DllImport("duckdb")>]
    extern nativeint duckdb_create_logical_type(int kind)

    [<DllImport("duckdb")>]
    extern void duckdb_destroy_logical_type(nativeint& logical)

    [<DllImport("duckdb")>]
    extern int duckdb_get_type_id(nativeint logical)

    [<DllImport("duckdb")>]
    extern nativeint duckdb_list_type_child_type(nativeint logical)

    [<DllImport("duckdb")>]
    extern nativeint duckdb_array_type_child_type(nativeint logical)

    [<DllImport("duckdb")>]
    extern uint64 duckdb_array_type_array_size(nativeint logical)

    [<DllImport("duckdb")>]
    extern nativeint duckdb_create_table_function()

    [<DllImport("duckdb")>]
    extern void duckdb_destroy_table_function(nativeint& functionHandle)

    [<DllImport("duckdb")>]
    extern void duckdb_table_function_set_name(nativeint functionHandle, byte[] name)

    [<DllImport("duckdb")>]
    extern void duckdb_table_function_set_bind(nativeint functionHandle, nativeint callback)

    [<DllImport("duckdb")>]
    extern void duckdb_table_function_set_init(nativeint functionHandle, nativeint callback)

    [<DllImport("duckdb")>]
    extern void duckdb_table_function_set_function(nativeint functionHandle, nativeint callback)

    [<DllImport("duckdb")>]
    extern int duckdb_register_table_function(nativeint connection, nativeint functionHandle)

    [<DllImport("duckdb")>]
    extern void duckdb_bind_add_result_column(nativeint info, byte[] name, nativeint logical)

    [<DllImport("duckdb")>]
    extern void duckdb_bind_set_cardinality(nativeint info, uint64 rows, bool exact)

    [<DllImport("duckdb")>]
    extern void duckdb_bind_set_error(nativeint info, byte[] error)

    [<DllImport("duckdb")>]
    extern void duckdb_init_set_max_threads(nativeint info, uint64 threads)

    [<DllImport("duckdb")>]
    extern void duckdb_function_set_error(nativeint info, byte[] error)

/// DuckDB's numbers for the types that the cache meets (enum duckdb_type).
[<RequireQualifiedAccess>]
module internal DuckType =
    [<Literal>]
    let Boolean = 1

    [<Literal>]
    let TinyInt = 2

    [<Literal>]
    let SmallInt = 3

    [<Literal>]
    let Integer = 4

    [<Literal>]
    let BigInt = 5

    [<Literal>]
    let UTinyInt = 6

    [<Literal>]
    let USmallInt = 7

    [<Literal>]
    let UInteger = 8

    [<Literal>]
    let UBigInt = 9

    [<Literal>]
    let Float = 10

    [<Literal>]
    let Double = 11

    [<Literal>]
    let HugeInt = 16

    [<Literal>]
    let Varchar = 17

    [<Literal>]
    let Blob = 18

    [<Literal>]
    let Decimal = 19

    [<Literal>]
    let List = 24

    [<Literal>]
    let Array = 33

/// What DuckDB answered to a statement that failed.
[<Sealed>]
type DuckDbException internal (message: string, statement: string) =
    inherit Exception(message)
    /// The SQL that failed.
    member _.Statement = statement

[<RequireQualifiedAccess>]
module internal DuckText =
    let terminated (text: string) = Encoding.UTF8.GetBytes(text + "\000")

    let ofPointer (pointer: nativeint) : string =
        match Marshal.PtrToStringUTF8 pointer with
        | null -> ""
        | text -> text

    /// A string literal.
    let quote (text: string) = "'" + text.Replace("'", "''") + "'"

    /// An identifier.
    let name (text: string) =
        "\"" + text.Replace("\"", "\"\"") + "\""

    /// A list of string literals, as read_parquet takes them.
    let quoteAll (texts: seq<string>) =
        "[" + String.Join(", ", texts |> Seq.map quote) + "]"

/// A piece of a result: vectors of up to 2048 values, valid until Dispose.
[<Sealed>]
type internal DuckChunk(handle: nativeint) =
    let mutable handle = handle
    member val Count = int (DuckDbNative.duckdb_data_chunk_get_size handle)
    member _.Vector(column: int) = DuckDbNative.duckdb_data_chunk_get_vector (handle, uint64 column)

    /// The values of a column of a fixed width, as they lie in memory.
    member this.Data(column: int) : nativeint =
        DuckDbNative.duckdb_vector_get_data (this.Vector column)

    /// Bits of the rows that are not null, or 0 where none is.
    member this.Validity(column: int) : nativeint =
        DuckDbNative.duckdb_vector_get_validity (this.Vector column)

    interface IDisposable with
        member _.Dispose() =
            if handle <> 0n then
                DuckDbNative.duckdb_destroy_data_chunk &handle

/// The result of a query, read chunk by chunk.
[<Sealed>]
type internal DuckResult(handle: DuckResultHandle, statement: nativeint) =
    let mutable handle = handle
    let mutable statement = statement
    let mutable open' = true

    member val ColumnCount = int (DuckDbNative.duckdb_column_count &handle)

    member _.ColumnName(column: int) =
        DuckText.ofPointer (DuckDbNative.duckdb_column_name (&handle, uint64 column))

    member _.ColumnType(column: int) =
        DuckDbNative.duckdb_column_type (&handle, uint64 column)

    /// Type of the values of a list or array column, and the array's length (0 for lists).
    member _.ElementType(column: int) : struct (int * int) =
        let mutable logical = DuckDbNative.duckdb_column_logical_type (&handle, uint64 column)
        let array = DuckDbNative.duckdb_get_type_id logical = DuckType.Array

        let mutable child =
            if array then
                DuckDbNative.duckdb_array_type_child_type logical
            else
                DuckDbNative.duckdb_list_type_child_type logical

        let kind = DuckDbNative.duckdb_get_type_id child
        let length = if array then int (DuckDbNative.duckdb_array_type_array_size logical) else 0
        DuckDbNative.duckdb_destroy_logical_type &child
        DuckDbNative.duckdb_destroy_logical_type &logical
        struct (kind, length)

    /// The next chunk, or null at the end.
    member _.Next() : DuckChunk | null =
        let chunk = DuckDbNative.duckdb_fetch_chunk handle

        if chunk = 0n then
            // The end and an error look the same: a streaming result carries the error text.
            match DuckText.ofPointer (DuckDbNative.duckdb_result_error &handle) with
            | "" -> null
            | error -> raise (DuckDbException($"DuckDB: {error}", ""))
        else
            new DuckChunk(chunk)

    interface IDisposable with
        member _.Dispose() =
            if open' then
                open' <- false
                DuckDbNative.duckdb_destroy_result &handle

                if statement <> 0n then
                    DuckDbNative.duckdb_destroy_prepare &statement

/// A database in memory: the engine that reads and writes Parquet. Nothing is ever installed or loaded from the network.
[<Sealed>]
type internal DuckDatabase(settings: seq<string * string>) =
    let mutable database = 0n

    do
        NativeLibraries.register ()
        let mutable config = 0n
        DuckDbNative.duckdb_create_config &config |> ignore

        try
            for name, value in
                Seq.append
                    [ "autoinstall_known_extensions", "false"
                      "autoload_known_extensions", "false" ]
                    settings do
                if DuckDbNative.duckdb_set_config (config, DuckText.terminated name, DuckText.terminated value) <> 0 then
                    raise (DuckDbException($"DuckDB: it has no setting {name} = {value}", ""))

            let mutable error = 0n

            if DuckDbNative.duckdb_open_ext (DuckText.terminated ":memory:", &database, config, &error) <> 0 then
                let text = DuckText.ofPointer error
                DuckDbNative.duckdb_free error
                raise (DuckDbException($"DuckDB did not open: {text}", ""))
        finally
            DuckDbNative.duckdb_destroy_config &config

    member _.Handle = database

    member _.Connect() =
        let mutable connection = 0n

        if DuckDbNative.duckdb_connect (database, &connection) <> 0 then
            raise (DuckDbException("DuckDB: no connection to the database in memory", ""))

        new DuckConnection(connection)

    interface IDisposable with
        member _.Dispose() =
            if database <> 0n then
                DuckDbNative.duckdb_close &database

/// A connection; for one thread at a time.
and [<Sealed>] internal DuckConnection(handle: nativeint) =
    let mutable handle = handle

    let fail (error: nativeint) (sql: string) =
        raise (DuckDbException($"DuckDB: {DuckText.ofPointer error}", sql))

    member _.Handle = handle

    /// Stops what the connection is doing; for another thread.
    member _.Interrupt() =
        DuckDbNative.duckdb_interrupt handle

    /// Runs a statement whose result does not matter.
    member _.Execute(sql: string) : unit =
        let mutable result = DuckResultHandle()

        try
            if DuckDbNative.duckdb_query (handle, DuckText.terminated sql, &result) <> 0 then
                fail (DuckDbNative.duckdb_result_error &result) sql
        finally
            DuckDbNative.duckdb_destroy_result &result

    /// Prepares a statement with parameters $1, $2, …; the caller disposes of it.
    member _.Prepare(sql: string) : DuckStatement =
        let mutable statement = 0n

        if DuckDbNative.duckdb_prepare (handle, DuckText.terminated sql, &statement) <> 0 then
            let error = DuckText.ofPointer (DuckDbNative.duckdb_prepare_error statement)
            DuckDbNative.duckdb_destroy_prepare &statement
            raise (DuckDbException($"DuckDB: {error}", sql))

        new DuckStatement(statement, sql)

    /// Runs a query and reads its result as it is made.
    member this.Query(sql: string) : DuckResult =
        let statement = this.Prepare sql

        try
            statement.Run(true)
        with _ ->
            (statement :> IDisposable).Dispose()
            reraise ()

    interface IDisposable with
        member _.Dispose() =
            if handle <> 0n then
                DuckDbNative.duckdb_disconnect &handle

/// A prepared statement.
and [<Sealed>] internal DuckStatement(statement: nativeint, sql: string) =
    let mutable statement = statement

    /// Sets parameter `index`, from 1.
    member _.Bind(index: int, value: int64) =
        if DuckDbNative.duckdb_bind_int64 (statement, uint64 index, value) <> 0 then
            raise (DuckDbException($"DuckDB: parameter {index} cannot be bound", sql))

    /// Runs the statement and reads its result as it is made. With `owned` the result disposes of the statement.
    member _.Run(owned: bool) : DuckResult =
        let mutable result = DuckResultHandle()

        if DuckDbNative.duckdb_execute_prepared_streaming (statement, &result) <> 0 then
            let error = DuckText.ofPointer (DuckDbNative.duckdb_result_error &result)
            DuckDbNative.duckdb_destroy_result &result
            raise (DuckDbException($"DuckDB: {error}", sql))

        let handed = if owned then statement else 0n

        if owned then
            statement <- 0n

        new DuckResult(result, handed)

    interface IDisposable with
        member _.Dispose() =
            if statement <> 0n then
                DuckDbNative.duckdb_destroy_prepare &statement
