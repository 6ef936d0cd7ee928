namespace Hybrid.Data.Formats

open System
open System.IO

/// How stored numbers become values: BSCALE, BZERO and BLANK of an image, TSCALn, TZEROn and TNULLn of a column.
/// value = zero + scale · stored, and NaN where stored is the null (FITS standard 4.0, sections 4.4.2 and 7.3.2).
type internal FitsScaling =
    { Scale: float
      Zero: float
      /// The stored integer that stands for no value; without one nothing is null.
      Null: int64 voption }

/// Values keep their precision: whole numbers that are shifted or multiplied by whole ones stay whole numbers of a type that holds them.
[<RequireQualifiedAccess>]
module internal FitsScaling =
    /// Reads the keywords. One without a value counts as absent; one that is not a number is refused.
    let ofHeader (header: FitsHeader) (scale: string) (zero: string) (missing: string) : FitsScaling =
        { Scale = header.RealOr(scale, 1.0)
          Zero = header.RealOr(zero, 0.0)
          Null = header.TryInteger missing }

    let private isWhole (x: float) = x = Math.Floor x && abs x <= 9223372036854775808.0

    /// Smallest and largest value that an integer type stores.
    let private rangeOf (bits: int) : struct (Int128 * Int128) =
        if bits = 8 then struct (Int128.Zero, Int128.op_Implicit 255)
        else
            let half = Int128.One <<< (bits - 1)
            struct (-half, half - Int128.One)

    /// The narrowest integer type for a range: bits, negative for unsigned; 0 where there is none.
    let private narrowest (low: Int128) (high: Int128) : int =
        let within (a: int64) (b: int64) = low >= Int128.op_Implicit a && high <= Int128.op_Implicit b

        if within -128L 127L then 8
        elif within -32768L 32767L then 16
        elif within 0L 65535L then -16
        elif within -2147483648L 2147483647L then 32
        elif within 0L 4294967295L then -32
        elif within Int64.MinValue Int64.MaxValue then 64
        elif low >= Int128.Zero && high <= Int128.op_Implicit UInt64.MaxValue then -64
        else 0

    /// Stored integers one by one, and their bits.
    let private stored (raw: NdArray) : struct (int * (int -> int64)) =
        match raw with
        | :? NdArray<byte> as a -> struct (8, fun i -> int64 a.Values[i])
        | :? NdArray<int16> as a -> struct (16, fun i -> int64 a.Values[i])
        | :? NdArray<int32> as a -> struct (32, fun i -> int64 a.Values[i])
        | :? NdArray<int64> as a -> struct (64, fun i -> a.Values[i])
        | other -> invalidOp $"{other.ElementType.Name} is not a stored integer type."

    let private made (shape: int[]) (length: int) (value: int -> 'T) : NdArray = NdArray<'T>(shape, Array.init length value)

    /// Whole numbers of the narrowest type for them; None where no integer type holds them all.
    let private wholes (scaling: FitsScaling) (raw: NdArray) : NdArray option =
        let struct (bits, at) = stored raw
        let scale, zero = Int128.op_Explicit scaling.Scale, Int128.op_Explicit scaling.Zero
        let value i = zero + scale * Int128.op_Implicit (at i: int64)
        let struct (least, most) = rangeOf bits
        let a, b = zero + scale * least, zero + scale * most
        let mutable low = min a b
        let mutable high = max a b

        // 64-bit numbers leave no room: what they are decides.
        if bits = 64 then
            low <- Int128.Zero
            high <- Int128.Zero

            for i in 0 .. raw.Length - 1 do
                let v = value i
                low <- min low v
                high <- max high v

            if low >= Int128.op_Implicit Int64.MinValue && high <= Int128.op_Implicit Int64.MaxValue then
                low <- Int128.op_Implicit Int64.MinValue

        let shape = Seq.toArray raw.Shape
        let whole i : int64 = Int128.op_Explicit (value i)

        match narrowest low high with
        | 8 -> Some(made shape raw.Length (fun i -> sbyte (whole i)))
        | 16 -> Some(made shape raw.Length (fun i -> int16 (whole i)))
        | -16 -> Some(made shape raw.Length (fun i -> uint16 (whole i)))
        | 32 -> Some(made shape raw.Length (fun i -> int32 (whole i)))
        | -32 -> Some(made shape raw.Length (fun i -> uint32 (whole i)))
        | 64 -> Some(made shape raw.Length whole)
        | -64 -> Some(made shape raw.Length (fun i -> Int128.op_Explicit (value i): uint64))
        | _ -> None

    let private reals (scaling: FitsScaling) (raw: NdArray) (isNull: int -> bool) (isSingle: bool) : NdArray =
        let struct (_, at) = stored raw
        let shape = Seq.toArray raw.Shape
        let value i = float (at i) * scaling.Scale + scaling.Zero

        if isSingle then
            made shape raw.Length (fun i -> if isNull i then Single.NaN else float32 (value i))
        else
            made shape raw.Length (fun i -> if isNull i then Double.NaN else value i)

    /// Integers with a null: reals, NaN where it is. A whole number that no real holds is not rounded: without nulls among the values they
    /// stay integers, with nulls the values are refused.
    let private nullable (subject: string) (scaling: FitsScaling) (missing: int64) (raw: NdArray) (preferSingle: bool) : NdArray =
        let struct (bits, at) = stored raw
        let isExact = isWhole scaling.Scale && isWhole scaling.Zero
        let isNull i = at i = missing

        let isSingle =
            preferSingle
            && bits <= 16
            && (not isExact
                || (let struct (least, most) = rangeOf bits
                    let scale, zero = Int128.op_Explicit scaling.Scale, Int128.op_Explicit scaling.Zero
                    let a, b = zero + scale * least, zero + scale * most
                    abs (narrowest (min a b) (max a b)) <= 16))

        // Doubles hold whole numbers up to 2⁵³.
        let limit = Int128.One <<< 53
        let whole i = Int128.op_Explicit scaling.Zero + Int128.op_Explicit scaling.Scale * Int128.op_Implicit (at i: int64)

        let tooLarge =
            if isExact && (bits = 64 || abs scaling.Scale > 1048576.0 || abs scaling.Zero > 4503599627370496.0) then
                Seq.init raw.Length id
                |> Seq.tryFind (fun i ->
                    not (isNull i)
                    && (let v = whole i
                        (v > limit || v < -limit) && (Int128.op_Explicit (Int128.op_Explicit v: float): Int128) <> v))
            else
                None

        match tooLarge with
        | None -> reals scaling raw isNull isSingle
        | Some place ->
            match Seq.init raw.Length id |> Seq.tryFind isNull, wholes scaling raw with
            | None, Some exact -> exact
            | _ ->
                raise (
                    InvalidDataException
                        $"{subject}: expected whole numbers up to 2⁵³ beside nulls, which make them doubles, got {whole place}: no double \
                            holds it"
                )

    /// Stored values of an image or column as what they mean. `preferSingle`: integers of 8 and 16 bits become 32-bit floats, not doubles,
    /// where they must become reals because of a null.
    let apply (subject: string) (scaling: FitsScaling) (preferSingle: bool) (raw: NdArray) : NdArray =
        let isIdentity = scaling.Scale = 1.0 && scaling.Zero = 0.0

        match raw with
        | _ when raw.ElementType = typeof<float32> || raw.ElementType = typeof<float> ->
            let shape = Seq.toArray raw.Shape

            match raw with
            | _ when isIdentity -> raw
            | :? NdArray<float32> as a ->
                NdArray<float32>(shape, a.Values |> Array.map (fun v -> float32 (float v * scaling.Scale + scaling.Zero)))
            | other -> NdArray<float>(shape, other.ToDoubles() |> Array.map (fun v -> v * scaling.Scale + scaling.Zero))
        | _ ->
            match scaling.Null with
            | ValueSome missing -> nullable subject scaling missing raw preferSingle
            | ValueNone when isIdentity -> raw
            | ValueNone ->
                let struct (bits, _) = stored raw
                let asReals () = reals scaling raw (fun _ -> false) (bits <= 16)

                if isWhole scaling.Scale && isWhole scaling.Zero then
                    wholes scaling raw |> Option.defaultWith asReals
                else
                    asReals ()
