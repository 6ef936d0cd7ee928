namespace Hybrid.Data.Images

open System
open System.Globalization
open System.Text.RegularExpressions

/// Recipes from the text that they print, as an archive of a model keeps them: steps without random numbers, such as
/// "centreCrop(128, 128) → window(60, 130)".
[<AbstractClass; Sealed>]
type RecipeText =
    static member private Form = Regex(@"^([a-zA-Z]+)\((.*)\)$", RegexOptions.CultureInvariant)

    /// The numbers of an argument list; lists in brackets are flattened.
    static member private Numbers(step: string, text: string) : float[] =
        if String.IsNullOrWhiteSpace text then
            [||]
        else
            text.Replace("[", "").Replace("]", "").Split(',')
            |> Array.map (fun part ->
                match Double.TryParse(part.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture) with
                | true, value -> value
                | _ -> raise (FormatException $"the recipe's step '{step}': expected numbers between its brackets, got '{part.Trim()}'."))

    static member private Step(text: string) : ImageStep =
        let parts = RecipeText.Form.Match text

        if not parts.Success then
            raise (FormatException $"a recipe's step: expected a name with arguments such as window(60, 130), got '{text}'.")

        let name, arguments = parts.Groups[1].Value, parts.Groups[2].Value

        let step =
            if name = "resize" && arguments.EndsWith(", area", StringComparison.Ordinal) then
                let sizes = RecipeText.Numbers(text, arguments.Substring(0, arguments.Length - 6))
                if sizes.Length = 2 then ImageStep.Resize(int sizes[0], int sizes[1], Interpolation.Area) |> Some else None
            elif name = "resize" && arguments.EndsWith(", bilinear", StringComparison.Ordinal) then
                let sizes = RecipeText.Numbers(text, arguments.Substring(0, arguments.Length - 10))
                if sizes.Length = 2 then ImageStep.Resize(int sizes[0], int sizes[1], Interpolation.Bilinear) |> Some else None
            else
                match name, RecipeText.Numbers(text, arguments) with
                | "window", [| low; high |] -> Some(ImageStep.Window(low, high))
                | "minMaxPerImage", [||] -> Some(ImageStep.MinMaxPerImage())
                | "zScorePerImage", [||] -> Some(ImageStep.ZScorePerImage())
                | "zScorePerBand", [||] -> Some(ImageStep.ZScorePerBand())
                | "standardiseBands", values when values.Length > 0 && values.Length % 2 = 0 ->
                    let half = values.Length / 2
                    Some(ImageStep.StandardiseBands(values[.. half - 1], values[half ..]))
                | "asinh", [| softening |] -> Some(ImageStep.Asinh softening)
                | "log", [| offset |] -> Some(ImageStep.Log offset)
                | "clip", [| low; high |] -> Some(ImageStep.Clip(float32 low, float32 high))
                | "clipPercentiles", values when values.Length > 0 && values.Length % 2 = 0 ->
                    let half = values.Length / 2
                    Some(ImageStep.ClipPercentiles(values[.. half - 1], values[half ..]))
                | "clipBands", values when values.Length > 0 && values.Length % 2 = 0 ->
                    let half = values.Length / 2
                    Some(ImageStep.ClipBands(values[.. half - 1], values[half ..]))
                | "replaceMarked", [| marker; value |] -> Some(ImageStep.ReplaceMarked(float32 marker, float32 value))
                | "replaceMissing", [| value |] -> Some(ImageStep.ReplaceMissing(float32 value))
                | "centreCrop", [| height; width |] -> Some(ImageStep.CentreCrop(int height, int width))
                | "pad", [| border; value |] -> Some(ImageStep.Pad(int border, float32 value))
                | "gaussianBlur", [| sigma |] -> Some(ImageStep.GaussianBlur sigma)
                | _ -> None

        match step with
        | Some step when step.ToString() = text -> step
        | _ ->
            raise (FormatException $"the recipe's step '{text}': expected a step without random numbers as a recipe prints it, such as \
                centreCrop(128, 128).")

    /// The recipe that prints as `text`. Throws FormatException, which names the step, for what no such recipe prints.
    static member Parse(text: string) : Recipe =
        let steps = if text = "" then [||] else text.Split(" → ") |> Array.map RecipeText.Step
        Recipe steps

    /// Height and width that a recipe's first step cuts from the middle; (0, 0) where it begins otherwise.
    static member internal Crop(recipe: Recipe) : struct (int * int) =
        match recipe.Steps |> Array.tryHead |> Option.map string with
        | Some text when text.StartsWith("centreCrop(", StringComparison.Ordinal) ->
            let sizes = RecipeText.Numbers(text, (RecipeText.Form.Match text).Groups[2].Value)
            struct (int sizes[0], int sizes[1])
        | _ -> struct (0, 0)
