/// Damaged files of every format, thousands of them, read in a process of its own: none ends it, none hangs, none takes much memory, and
/// none is read as something else where the format could tell.
module Hybrid.PropertyTests.Laws.Data.Mutants.MutantTests

open System
open System.Collections.Generic
open System.Diagnostics
open System.Globalization
open System.IO
open System.Threading
open Xunit
open Hybrid.PropertyTests.Laws.Data
open Hybrid.PropertyTests.Laws.Data.Mutants

/// Names the folder in which a child reads mutants, and which: "folder|seed|first specimen|first mutant|count".
let private childVariable = "HYBRID_MUTANTS"

/// More than the process has when it begins to read mutants, of any file here; all are far below 1 MB.
let private mostBytes = 256L <<< 20

/// Longest time for one mutant before it counts as hanging.
let private patience = TimeSpan.FromSeconds 30.0

let private takesAll = Environment.GetEnvironmentVariable "HYBRID_TEST_ALL" |> String.IsNullOrEmpty |> not

/// Mutants of each specimen.
let private count =
    match Environment.GetEnvironmentVariable "HYBRID_MUTANTS_OF_EACH" with
    | null
    | "" -> if takesAll then 20_000 else 120
    | text -> Int32.Parse(text, CultureInfo.InvariantCulture)

/// A mutant: one to three changes of the kinds that disks, networks and editors make.
let private mutate (bytes: byte[]) (random: Random) : byte[] =
    let mutable current = bytes

    for _ in 0 .. (if random.Next 4 = 0 then random.Next 3 else 0) do
        let n = current.Length
        let at = random.Next(max 1 n)
        let some = 1 + random.Next(min 16 (max 1 (n - at)))
        let before, after = current[.. at - 1], current[min n (at + some) ..]

        current <-
            if n = 0 then current
            else
                match random.Next 9 with
                | 0 | 1 ->
                    let copy = Array.copy current
                    copy[at] <- copy[at] ^^^ (1uy <<< random.Next 8)
                    copy
                | 2 ->
                    let copy = Array.copy current
                    copy[at] <- byte (random.Next 256)
                    copy
                // A digit of a text, as most headers have.
                | 3 ->
                    let copy = Array.copy current
                    let digits = [| for i in 0 .. n - 1 do if Char.IsAsciiDigit(char copy[i]) then i |]
                    if digits.Length > 0 then copy[digits[random.Next digits.Length]] <- byte '0' + byte (random.Next 10)
                    copy
                | 4 -> Array.concat [ before; Array.create some (if random.Next 2 = 0 then 0uy else 0xFFuy); after ]
                | 5 -> Array.append before after
                | 6 -> Array.concat [ before; current[at .. at + some - 1]; current[at..] ]
                | 7 -> before
                | _ ->
                    let copy = Array.copy current
                    Array.blit copy (random.Next n) copy at 1
                    copy

    current

let private memory (key: string) =
    let line = File.ReadLines "/proc/self/status" |> Seq.find (fun line -> line.StartsWith key)
    let kilobytes = line.Split([| ' '; '\t' |], StringSplitOptions.RemoveEmptyEntries)[1]
    Int64.Parse(kilobytes, CultureInfo.InvariantCulture) * 1024L

/// What a mutant came to, a letter: Same, Refused, other Values, Other shape, Wrong exception.
let private judge (specimen: Specimen) (expected: struct (string * string)) (path: string) : char * string =
    try
        let (struct (shape, values)) = specimen.Read path
        let (struct (rightShape, rightValues)) = expected

        if shape = rightShape && values = rightValues then 'S', ""
        elif shape = "warned" || shape = "named" then 'R', ""
        elif shape = rightShape then 'V', "other values"
        // A file that ends between two records is a whole one: nothing in the format tells.
        elif specimen.Name = "TFRecord" && rightValues.StartsWith(values, StringComparison.Ordinal) then 'O', ""
        else 'O', $"{shape} in place of {rightShape}"
    with
    // Named with the file, which is the cache's own where it is a shard.
    | :? InvalidDataException as e when e.Message.Contains(nonNull (Path.GetDirectoryName path)) || e.Message.Contains "hybrid-mutants" ->
        'R', ""
    // What a file asks for by its own words: a column, a key, an entry that is not there.
    | :? KeyNotFoundException
    | :? FileNotFoundException -> 'R', ""
    | e -> 'W', string e

