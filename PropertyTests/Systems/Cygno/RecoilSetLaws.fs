module Hybrid.PropertyTests.Systems.Cygno.RecoilSetLaws

open System
open System.IO
open Hybrid.Data.Cache
open Hybrid.Data.Formats
open Hybrid.Data.Images
open Hybrid.Data.Systems.Cygno
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data
open Xunit

let private column (name: string) (pieces: LabelledImages[]) (values: CacheValues -> 'T[]) =
    pieces |> Array.collect (fun piece -> piece.Columns |> Seq.find (fun c -> c.Column.Name = name) |> values)

let private integers (values: CacheValues) = values.Values :?> int64[]
let private reals (values: CacheValues) = values.Values :?> float[]
let private texts (values: CacheValues) = values.Values :?> string[]

[<SeededProperty>]
let ``parts are disjoint, cover the set, and have the sizes asked for``
    (count: byte) (validation: byte) (share: byte) (seed: int) (stratified: bool)
    =
    let count = 10 + int count
    let validation = 1 + int validation % 5
    let share = float (share % 60uy) / 100.0
    let split = RecoilSplit(Validation = validation, TestShare = share, Seed = int64 seed, Stratified = stratified)
    let parts = split.Parts(Array.init count (fun i -> i % 4))
    let number part = parts |> Array.filter ((=) part) |> Array.length
    let test = int (Math.Round(share * float count))

    parts.Length = count
    && (stratified || (number RecoilPart.Validation = validation && number RecoilPart.Test = test))
    && (not stratified || abs (number RecoilPart.Test - test) <= 4)

[<Fact>]
let ``the crop before the window is the window before the crop`` () =
    let images = RecoilSimulator(Size = 150).SimulateClasses(2, [| 6.0; 30.0 |], 4L)
    let set = ImageSet.OfArray(NdArray<byte>([| images.Count; 150; 150 |], images.Pixels), "light")
    let original = Recipe(ImageStep.Window(60.0, 130.0), ImageStep.CentreCrop(128, 128)).Apply(set, 1L)
    Assert.Equal<float32>(original.Pixels, RecoilSet.Preprocessing.Apply(set, 1L).Pixels)

[<SeededProperty(MaxTest = 12)>]
let ``pieces of any size give the records of one piece`` (size: byte) (seed: int) =
    let set () = RecoilSet.Simulated(RecoilSimulator(Size = 16), 17, 3, 5, [| 1.0; 6.0 |], int64 seed)
    let records (size: int) = (set ()).Pieces size |> Seq.toArray
    let whole, parts = records 100, records (1 + int size % 9)
    let pixels (pieces: LabelledImages[]) = pieces |> Array.collect _.Images.Pixels

    pixels whole = pixels parts
    && column "hash" whole texts = column "hash" parts texts
    && column "part" whole integers = column "part" parts integers
    && column "class" parts integers |> Array.forall (fun c -> c >= 0L && c < 4L)

[<Fact>]
let ``files give kind, energy and class by their paths; twins and what cannot be read are left out by name`` () =
    use folder = new ScratchFolder()
    let simulation = RecoilSimulator(Size = 130).SimulateClasses(3, [| 3.0; 10.0 |], 8L)
    simulation.Write(folder.File "export") |> ignore
    // The competition's names, in another folder: energy and kind from the name.
    let named = folder.File "flat/0.5__CYGNO_60_40_He_NR_10_keV_930V_30cm_SRIM_IDAO_iso_crop_hist_pic_run4_ev0;1.png"
    Directory.CreateDirectory(folder.File "flat") |> ignore
    let other = RecoilSimulator(Size = 130).SimulateClasses(1, [| 10.0 |], 99L)
    Png.Write(named, NdArray<byte>([| 130; 130 |], (other.Image 1).ToArray()))
    let first = Directory.GetFiles(folder.File "export", "*.png", SearchOption.AllDirectories) |> Array.sort |> Array.head
    let twin = Path.Combine(nonNull (Path.GetDirectoryName first), "twin_ER_3_keV.png")
    File.Copy(first, twin)
    let broken = Path.Combine(nonNull (Path.GetDirectoryName first), "cut_ER_3_keV.png")
    File.WriteAllBytes(broken, File.ReadAllBytes(first)[..200])

    let set = RecoilSet.Files(folder.Path, RecoilSplit(Validation = 2), BrokenFilePolicy.LeaveOut)
    Assert.Equal(15, set.Count)
    Assert.Equal(4, set.Classes.Count)
    let records = set.Pieces 4 |> Seq.toArray
    Assert.Equal(13, records |> Array.sumBy _.Count)
    let paths = column "path" records texts
    let nuclear = column "nuclear" records integers

    for path, kind in Array.zip paths nuclear do
        Assert.Equal((if path.Contains "NR" then 1L else 0L), kind)

    Assert.Contains(set.LeftOut, fun line -> line.Contains "cut_ER_3_keV.png")
    Assert.Contains(set.LeftOut, fun line -> line.Contains "the same image as")
    Assert.Throws<BrokenFilesException>(fun () ->
        RecoilSet.Files(folder.Path, RecoilSplit(Validation = 2), BrokenFilePolicy.Fail).Pieces() |> Seq.iter ignore)
    |> ignore

[<Fact>]
let ``sets that cannot be divided or named are refused`` () =
    use folder = new ScratchFolder()
    let e = Assert.Throws<InvalidDataException>(fun () -> RecoilSet.Files(folder.Path, RecoilSplit()) |> ignore)
    Assert.Contains("expected PNG images in folders such as 10_keV/NR, found none", e.Message)
    RecoilSimulator(Size = 128).SimulateClasses(1, [| 3.0 |], 1L).Write(folder.Path) |> ignore
    let e = Assert.Throws<ArgumentException>(fun () -> RecoilSet.Files(folder.Path, RecoilSplit()) |> ignore)
    Assert.Contains("a set of 2 images: expected at least 1 for validation and 1 for training, got 50", e.Message)

[<Fact>]
let ``a piece of which nothing can be read is left out like any other file`` () =
    use folder = new ScratchFolder()
    let simulation = RecoilSimulator(Size = 130).SimulateClasses(2, [| 3.0; 10.0 |], 8L)
    simulation.Write(folder.File "z") |> ignore
    Directory.CreateDirectory(folder.File "a") |> ignore
    for i in 0..3 do File.WriteAllText(folder.File $"a/cut{i}_ER_3_keV.png", "not an image")
    let set = RecoilSet.Files(folder.Path, RecoilSplit(Validation = 2), BrokenFilePolicy.LeaveOut)
    Assert.Equal(8, set.Pieces 4 |> Seq.sumBy _.Count)
    Assert.Equal(4, set.LeftOut.Count)

[<SeededProperty(MaxTest = 20)>]
let ``continuous energies have classes that hold a tenth or so of their energy`` (seed: int) =
    let set = RecoilSet.SimulatedContinuous(RecoilSimulator(Size = 8), 300, 20, 100, int64 seed)
    let records = set.Pieces 64 |> Seq.toArray
    let energies, classes = column "energy" records reals, column "class" records integers
    let nuclear = column "nuclear" records integers

    not set.AreEnergiesKnown
    && set.TestClasses.Count = 0
    && set.Classes.Count >= 10
    && Array.forall (fun e -> e >= 0.5 && e <= 36.0) energies
    && Array.forall2 (fun kind e -> kind = 0L || e >= 1.73) nuclear energies
    && Array.forall2
        (fun c (kind, e) ->
            // An image of the test may be the only one of its class.
            c = -1L
            || (let struct (of', mean) = set.Classes[int c]
                (of' = Recoil.Nuclear) = (kind = 1L) && abs (mean - e) < 0.5 + 0.5 * e))
        classes
        (Array.zip nuclear energies)

[<Fact>]
let ``other kinds and energies may judge than are trained on`` () =
    let trained = [| struct (Recoil.Electron, 3.0); struct (Recoil.Nuclear, 1.0) |]
    let judged = [| struct (Recoil.Electron, 1.0); struct (Recoil.Nuclear, 3.0) |]
    let set = RecoilSet.SimulatedClasses(RecoilSimulator(Size = 8), 10, 2, 4, trained, judged, 1L)
    Assert.Equal<struct (Recoil * float)>(Array.sort trained, set.Classes)
    Assert.Equal<struct (Recoil * float)>(Array.sort judged, set.TestClasses)
    Assert.False set.AreEnergiesKnown
    let records = set.Pieces() |> Seq.toArray
    let classes, parts = column "class" records integers, column "part" records integers
    Assert.Equal<int64>([| for part in parts -> if part = 2L then -1L else 0L |], [| for c in classes -> min c 0L |])
    Assert.True (RecoilSet.Simulated(RecoilSimulator(Size = 8), 10, 2, 4, [| 3.0 |], 1L)).AreEnergiesKnown

[<Fact>]
let ``the classical discriminator measures light, width and offset`` () =
    let features (kind: Recoil) (energy: float) =
        let n = 60
        let made = RecoilSimulator(Size = 64).Simulate(Array.create n kind, Array.create n energy, 3L, 0L, Threading.CancellationToken.None)
        [| for i in 0 .. n - 1 -> ClassicalDiscriminator.Measure(ReadOnlySpan(Array.map float32 ((made.Image i).ToArray())), 64, 64) |]

    let mean (of': RecoilFeatures -> float) values = values |> Array.averageBy of'

    for energy in [ 6.0; 10.0 ] do
        let electrons, nuclei = features Recoil.Electron energy, features Recoil.Nuclear energy
        Assert.InRange(mean _.Light electrons, 0.95 * 620.0 * energy, 1.05 * 620.0 * energy)
        Assert.InRange(mean _.Width electrons, 4.4, 5.0)
        Assert.InRange(mean _.Width nuclei, 5.6, 6.2)
        // Its published thresholds tell the kinds apart.
        let right = Array.append [| for f in electrons -> ClassicalDiscriminator.Score(f, 0.87) < 0.0 |]
                                 [| for f in nuclei -> ClassicalDiscriminator.Score(f, 0.87) >= 0.0 |]
        Assert.True((right |> Array.averageBy (fun r -> if r then 1.0 else 0.0)) > 0.9)

    let tracks, spots = features Recoil.Electron 30.0, features Recoil.Nuclear 30.0
    Assert.True(mean _.Roundness tracks < mean _.Roundness spots - 0.05)
    Assert.All([ tracks; spots ], fun found -> Assert.InRange(mean _.Offset found, 1.0, 3.0))
    let kinds = Array.append (Array.create tracks.Length Recoil.Electron) (Array.create spots.Length Recoil.Nuclear)
    Assert.InRange(ClassicalDiscriminator.ChooseRoundness(Array.append tracks spots, kinds), 0.82, 0.92)
    Assert.Equal(0.87, ClassicalDiscriminator.ChooseRoundness([||], [||]))
