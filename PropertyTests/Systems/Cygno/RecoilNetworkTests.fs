module Hybrid.PropertyTests.Systems.Cygno.RecoilNetworkTests

open System
open System.Collections.Generic
open System.IO
open System.Threading
open Hybrid.Data.Formats
open Hybrid.Data.Systems.Cygno
open Hybrid.Models.Adaptation
open Hybrid.Models.Systems.Cygno
open Hybrid.Models.Weights
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data
open TorchSharp
open FsCheck.FSharp
open Xunit

// Two small networks that lophy95 trained on the experiment's own simulation for the IDAO 2021 competition: Conv16 5×5 (padding 2),
// BatchNorm, ReLU, MaxPool 6, Conv32 4×4 (padding 1), BatchNorm, ReLU, MaxPool 6 step 3, 800 → 200 → 2 or 1, nothing between the last two.
// They see 120 × 120 pixels of 0 to 1. Logits: nucleus, electron; energy in keV.

let private side = 120

let private networks =
    dict [ for name in [ "classification"; "regression" ] ->
               name, lazy PublishedRecoilWeights.Load(SharedData.path $"cygno/lophy95_{name}.npz") ]

/// images : (N, 120, 120);  returns (N, outputs), row by row.
let private forward (name: string) (images: byte[]) : float32[] =
    use _ = torch.NewDisposeScope()
    use _ = torch.no_grad ()
    let shape = [| int64 (images.Length / (side * side)); 1L; int64 side; int64 side |]
    let x = torch.tensor(images |> Array.map (fun v -> float32 v / 255f), ReadOnlySpan shape)
    // A network's module is not for two threads at once.
    lock networks (fun () -> networks[name].Value.forward(x).data<float32>().ToArray())

[<Fact>]
let ``the ported networks give the logits and energies that the originals gave`` () =
    let oracle = Npz.Read(SharedData.path "cygno/oracle_synthetic.npz")
    let images = (oracle["images_uint8"].As<byte>()).Values

    for name, key in [ "classification", "classification_logits"; "regression", "regression_keV" ] do
        let expected, actual = oracle[key].ToSingles(), forward name images
        Assert.Equal(expected.Length, actual.Length)

        for i in 0 .. expected.Length - 1 do
            Assert.True(
                abs (expected[i] - actual[i]) < 1e-4f + 1e-4f * abs expected[i],
                $"{name}, value {i}: expected {expected[i]}, got {actual[i]}")

/// What the networks say of simulated recoils of one kind and energy.
type private Verdict =
    { Right: float
      /// Mean of the right logit less the wrong one.
      Margin: float
      EnergyKeV: float
      Deviation: float }

let private judge (nucleus: bool) (images: byte[]) : Verdict =
    let logits, energies = forward "classification" images, forward "regression" images |> Array.map float
    let margins = [| for i in 0 .. energies.Length - 1 -> (if nucleus then 1.0 else -1.0) * float (logits[2 * i] - logits[2 * i + 1]) |]
    let mean = Array.average energies

    { Right = (margins |> Array.averageBy (fun m -> if m > 0.0 then 1.0 else 0.0))
      Margin = Array.average margins
      EnergyKeV = mean
      Deviation = sqrt (energies |> Array.averageBy (fun e -> (e - mean) ** 2.0)) }

/// A hundred simulated images of a kind and energy, judged once for all tests.
let private simulated =
    let known = Collections.Concurrent.ConcurrentDictionary<struct (float * Recoil * float), Lazy<Verdict>>()

    fun (simulator: RecoilSimulator) (kind: Recoil) (energy: float) ->
        let verdict () =
            let n = 100
            (simulator.Simulate(Array.create n kind, Array.create n energy, 11L, 0L, CancellationToken.None)).Pixels
                |> judge (kind = Recoil.Nuclear)

        let key = struct (simulator.NuclearClusterLight, kind, energy)
        let verdict = known.GetOrAdd(key, fun _ -> Lazy<Verdict>(verdict)).Value

        TestContext.Current.TestOutputHelper
        |> Option.ofObj
        |> Option.iter (fun o ->
            o.WriteLine(
                FormattableString.Invariant
                    $"{kind} {energy} keV, clusters of {simulator.NuclearClusterLight} ADU for nuclei: \
                      {verdict.EnergyKeV:F1} keV, {100.0 * verdict.Right:F0} %% right"
            ))

        verdict

