namespace Hybrid.Data.Cache

open System
open System.Collections.Generic
open System.Runtime.InteropServices
open Hybrid.Data
open Hybrid.Data.Formats

/// What a column of a cache holds.
type CacheColumnKind =
    /// An array of one shape and number type a row, stored bit for bit.
    | Tensor = 0
    /// A 64-bit integer a row: ids, labels, folds.
    | Integer = 1
    /// A double a row: targets, energies, weights.
    | Real = 2
    /// A string a row: source files, splits.
    | Text = 3
    /// A boolean a row.
    | Logical = 4

/// A column's name and kind; of a tensor column also the number type and the shape of one row's tensor.
[<Sealed>]
type CacheColumn internal (name: string, kind: CacheColumnKind, element: NpyElement voption, shape: int[]) =
    member _.Name = name
    member _.Kind = kind
    /// Shape of the tensor of one row, slowest axis first; empty for other kinds and for scalars.
    member _.Shape: IReadOnlyList<int> = shape

    /// Number type of a tensor's values as numpy writes it ("f4", "u1"), or an empty string.
    member _.ElementCode =
        match element with
        | ValueSome e -> e.Code
        | ValueNone -> ""

    /// Values of one row's tensor; 1 for other kinds.
    member _.ElementCount = int (Shape.count (Seq.map int64 shape))

    member internal _.Element = element

    /// Bytes of one row's tensor, 0 for other kinds.
    member internal this.RowBytes =
        match element with
        | ValueSome e -> e.Size * this.ElementCount
        | ValueNone -> 0

    /// Same name, kind, number type and shape.
    member this.Matches(other: CacheColumn) =
        this.Name = other.Name
        && this.Kind = other.Kind
        && this.ElementCode = other.ElementCode
        && Seq.toList this.Shape = Seq.toList other.Shape

    override this.ToString() =
        match kind with
        | CacheColumnKind.Tensor -> $"{name}: {this.ElementCode} {Hybrid.Data.Formats.Shape.describe shape}"
        | other -> $"{name}: {other}"

/// The values of one column for some rows.
[<Sealed>]
type CacheValues private (column: CacheColumn, count: int, values: Array) =
    member _.Column = column
    /// Number of rows.
    member _.Count = count
    member internal _.Values = values

    /// A tensor a row: the array's first axis is the rows.
    static member Tensor(name: string, values: NdArray) =
        if values.Rank < 1 then
            raise (ArgumentException($"column '{name}': expected an array whose first axis is the rows, got a scalar.", nameof values))

        let shape = values.Shape |> Seq.skip 1 |> Seq.toArray

        CacheValues(
            CacheColumn(name, CacheColumnKind.Tensor, ValueSome(NpyElement.ofType values.ElementType), shape),
            values.Shape[0],
            values.RawValues
        )

    static member Integers(name: string, values: int64[]) =
        CacheValues(CacheColumn(name, CacheColumnKind.Integer, ValueNone, [||]), values.Length, values)

    static member Reals(name: string, values: float[]) =
        CacheValues(CacheColumn(name, CacheColumnKind.Real, ValueNone, [||]), values.Length, values)

    static member Texts(name: string, values: string[]) =
        CacheValues(CacheColumn(name, CacheColumnKind.Text, ValueNone, [||]), values.Length, values)

    static member Logicals(name: string, values: bool[]) =
        CacheValues(CacheColumn(name, CacheColumnKind.Logical, ValueNone, [||]), values.Length, values)

/// Some rows of a cache being built: columns of equal length. A cache larger than memory is built from many such pieces.
[<Sealed>]
type CacheRows internal (columns: IReadOnlyList<CacheValues>, leftOut: IReadOnlyList<ColumnProblem>) =
    let names = HashSet<string>(StringComparer.OrdinalIgnoreCase)

    do
        if columns.Count = 0 then
            raise (ArgumentException("expected at least one column.", nameof columns))

        for column in columns do
            if not (names.Add column.Column.Name) then
                raise (ArgumentException($"column '{column.Column.Name}' occurs twice (SQL knows no upper and lower case).",
                                         nameof columns))

            if CacheRows.IsReserved column.Column.Name then
                raise (ArgumentException($"a column may not be named '{column.Column.Name}': row_index is the cache's own.",
                                         nameof columns))

            if column.Count <> columns[0].Count then
                raise (
                    ArgumentException(
                        $"expected {columns[0].Count} row{Plural.s (columns[0].Count)} in every column as in '{columns[0].Column.Name}', \
                            got {column.Count} in '{column.Column.Name}'.",
                        nameof columns
                    )
                )

    new(columns: IReadOnlyList<CacheValues>) = CacheRows(columns, [||])

    /// Names that a column of a cache may not have.
    static member internal IsReserved(name: string) = name = "" || name.Equals("row_index", StringComparison.OrdinalIgnoreCase)

    member _.Columns = columns
    member _.Count = columns[0].Count
    /// Columns of the file that the rows come from which could not be read, with the reason.
    member _.LeftOut = leftOut
