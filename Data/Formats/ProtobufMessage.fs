namespace Hybrid.Data.Formats

open System
open System.IO
open System.Runtime.InteropServices
open System.Text

/// A message of Google's protocol buffers while it is written: fields by their numbers, in the order of the calls.
[<Sealed>]
type ProtobufMessage() =
    let content = new MemoryStream()

    let varint (value: uint64) =
        let mutable rest = value

        while rest >= 0x80UL do
            content.WriteByte(byte rest ||| 0x80uy)
            rest <- rest >>> 7

        content.WriteByte(byte rest)

    let tag (field: int) (wire: int) = varint (uint64 field <<< 3 ||| uint64 wire)

    /// Bytes so far.
    member _.Length = content.Length

    /// An integer, a bool as 0 or 1, or a member of an enumeration; a negative one takes ten bytes.
    member _.Integer(field: int, value: int64) : unit =
        tag field 0
        varint (uint64 value)

    member _.Single(field: int, value: float32) : unit =
        tag field 5
        content.Write(ReadOnlySpan(BitConverter.GetBytes value))

    member this.Text(field: int, value: string) : unit = this.Bytes(field, ReadOnlySpan(Encoding.UTF8.GetBytes value))

    member this.Bytes(field: int, value: ReadOnlySpan<byte>) : unit =
        this.Head(field, int64 value.Length)
        content.Write value

    member this.Message(field: int, value: ProtobufMessage) : unit = this.Bytes(field, ReadOnlySpan(value.ToArray()))

    /// A packed list.
    member this.Integers(field: int, values: ReadOnlySpan<int64>) : unit =
        let packed = ProtobufMessage()
        packed.Packed values
        this.Message(field, packed)

    /// A packed list.
    member this.Singles(field: int, values: ReadOnlySpan<float32>) : unit = this.Bytes(field, MemoryMarshal.AsBytes values)

    /// The tag and length of a field whose bytes the caller writes after it: for content that is not held in memory twice.
    member _.Head(field: int, length: int64) : unit =
        tag field 2
        varint (uint64 length)

    member private _.Packed(values: ReadOnlySpan<int64>) =
        for value in values do
            varint (uint64 value)

    member _.ToArray() : byte[] = content.ToArray()
