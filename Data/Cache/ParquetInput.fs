namespace Hybrid.Data.Cache

open System
open System.Buffers.Binary
open System.Collections.Generic
open System.IO
open Microsoft.Win32.SafeHandles
open Parquet
open Parquet.Schema
open Hybrid.Data

/// What the values of a leaf column mean, and the physical type that they are stored as.
type internal LeafKind =
    | Bool
    /// INT32 or INT64, or less bits of them; signed, or unsigned and stored with the same bits.
    | Int of bits: int * signed: bool * wide: bool
    | Single
    | Double
    /// Two bytes of a 16-bit float.
    | Half
    /// A whole number divided by 10 to the scale: an INT32, an INT64 or big-endian bytes.
    | Decimal of scale: int * physical: Meta.Type
    | Text
    | Bytes
    /// Something that Hybrid does not read, named.
    | Other of string

/// A column of values in a Parquet file; of a list the column of its elements.
type internal ParquetLeaf = { Field: DataField; Kind: LeafKind }

/// What a row group holds of one column: its values without the nulls, and of optional and repeated columns the levels that tell where
/// nulls and rows are (Dremel; "Nested Encoding" of the Parquet format).
type internal LeafValues<'T> =
    { Values: 'T[]
      /// Values that are not null.
      Defined: int
      /// Definition levels, empty for required columns.
      Definitions: int[]
      /// Repetition levels, empty outside lists.
      Repetitions: int[] }

