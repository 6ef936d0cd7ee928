namespace Hybrid.Data.Formats

open System
open System.Collections.Generic
open System.IO
open System.Text.RegularExpressions

/// A camera image of a recoil, by its path.
[<Sealed>]
type CygnoFile internal (path: string, energyKeV: float, isNuclear: bool) =
    member _.Path = path
    member _.EnergyKeV = energyKeV
    /// A nuclear recoil (NR) rather than an electron recoil (ER).
    member _.IsNuclear = isNuclear

/// The simulated CYGNO images in the layouts they are handed out in: folders …/{E}_keV/…/{NR|ER}/… of the exercise, or the
/// names …_{ER|NR}_{E}_keV_… of the IDAO and MLHEP competitions.
[<AbstractClass; Sealed>]
type CygnoFiles =
    static member private Energy = Regex(@"(?:^|/|_)([0-9]+(?:\.[0-9]+)?)_keV", RegexOptions.CultureInvariant)
    static member private Kind = Regex(@"(?:^|/)([NE]R)/|_([NE]R)_", RegexOptions.CultureInvariant)

    /// Energy and kind from a path. Throws InvalidDataException that names what it lacks.
    static member Parse(path: string) : CygnoFile =
        let slashed = path.Replace('\\', '/')
        // What stands nearest to the file counts: folders above may be named for something else.
        let last (pattern: Regex) = pattern.Matches slashed |> Seq.tryLast |> Option.defaultValue Match.Empty
        let energy = last CygnoFiles.Energy
        let kind = last CygnoFiles.Kind

        if not energy.Success then
            raise (InvalidDataException $"{path}: expected the energy in the path as /10_keV or _10_keV, found none")

        if not kind.Success then
            raise (InvalidDataException $"{path}: expected the kind of recoil in the path as /NR/, /ER/, _NR_ or _ER_, found none")

        let text = kind.Groups[1].Value + kind.Groups[2].Value
        CygnoFile(path, Double.Parse(energy.Groups[1].Value, Globalization.CultureInfo.InvariantCulture), text.StartsWith 'N')

    /// All PNG files below a folder or in an archive (Archive.Folder), in ordinal order of their paths.
    static member Find(folder: string) : IReadOnlyList<CygnoFile> =
        RegularFile.Below(Archive.Folder folder, fun _ -> true)
        |> Array.filter (fun path -> path.EndsWith(".png", StringComparison.Ordinal))
        |> Array.map CygnoFiles.Parse
        :> IReadOnlyList<CygnoFile>
