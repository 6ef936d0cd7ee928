namespace Hybrid.Data.Statistics

open System
open System.Runtime.CompilerServices
open System.Runtime.Intrinsics
open Hybrid.Data.Statistics

/// Normal numbers sixteen at a time: sixteen xoshiro128++ generators (Blackman, Vigna 2019) seeded from one key, and the
/// Box–Muller transform. The key is a seed and the image's number, so an image's noise does not depend on its batch.
/// Uniforms have 24 bits, so no value lies beyond ±5.9.
[<Struct>]
type internal NormalStream =
    val mutable s0: Vector512<uint32>
    val mutable s1: Vector512<uint32>
    val mutable s2: Vector512<uint32>
    val mutable s3: Vector512<uint32>

    new(key: uint64) =
        let lane (word: int) =
            let at i = uint32 (SeededRandom.Mix(key + uint64 (64 + 16 * word + i) * 0x9E3779B97F4A7C15UL) >>> 32)
            Vector512.Create<uint32>((Array.init 16 at : uint32[]))

        { s0 = lane 0; s1 = lane 1; s2 = lane 2; s3 = lane 3 }

    /// 32 random bits a lane.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    member private stream.NextBits() : Vector512<uint32> =
        let inline rotate (v: Vector512<uint32>) (bits: int) =
            Vector512.BitwiseOr(Vector512.ShiftLeft(v, bits), Vector512.ShiftRightLogical(v, 32 - bits))
        let result = rotate (stream.s0 + stream.s3) 7 + stream.s0
        let t = Vector512.ShiftLeft(stream.s1, 9)
        stream.s2 <- stream.s2 ^^^ stream.s0
        stream.s3 <- stream.s3 ^^^ stream.s1
        stream.s1 <- stream.s1 ^^^ stream.s2
        stream.s0 <- stream.s0 ^^^ stream.s3
        stream.s2 <- stream.s2 ^^^ t
        stream.s3 <- rotate stream.s3 11
        result

    /// The upper 24 bits as a uniform number in (0, 1).
    static member inline private Uniform(bits: Vector512<uint32>) : Vector512<float32> =
        let whole = Vector512.ConvertToSingle(Vector512.AsInt32(Vector512.ShiftRightLogical(bits, 8)))
        (whole + Vector512.Create 0.5f) * Vector512.Create 5.9604645e-8f

    /// Two vectors of independent normals.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    member stream.NextPair(first: byref<Vector512<float32>>, second: byref<Vector512<float32>>) : unit =
        let radius = Vector512.Sqrt(Vector512.Log(NormalStream.Uniform(stream.NextBits())) * Vector512.Create -2f)
        let bits = stream.NextBits()
        // An angle in ±π/4 from the upper bits, its quadrant from the two lowest. Sine and cosine there are Cephes' polynomials
        // (Moshier 1989), within 2 ulp; Vector512.SinCos goes through float64 and takes four times as long.
        let t = (NormalStream.Uniform bits - Vector512.Create 0.5f) * Vector512.Create 1.57079633f
        let z = t * t
        let inline fma (a: Vector512<float32>) b c = Vector512.FusedMultiplyAdd(a, b, c)
        let sine = fma (Vector512.Create -1.9515295891e-4f) z (Vector512.Create 8.3321608736e-3f)
        let sine = fma sine z (Vector512.Create -1.6666654611e-1f)
        let sine = fma sine (z * t) t
        let cosine = fma (Vector512.Create 2.443315711809948e-5f) z (Vector512.Create -1.388731625493765e-3f)
        let cosine = fma cosine z (Vector512.Create 4.166664568298827e-2f)
        let cosine = fma cosine (z * z) (fma (Vector512.Create -0.5f) z (Vector512.Create 1f))

        let isOdd = Vector512.Equals(bits &&& Vector512.Create 1u, Vector512.Create 1u).AsSingle()
        let sign = Vector512.ShiftLeft(bits, 30) &&& Vector512.Create 0x80000000u
        let signed = (radius.AsUInt32() ^^^ sign).AsSingle()
        first <- signed * Vector512.ConditionalSelect(isOdd, sine, cosine)
        second <- signed * Vector512.ConditionalSelect(isOdd, -cosine, sine)

/// Normal numbers by seed.
[<AbstractClass; Sealed>]
type NormalNumbers =

    /// Fills the span with independent draws of N(0, 1) for item `item` of `seed`.
    static member Fill(seed: int64, item: int64, target: Span<float32>) : unit =
        let mutable stream = NormalStream(SeededRandom.Key(seed, ReadOnlySpan [| item |]))
        let mutable a = Vector512<float32>.Zero
        let mutable b = Vector512<float32>.Zero
        let mutable i = 0

        while i + 32 <= target.Length do
            stream.NextPair(&a, &b)
            a.CopyTo(target.Slice i)
            b.CopyTo(target.Slice(i + 16))
            i <- i + 32

        if i < target.Length then
            let rest = Array.zeroCreate<float32> 32
            stream.NextPair(&a, &b)
            a.CopyTo(Span rest)
            b.CopyTo(Span(rest, 16, 16))
            Span(rest, 0, target.Length - i).CopyTo(target.Slice i)
