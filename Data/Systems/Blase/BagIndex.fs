namespace Hybrid.Data.Systems.Blase

open System
open System.IO
open Hybrid.Data.Formats

/// Which bag a source of the training set was in, by its position on the sky. Networks trained on the other bags estimate it out of bag.
/// File: npy of shape (N, 3): right ascension and declination in degrees, bag.
[<Sealed>]
type BagIndex(rightAscension: float[], declination: float[], bags: int[]) =
    do
        if rightAscension.Length <> declination.Length || bags.Length <> rightAscension.Length then
            invalidArg (nameof bags) $"BagIndex: expected as many declinations and bags as right ascensions ({rightAscension.Length}), \
                got {declination.Length} and {bags.Length}."

        for i in 0 .. bags.Length - 1 do
            if not (Double.IsFinite rightAscension[i] && abs declination[i] <= 90.0 && bags[i] >= 0) then
                invalidArg (nameof bags) $"BagIndex, source {i}: expected degrees, a declination in [−90, 90] and a bag ≥ 0, got \
                    {rightAscension[i]}, {declination[i]} and {bags[i]}."

    static let vector (ra: float) (dec: float) =
        let a, d = ra * Math.PI / 180.0, dec * Math.PI / 180.0
        struct (cos d * cos a, cos d * sin a, sin d)

    let vectors = Array.map2 vector rightAscension declination
    // Only sources in the strip of declinations that the radius allows are compared.
    let order = Array.init declination.Length id |> Array.sortBy (fun i -> declination[i])
    let sorted = order |> Array.map (fun i -> declination[i])

    static member Read(path: string) : BagIndex =
        let array = Npy.Read path

        if array.Rank <> 2 || array.Shape[1] <> 3 then
            let got = String.Join(", ", array.Shape)
            raise (InvalidDataException $"{path}: expected an array of shape (N, 3), right ascension, declination and bag, got ({got}).")

        let values = array.ToDoubles()
        let column c = Array.init array.Shape[0] (fun i -> values[3 * i + c])

        try
            BagIndex(column 0, column 1, column 2 |> Array.map int)
        with :? ArgumentException as e ->
            raise (InvalidDataException($"{path}: {e.Message}", e))

    member _.Write(path: string) : unit =
        let rows = [| for i in 0 .. bags.Length - 1 do yield! [| rightAscension[i]; declination[i]; float bags[i] |] |]
        Npy.Write(path, NdArray<float>([| bags.Length; 3 |], rows))

    member _.Count = bags.Length
    member _.RightAscension = Array.copy rightAscension
    member _.Declination = Array.copy declination
    member _.Bags = Array.copy bags
    /// Bags are numbered 0 … BagCount − 1.
    member _.BagCount = if bags.Length = 0 then 0 else Array.max bags + 1

    /// Great-circle distance between two positions, degrees: 2 asin(½|a − b|) of their unit vectors, accurate at any distance.
    static member Separation(ra1: float, dec1: float, ra2: float, dec2: float) : float =
        let struct (x1, y1, z1) = vector ra1 dec1
        let struct (x2, y2, z2) = vector ra2 dec2
        let chord = sqrt ((x1 - x2) ** 2.0 + (y1 - y2) ** 2.0 + (z1 - z2) ** 2.0)
        2.0 * asin (min 1.0 (0.5 * chord)) * 180.0 / Math.PI

    /// Sources within `radius` degrees on the sphere, nearest first; equally near ones in the order of the index.
    member _.Within(ra: float, dec: float, radius: float) : int[] =
        if not (Double.IsFinite ra && abs dec <= 90.0) then
            invalidArg (nameof dec) $"BagIndex: expected a position in degrees with a declination in [−90, 90], got {ra} and {dec}."

        if not (radius >= 0.0) then
            raise (ArgumentOutOfRangeException(nameof radius, radius, $"BagIndex: expected a radius ≥ 0 degrees, got {radius}."))

        let struct (x, y, z) = vector ra dec
        // The square of the chord that spans the radius, with room for rounding at radius 0.
        let reach = (2.0 * sin (min radius 180.0 * Math.PI / 360.0)) ** 2.0 + 1e-20
        let first = let found = Array.BinarySearch(sorted, dec - radius - 1e-9) in if found >= 0 then found else ~~~found
        let near = ResizeArray<struct (float * int)>()
        let mutable k = first
        // Equal declinations: the binary search may land on any of them.
        while k > 0 && sorted[k - 1] >= dec - radius - 1e-9 do
            k <- k - 1

        while k < sorted.Length && sorted[k] <= dec + radius + 1e-9 do
            let i = order[k]
            let struct (a, b, c) = vectors[i]
            let chord = (x - a) * (x - a) + (y - b) * (y - b) + (z - c) * (z - c)

            if chord <= reach then
                near.Add(struct (chord, i))

            k <- k + 1

        near |> Seq.sort |> Seq.map (fun (struct (_, i)) -> i) |> Array.ofSeq

    /// The bag of the nearest source within `radius` degrees; −1 when there is none. The original's radius is 0.1.
    /// Sources at the very same position in different bags (59 of the original's 3717 positions) have the first one's bag: every network
    /// saw one of them.
    member index.Find(ra: float, dec: float, radius: float) : int =
        match index.Within(ra, dec, radius) with
        | [||] -> -1
        | near -> bags[near[0]]
