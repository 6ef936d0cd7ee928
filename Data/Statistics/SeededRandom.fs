namespace Hybrid.Data.Statistics

open System
open System.Runtime.CompilerServices

/// Random numbers that depend on a seed and a few counters only: the number of an image, a step, a fold. The same on every
/// machine and in every version, and independent of what was drawn for other counters or on which thread.
///   xoshiro256++ (Blackman, Vigna 2019), its state from SplitMix64 over the seed and the counters.
[<Sealed>]
type SeededRandom private (s0: uint64, s1: uint64, s2: uint64, s3: uint64) =
    let mutable s0 = s0
    let mutable s1 = s1
    let mutable s2 = s2
    let mutable s3 = s3
    let mutable spare = nan

    /// Stafford's mix 13, the finaliser of SplitMix64.
    static member internal Mix(z: uint64) =
        let z = (z ^^^ (z >>> 30)) * 0xBF58476D1CE4E5B9UL
        let z = (z ^^^ (z >>> 27)) * 0x94D049BB133111EBUL
        z ^^^ (z >>> 31)

    /// One 64-bit key of a seed and counters; a different key for every different list.
    static member internal Key(seed: int64, counters: ReadOnlySpan<int64>) =
        let mutable key = SeededRandom.Mix(uint64 seed + 0x9E3779B97F4A7C15UL)

        for counter in counters do
            key <- SeededRandom.Mix(key * 0xD1342543DE82EF95UL + uint64 counter + 0x9E3779B97F4A7C15UL)

        key

    static member internal OfKey(key: uint64) =
        let state i = SeededRandom.Mix(key + uint64 (i: int) * 0x9E3779B97F4A7C15UL)
        SeededRandom(state 1, state 2, state 3, state 4)

    new(seed: int64) =
        let key = SeededRandom.Key(seed, ReadOnlySpan())
        let state i = SeededRandom.Mix(key + uint64 (i: int) * 0x9E3779B97F4A7C15UL)
        SeededRandom(state 1, state 2, state 3, state 4)

    /// The generator of one item: `SeededRandom.For(seed, image)`, `SeededRandom.For(seed, step, image)`.
    static member For(seed: int64, first: int64) = SeededRandom.OfKey(SeededRandom.Key(seed, ReadOnlySpan [| first |]))
    static member For(seed: int64, first: int64, second: int64) =
        SeededRandom.OfKey(SeededRandom.Key(seed, ReadOnlySpan [| first; second |]))

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    member _.NextUInt64() : uint64 =
        let result = Numerics.BitOperations.RotateLeft(s0 + s3, 23) + s0
        let t = s1 <<< 17
        s2 <- s2 ^^^ s0
        s3 <- s3 ^^^ s1
        s1 <- s1 ^^^ s2
        s0 <- s0 ^^^ s3
        s2 <- s2 ^^^ t
        s3 <- Numerics.BitOperations.RotateLeft(s3, 45)
        result

    /// Uniform in [0, 1), 53 bits.
    member random.NextDouble() : float = float (random.NextUInt64() >>> 11) * (1.0 / 9007199254740992.0)

    /// Uniform in [low, high).
    member random.Uniform(low: float, high: float) : float = low + (high - low) * random.NextDouble()

    /// Uniform over 0 … bound − 1. bound : > 0.
    member random.Next(bound: int) : int =
        if bound <= 0 then
            raise (ArgumentOutOfRangeException(nameof bound, bound, $"SeededRandom.Next: expected a bound > 0, got {bound}."))

        // Lemire's multiplication with rejection: no bias.
        let range = uint64 bound
        let mutable product = UInt128.op_Implicit (random.NextUInt64()) * UInt128.op_Implicit range
        let low (p: UInt128) = UInt128.op_Explicit p : uint64

        if low product < range then
            let threshold = (0UL - range) % range

            while low product < threshold do
                product <- UInt128.op_Implicit (random.NextUInt64()) * UInt128.op_Implicit range

        UInt128.op_Explicit (product >>> 64)

    /// True with this probability.
    member random.Chance(probability: float) : bool = random.NextDouble() < probability

    /// Normal with mean 0 and deviation 1 (Marsaglia's polar method).
    member random.NextNormal() : float =
        if not (Double.IsNaN spare) then
            let value = spare
            spare <- nan
            value
        else
            let mutable u = 0.0
            let mutable v = 0.0
            let mutable s = 0.0

            while s >= 1.0 || s = 0.0 do
                u <- 2.0 * random.NextDouble() - 1.0
                v <- 2.0 * random.NextDouble() - 1.0
                s <- u * u + v * v

            let scale = sqrt (-2.0 * log s / s)
            spare <- v * scale
            u * scale

    /// Exponential with this mean.
    member random.NextExponential(mean: float) : float = -mean * log (1.0 - random.NextDouble())

    /// Poisson with this mean, ≥ 0: by products below 30, by Hörmann's transformed rejection (PTRS, 1993) above.
    member random.NextPoisson(mean: float) : int64 =
        if not (mean >= 0.0 && mean < 1e15) then
            raise (ArgumentOutOfRangeException(nameof mean, mean, $"SeededRandom.NextPoisson: expected a mean in [0, 1e15), got {mean}."))

        if mean < 30.0 then
            let limit = exp -mean
            let mutable k = 0L
            let mutable product = random.NextDouble()

            while product > limit do
                k <- k + 1L
                product <- product * random.NextDouble()

            k
        else
            let b = 0.931 + 2.53 * sqrt mean
            let a = -0.059 + 0.02483 * b
            let inverseAlpha = 1.1239 + 1.1328 / (b - 3.4)
            let vr = 0.9277 - 3.6224 / (b - 2.0)
            let logMean = log mean
            let mutable result = -1L

            while result < 0L do
                let u = random.NextDouble() - 0.5
                let v = random.NextDouble()
                let us = 0.5 - abs u
                let k = floor ((2.0 * a / us + b) * u + mean + 0.43)

                if us >= 0.07 && v <= vr then
                    result <- int64 k
                elif k >= 0.0 && (us >= 0.013 || v <= us) then
                    let accept = log v + log inverseAlpha - log (a / (us * us) + b)

                    if accept <= k * logMean - mean - MathNet.Numerics.SpecialFunctions.GammaLn(k + 1.0) then
                        result <- int64 k

            result

    /// The items in random order (Fisher–Yates), in place.
    member random.Shuffle(items: Span<'T>) : unit =
        for i in items.Length - 1 .. -1 .. 1 do
            let j = random.Next(i + 1)
            let item = items[i]
            items[i] <- items[j]
            items[j] <- item

    /// A permutation of 0 … count − 1.
    member random.Permutation(count: int) : int[] =
        let items = Array.init count id
        random.Shuffle(items.AsSpan())
        items
