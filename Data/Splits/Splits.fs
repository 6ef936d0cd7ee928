namespace Hybrid.Data.Splits

open System
open System.Collections.Generic
open System.Buffers.Binary
open System.Runtime.InteropServices
open System.Security.Cryptography
open Hybrid.Data.Statistics

/// Places of samples in disjoint parts.
[<Sealed>]
type Split internal (train: int[], validation: int[], test: int[]) =
    member _.Train = train
    member _.Validation = validation
    member _.Test = test

/// One fold: the samples held out and all others.
[<Sealed>]
type Fold internal (train: int[], heldOut: int[]) =
    member _.Train = train
    member _.HeldOut = heldOut

/// Splits of samples numbered 0 … n − 1, by seed.
[<AbstractClass; Sealed>]
type Splits =

    static member private Fractions(subject: string, validation: float, test: float) =
        if not (validation >= 0.0 && test >= 0.0 && validation + test < 1.0) then
            invalidArg "validation" $"{subject}: expected fractions ≥ 0 whose sum is below 1, got {validation} for validation and {test} \
                for test."

    /// Samples in random order, cut into parts of these fractions (rounded to whole samples).
    static member Random(count: int, validation: float, test: float, seed: int64) : Split =
        Splits.Stratified(Array.zeroCreate count, validation, test, seed)

    /// Every class is cut by the same fractions; a class of n gives round(n·fraction) to a part.
    static member Stratified(labels: int[], validation: float, test: float, seed: int64) : Split =
        Splits.Fractions("Splits.Stratified", validation, test)
        let random = SeededRandom seed
        let parts = Array.init 3 (fun _ -> List<int>())

        for label in labels |> Array.distinct |> Array.sort do
            let members = [| for i in 0 .. labels.Length - 1 do if labels[i] = label then i |]
            random.Shuffle(members.AsSpan())
            let n = float members.Length
            let inTest = int (Math.Round(n * test, MidpointRounding.AwayFromZero))
            let inValidation = min (members.Length - inTest) (int (Math.Round(n * validation, MidpointRounding.AwayFromZero)))
            parts[2].AddRange members[.. inTest - 1]
            parts[1].AddRange members[inTest .. inTest + inValidation - 1]
            parts[0].AddRange members[inTest + inValidation ..]

        // Classes would follow one another otherwise.
        let mixed (part: List<int>) = let items = part.ToArray() in random.Shuffle(items.AsSpan()); items
        Split(mixed parts[0], mixed parts[1], mixed parts[2])

    /// Samples of one group (a galaxy, a source) stay together: whole groups in random order fill test, then validation, then
    /// training. Sizes come as near the fractions as the groups allow.
    static member Grouped(groups: string[], validation: float, test: float, seed: int64) : Split =
        Splits.Fractions("Splits.Grouped", validation, test)
        let places (_, items) = items |> Seq.map fst |> Array.ofSeq
        let members = groups |> Seq.indexed |> Seq.groupBy snd |> Seq.map places |> Array.ofSeq
        SeededRandom(seed).Shuffle(members.AsSpan())
        let n = float groups.Length
        let parts = Array.init 3 (fun _ -> List<int>())

        for group in members do
            let room part (fraction: float) = float parts[part].Count + float group.Length / 2.0 <= fraction * n
            let part = if test > 0.0 && room 2 test then 2 elif validation > 0.0 && room 1 validation then 1 else 0
            parts[part].AddRange group

        Split(parts[0].ToArray(), parts[1].ToArray(), parts[2].ToArray())

    /// k folds, each class spread evenly: fold sizes differ by at most one a class.
    static member StratifiedFolds(labels: int[], k: int, seed: int64) : Fold[] =
        if k < 2 || k > labels.Length then
            raise (ArgumentOutOfRangeException(nameof k, k, $"Splits.StratifiedFolds: expected 2 to {labels.Length} folds, got {k}."))

        let random = SeededRandom seed
        let fold = Array.zeroCreate<int> labels.Length
        let mutable next = 0

        for label in labels |> Array.distinct |> Array.sort do
            let members = [| for i in 0 .. labels.Length - 1 do if labels[i] = label then i |]
            random.Shuffle(members.AsSpan())

            // The next class continues where this one ended, so that the folds' total sizes stay even too.
            for i in members do
                fold[i] <- next % k
                next <- next + 1

        Array.init k (fun f ->
            let heldOut, train = Array.init labels.Length id |> Array.partition (fun i -> fold[i] = f)
            Fold(train, heldOut))

    /// k folds without classes.
    static member Folds(count: int, k: int, seed: int64) : Fold[] = Splits.StratifiedFolds(Array.zeroCreate count, k, seed)

    /// k folds of whole groups, filled largest group first.
    static member GroupedFolds(groups: string[], k: int, seed: int64) : Fold[] =
        let places (_, items) = items |> Seq.map fst |> Array.ofSeq
        let members = groups |> Seq.indexed |> Seq.groupBy snd |> Seq.map places |> Array.ofSeq

        if k < 2 || k > members.Length then
            raise (ArgumentOutOfRangeException(nameof k, k, $"Splits.GroupedFolds: expected 2 to {members.Length} folds, one group each \
                at least, got {k}."))

        SeededRandom(seed).Shuffle(members.AsSpan())
        let fold = Array.zeroCreate<int> groups.Length
        let sizes = Array.zeroCreate<int> k

        for group in members |> Array.sortBy (fun group -> -group.Length) do
            let smallest = Array.IndexOf(sizes, Array.min sizes)
            sizes[smallest] <- sizes[smallest] + group.Length
            group |> Array.iter (fun i -> fold[i] <- smallest)

        Array.init k (fun f ->
            let heldOut, train = Array.init groups.Length id |> Array.partition (fun i -> fold[i] = f)
            Fold(train, heldOut))

    /// A bag of each sample, 0 … bags − 1, in bags of equal size (within one). Networks trained on the other bags estimate a
    /// sample out of bag.
    static member Bags(count: int, bags: int, seed: int64) : int[] =
        if bags < 2 then
            raise (ArgumentOutOfRangeException(nameof bags, bags, $"Splits.Bags: expected at least 2 bags, got {bags}."))

        let assigned = Array.init count (fun i -> i % bags)
        SeededRandom(seed).Shuffle(assigned.AsSpan())
        assigned

