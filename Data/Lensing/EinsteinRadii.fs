namespace Hybrid.Data.Lensing

open System
open Hybrid.Data.Statistics

/// How Einstein radii are distributed: a log-normal about a median, cut at both ends. All in arcsec.
/// spread : deviation of ln θ_E, ≥ 0.
[<Sealed>]
type EinsteinRadii(median: float, spread: float, least: float, largest: float) =
    do
        if not (least > 0.0 && least <= median && median <= largest && Double.IsFinite largest && spread >= 0.0) then
            invalidArg (nameof median) $"EinsteinRadii: expected 0 < least ≤ median ≤ largest arcsec and a spread ≥ 0, got {least}, \
                {median}, {largest} and {spread}."

    member _.Median = median
    member _.Spread = spread
    member _.Least = least
    member _.Largest = largest

    /// As of the lenses known in the Dark Energy Survey: median 1.2″, between 0.5″ and 2.4″.
    static member LikeReal = EinsteinRadii(1.2, 0.35, 0.5, 2.4)

    /// One radius, by rejection outside the ends.
    member _.Draw(random: SeededRandom) : float =
        let mutable drawn = nan

        while not (drawn >= least && drawn <= largest) do
            drawn <- median * exp (spread * random.NextNormal())

        drawn

    override _.ToString() =
        FormattableString.Invariant $"einsteinRadii(median {median}, spread {spread}, {least} to {largest} arcsec)"