[<Fact>]
let ``networks trained on the experiment's simulation read simulated recoils as they read the reference images`` () =
    let oracle = Npz.Read(SharedData.path "cygno/oracle_synthetic.npz")
    let nuclei, energies = (oracle["is_nr"].As<bool>()).Values, (oracle["energy_keV"].As<int64>()).Values
    let images = (oracle["images_uint8"].As<byte>()).Values
    let simulator = RecoilSimulator(Size = side)

    for kind, energy in
        [ Recoil.Electron, 10L; Recoil.Electron, 20L; Recoil.Electron, 30L
          Recoil.Nuclear, 10L; Recoil.Nuclear, 20L; Recoil.Nuclear, 30L ] do
        let chosen = [| for i in 0 .. 47 do if nuclei[i] = (kind = Recoil.Nuclear) && energies[i] = energy then i |]
        Assert.Equal(4, chosen.Length)
        let reference =
            chosen
            |> Array.collect (fun i -> images[i * side * side .. (i + 1) * side * side - 1])
            |> judge (kind = Recoil.Nuclear)
        let ours = simulated simulator kind (float energy)
        // The reference has four images of each: 9.5, 20.6, 35.0 keV of electrons and 8.4, 19.3, 31.5 keV of nuclei, to half their spread.
        let error = 3.0 * ours.Deviation * sqrt (1.0 / 4.0 + 1.0 / 100.0)
        Assert.True(
            abs (ours.EnergyKeV - reference.EnergyKeV) < error,
            $"{kind}, {energy} keV: the reference reads {reference.EnergyKeV:F1} keV, ours {ours.EnergyKeV:F1}, \
              more than {error:F1} apart")

[<Fact>]
let ``simulated recoils have the right class from 6 keV on, nuclei at every energy, those above 10 keV only just`` () =
    let simulator = RecoilSimulator(Size = side)

    for energy in [ 6.0; 10.0; 20.0; 30.0 ] do
        let verdict = simulated simulator Recoil.Electron energy
        Assert.True(
            verdict.Right > 0.65 && verdict.Margin > 2.0,
            $"electrons of {energy} keV: {verdict.Right:P0} right, margin {verdict.Margin:F1}")

    for energy in [ 1.0; 3.0; 6.0; 10.0 ] do
        let verdict = simulated simulator Recoil.Nuclear energy
        Assert.True(
            verdict.Right > 0.65 && verdict.Margin > 1.0,
            $"nuclei of {energy} keV: {verdict.Right:P0} right, margin {verdict.Margin:F1}")

    // Electrons below 6 keV look like nuclei to both networks.
    Assert.True((simulated simulator Recoil.Electron 1.0).Right < 0.3)
    let finer = RecoilSimulator(Size = side, NuclearClusterLight = 4.0)

    for energy, name in [ 20.0, "20 keV"; 30.0, "30 keV" ] do
        let coarse, fine = simulated simulator Recoil.Nuclear energy, simulated finer Recoil.Nuclear energy
        Assert.InRange(coarse.Right, 0.35, 0.85)
        Assert.True(fine.Right > 0.85, $"nuclei of {name} in clusters of 4 ADU: {fine.Right:P0} right")
        Assert.InRange(fine.EnergyKeV, 0.9 * energy, 1.1 * energy)

[<Fact>]
let ``weights of another network are refused by name`` () =
    let path = SharedData.path "cygno/oracle_synthetic.npz"
    let e = Assert.Throws<System.IO.InvalidDataException>(fun () -> PublishedRecoilWeights.Load path |> ignore)
    Assert.Contains("expected the weights of one of lophy95's networks", e.Message)

/// Preprocessed images of both kinds.
let private images (seed: int64) =
    let simulation = RecoilSimulator(Size = 128).SimulateClasses(1, [| 3.0; 30.0 |], seed)
    let pixels = NdArray<byte>([| simulation.Count; 128; 128 |], simulation.Pixels)
    let set = RecoilSet.Preprocessing.Apply(Hybrid.Data.Images.ImageSet.OfArray(pixels, "light"), 0L)
    torch.tensor(set.Pixels, ReadOnlySpan [| int64 simulation.Count; 1L; 128L; 128L |])

let private classes = [| RecoilClass(false, 3.0); RecoilClass(false, 30.0); RecoilClass(true, 3.0); RecoilClass(true, 30.0) |]

[<SeededProperty(MaxTest = 4)>]
let ``what is read off an image is the same for all its rotations and reflections`` (seed: int) (turn: byte) =
    use _ = torch.NewDisposeScope()
    use _ = torch.no_grad ()
    torch.manual_seed(int64 seed) |> ignore
    let x = images (int64 seed)
    let turned = ImageAugmentation.Turned(x, int turn % 8)

    RecoilNetworks.Names
    |> Array.forall (fun name ->
        use network = RecoilNetworks.Create(name, classes.Length)
        network.eval ()
        use reading = new RecoilReading(network, classes, true, torch.CPU)
        let struct (score, estimate, regressed, error) = reading.Read x
        let struct (score', estimate', regressed', error') = reading.Read turned

        List.zip [ score; estimate; regressed; error ] [ score'; estimate'; regressed'; error' ]
        |> List.forall (fun (a, b) -> a.allclose(b, 1e-4, 1e-5)))

/// A network whose normalisations are not those of a new one: means, variances, weights of either sign.
let private unsettled (seed: int) =
    torch.manual_seed(int64 seed) |> ignore
    let network = new RecoilNetwork(classes = classes.Length)
    network.eval ()

    for entry in network.state_dict () do
        if entry.Key.EndsWith("running_var", StringComparison.Ordinal) then
            entry.Value.copy_(torch.rand_like entry.Value + 0.2) |> ignore
        elif entry.Key.Contains "norm" && entry.Value.is_floating_point () then
            entry.Value.copy_(torch.randn_like entry.Value) |> ignore

    network

