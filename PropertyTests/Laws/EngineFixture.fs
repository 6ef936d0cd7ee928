namespace Hybrid.PropertyTests.Laws

open Hybrid.Models.Engine

/// Makes the engine's settings before the first test: a test that multiplies first would choose other kernels for all that follow, and
/// runs that are compared bit for bit with those of a child process would differ by rounding.
type EngineFixture() =
    do EngineSettings.Apply() |> ignore

[<assembly: Xunit.AssemblyFixture(typeof<EngineFixture>)>]
do ()
