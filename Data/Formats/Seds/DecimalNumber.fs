namespace Hybrid.Data.Formats

open System
open System.Globalization

/// Decimal numbers of text tables.
[<RequireQualifiedAccess>]
module internal DecimalNumber =

    /// Powers of ten that a double holds exactly.
    let private powers = [| for e in 0 .. 22 -> Double.Parse($"1E{e}", CultureInfo.InvariantCulture) |]

    /// What Double.TryParse reads in the invariant culture with NumberStyles.Float, but no NUL after it, to the bit and at a fifth of its
    /// time for the short numbers of tables:
    /// with at most 15 digits and a power of ten up to 22 both are exact doubles, and one product or quotient rounds correctly (Clinger
    /// 1990, fast path).
    /// Everything else, also what is not a number, is left to Double.TryParse.
    let tryParse (text: ReadOnlySpan<char>) (value: byref<float>) : bool =
        let mutable at = 0
        let mutable digits = 0
        let mutable mantissa = 0L
        let mutable exponent = 0
        let mutable isNegative = false

        if at < text.Length && (text[at] = '-' || text[at] = '+') then
            isNegative <- text[at] = '-'
            at <- at + 1

        let first = at

        while at < text.Length && Char.IsAsciiDigit text[at] && digits <= 15 do
            mantissa <- mantissa * 10L + int64 (int text[at] - int '0')
            digits <- digits + 1
            at <- at + 1

        if at < text.Length && text[at] = '.' then
            at <- at + 1

            while at < text.Length && Char.IsAsciiDigit text[at] && digits <= 15 do
                mantissa <- mantissa * 10L + int64 (int text[at] - int '0')
                digits <- digits + 1
                exponent <- exponent - 1
                at <- at + 1

        let mutable isShort = digits > 0 && digits <= 15 && Char.IsAsciiDigit text[first]

        if isShort && at < text.Length && (text[at] = 'E' || text[at] = 'e') then
            at <- at + 1
            let isBelow = at < text.Length && text[at] = '-'

            if at < text.Length && (text[at] = '-' || text[at] = '+') then
                at <- at + 1

            let start = at
            let mutable power = 0

            while at < text.Length && Char.IsAsciiDigit text[at] && at - start < 4 do
                power <- power * 10 + (int text[at] - int '0')
                at <- at + 1

            isShort <- at > start
            exponent <- exponent + (if isBelow then -power else power)

        if isShort && at = text.Length && abs exponent <= 22 then
            let size = if exponent < 0 then float mantissa / powers[-exponent] else float mantissa * powers[exponent]
            value <- if isNegative then -size else size
            true
        else
            // .NET takes zeros after a number for its end.
            not (text.Contains '\000') && Double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, &value)
