module Hybrid.PropertyTests.Laws.Data.Formats.SharedDataTests

open System
open System.IO
open System.Text.Json
open Hybrid.Data.Formats
open Hybrid.Data.Lensing
open Hybrid.PropertyTests.Laws.Data
open Xunit

/// What a reader found in a file, in a few words.
let private read (path: string) : string =
    let name = nonNull (Path.GetFileName path)
    let shape (array: NdArray) = $"{array.ElementType.Name} {Shape.describe array.Shape}"

    match name, Path.GetExtension name with
    | _, ".fits" ->
        use file = FitsFile.Open path

        String.Join(
            "; ",
            [ for hdu in file.Hdus ->
                  match hdu.Kind with
                  | FitsHduKind.BinaryTable -> $"{(file.ReadTable hdu.Index).RowCount} rows"
                  | _ when hdu.Shape.Count = 0 -> "header"
                  | _ -> shape (file.ReadImage hdu.Index).Pixels ]
        )
    | _, ".npy" -> shape (Npy.Read path)
    | _, ".npz" -> $"{(Npz.Read path).Count} arrays"
    | _, ".tfrecords" -> $"{Seq.length (TfRecordFile.Read path)} records"
    | _, ".json" ->
        use document = JsonDocument.Parse(File.ReadAllText path)
        string document.RootElement.ValueKind
    | _ when name.EndsWith ".csv.gz" -> shape (Catalogue.ReadMatrix(path, CatalogueLayout.Csv))
    | _, ".csv" -> $"{(Catalogue.Read path).Count} rows"
    | _ when name.StartsWith "lenses_" -> $"{(LensPopCatalogue.Read path).Length} lenses"
    | _ when name.Contains ".blast." || name.Contains ".vou." -> $"{(SedFile.Read(path, false)).Points.Count} points"
    | "map.txt", _ -> $"{(Catalogue.Read(path, CatalogueLayout.Blanks)).Count} rows"
    | _, ".txt" -> shape (Catalogue.ReadMatrix path)
    // Not this stage's: PyTorch's state dictionaries and the description.
    | _, (".pth" | ".md") -> ""
    | other, _ -> failwith $"no reader is known for {other}"

[<Fact>]
let ``every file of the shared data is read, with the shape that its description gives`` () =
    let root = SharedData.path ""
    let files = Directory.GetFiles(root, "*", SearchOption.AllDirectories) |> Array.sortWith (fun a b -> String.CompareOrdinal(a, b))
    Assert.True(files.Length > 100, $"expected the 134 files of the shared data, found {files.Length}")

    for path in files do
        let relative = Path.GetRelativePath(root, path).Replace('\\', '/')
        let found = read path
        let expect (wanted: string) = Assert.True((found = wanted), $"{relative}: expected {wanted}, got {found}")

        match relative with
        | "imnn/fiducial_data.npy"
        | "imnn/fiducial_validation_data.npy" -> expect "Double (1000, 10)"
        | _ when relative.StartsWith "imnn/large_derivative" && relative.EndsWith ".npy" -> expect "Double (1000, 2, 2, 10)"
        | _ when relative.StartsWith "imnn/small_derivative" && relative.EndsWith ".npy" -> expect "Double (100, 2, 2, 10)"
        | "imnn/fiducial_00000.tfrecords"
        | "imnn/derivative_00000.tfrecords" -> expect "20 records"
        | "imnn/numerical_derivative_00000.tfrecords" -> expect "40 records"
        | "blase/bins.txt" -> expect "Double (26, 2)"
        | "blase/bag_index.npy" -> expect "Double (3793, 3)"
        | "blase/estimates.csv" -> expect "3793 rows"
        | "seds/leptonic_1k.csv.gz" -> expect "Double (947, 506)"
        | "seds/TXS_0506+056.blast.txt" -> expect "311 points"
        | "lens/challenge1/classifications.csv" -> expect "20000 rows"
        | _ when relative.StartsWith "lens/challenge1/samples/" -> expect "Single (101, 101)"
        | _ when relative.StartsWith "lens/des_real/lens/" -> expect "Single (50, 50); Single (50, 50); Single (50, 50)"
        | _ when relative.StartsWith "lens/des_fields/" && relative.EndsWith ".fits" && not (relative.Contains "balrog") ->
            expect "Single (46, 91, 91)"
        | _ when relative.StartsWith "lens/deeplense/" -> expect "Double (64, 64)"
        | "cygno/oracle_synthetic.npz" -> expect "5 arrays"
        | _ when relative.EndsWith ".pth" || relative.EndsWith ".md" -> ()
        | _ -> Assert.False((found = "" || found.StartsWith "0 "), $"{relative}: nothing in it: '{found}'")
