namespace Hybrid.Data.Formats

open System
open System.Collections.Generic
open System.Globalization
open System.IO
open System.Numerics
open System.Runtime.InteropServices
open System.Text

/// What a keyword's value is.
type FitsValueKind =
    /// No value: COMMENT, HISTORY, blank keywords; Text is the comment.
    | Commentary = 0
    /// A value indicator without a value after it, or with one of no kind, which Text then holds.
    | Undefined = 1
    | Text = 2
    | Logical = 3
    | Integer = 4
    | Real = 5
    | Complex = 6

/// One keyword of a FITS header, typed (FITS standard 4.0, section 4; long strings by CONTINUE, long names by HIERARCH).
[<Sealed>]
type FitsKeyword internal (name: string, kind: FitsValueKind, text: string, number: Complex, integer: int64, comment: string) =
    member _.Name = name
    member _.Kind = kind
    /// The string value; of commentary its text; of other kinds the value as the file writes it.
    member _.Text = text
    member _.Comment = comment
    /// Throws InvalidDataException unless Kind is Integer.
    member this.Integer =
        this.Require "an integer" (kind = FitsValueKind.Integer)
        integer

    /// An integer or a real number.
    member this.Real =
        this.Require "a number" (kind = FitsValueKind.Integer || kind = FitsValueKind.Real)
        number.Real

    member this.Complex =
        this.Require "a complex number" (kind = FitsValueKind.Complex)
        number

    member this.Logical =
        this.Require "T or F" (kind = FitsValueKind.Logical)
        integer <> 0L

    member private _.Require (wanted: string) (holds: bool) =
        if not holds then
            raise (InvalidDataException $"keyword {name}: expected {wanted}, got '{text}' ({kind})")

    static member OfText(name: string, value: string, [<Optional; DefaultParameterValue("")>] comment: string) =
        FitsKeyword(name, FitsValueKind.Text, value, Complex.Zero, 0L, comment)

    static member OfInteger(name: string, value: int64, [<Optional; DefaultParameterValue("")>] comment: string) =
        FitsKeyword(
            name,
            FitsValueKind.Integer,
            value.ToString CultureInfo.InvariantCulture,
            Complex(float value, 0.0),
            value,
            comment
        )

    static member OfReal(name: string, value: float, [<Optional; DefaultParameterValue("")>] comment: string) =
        if not (Double.IsFinite value) then
            raise (ArgumentException($"keyword {name}: a FITS header holds finite numbers only, got {value}.", nameof value))

        FitsKeyword(
            name,
            FitsValueKind.Real,
            // A real number without a point or exponent would read back as an integer.
            (let shortest = value.ToString("R", CultureInfo.InvariantCulture)

             if shortest.AsSpan().IndexOfAny('.', 'E') < 0 then shortest + "." else shortest),
            Complex(value, 0.0),
            0L,
            comment
        )

    static member OfLogical(name: string, value: bool, [<Optional; DefaultParameterValue("")>] comment: string) =
        FitsKeyword(
            name,
            FitsValueKind.Logical,
            (if value then "T" else "F"),
            Complex.Zero,
            (if value then 1L else 0L),
            comment
        )

    /// A COMMENT or HISTORY line.
    static member OfCommentary(name: string, text: string) =
        FitsKeyword(name, FitsValueKind.Commentary, text, Complex.Zero, 0L, "")

