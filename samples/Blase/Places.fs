namespace Hybrid.Samples.Blase

open System
open System.IO

/// Where things are unless the user says otherwise.
[<RequireQualifiedAccess>]
module Places =

    /// The folder with Hybrid.sln; the present one where the program was moved.
    let root =
        let rec up (folder: DirectoryInfo | null) =
            match folder with
            | null -> Directory.GetCurrentDirectory()
            | found when File.Exists(Path.Combine(found.FullName, "Hybrid.sln")) -> found.FullName
            | other -> up other.Parent

        up (DirectoryInfo AppContext.BaseDirectory)

    let private shared (name: string) = Path.GetFullPath(Path.Combine(root, "..", "shared", "data", name))

    /// What BlaSE (v1) was released with: networks, bins, scaling, bags, estimates.
    let released = shared "blase"
    /// Physical spectra to simulate from.
    let spectra = shared (Path.Combine("seds", "leptonic_1k.csv.gz"))

    /// Networks trained here, below the present folder.
    let run (seed: int64) = Path.Combine("runs", $"blase-{seed}")
    let simulated (seed: int64) = Path.Combine("runs", $"blase-seds-{seed}")
    let cache = Path.Combine("runs", "cache")

    /// The networks that estimate: those trained here when there are any, else the released ones.
    let model () =
        let own = run 1L
        if File.Exists(Path.Combine(own, "weights.safetensors")) then own
        elif Directory.Exists released then released
        else
            raise (
                InvalidDataException
                    $"there are no networks to estimate with: neither {Path.GetFullPath own} (./hybrid blase train makes it) \
                      nor {released}. Name a folder with --model."
            )
