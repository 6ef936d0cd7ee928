namespace Hybrid.PropertyTests.Laws.Data

open System
open System.Diagnostics
open System.IO
open Xunit

/// A folder of its own for one test, deleted with everything in it.
[<Sealed>]
type ScratchFolder() =
    let folder = Directory.CreateTempSubdirectory "hybrid-laws-"
    member _.Path = folder.FullName
    member _.File(name: string) = Path.Combine(folder.FullName, name)

    interface IDisposable with
        member _.Dispose() = folder.Delete true

/// This test program again, in a process of its own: one test, which does its other half where it finds the variable set.
[<RequireQualifiedAccess>]
module ChildTest =
    /// Starts the test whose name begins so, with variables set for it; its output is redirected.
    let start (test: string) (environment: (string * string) list) : Process =
        let start = ProcessStartInfo("dotnet", RedirectStandardOutput = true, RedirectStandardError = true)
        start.ArgumentList.Add typeof<ScratchFolder>.Assembly.Location

        for argument in [ "-noColor"; "-method"; $"*.{test}*" ] do
            start.ArgumentList.Add argument

        for name, value in environment do
            start.Environment[name] <- value

        nonNull (Process.Start start)

    /// The same, to its end, which must be a good one.
    let run (test: string) (environment: (string * string) list) : unit =
        use child = start test environment
        let output = child.StandardOutput.ReadToEndAsync()
        let errors = child.StandardError.ReadToEndAsync()
        child.WaitForExit()
        Assert.True((child.ExitCode = 0), $"the child ended with {child.ExitCode}: {output.Result} {errors.Result}")

/// The reference inputs beside the repository (../shared/data from its root); see README.md there.
[<RequireQualifiedAccess>]
module SharedData =
    let private root =
        let rec up (folder: DirectoryInfo | null) =
            match folder with
            | null -> None
            | found when File.Exists(Path.Combine(found.FullName, "Hybrid.sln")) ->
                Some(Path.GetFullPath(Path.Combine(found.FullName, "..", "shared", "data")))
            | other -> up other.Parent

        up (DirectoryInfo AppContext.BaseDirectory)

    /// A file or folder of the shared data; the test is skipped, naming it, where it is absent.
    let path (relative: string) : string =
        match root with
        | None ->
            Assert.Skip "no Hybrid.sln above the test program, so ../shared/data cannot be found"
            ""
        | Some folder ->
            let wanted = Path.Combine(folder, relative)

            if not (Path.Exists wanted) then
                Assert.Skip $"{wanted} is absent"

            wanted

/// Damage for files under test.
[<RequireQualifiedAccess>]
module Damage =
    /// `bytes` with the byte at `position` (taken modulo the length) replaced by another one.
    let flip (bytes: byte[]) (position: int) (mask: byte) =
        let copy = Array.copy bytes
        let at = (abs (position % copy.Length))
        copy[at] <- copy[at] ^^^ (if mask = 0uy then 1uy else mask)
        copy

    /// The first part of `bytes`, shorter by at least one.
    let truncate (bytes: byte[]) (length: int) =
        Array.truncate (abs (length % bytes.Length)) bytes