/// Reads single cards: 80 ASCII characters.
[<RequireQualifiedAccess>]
module internal FitsCard =
    [<Literal>]
    let Length = 80

    /// The string that begins after the quote at `start`, and the position after its closing quote (-1 where there is none).
    let private quoted (card: string) (start: int) : struct (string * int) =
        let text = StringBuilder()
        let mutable at = start + 1
        let mutable last = -1

        while last < 0 && at < card.Length do
            if card[at] <> '\'' then
                text.Append card[at] |> ignore
                at <- at + 1
            elif at + 1 < card.Length && card[at + 1] = '\'' then
                text.Append '\'' |> ignore
                at <- at + 2
            else
                last <- at + 1

        struct (text.ToString(), last)

    let private commentAfter (card: string) (from: int) =
        let slash = if from < card.Length then card.IndexOf('/', from) else -1
        if slash < 0 then "" else card.Substring(slash + 1).Trim()

    /// Finite numbers only: a header has no other, and 1E999 or "Infinity" is not one.
    let private real (text: string) : struct (bool * float) =
        let isNumber = text.AsSpan().IndexOfAnyExcept("0123456789+-.EeDd") < 0

        match
            isNumber,
            Double.TryParse(
                text.Replace('D', 'E').Replace('d', 'e'),
                NumberStyles.Float &&& ~~~NumberStyles.AllowTrailingWhite,
                CultureInfo.InvariantCulture
            )
        with
        | true, (true, value) when Double.IsFinite value -> struct (true, value)
        | _ -> struct (false, nan)

    /// Parses the value field that begins at `from`. A value that fits no kind is kept as text of kind Undefined.
    let private value (name: string) (card: string) (from: int) : FitsKeyword =
        let mutable start = from

        while start < card.Length && card[start] = ' ' do
            start <- start + 1

        if start < card.Length && card[start] = '\'' then
            let struct (text, last) = quoted card start

            if last < 0 then
                FitsKeyword(name, FitsValueKind.Undefined, card.Substring(start).TrimEnd(), Complex.Zero, 0L, "")
            else
                FitsKeyword(name, FitsValueKind.Text, text.TrimEnd ' ', Complex.Zero, 0L, commentAfter card last)
        else
            let slash = if start < card.Length then card.IndexOf('/', start) else -1

            let text =
                (if slash < 0 then card.Substring(min start card.Length) else card.Substring(start, slash - start)).Trim()

            let comment = if slash < 0 then "" else card.Substring(slash + 1).Trim()

            let made kind number integer =
                FitsKeyword(name, kind, text, number, integer, comment)

            match text with
            | "" -> made FitsValueKind.Undefined Complex.Zero 0L
            | "T" -> made FitsValueKind.Logical Complex.Zero 1L
            | "F" -> made FitsValueKind.Logical Complex.Zero 0L
            | _ when text[0] = '(' && text.EndsWith ')' ->
                match text.Substring(1, text.Length - 2).Split ',' with
                | [| re; im |] ->
                    match real (re.Trim()), real (im.Trim()) with
                    | struct (true, re), struct (true, im) -> made FitsValueKind.Complex (Complex(re, im)) 0L
                    | _ -> made FitsValueKind.Undefined Complex.Zero 0L
                | _ -> made FitsValueKind.Undefined Complex.Zero 0L
            | _ ->
                match
                    Int64.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture), real text
                with
                // .NET takes zeros after a number for its end: 1 of 1024 that is half overwritten.
                | (true, integer), _ when not (text.Contains '\000') -> made FitsValueKind.Integer (Complex(float integer, 0.0)) integer
                | _, struct (true, number) -> made FitsValueKind.Real (Complex(number, 0.0)) 0L
                | _ -> made FitsValueKind.Undefined Complex.Zero 0L

    let parse (card: string) : FitsKeyword =
        let name = card.Substring(0, 8).TrimEnd ' '

        if name = "COMMENT" || name = "HISTORY" || name = "" then
            // These have no value, whatever stands in them.
            FitsKeyword(name, FitsValueKind.Commentary, card.Substring(8).TrimEnd ' ', Complex.Zero, 0L, "")
        elif name = "HIERARCH" && card.IndexOf '=' > 9 then
            let equals = card.IndexOf '='
            value (card.Substring(9, equals - 9).Trim()) card (equals + 1)
        elif card[8] = '=' && card[9] = ' ' then
            value name card 10
        else
            FitsKeyword(name, FitsValueKind.Commentary, card.Substring(8).TrimEnd ' ', Complex.Zero, 0L, "")

    /// The text that a CONTINUE card adds, or null where it is not such a card.
    let continuation (card: string) : FitsKeyword | null =
        if card.StartsWith("CONTINUE", StringComparison.Ordinal) && card[8] = ' ' then
            let k = value "CONTINUE" card 10
            if k.Kind = FitsValueKind.Text then k else null
        else
            null

    /// A card of 80 characters for writing; several where a string is long (CONTINUE).
    let format (keyword: FitsKeyword) : string list =
        let name = keyword.Name.ToUpperInvariant()

        if keyword.Text |> Seq.append keyword.Comment |> Seq.exists (fun c -> c < ' ' || c > '~') then
            raise (ArgumentException $"keyword {name}: FITS headers hold printable ASCII only, got '{keyword.Text}' / '{keyword.Comment}'.")

        let long = name.Length > 8 || name.Contains ' '

        if long && name.Contains '=' then
            raise (ArgumentException $"keyword '{name}': expected a name without '=', which ends it in a header.")

        if not long && name |> Seq.exists (fun c -> not (Char.IsAsciiLetterOrDigit c || c = '-' || c = '_')) then
            raise (ArgumentException $"keyword '{name}': expected letters, digits, - and _ only.")

        let head = if long then $"HIERARCH {name} = " else name.PadRight 8 + "= "

        let finish (text: string) =
            if text.Length > Length then
                raise (ArgumentException $"keyword {name}: does not fit a card of {Length} characters.")

            text.PadRight Length

        let withComment (text: string) =
            let all = if keyword.Comment = "" then text else $"{text} / {keyword.Comment}"
            finish (if all.Length > Length && text.Length <= Length then all.Substring(0, Length) else all)

        match keyword.Kind with
        | FitsValueKind.Commentary ->
            [ for part in Seq.chunkBySize 72 (if keyword.Text = "" then " " else keyword.Text) do
                  finish (name.PadRight 8 + String part) ]
        | FitsValueKind.Text ->
            let escaped = keyword.Text.Replace("'", "''")

            if head.Length + escaped.Length + 2 <= Length then
                [ withComment (head + "'" + escaped.PadRight(8) + "'") ]
            else
                // Each part but the last ends with &; a doubled quote is never torn apart.
                let parts = ResizeArray<string>()
                let mutable rest = keyword.Text

                while rest <> "" do
                    let room = (if parts.Count = 0 then Length - head.Length else Length - 10) - 3
                    let mutable take = 0
                    let mutable used = 0

                    while take < rest.Length && used + (if rest[take] = '\'' then 2 else 1) <= room do
                        used <- used + (if rest[take] = '\'' then 2 else 1)
                        take <- take + 1

                    parts.Add(rest.Substring(0, take).Replace("'", "''"))
                    rest <- rest.Substring take

                [ for i in 0 .. parts.Count - 1 do
                      let ending = if i < parts.Count - 1 then "&'" else "'"
                      let text = (if i = 0 then head else "CONTINUE  ") + "'" + parts[i] + ending
                      if i = parts.Count - 1 then withComment text else finish text ]
        | _ when long -> [ withComment (head + keyword.Text) ]
        | _ -> [ withComment (head + keyword.Text.PadLeft 20) ]