/// Samples of one set that are also in another.
[<Sealed>]
type Leak internal (first: int, second: int) =
    /// Place in the first set.
    member _.First = first
    /// Place in the second set.
    member _.Second = second

/// Finds samples that stand in two sets, by their contents: the same image under another name, training samples in a test set, a
/// target-domain image in the source domain.
[<AbstractClass; Sealed>]
type LeakCheck =

    /// The first half of the SHA-256 of a sample's bytes.
    static member Hash(sample: ReadOnlySpan<float32>) : UInt128 =
        BinaryPrimitives.ReadUInt128BigEndian(ReadOnlySpan(SHA256.HashData(MemoryMarshal.AsBytes sample)))

    /// All pairs of equal samples between two sets of hashes.
    static member Find(first: UInt128[], second: UInt128[]) : Leak[] =
        let places = Dictionary<UInt128, List<int>>()

        for i in 0 .. first.Length - 1 do
            match places.TryGetValue first[i] with
            | true, list -> list.Add i
            | _ -> places[first[i]] <- List<int>([ i ])

        [| for j in 0 .. second.Length - 1 do
               match places.TryGetValue second[j] with
               | true, list -> for i in list -> Leak(i, j)
               | _ -> () |]

    /// Pairs of equal samples within one set.
    static member FindRepeats(samples: UInt128[]) : Leak[] =
        LeakCheck.Find(samples, samples) |> Array.filter (fun leak -> leak.First < leak.Second)

    /// Throws when the sets share a sample, with the first few places.
    static member Require(firstName: string, first: UInt128[], secondName: string, second: UInt128[]) : unit =
        let leaks = LeakCheck.Find(first, second)

        if leaks.Length > 0 then
            let shown = String.Join(", ", leaks |> Seq.truncate 5 |> Seq.map (fun leak -> $"{firstName}[{leak.First}] = \
                {secondName}[{leak.Second}]"))
            let more = if leaks.Length > 5 then ", …" else ""
            let found = if leaks.Length = 1 then "1 sample is" else $"{leaks.Length} samples are"
            raise (IO.InvalidDataException $"LeakCheck: {found} in both '{firstName}' and '{secondName}': \
                {shown}{more}. Remove them from one set.")
