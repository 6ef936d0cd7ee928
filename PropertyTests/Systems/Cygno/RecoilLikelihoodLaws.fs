module Hybrid.PropertyTests.Systems.Cygno.RecoilLikelihoodLaws

open System
open System.Threading
open Hybrid.Data.Systems.Cygno
open Hybrid.Models.Evaluation
open Xunit

let private size = 40

let private windowed (pixels: byte[]) = pixels |> Array.map (fun v -> (Math.Clamp(float32 v, 60f, 130f) - 60f) / 70f)

let private images (kinds: Recoil[]) (energies: float[]) (seed: int64) =
    let simulated = RecoilSimulator(Size = size).Simulate(kinds, energies, seed, 0L, CancellationToken.None)
    windowed simulated.Pixels

[<Fact>]
let ``images are likeliest under the energy that they were simulated with`` () =
    let classes = [| for energy in [ 4.0; 6.0; 9.0 ] -> struct (Recoil.Nuclear, energy) |]
    let n = 30
    let of' energy = images (Array.create n Recoil.Nuclear) (Array.create n energy) 3L
    let likelihood = RecoilLikelihood size

    for place, energy in [ 0, 4.0; 1, 6.0; 2, 9.0 ] do
        let rows = likelihood.LogLikelihoods(of' energy, classes)
        let mean c = rows |> Array.averageBy (fun row -> row[c])
        for other in 0..2 do
            if other <> place then
                Assert.True(mean place > mean other + 5.0, $"{energy} keV: {mean place} for itself, {mean other} for class {other}")

[<Fact>]
let ``the average of exp(log p − log q) under q is 1, for the whole image as for its pixels`` () =
    // E_q[p/q] = 1: the tables of two near classes are distributions over the same images.
    let n = 4000
    let classes = [| struct (Recoil.Electron, 1.0); struct (Recoil.Electron, 1.05) |]
    let rows = (RecoilLikelihood size).LogLikelihoods(images (Array.create n Recoil.Electron) (Array.create n 1.0) 5L, classes)
    let ratios = rows |> Array.map (fun row -> exp (row[1] - row[0]))
    let mean = Array.average ratios
    let error = sqrt ((ratios |> Array.averageBy (fun r -> (r - mean) ** 2.0)) / float n)
    Assert.InRange(mean, 1.0 - 5.0 * error, 1.0 + 5.0 * error)
    Assert.InRange(error, 1e-4, 0.02)

[<Fact>]
let ``the likelihoods of images are the same however threads share the work`` () =
    // 1, 3 and 30 keV: pixels whose tables are the same are many, and one has a track.
    let classes = [| struct (Recoil.Electron, 1.0); struct (Recoil.Nuclear, 3.0); struct (Recoil.Electron, 30.0) |]
    let few = images [| Recoil.Electron; Recoil.Nuclear; Recoil.Electron |] [| 1.0; 3.0; 30.0 |] 9L
    let once () = (RecoilLikelihood(RecoilSimulator(), size, 60, 130, 3, 1L)).LogLikelihoods(few, classes)
    let first = once ()

    for again in 2..6 do
        Assert.True((first = once ()), $"computation {again} gives other likelihoods")

[<Fact>]
let ``the bounds on energies are those that were computed before`` () =
    // Issue "CYGNO": standard deviations in keV, computed by another program.
    let likelihood = RecoilLikelihood 64

    for kind, energy, expected in
        [ Recoil.Electron, 1.0, 0.17
          Recoil.Electron, 3.0, 0.29
          Recoil.Electron, 10.0, 0.54
          Recoil.Nuclear, 3.0, 0.22
          Recoil.Nuclear, 10.0, 0.50
          Recoil.Nuclear, 30.0, 1.04 ] do
        let bound = likelihood.EnergyBound(kind, energy)
        Assert.True(abs (bound - expected) <= 0.006 + 0.02 * expected, $"{kind} {energy} keV: expected {expected}, got {bound}")

[<Fact>]
let ``the likelihood ratio tells kinds apart better than the summed light can`` () =
    let n = 400
    let kinds = Array.init n (fun i -> if i % 2 = 0 then Recoil.Electron else Recoil.Nuclear)
    let energies = Array.init n (fun i -> if i / 2 % 2 = 0 then 3.0 else 6.0)
    let pixels = images kinds energies 9L
    let classes = [| for kind in [ Recoil.Electron; Recoil.Nuclear ] do for energy in [ 3.0; 6.0 ] -> struct (kind, energy) |]
    let scores = RecoilLikelihood.Scores((RecoilLikelihood size).LogLikelihoods(pixels, classes), classes)
    let light = Array.init n (fun i -> -(Seq.sumBy float (ArraySegment(pixels, i * size * size, size * size))))
    let isNuclear = kinds |> Array.map ((=) Recoil.Nuclear)
    let area (values: float[]) = (Roc.Area(ReadOnlySpan values, ReadOnlySpan isNuclear)).Auc
    Assert.True(area scores > 0.99, $"the likelihood ratio has {area scores}")
    Assert.True(area light < 0.98, $"the summed light has {area light}")
