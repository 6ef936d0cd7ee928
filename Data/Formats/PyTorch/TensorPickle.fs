namespace Hybrid.Data.Formats

open System
open System.Buffers.Binary
open System.Collections.Generic
open System.IO
open System.Numerics
open System.Text
open Hybrid.Data

/// A Python name that the pickle mentions, on the machine's stack only.
[<Sealed>]
type internal PickleName(name: string) =
    member _.Name = name

/// The Python names that a file of tensors may mention.
[<RequireQualifiedAccess>]
module internal PickleNames =
    // Legacy names of typed storages: torch.save writes them still.
    let storages =
        dict
            [ "torch.DoubleStorage", PthElement.Float64
              "torch.FloatStorage", PthElement.Float32
              "torch.HalfStorage", PthElement.Float16
              "torch.BFloat16Storage", PthElement.BFloat16
              "torch.LongStorage", PthElement.Int64
              "torch.IntStorage", PthElement.Int32
              "torch.ShortStorage", PthElement.Int16
              "torch.CharStorage", PthElement.Int8
              "torch.ByteStorage", PthElement.UInt8
              "torch.BoolStorage", PthElement.Bool
              "torch.ComplexFloatStorage", PthElement.ComplexFloat32
              "torch.ComplexDoubleStorage", PthElement.ComplexFloat64 ]

    // Element types as values, which become texts such as 'torch.float32'.
    let dtypes =
        set [ "float64"; "float32"; "float16"; "bfloat16"; "int64"; "int32"; "int16"; "int8"; "uint8"; "bool"; "complex64"; "complex128" ]

    let callable =
        set
            [ "collections.OrderedDict"
              "torch._utils._rebuild_tensor"
              "torch._utils._rebuild_tensor_v2"
              "torch._utils._rebuild_parameter"
              "torch._utils._rebuild_parameter_with_state"
              "torch.Size"
              "torch.device"
              "_codecs.encode" ]

    /// A value in a message.
    let describe (value: obj | null) =
        match value with
        | null -> "None"
        | :? string as text -> if text.Length <= 40 then $"'{text}'" else $"a text of {text.Length} characters"
        | :? bool
        | :? int64
        | :? double -> string value
        | :? BigInteger -> "a large number"
        | :? (byte[]) -> "bytes"
        | :? PthTensor -> "a tensor"
        | :? PthStorage -> "a storage"
        | :? PthDictionary -> "a dict"
        | :? PthList as list -> if list.IsTuple then "a tuple" else "a list"
        | :? PickleName as name -> $"'{name.Name}'"
        | other -> other.GetType().Name

