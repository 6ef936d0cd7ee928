namespace Hybrid.Data.Formats

open System
open System.IO

/// Where Hybrid keeps what a user needs once, whatever the project.
[<AbstractClass; Sealed>]
type UserData =

    /// A folder below the system's one for programs' data (Linux: ~/.local/share/hybrid, or XDG_DATA_HOME). It is not made.
    static member Folder(name: string) : string =
        let data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify)
        Path.Combine((if data = "" then Path.GetTempPath() else data), "hybrid", name)