/// A Parquet file of any origin, read through Parquet.Net; for one thread at a time. Columns are read by their physical types, which all
/// encodings support, and what is damaged is refused before Parquet.Net reads it.
[<Sealed>]
type internal ParquetInput(path: string, handle: SafeFileHandle) =
    let fail (why: string) (inner: exn | null) =
        raise (InvalidDataException($"{path}: not a readable Parquet file: {why}", inner))

    let length = RandomAccess.GetLength handle

    /// Where the footer begins, and the checksum of the file from there on.
    let footerStart, footerSum =
        let tail = Array.zeroCreate<byte> 8

        if length < 12L || RandomAccess.Read(handle, tail.AsSpan(), length - 8L) <> 8 then
            fail $"expected at least 12 bytes, got {length}" null

        let magic = BinaryPrimitives.ReadUInt32LittleEndian(ReadOnlySpan(tail, 4, 4))

        if magic = 0x45524150u then
            fail "its footer is encrypted; write it without encryption" null

        if magic <> 0x31524150u then
            fail $"expected PAR1 in its last four bytes, got {Convert.ToHexString(tail, 4, 4)}" null

        let size = BinaryPrimitives.ReadInt32LittleEndian(ReadOnlySpan tail)
        let start = length - 8L - int64 size

        if size <= 0 || start < 4L then
            fail $"expected a footer of at most {length - 12L} bytes, got {size}" null

        let footer = GC.AllocateUninitializedArray<byte> size
        let mutable filled = 0

        while filled < size do
            match RandomAccess.Read(handle, footer.AsSpan filled, start + int64 filled) with
            | 0 -> fail "it was shortened while it was read" null
            | n -> filled <- filled + n

        if not (ThriftCompact.isStruct footer) then
            fail "its footer is damaged" null

        let sum = System.IO.Hashing.XxHash3()
        sum.Append(ReadOnlySpan footer)
        sum.Append(ReadOnlySpan tail)
        start, sum.GetCurrentHashAsUInt64()

    let stream = new ParquetStream(handle, length)

    let reader: ParquetReader =
        try
            ParquetReader.CreateAsync(stream, ParquetOptions(), true).GetAwaiter().GetResult()
        with e ->
            fail $"its footer, from byte {footerStart} on: {e.Message}" e

    /// The meaning of each leaf, which is then taken out of the schema: Parquet.Net reads no 16-bit floats, and not every encoding of small
    /// integers and decimals, but all physical types.
    let kinds =
        let kindOf (element: Meta.SchemaElement) : LeafKind =
            let logical = element.LogicalType
            let converted = element.ConvertedType
            let has (c: Meta.ConvertedType) = converted.HasValue && converted.Value = c
            let logically (choose: Meta.LogicalType -> obj | null) = match logical with null -> false | l -> not (isNull (choose l))

            let whole (wide: bool) =
                match logical with
                | null -> ValueNone
                | l ->
                    match l.INTEGER with
                    | null -> ValueNone
                    | i -> ValueSome(Int(int i.BitWidth, i.IsSigned, wide))
                |> ValueOption.defaultWith (fun () ->
                    if has Meta.ConvertedType.UINT_8 then Int(8, false, wide)
                    elif has Meta.ConvertedType.UINT_16 then Int(16, false, wide)
                    elif has Meta.ConvertedType.UINT_32 then Int(32, false, wide)
                    elif has Meta.ConvertedType.UINT_64 then Int(64, false, wide)
                    else Int((if wide then 64 else 32), true, wide))

            let named (name: string) = Other name

            if logically _.DATE || has Meta.ConvertedType.DATE then
                named "DATE"
            elif logically _.TIME || has Meta.ConvertedType.TIME_MILLIS || has Meta.ConvertedType.TIME_MICROS then
                named "TIME"
            elif logically _.TIMESTAMP || has Meta.ConvertedType.TIMESTAMP_MILLIS || has Meta.ConvertedType.TIMESTAMP_MICROS then
                named "TIMESTAMP"
            elif logically _.UUID then
                named "UUID"
            elif has Meta.ConvertedType.INTERVAL then
                named "INTERVAL"
            elif logically _.BSON || has Meta.ConvertedType.BSON then
                named "BSON"
            elif logically _.DECIMAL || has Meta.ConvertedType.DECIMAL then
                let scale =
                    match logical with
                    | null -> ValueNone
                    | l -> match l.DECIMAL with null -> ValueNone | d -> ValueSome d.Scale
                    |> ValueOption.defaultWith (fun () -> element.Scale.GetValueOrDefault 0)

                Decimal(scale, element.Type.Value)
            else
                match element.Type.Value with
                | Meta.Type.BOOLEAN -> Bool
                | Meta.Type.INT32 -> whole false
                | Meta.Type.INT64 -> whole true
                | Meta.Type.FLOAT -> Single
                | Meta.Type.DOUBLE -> Double
                | Meta.Type.FIXED_LEN_BYTE_ARRAY when logically _.FLOAT16 && element.TypeLength = Nullable 2 -> Half
                | Meta.Type.BYTE_ARRAY when
                    logically _.STRING
                    || logically _.ENUM
                    || logically _.JSON
                    || has Meta.ConvertedType.UTF8
                    || has Meta.ConvertedType.ENUM
                    || has Meta.ConvertedType.JSON
                    ->
                    Text
                | Meta.Type.BYTE_ARRAY
                | Meta.Type.FIXED_LEN_BYTE_ARRAY -> Bytes
                | other -> named (string other)

        let metadata = nonNull reader.Metadata
        let kinds = Dictionary<Meta.SchemaElement, LeafKind>(HashIdentity.Reference)

        for element in metadata.Schema do
            if element.Type.HasValue then
                kinds[element] <- kindOf element
                element.LogicalType <- null
                element.ConvertedType <- Nullable()

        kinds

    let schema: ParquetSchema =
        try
            reader.Schema
        with e ->
            fail $"its footer, from byte {footerStart} on: {e.Message}" e

    let columnsOf (group: int) = (nonNull reader.Metadata).RowGroups[group]

    do
        for g in 0 .. reader.RowGroupCount - 1 do
            let rows = (columnsOf g).NumRows

            if rows < 0L || rows > int64 Int32.MaxValue then
                fail $"expected 0 to {Int32.MaxValue} rows in row group {g}, got {rows}" null

            for column in (columnsOf g).Columns do
                if isNull (box column.MetaData) then
                    fail $"row group {g} has a column without metadata" null

                // A summary such as _metadata: its offsets are those of other files.
                match column.FilePath with
                | null
                | "" -> ()
                | other -> fail $"its row group {g} is in another file, '{other}': name that one" null

    member _.Path = path

    /// Where the footer begins.
    member _.FooterStart = footerStart

    /// The XXH3 checksum of the file from the footer on.
    member _.FooterSum = footerSum

    /// A text that its writer put beside the rows; null where there is none of that key.
    member _.Note(key: string) : string | null =
        match reader.CustomMetadata.TryGetValue key with
        | true, text -> text
        | _ -> null

    /// The top-level fields, in file order.
    member _.Fields: IReadOnlyList<Field> = schema.Fields

    member _.GroupCount = reader.RowGroupCount

    /// Rows of a row group.
    member _.Rows(group: int) = int (columnsOf group).NumRows

    /// What a row group's metadata say of its columns.
    member _.Chunks(group: int) : IReadOnlyList<Meta.ColumnChunk> = (columnsOf group).Columns

    /// The leaf column of a field.
    member _.Leaf(field: DataField) : ParquetLeaf =
        { Field = field
          Kind = kinds[nonNull field.SchemaElement] }

    /// Whether a column says that it has nulls; ValueNone where it does not say.
    member _.StatesNulls(field: DataField) : bool voption =
        if field.MaxDefinitionLevel = 0 then
            ValueSome false
        else
            let mutable stated = ValueSome false

            for group in 0 .. reader.RowGroupCount - 1 do
                let count =
                    match (reader.OpenRowGroupReader group).GetMetadata field with
                    | null -> Nullable()
                    | chunk ->
                        match (nonNull chunk.MetaData).Statistics with
                        | null -> Nullable()
                        | statistics -> statistics.NullCount

                stated <-
                    match stated with
                    | ValueSome true -> stated
                    | _ when count.HasValue && count.Value > 0L -> ValueSome true
                    | _ when not count.HasValue -> ValueNone
                    | _ -> stated

            stated

    /// A row group's values of a column, by its physical type: bool, int, int64, float32, float or ReadOnlyMemory<byte>.
    member _.Read<'T when 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType>(leaf: ParquetLeaf, group: int) : LeafValues<'T> =
        let field = leaf.Field
        let name = field.Path.ToString()

        let refuse (why: string) (inner: exn | null) =
            raise (InvalidDataException($"{path}, row group {group}, column '{name}': {why}", inner))

        let source = reader.OpenRowGroupReader group

        let chunk =
            match source.GetMetadata field with
            | null -> refuse "the group has no such column: the file is damaged" null
            | found -> nonNull found.MetaData

        let count = chunk.NumValues

        if count < 0L || count > int64 Array.MaxLength || (field.MaxRepetitionLevel = 0 && count <> source.RowCount) then
            refuse $"expected {source.RowCount} value{Plural.s source.RowCount}, its metadata say {count}: the file is damaged" null

        // The pages, one after another: what is damaged, or would be misread, ends here.
        let mutable place =
            Seq.min (
                seq {
                    chunk.DataPageOffset
                    if chunk.DictionaryPageOffset.GetValueOrDefault 0L > 0L then chunk.DictionaryPageOffset.Value
                    if chunk.IndexPageOffset.GetValueOrDefault 0L > 0L then chunk.IndexPageOffset.Value
                }
            )

        let mutable seen = 0L

        while seen < count do
            match PageHeader.tryRead handle place footerStart with
            | ValueSome header when
                header.Compressed >= 0L
                && header.Uncompressed >= 0L
                && header.Uncompressed <= int64 Array.MaxLength
                && place + int64 header.Length + header.Compressed <= footerStart
                && header.Values >= 0L
                ->
                if header.IsData then
                    seen <- seen + header.Values

                    if field.MaxRepetitionLevel > 0 && header.Kind = 3L then
                        refuse "lists in data pages of version 2 cannot be read: write the file with data pages of version 1" null

                    if leaf.Kind = Bool && header.Encoding = 3L then
                        let fix = "write the file with data pages of version 1, or the column as integers"
                        refuse $"booleans encoded as RLE cannot be read: {fix}" null

                place <- place + int64 header.Length + header.Compressed
            | _ -> refuse $"expected a page at byte {place}: the file is damaged" null

        if seen <> count then
            refuse $"expected {count} value{Plural.s count}, its pages have {seen}: the file is damaged" null

        let levels (level: int) = if level > 0 then Array.zeroCreate<int> (int count) else [||]
        let definitions = levels field.MaxDefinitionLevel
        let repetitions = levels field.MaxRepetitionLevel
        let memory (array: int[]) = if array.Length = 0 then Nullable() else Nullable(Memory array)
        let values = Array.zeroCreate<'T> (int count)

        if count > 0L then
            stream.LimitTo place

            try
                try
                    source.ReadRawAsync<'T>(field, Memory values, memory definitions, memory repetitions).AsTask().GetAwaiter().GetResult()
                with e ->
                    refuse $"{e.Message}: the file is damaged, or of a layout that Parquet.Net does not read" e
            finally
                stream.LimitTo length

        let mutable defined = 0

        if definitions.Length = 0 then
            defined <- int count
        else
            for level in definitions do
                if level = field.MaxDefinitionLevel then
                    defined <- defined + 1

        { Values = values
          Defined = defined
          Definitions = definitions
          Repetitions = repetitions }
