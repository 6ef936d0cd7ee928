namespace Hybrid.Data.Figures

open System
open System.IO
open System.Text
open System.Text.Encodings.Web
open System.Text.Json

/// A JSON value that can be built as an expression and shared between specifications.
type internal Json =
    | Null
    | Bool of bool
    | Number of float
    | Text of string
    | List of Json list
    | Obj of (string * Json) list

[<RequireQualifiedAccess>]
module internal Json =

    /// A number with seven significant digits (more than a picture can show); null when it is not finite, which JSON cannot say
    /// and Vega-Lite draws as a gap.
    let number (x: float) =
        if not (Double.IsFinite x) then
            Null
        elif x = 0.0 then
            Number 0.0
        else
            Number(Double.Parse(x.ToString("G7", Globalization.CultureInfo.InvariantCulture), Globalization.CultureInfo.InvariantCulture))

    let integer (i: int) = Number(float i)
    let texts (values: string seq) = values |> Seq.map Text |> List.ofSeq |> List
    let numbers (values: float seq) = values |> Seq.map number |> List.ofSeq |> List

    /// Every text replaced by what `change` gives.
    let rec mapText change json =
        match json with
        | Text text -> Text(change text)
        | List items -> List(items |> List.map (mapText change))
        | Obj fields -> Obj(fields |> List.map (fun (name, value) -> name, mapText change value))
        | Null | Bool _ | Number _ -> json

    let rec private write (writer: Utf8JsonWriter) json =
        match json with
        | Null -> writer.WriteNullValue()
        | Bool value -> writer.WriteBooleanValue value
        | Number value -> writer.WriteNumberValue value
        | Text value -> writer.WriteStringValue value
        | List items ->
            writer.WriteStartArray()
            items |> List.iter (write writer)
            writer.WriteEndArray()
        | Obj fields ->
            writer.WriteStartObject()

            for name, value in fields do
                writer.WritePropertyName name
                write writer value

            writer.WriteEndObject()

    /// Plain characters (Λ₂, −) stay readable; the text must not be put into HTML unescaped.
    let toString indented json =
        use stream = new MemoryStream()
        let options = JsonWriterOptions(Indented = indented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping)

        (use writer = new Utf8JsonWriter(stream, options)
         write writer json)

        Encoding.UTF8.GetString(stream.ToArray())
