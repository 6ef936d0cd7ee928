namespace Hybrid.Data.Splits

open System
open System.Globalization

/// One of the processes that divide a campaign among them: simulations, runs with many seeds, searches. Item i of a campaign depends on
/// the seed and i alone, so that any division gives the same files.
///   number : from 1 to count.
///   count : how many processes there are.
[<Struct>]
type Shard private (number: int, count: int) =
    static let variable (name: string) : string | null =
        match Environment.GetEnvironmentVariable name with
        | null
        | "" -> null
        | value -> value

    static let whole (name: string) (text: string) : int =
        match Int32.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
        | true, value -> value
        | _ -> raise (FormatException $"{name}: expected a whole number, got '{text}'.")

    static let expected = "expected a shard such as 2/8 (the second of eight)"

    /// The whole campaign in one process.
    static member All = Shard(1, 1)

    /// Throws ArgumentException unless 1 ≤ number ≤ count.
    static member Of(number: int, count: int) : Shard =
        if number < 1 || number > count then
            raise (ArgumentException $"{expected}, got {number}/{count}.")

        Shard(number, count)

    /// Reads "2/8", or "/8" where the number is JOB_COMPLETION_INDEX + 1, as an indexed job of Kubernetes sets it.
    /// Throws FormatException for anything else.
    static member Parse(text: string) : Shard =
        let refuse (why: string) = raise (FormatException $"{expected}, got '{text}'{why}.")

        match text.Split '/' with
        | [| number; count |] when count <> "" ->
            let number =
                if number <> "" then
                    number
                else
                    match variable "JOB_COMPLETION_INDEX" with
                    | null -> refuse ", and JOB_COMPLETION_INDEX is not set"
                    | index -> string (whole "JOB_COMPLETION_INDEX" index + 1)

            match Int32.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture),
                  Int32.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture) with
            | (true, n), (true, c) when n >= 1 && n <= c -> Shard(n, c)
            | _ -> refuse ""
        | _ -> refuse ""

    /// The shard of this task of a SLURM array (SLURM_ARRAY_TASK_ID, _MIN, _STEP, _COUNT); All outside one.
    /// Throws FormatException for an array whose tasks are not evenly numbered, and in an indexed job of Kubernetes, which does not say how
    /// many tasks it has.
    static member FromEnvironment() : Shard =
        match variable "SLURM_ARRAY_TASK_ID", variable "SLURM_ARRAY_TASK_COUNT" with
        | null, _ ->
            match variable "JOB_COMPLETION_INDEX" with
            | null -> Shard.All
            | index ->
                raise
                    (FormatException
                        $"JOB_COMPLETION_INDEX is {index}: {expected}, got none. \
                            Give --shard /N, with N the job's completions.")
        | _, null -> raise (FormatException "SLURM_ARRAY_TASK_ID is set: expected SLURM_ARRAY_TASK_COUNT as well, got none.")
        | id, count ->
            let part (name: string) (preset: int) =
                match variable name with
                | null -> preset
                | value -> whole name value

            let id, count = whole "SLURM_ARRAY_TASK_ID" id, whole "SLURM_ARRAY_TASK_COUNT" count
            let first, step = part "SLURM_ARRAY_TASK_MIN" 0, max 1 (part "SLURM_ARRAY_TASK_STEP" 1)
            let number = (id - first) / step + 1

            if id < first || (id - first) % step <> 0 || number > count then
                raise (FormatException $"SLURM_ARRAY_TASK_ID is {id}: expected tasks {first}, {first + step}, … ({count} of them). \
                    Give --shard i/n.")

            Shard(number, count)

    /// From 1.
    member _.Number = number
    member _.Count = count
    member _.IsAll = (count = 1)

    /// Whether item i (from 0) of a campaign is this shard's: neighbours go to different shards, which evens out their times.
    member _.Owns(item: int) : bool = item % count = number - 1

    /// The items of this shard among the first `total`, in their order.
    member shard.Items(total: int) : int[] =
        let all = shard
        [| for item in 0 .. total - 1 do
               if all.Owns item then
                   item |]

    override _.ToString() = $"{number}/{count}"
