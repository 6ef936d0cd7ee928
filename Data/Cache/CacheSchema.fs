namespace Hybrid.Data.Cache

open System
open System.IO
open System.Text.Json
open System.Text.Json.Nodes
open Hybrid.Data.Formats

/// The columns of a cache as JSON in the Parquet files' key-value metadata.
[<RequireQualifiedAccess>]
module internal CacheSchema =
    [<Literal>]
    let SchemaKey = "hybrid.schema"

    [<Literal>]
    let RecipeKey = "hybrid.recipe"

    [<Literal>]
    let CacheKey = "hybrid.key"

    let toJson (columns: CacheColumn[]) : string =
        let array = JsonArray()

        for column in columns do
            let entry = JsonObject()
            entry["name"] <- JsonValue.Create column.Name
            entry["kind"] <- JsonValue.Create(string column.Kind)

            if column.Kind = CacheColumnKind.Tensor then
                entry["dtype"] <- JsonValue.Create column.ElementCode
                entry["shape"] <- JsonArray([| for n in column.Shape -> JsonValue.Create n :> JsonNode |])

            array.Add entry

        array.ToJsonString()

    let ofJson (path: string) (json: string) : CacheColumn[] =
        let fail (why: string) =
            raise (InvalidDataException $"{path}: the schema in its metadata is damaged: {why}")

        try
            use document = JsonDocument.Parse json

            [| for entry in document.RootElement.EnumerateArray() do
                   let name = entry.GetProperty("name").GetString() |> string

                   match Enum.TryParse<CacheColumnKind>(entry.GetProperty("kind").GetString()) with
                   | true, CacheColumnKind.Tensor ->
                       let code = entry.GetProperty("dtype").GetString() |> string

                       match NpyElement.tryCode code with
                       | ValueSome element ->
                           let shape = [| for n in entry.GetProperty("shape").EnumerateArray() -> n.GetInt32() |]

                           if shape |> Array.exists (fun n -> n < 0) || Shape.count (Seq.map int64 shape) > int64 Array.MaxLength / 16L then
                               fail $"column '{name}' of shape {Shape.describe shape}"

                           CacheColumn(name, CacheColumnKind.Tensor, ValueSome element, shape)
                       | ValueNone -> fail $"column '{name}' of dtype '{code}'"
                   | true, kind -> CacheColumn(name, kind, ValueNone, [||])
                   | _ -> fail $"column '{name}' of an unknown kind" |]
        with
        | :? JsonException as e -> fail e.Message
        | :? System.Collections.Generic.KeyNotFoundException as e -> fail e.Message
        | :? InvalidOperationException as e -> fail e.Message
