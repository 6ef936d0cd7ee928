namespace Hybrid.Data

open System.Runtime.CompilerServices

// The laws compare fast paths with the slow ones that they stand for, which are internal.
[<assembly: InternalsVisibleTo("Hybrid.PropertyTests.Laws")>]
do ()