/// The child: reads mutants one after another and writes a line of each that is not plainly right; the file `at` says where it is.
let private readMutants (order: string) =
    let parts = order.Split '|'
    let folder, seed, firstSpecimen, firstMutant, count = parts[0], int parts[1], int parts[2], int parts[3], int parts[4]
    use at = File.OpenHandle(Path.Combine(folder, "at"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite)
    use log = new StreamWriter(Path.Combine(folder, "log"), true)
    let specimens = Specimens.all.Value |> List.toArray

    for s in firstSpecimen .. specimens.Length - 1 do
        let specimen = specimens[s]
        let path = Path.Combine(folder, "mutant" + specimen.Ending)
        File.WriteAllBytes(path, specimen.Bytes)
        let expected = specimen.Read path
        let tally = Dictionary<char, int>()
        GC.Collect()
        File.WriteAllText("/proc/self/clear_refs", "5") // the peak begins here
        let before = memory "VmRSS:"

        for m in (if s = firstSpecimen then firstMutant else 0) .. count - 1 do
            RandomAccess.Write(at, ReadOnlySpan(BitConverter.GetBytes((int64 s <<< 32) ||| int64 m)), 0L)
            File.WriteAllBytes(path, mutate specimen.Bytes (Random(seed * 1_000_003 + s * 100_003 + m)))
            let letter, why = judge specimen expected path
            tally[letter] <- (match tally.TryGetValue letter with | true, n -> n + 1 | _ -> 1)
            let isFault =
                letter = 'W' || letter = 'O' && why <> "" && specimen.Guard <> Nothing || letter = 'V' && specimen.Guard = Values

            if isFault then log.WriteLine $"{specimen.Name}, mutant {m}: {why}"

            if m % 100 = 99 || m = count - 1 then
                let peak = memory "VmHWM:"
                if peak - before > mostBytes then
                    log.WriteLine $"{specimen.Name}, mutants {m - 99} to {m}: {(peak - before) >>> 20} MB"
                    File.WriteAllText("/proc/self/clear_refs", "5")

        let number letter = match tally.TryGetValue letter with | true, n -> n | _ -> 0
        let peak = (memory "VmHWM:" - before) >>> 20
        log.WriteLine $"= {specimen.Name,-22} {number 'S',7} {number 'R',7} {number 'V',7} {number 'O',7} {number 'W',7} {peak,5} MB"
        log.Flush()

[<Fact>]
let ``damaged files of every format are refused or read as they were, thousands of them`` () =
    if not (OperatingSystem.IsLinux()) then
        Assert.Skip "reads its memory from /proc"

    match Environment.GetEnvironmentVariable childVariable with
    | null
    | "" ->
        use folder = new ScratchFolder()
        let seed =
            match Environment.GetEnvironmentVariable "HYBRID_SEED" with
            | null
            | "" -> Environment.TickCount &&& 0xFFFF
            | given -> int (UInt64.Parse(given.Split(',')[0], CultureInfo.InvariantCulture) &&& 0xFFFFUL)
        let place = folder.File "at"
        let faults = ResizeArray<string>()
        let mutable ends, hangs = 0, 0
        let mutable next = struct (0, 0)
        let mutable running = true

        while running do
            let (struct (specimen, mutant)) = next
            let order = $"{folder.Path}|{seed}|{specimen}|{mutant}|{count}"
            use child = ChildTest.start "damaged files of every format" [ childVariable, order ]
            let output = child.StandardOutput.ReadToEndAsync()
            let errors = child.StandardError.ReadToEndAsync()
            let at () =
                if File.Exists place then
                    use stream = new FileStream(place, FileMode.Open, FileAccess.Read, FileShare.ReadWrite)
                    let bytes = Array.zeroCreate<byte> 8
                    if stream.Read(bytes, 0, 8) = 8 then BitConverter.ToInt64 bytes else -1L
                else -1L

            let mutable last, since = at (), Stopwatch.StartNew()

            while not child.HasExited && since.Elapsed < patience do
                Thread.Sleep 20
                let now = at ()
                if now <> last then
                    last <- now
                    since.Restart()

            let hung = not child.HasExited
            if hung then child.Kill()
            child.WaitForExit()

            if not hung && child.ExitCode = 0 then
                running <- false
            else
                if last < 0L then Assert.Fail $"the child did not begin: {output.Result}{errors.Result}"
                let s, m = int (last >>> 32), int (last &&& 0xFFFFFFFFL)
                if hung then hangs <- hangs + 1 else ends <- ends + 1
                let what = if hung then "hangs" else $"ends the process ({child.ExitCode}): {errors.Result}{output.Result}"
                faults.Add $"seed {seed}, specimen {s}, mutant {m}: {what}"
                next <- struct (s, m + 1)
                if faults.Count > 20 then running <- false

        let lines = if File.Exists(folder.File "log") then File.ReadAllLines(folder.File "log") else [||]
        let table, other = lines |> Array.partition (fun line -> line.StartsWith "=")
        faults.AddRange other
        let headline = $"{count} mutants of each, seed {seed}: {ends} ends of the process, {hangs} hangs"
        let text = String.Join('\n', [ headline; "format                    same refused  values   shape   wrong  peak"; yield! table ])
        TestContext.Current.TestOutputHelper |> Option.ofObj |> Option.iter (fun output -> output.WriteLine text)

        match Environment.GetEnvironmentVariable "HYBRID_MUTANTS_LOG" with
        | null
        | "" -> ()
        | path -> File.WriteAllText(path, text + "\n" + String.Join('\n', faults) + "\n")

        Assert.True((faults.Count = 0), $"seed {seed}:\n{String.Join('\n', Seq.truncate 40 faults)}")
        Assert.True(table.Length > 20, text)
    | order -> readMutants order