/// What a `.pth` file's data.pkl says: a pickle machine (Python's pickletools, protocols 2 to 5) that runs nothing. It builds
/// dictionaries, lists, tuples, numbers, texts and descriptions of tensors; any other name or operation ends it.
/// `subject` (the path and the entry) begins every message; every failure is an InvalidDataException.
[<Sealed>]
type internal TensorPickle(subject: string, data: byte[]) =
    // A byte or two of a pickle can ask for an object of a hundred, and for what was built before once more: no state dictionary has so
    // many.
    let mostBuilt = 1_000_000
    let mutable built = 0
    let mutable encoded = 0L
    let mutable at = 0
    let mutable operation = 0
    let strict = UTF8Encoding(false, true)
    let fail (message: string) : 'T = raise (InvalidDataException $"{subject}, byte {operation}: {message}")

    let build (value: 'T) : 'T =
        built <- built + 1
        if built > mostBuilt then fail $"its pickle builds more than {mostBuilt} tensors, dictionaries, lists and tuples: no state \
            dictionary does"
        value

    // ---- bytes ----
    let take (count: int64) : ReadOnlyMemory<byte> =
        if count < 0L || count > int64 (data.Length - at) then
            fail $"expected {count} more bytes, got {data.Length - at}: the pickle is cut off or damaged"

        let piece = ReadOnlyMemory(data, at, int count)
        at <- at + int count
        piece

    let byte () = int (take 1L).Span[0]
    let uint16 () = int (BinaryPrimitives.ReadUInt16LittleEndian (take 2L).Span)
    let int32 () = BinaryPrimitives.ReadInt32LittleEndian (take 4L).Span
    let uint32 () = int64 (BinaryPrimitives.ReadUInt32LittleEndian (take 4L).Span)

    let uint64 () =
        let value = BinaryPrimitives.ReadUInt64LittleEndian (take 8L).Span
        if value > uint64 Int32.MaxValue then fail $"expected a length, got {value}" else int64 value

    let text (count: int64) =
        let piece = take count

        try
            strict.GetString piece.Span
        with :? DecoderFallbackException ->
            fail "expected a text in UTF-8"

    let line () =
        let length = ReadOnlySpan(data, at, data.Length - at).IndexOf(10uy)
        if length < 0 then fail "expected a name that a line ends, the pickle is cut off"
        let content = text (int64 length)
        at <- at + 1
        content

    let long (count: int64) : obj | null =
        let piece = take count

        if count <= 8L then
            let mutable value = 0L

            for i in 0 .. piece.Length - 1 do
                value <- value ||| (int64 piece.Span[i] <<< (8 * i))

            // The last byte's sign fills what is above it.
            if count = 0L then box 0L else box (value <<< (64 - 8 * int count) >>> (64 - 8 * int count))
        else
            box (BigInteger piece.Span)

    // ---- the stack: marks are places in it ----
    let stack = List<obj | null>()
    let marks = Stack<int>()
    let memo = Dictionary<int64, obj | null>()
    let bottom () = if marks.Count = 0 then 0 else marks.Peek()
    let push (value: obj | null) = stack.Add value

    let pop () : obj | null =
        if stack.Count <= bottom () then fail "expected a value on the stack, got none: the pickle is damaged"
        let value = stack[stack.Count - 1]
        stack.RemoveAt(stack.Count - 1)
        value

    let top () : obj | null =
        if stack.Count <= bottom () then fail "expected a value on the stack, got none: the pickle is damaged"
        stack[stack.Count - 1]

    let popToMark () : (obj | null)[] =
        if marks.Count = 0 then fail "expected a mark on the stack, got none: the pickle is damaged"
        let from = marks.Pop()
        let items = Array.init (stack.Count - from) (fun i -> stack[from + i])
        stack.RemoveRange(from, items.Length)
        items

    let popMany (count: int) : (obj | null)[] =
        let items = Array.init count (fun _ -> pop ())
        Array.Reverse items
        items

    let get (index: int64) =
        match memo.TryGetValue index with
        | true, value -> push value
        | _ -> fail $"expected an earlier value with number {index}, there is none: the pickle is damaged"

    let put (index: int64) = memo[index] <- top ()

    // ---- values ----
    let tuple (items: (obj | null)[]) =
        let result = build (PthList true)

        for item in items do
            result.Add item

        result

    let append (items: (obj | null)[]) =
        match top () with
        | :? PthList as list when not list.IsTuple ->
            for item in items do
                list.Add item
        | other -> fail $"expected a list to append to, got {PickleNames.describe other}"

    let setItems (items: (obj | null)[]) =
        match top () with
        | :? PthDictionary as dictionary ->
            if items.Length % 2 <> 0 then fail "expected a value for each key, the last has none: the pickle is damaged"

            for i in 0..2 .. items.Length - 2 do
                match items[i] with
                | :? string
                | :? int64
                | :? double
                | :? bool -> dictionary.Set(nonNull items[i], items[i + 1])
                | other -> fail $"expected a text or a number as a dictionary's key, got {PickleNames.describe other}"
        | other -> fail $"expected a dict to put entries into, got {PickleNames.describe other}"

    let number (what: string) (value: obj | null) =
        match value with
        | :? int64 as number -> number
        | other -> fail $"expected {what} as a whole number, got {PickleNames.describe other}"

    let numbers (what: string) (value: obj | null) =
        match value with
        | :? PthList as list -> list.Items |> Seq.map (number what) |> Array.ofSeq
        | other -> fail $"expected {what} as a tuple of whole numbers, got {PickleNames.describe other}"

    let tensor (storage: obj | null) (offset: obj | null) (shape: obj | null) (strides: obj | null) (requiresGrad: bool) =
        match storage with
        | :? PthStorage as storage ->
            let offset = number "a tensor's offset" offset
            let shape = numbers "a tensor's sizes" shape
            let strides = numbers "a tensor's strides" strides
            let listed (values: int64[]) = "(" + String.Join(", ", values) + ")"

            if shape.Length <> strides.Length || shape.Length > 64 then
                fail $"expected at most 64 sizes and as many strides, got {shape.Length} and {strides.Length}"

            if offset < 0L || Array.exists (fun v -> v < 0L) shape || Array.exists (fun v -> v < 0L) strides then
                fail $"a tensor's offset, sizes and strides must be at least 0, got {offset}, {listed shape} and {listed strides}"

            // The last element that is viewed must be inside, and the number of elements a number that can be counted.
            let reach (sum: Int128) (size: int64) (stride: int64) = sum + Int128.op_Implicit (size - 1L) * Int128.op_Implicit stride
            let last = Seq.fold2 reach (Int128.op_Implicit offset) shape strides
            let isEmpty = Array.contains 0L shape

            if not isEmpty && last >= Int128.op_Implicit storage.Count then
                fail $"a tensor of sizes {listed shape} and strides {listed strides} from {offset} reaches element {last} of storage \
                    '{storage.Key}', which has {storage.Count}"

            let mutable elements = Int128.One

            for size in shape do
                elements <- min (Int128.op_Implicit Int64.MaxValue) (elements * Int128.op_Implicit (max 1L size))

            if elements >= Int128.op_Implicit (Int64.MaxValue / 16L) then
                fail $"a tensor of sizes {listed shape} has more elements than can be counted"

            build (PthTensor(storage, offset, shape, strides, requiresGrad))
        | other -> fail $"expected a storage to view, got {PickleNames.describe other}"

    let truth (value: obj | null) =
        match value with
        | :? bool as flag -> flag
        | other -> fail $"expected True or False, got {PickleNames.describe other}"

    let call (name: string) (arguments: obj | null) : obj =
        match arguments with
        | :? PthList as list ->
            let items = Array.ofSeq list.Items

            match name, items with
            | "collections.OrderedDict", [||] -> build (PthDictionary())
            | "torch._utils._rebuild_tensor", [| storage; offset; shape; strides |] -> tensor storage offset shape strides false
            // The sixth holds backward hooks, which torch.save warns of and does not keep; the seventh metadata of views.
            | "torch._utils._rebuild_tensor_v2", _ when items.Length = 6 || items.Length = 7 ->
                tensor items[0] items[1] items[2] items[3] (truth items[4])
            | ("torch._utils._rebuild_parameter"
              | "torch._utils._rebuild_parameter_with_state"),
              _ when items.Length = 3 || items.Length = 4 ->
                match items[0] with
                | :? PthTensor as view -> build (PthTensor(view.Storage, view.Offset, view.Shape, view.Strides, truth items[1]))
                | other -> fail $"expected a parameter's tensor, got {PickleNames.describe other}"
            | "torch.Size", [| :? PthList as sizes |] -> sizes
            | "torch.device", [| :? string as device |] -> device
            | "torch.device", [| :? string as device; :? int64 as index |] when device.Length <= 64 -> $"{device}:{index}"
            // How protocol 2 writes bytes: as the text of their Latin-1 characters.
            | "_codecs.encode", [| :? string as content; :? string as encoding |] when
                encoding = "latin1" && Seq.forall (fun c -> c < '\u0100') content
                ->
                // Each is written out in the pickle, so together they are no longer than it.
                encoded <- encoded + int64 content.Length
                if encoded > int64 data.Length then fail $"its bytes are more than the pickle, which has {data.Length}: it is damaged"
                Encoding.Latin1.GetBytes content
            | _ -> fail $"'{name}' was called with {items.Length} value{Plural.s items.Length} that it does not take: the pickle is \
                damaged or of another version"
        | other -> fail $"expected the values that '{name}' is called with as a tuple, got {PickleNames.describe other}"

    let mention (from: string) (name: string) : obj =
        let full = $"{from}.{name}"

        if PickleNames.storages.ContainsKey full || PickleNames.callable.Contains full then PickleName full
        elif from = "torch" && PickleNames.dtypes.Contains name then full
        else
            fail
                $"refused to load '{full}': only tensors, dictionaries, lists, tuples, numbers and texts are read, and nothing is run. In \
                    Python save the state dictionary alone: torch.save(model.state_dict(), path)"

    let reduce () =
        let arguments = pop ()

        match pop () with
        | :? PickleName as name when PickleNames.callable.Contains name.Name -> push (call name.Name arguments)
        | other -> fail $"expected something that can be called, got {PickleNames.describe other}"

    let shared = Dictionary<struct (string * PthElement * int64), PthStorage>()

    let storage (id: obj | null) =
        match id with
        | :? PthList as list when list.Items.Count = 5 && Object.Equals(list.Items[0], "storage") ->
            match list.Items[1], list.Items[2], list.Items[4] with
            | (:? PickleName as name), (:? string as key), (:? int64 as count) when
                PickleNames.storages.ContainsKey name.Name && count >= 0L
                ->
                let element = PickleNames.storages[name.Name]

                match shared.TryGetValue(struct (key, element, count)) with
                | true, known -> known
                | _ ->
                    let fresh = PthStorage(key, element, count)
                    shared.Add(struct (key, element, count), fresh)
                    fresh
            | name, key, count -> fail $"expected a storage's type, key and length, got {PickleNames.describe name}, \
                {PickleNames.describe key} and {PickleNames.describe count}"
        | other -> fail $"expected a storage as a tuple of five, got {PickleNames.describe other}"

    /// The value. Call it once.
    member _.Read() : obj | null =
        let mutable result: obj | null = null
        let mutable running = true

        while running do
            operation <- at

            match byte () with
            | 0x80 -> // PROTO
                let version = byte ()
                if version < 2 || version > 5 then fail $"expected pickle protocol 2 to 5, got {version}"
            | 0x95 -> take 8L |> ignore // FRAME: a hint for readers of streams
            | 0x2E -> // STOP
                result <- pop ()
                running <- false
            | 0x28 -> marks.Push stack.Count // MARK
            | 0x30 -> if stack.Count > bottom () then pop () |> ignore else popToMark () |> ignore // POP, also of a mark
            | 0x31 -> popToMark () |> ignore // POP_MARK
            | 0x4E -> push null // NONE
            | 0x88 -> push (box true)
            | 0x89 -> push (box false)
            | 0x4A -> push (box (int64 (int32 ()))) // BININT
            | 0x4B -> push (box (int64 (byte ()))) // BININT1
            | 0x4D -> push (box (int64 (uint16 ()))) // BININT2
            | 0x8A -> push (long (int64 (byte ()))) // LONG1
            | 0x8B -> push (long (int64 (int32 ()))) // LONG4
            | 0x47 -> push (box (BinaryPrimitives.ReadDoubleBigEndian (take 8L).Span)) // BINFLOAT
            | 0x58 -> push (text (uint32 ())) // BINUNICODE
            | 0x8C -> push (text (int64 (byte ()))) // SHORT_BINUNICODE
            | 0x8D -> push (text (uint64 ())) // BINUNICODE8
            | 0x42 -> push ((take (uint32 ())).ToArray()) // BINBYTES
            | 0x43 -> push ((take (int64 (byte ()))).ToArray()) // SHORT_BINBYTES
            | 0x8E -> push ((take (uint64 ())).ToArray()) // BINBYTES8
            | 0x5D -> push (build (PthList false)) // EMPTY_LIST
            | 0x61 -> append [| pop () |] // APPEND
            | 0x65 -> append (popToMark ()) // APPENDS
            | 0x6C -> // LIST
                let items = popToMark ()
                push (build (PthList false))
                append items
            | 0x29 -> push (build (PthList true)) // EMPTY_TUPLE
            | 0x74 -> push (tuple (popToMark ())) // TUPLE
            | 0x85 -> push (tuple (popMany 1))
            | 0x86 -> push (tuple (popMany 2))
            | 0x87 -> push (tuple (popMany 3))
            | 0x7D -> push (build (PthDictionary())) // EMPTY_DICT
            | 0x73 -> setItems (popMany 2) // SETITEM
            | 0x75 -> setItems (popToMark ()) // SETITEMS
            | 0x64 -> // DICT
                let items = popToMark ()
                push (build (PthDictionary()))
                setItems items
            | 0x71 -> put (int64 (byte ())) // BINPUT
            | 0x72 -> put (uint32 ()) // LONG_BINPUT
            | 0x94 -> put (int64 memo.Count) // MEMOIZE
            | 0x68 -> get (int64 (byte ())) // BINGET
            | 0x6A -> get (uint32 ()) // LONG_BINGET
            | 0x63 -> // GLOBAL
                let from = line ()
                push (mention from (line ()))
            | 0x93 -> // STACK_GLOBAL
                match popMany 2 with
                | [| :? string as from; :? string as name |] -> push (mention from name)
                | other -> fail $"expected a module's and an object's name, got {PickleNames.describe other[0]} and \
                    {PickleNames.describe other[1]}"
            | 0x52
            | 0x81 -> reduce () // REDUCE, NEWOBJ
            | 0x51 -> push (storage (pop ())) // BINPERSID
            | 0x62 -> // BUILD: attributes of an object; those of an OrderedDict are notes on versions
                match pop (), top () with
                | (:? PthDictionary), (:? PthDictionary) -> ()
                | state, target -> fail $"expected attributes of a dictionary, got {PickleNames.describe state} for \
                    {PickleNames.describe target}"
            | code -> fail $"refused the pickle operation 0x{code:x2}, which torch.save does not write: the pickle is damaged or no \
                PyTorch file's"

        result