/// The keywords of one HDU in file order, World Coordinate System keywords and all.
[<Sealed>]
type FitsHeader internal (subject: string, keywords: FitsKeyword[]) =
    let byName =
        let found = Dictionary<string, FitsKeyword>(StringComparer.OrdinalIgnoreCase)

        for k in keywords do
            if k.Kind <> FitsValueKind.Commentary then
                // The standard leaves repeated keywords undefined; the first wins, as in CFITSIO.
                found.TryAdd(k.Name, k) |> ignore

        found

    /// All keywords in file order, commentary included.
    member _.Keywords: IReadOnlyList<FitsKeyword> = keywords
    member _.Contains(name: string) = byName.ContainsKey name

    /// The keyword of that name, or null.
    member _.Find(name: string) : FitsKeyword | null =
        match byName.TryGetValue name with
        | true, found -> found
        | _ -> null

    /// The keyword of that name; KeyNotFoundException names file and HDU where there is none.
    member this.Item
        with get (name: string): FitsKeyword =
            match this.Find name with
            | null -> raise (KeyNotFoundException $"{subject}: no keyword {name}.")
            | found -> found

    /// The keyword where it has a value: one that stands there without is as good as absent.
    member private this.FindValue(name: string) : FitsKeyword | null =
        match this.Find name with
        | null -> null
        | found when found.Kind = FitsValueKind.Undefined && found.Text = "" -> null
        | found -> found

    member private _.Expected(name: string, wanted: string, got: FitsKeyword) =
        raise (InvalidDataException $"{subject}, keyword {name}: expected {wanted}, got '{got.Text}'")

    /// The integer of a keyword, a whole number written as a real among them; ValueNone where there is no value.
    member internal this.TryInteger(name: string) : int64 voption =
        match this.FindValue name with
        | null -> ValueNone
        | found when found.Kind = FitsValueKind.Integer -> ValueSome found.Integer
        | found when found.Kind = FitsValueKind.Real && found.Real = Math.Floor found.Real && abs found.Real < 9e15 ->
            ValueSome(int64 found.Real)
        | found -> this.Expected(name, "an integer", found)

    member internal this.IntegerOr(name: string, fallback: int64) =
        match this.FindValue name with
        | null -> fallback
        | found when found.Kind = FitsValueKind.Integer -> found.Integer
        | found -> this.Expected(name, "an integer", found)

    member internal this.RealOr(name: string, fallback: float) =
        match this.FindValue name with
        | null -> fallback
        | found when found.Kind = FitsValueKind.Integer || found.Kind = FitsValueKind.Real -> found.Real
        | found -> this.Expected(name, "a finite number", found)

    member internal this.IsTrue(name: string) =
        match this.Find name with
        | null -> false
        | found -> found.Kind = FitsValueKind.Logical && found.Logical

    member internal this.TextOr(name: string, fallback: string) =
        match this.FindValue name with
        | null -> fallback
        | found -> found.Text

    /// Parses the cards of whole blocks up to the END card, which must be among them.
    static member internal Parse(subject: string, blocks: ReadOnlySpan<byte>) =
        let keywords = ResizeArray<FitsKeyword>()
        let mutable at = 0
        let mutable ended = false

        while not ended do
            let card = Encoding.Latin1.GetString(blocks.Slice(at, FitsCard.Length))
            at <- at + FitsCard.Length

            if card.StartsWith("END     ", StringComparison.Ordinal) then
                ended <- true
            else
                match FitsCard.continuation card with
                | null -> keywords.Add(FitsCard.parse card)
                | more when
                    keywords.Count > 0
                    && keywords[keywords.Count - 1].Kind = FitsValueKind.Text
                    && keywords[keywords.Count - 1].Text.EndsWith '&'
                    ->
                    let before = keywords[keywords.Count - 1]

                    keywords[keywords.Count - 1] <-
                        FitsKeyword.OfText(
                            before.Name,
                            before.Text.Substring(0, before.Text.Length - 1) + more.Text,
                            (before.Comment + " " + more.Comment).Trim()
                        )
                | _ -> keywords.Add(FitsCard.parse card)

        FitsHeader(subject, keywords.ToArray())
