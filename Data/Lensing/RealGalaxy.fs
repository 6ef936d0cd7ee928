namespace Hybrid.Data.Lensing

open Hybrid.Data

/// A real galaxy image that a simulated arc is added to, with its own PSF.
/// centreX, centreY : the centre of its light from the middle of the stamp, arcsec: where the deflector stands.
[<Sealed>]
type RealGalaxy
    (
        name: string,
        stamps: float32[][],
        height: int,
        width: int,
        psfs: PointSpread[],
        zeroPoint: float,
        lensRedshift: float,
        thetaE: float,
        axisRatio: float,
        angle: float,
        centreX: float,
        centreY: float
    ) =
    do
        if stamps.Length = 0 || stamps.Length <> psfs.Length then
            invalidArg (nameof psfs) $"RealGalaxy '{name}': expected one PSF a band, got {stamps.Length} \
                band{Plural.s stamps.Length} and {psfs.Length} PSF{Plural.s psfs.Length}."

        for b in 0 .. stamps.Length - 1 do
            if stamps[b].Length <> height * width then
                invalidArg (nameof stamps) $"RealGalaxy '{name}', band {b}: expected {height} × {width} pixels, got {stamps[b].Length}."

    /// A galaxy in the middle of its stamp.
    new(name, stamps, height, width, psfs, zeroPoint, lensRedshift, thetaE, axisRatio, angle) =
        RealGalaxy(name, stamps, height, width, psfs, zeroPoint, lensRedshift, thetaE, axisRatio, angle, 0.0, 0.0)

    member _.Name = name
    /// One plane a band.
    member _.Stamps = stamps
    member _.Height = height
    member _.Width = width
    member _.Psfs = psfs
    /// Magnitude of one unit of flux.
    member _.ZeroPoint = zeroPoint
    member _.LensRedshift = lensRedshift
    /// Einstein radius that its velocity dispersion gives, arcsec.
    member _.ThetaE = thetaE
    /// Axis ratio and position angle (radians) of its mass.
    member _.AxisRatio = axisRatio
    member _.Angle = angle
    /// Centre of its light from the middle of the stamp, arcsec.
    member _.CentreX = centreX
    member _.CentreY = centreY

    /// The same galaxy seen through other PSFs, one a band.
    member _.WithPsfs(others: PointSpread[]) : RealGalaxy =
        RealGalaxy(name, stamps, height, width, others, zeroPoint, lensRedshift, thetaE, axisRatio, angle, centreX, centreY)