/// One image or several: noise over the whole range and beyond it, constant, or a single bright pixel.
let private anyImages =
    gen {
        let! count = Gen.elements [ 1; 1; 2; 3; 9 ]
        let! seed = Gen.choose (0, Int32.MaxValue)
        let! kind = Gen.choose (0, 3)
        return count, seed, kind
    }

let private drawn (count: int) (seed: int) (kind: int) =
    torch.manual_seed(int64 seed) |> ignore
    let shape = [| int64 count; 1L; 128L; 128L |]

    match kind with
    | 0 -> torch.rand (ReadOnlySpan shape) * 3.0 - 1.0
    | 1 -> torch.full (ReadOnlySpan shape, 0.1f * float32 (seed % 11))
    | 2 ->
        let image = torch.full (ReadOnlySpan shape, 0.5773f)
        image.narrow(2L, int64 (32 + seed % 64), 1L).narrow(3L, int64 (32 + seed / 64 % 64), 1L).fill_ 1f |> ignore
        image
    | _ -> torch.rand (ReadOnlySpan shape) * 0.1 + 0.5

[<SeededProperty(MaxTest = 24)>]
let ``a reading is the average of the whole network's answers to each orientation, for any image`` () =
    Prop.forAll (Arb.fromGen anyImages) (fun (count, seed, kind) ->
        use _ = torch.NewDisposeScope()
        use _ = torch.no_grad ()
        use network = unsettled seed
        let image = drawn count seed kind
        let answers = [ for turn in 0 .. ImageAugmentation.Turns - 1 -> network.forward (ImageAugmentation.Turned(image, turn)) ]
        let average (part: struct (torch.Tensor * torch.Tensor * torch.Tensor) -> torch.Tensor) =
            (answers |> List.map part |> List.reduce (fun a b -> a + b)) / 8.0
        let odds = (average (fun struct (kinds, _, _) -> kinds.log_softmax 1L)).exp ()
        let energies = torch.tensor [| 3f; 30f; 3f; 30f |]
        let expected =
            [ "score", (odds.narrow (1L, 2L, 2L)).sum(1L).log () - (odds.narrow (1L, 0L, 2L)).sum(1L).log ()
              "estimate", (odds.matmul energies) / odds.sum 1L
              "regressed", 30.0 * average (fun struct (_, energy, _) -> energy)
              "error", 30.0 * (average (fun struct (_, _, logError) -> logError)).exp () ]

        use reading = new RecoilReading(network, classes, true, torch.CPU)
        let struct (score, estimate, regressed, error) = reading.Read image

        for (name, wanted), got in List.zip expected [ score; estimate; regressed; error ] do
            Assert.True(
                got.allclose (wanted, 1e-5, 1e-5),
                $"{name} of {count} images: expected {wanted.str ()}, got {got.str ()}"))

[<SeededProperty(MaxTest = 6)>]
let ``weights of files in which stem and body have no names are read, and others are refused`` (seed: int) =
    use _ = torch.NewDisposeScope()
    use _ = torch.no_grad ()
    use folder = new ScratchFolder()
    use network = unsettled seed
    let before (key: string) = key.Substring(key.IndexOf '.' + 1)
    let tensors = Dictionary<string, torch.Tensor>()
    for entry in network.state_dict () do
        tensors[before entry.Key] <- entry.Value

    // It was a convolution of 1 × 1.
    tensors["bends.weight"] <- tensors["bends.weight"].unsqueeze(2L).unsqueeze 3L
    Safetensors.Save(folder.File "before.safetensors", tensors)
    WeightFile.Save(network, folder.File "now.safetensors")
    let image = drawn 2 seed 3
    let struct (kinds, _, _) = network.forward image

    for name in [ "before"; "now" ] do
        use read = RecoilNetworks.Create("recoil", classes.Length)
        read.eval ()
        RecoilNetworks.Load(read, folder.File(name + ".safetensors"))
        let struct (again, _, _) = read.forward image
        Assert.True(again.equal(kinds).all().item<bool> (), $"{name}.safetensors: other answers")

    use narrower = RecoilNetworks.Create("recoil", 2)
    let refused = Assert.Throws<InvalidDataException>(fun () -> RecoilNetworks.Load(narrower, folder.File "before.safetensors"))
    Assert.Contains("before.safetensors: expected the weights of this RecoilNetwork, got others: ", refused.Message)
    Assert.Contains("body_1.kind.weight", refused.Message)

[<Fact>]
let ``a reading needs classes of both kinds`` () =
    use network = RecoilNetworks.Create("recoil", 2)
    let e =
        Assert.Throws<ArgumentException>(fun () ->
            new RecoilReading(network, [| RecoilClass(true, 3.0); RecoilClass(true, 6.0) |], true, torch.CPU) |> ignore)
    Assert.Contains("expected classes of both kinds, got one kind alone", e.Message)
