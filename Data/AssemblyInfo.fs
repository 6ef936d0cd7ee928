namespace Hybrid.Data

open System.Runtime.CompilerServices

// The laws compare fast paths with the slow ones behind them, which are no one else's business.
[<assembly: InternalsVisibleTo("Hybrid.PropertyTests.Laws")>]
do ()
