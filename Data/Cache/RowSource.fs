namespace Hybrid.Data.Cache

open System
open System.Collections.Generic
/// Pulls rows out of the pieces that a caller supplies, checking that each has the columns of the first.
[<Sealed>]
type internal RowSource(pieces: IEnumerator<CacheRows>) =
    let mutable piece: CacheRows | null = null
    let mutable at = 0
    let mutable taken = 0L

    let advance () =
        let mutable searching = true

        while searching do
            match piece with
            | null -> searching <- false
            | current when at < current.Count -> searching <- false
            | current ->
                if pieces.MoveNext() then
                    let next = pieces.Current

                    if
                        next.Columns.Count <> current.Columns.Count
                        || not (
                            (current.Columns, next.Columns)
                            ||> Seq.forall2 (fun (a: CacheValues) (b: CacheValues) -> a.Column.Matches b.Column)
                        )
                    then
                        let list (rows: CacheRows) =
                            String.Join(", ", rows.Columns |> Seq.map (fun c -> string c.Column))

                        raise (
                            ArgumentException
                                $"the rows from {taken} on have other columns than those before: expected {list current}, got {list next}."
                        )

                    piece <- next
                    at <- 0
                else
                    piece <- null

    do
        if pieces.MoveNext() then
            piece <- pieces.Current
            advance ()

    /// The piece that holds the next row, or null at the end.
    member _.Piece = piece
    /// The next row's place in Piece.
    member _.At = at
    /// Rows taken so far.
    member _.Taken = taken

    member _.Take(count: int) =
        at <- at + count
        taken <- taken + int64 count
        advance ()
