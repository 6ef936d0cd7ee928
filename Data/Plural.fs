namespace Hybrid.Data

/// The plural of nouns in messages: $"{n} row{Plural.s n}" is "1 row" or "2 rows".
[<RequireQualifiedAccess>]
module internal Plural =
    /// The ending of a regular noun after a number.
    let inline s (n: ^n) : string = if n = LanguagePrimitives.GenericOne then "" else "s"
