namespace Hybrid.Data.Lensing

open System
open System.Collections.Generic
open Hybrid.Data.Cache

/// Numbers of real galaxies and sources in a whole data set, by which its parts are compared whatever each part was simulated of.
/// galaxies, sources : all of the data set, with names of their own.
[<Sealed>]
type RealNumbers(galaxies: RealGalaxy[], sources: RealSource[]) =

    let placesOf (names: string[]) =
        let places = Dictionary()
        names |> Array.iteri (fun i name -> places[name] <- i)
        places

    let ofGalaxies, ofSources = placesOf (galaxies |> Array.map _.Name), placesOf (sources |> Array.map _.Name)

    // The simulation's own numbers, NaN where nothing is real, as those of the data set.
    let column (name: string) (simulation: LensSimulation) (places: Dictionary<string, int>) (names: string[]) =
        let number value =
            if Double.IsNaN value then
                -1L
            else
                match places.TryGetValue names[int value] with
                | true, place -> int64 place
                | _ -> -1L

        match Array.IndexOf(simulation.ParameterNames, name) with
        | -1 -> CacheValues.Integers(name, Array.create simulation.Images.Count -1L)
        | at -> CacheValues.Integers(name, simulation.Parameters |> Array.map (fun parameters -> number parameters[at]))

    /// The column 'galaxy' of a simulation; −1 where there is no real one, or none of the data set.
    /// drawn : the galaxies that were simulated with.
    member _.Galaxies(simulation: LensSimulation, drawn: RealGalaxy[]) : CacheValues =
        column "galaxy" simulation ofGalaxies (drawn |> Array.map _.Name)

    /// The column 'source', likewise.
    member _.Sources(simulation: LensSimulation, drawn: RealSource[]) : CacheValues =
        column "source" simulation ofSources (drawn |> Array.map _.Name)
