namespace Hybrid.Data.Lensing

open System
open MathNet.Numerics.Integration

/// Distances in a flat universe of matter and a cosmological constant.
[<Sealed>]
type FlatCosmology(hubbleConstant: float, matterDensity: float) =
    do
        if not (hubbleConstant > 0.0 && matterDensity > 0.0 && matterDensity <= 1.0) then
            invalidArg (nameof matterDensity) $"FlatCosmology: expected H0 > 0 and Ωm in (0, 1], got {hubbleConstant} and {matterDensity}."

    /// km/s.
    static member val private SpeedOfLight = 299792.458
    /// Gravitational constant times the solar mass over c², in Mpc: IAU 2015 nominal GM☉ and the parsec.
    static member val private SolarMassLength = 1.3271244e20 / 299792458.0 ** 2.0 / 3.0856775814913673e22

    /// H0 = 70 km/s/Mpc, Ωm = 0.3: DeepLenseSim's.
    static member Standard = FlatCosmology(70.0, 0.3)

    /// Comoving distance, Mpc.
    member _.ComovingDistance(redshift: float) : float =
        if not (redshift >= 0.0) then
            raise (ArgumentOutOfRangeException(nameof redshift, redshift, $"FlatCosmology: expected a redshift ≥ 0, got {redshift}."))

        let inverseE z = 1.0 / sqrt (matterDensity * (1.0 + z) ** 3.0 + 1.0 - matterDensity)
        FlatCosmology.SpeedOfLight / hubbleConstant * GaussLegendreRule.Integrate(inverseE, 0.0, redshift, 64)

    /// Angular-diameter distance, Mpc.
    member cosmology.AngularDistance(redshift: float) = cosmology.ComovingDistance redshift / (1.0 + redshift)

    /// Angular-diameter distance of an object at `far` seen from `near`, Mpc.
    member cosmology.AngularDistance(near: float, far: float) =
        (cosmology.ComovingDistance far - cosmology.ComovingDistance near) / (1.0 + far)

    member cosmology.LuminosityDistance(redshift: float) = cosmology.ComovingDistance redshift * (1.0 + redshift)

    /// Einstein radius of a point mass: θ_E = √(4GM/c² · D_LS/(D_L D_S)), arcsec.
    /// legacy : DeepLenseSim's luminosity distances and D_LS = D_S − D_L, which give a radius 0.77 times the right one at z = 0.5, 1.
    member cosmology.EinsteinRadius(solarMasses: float, lensRedshift: float, sourceRedshift: float, legacy: bool) : float =
        if not (sourceRedshift > lensRedshift && lensRedshift > 0.0) then
            invalidArg (nameof sourceRedshift) $"FlatCosmology.EinsteinRadius: expected 0 < lens redshift < source redshift, got \
                {lensRedshift} and {sourceRedshift}."

        let ratio =
            if legacy then
                let lens, source = cosmology.LuminosityDistance lensRedshift, cosmology.LuminosityDistance sourceRedshift
                (source - lens) / (lens * source)
            else
                cosmology.AngularDistance(lensRedshift, sourceRedshift)
                / (cosmology.AngularDistance lensRedshift * cosmology.AngularDistance sourceRedshift)

        sqrt (4.0 * FlatCosmology.SolarMassLength * solarMasses * ratio) * (if legacy then 206265.0 else 180.0 * 3600.0 / Math.PI)

    /// Einstein radius of a singular isothermal sphere: θ_E = 4π (σ_v/c)² D_LS/D_S, arcsec.
    /// dispersion : σ_v in km/s.
    member cosmology.EinsteinRadiusOfDispersion(dispersion: float, lensRedshift: float, sourceRedshift: float) : float =
        if not (sourceRedshift > lensRedshift && lensRedshift > 0.0) then
            invalidArg (nameof sourceRedshift) $"FlatCosmology.EinsteinRadiusOfDispersion: expected 0 < lens redshift < source redshift, \
                got {lensRedshift} and {sourceRedshift}."

        if not (dispersion >= 0.0) then
            raise (ArgumentOutOfRangeException(nameof dispersion, dispersion, $"FlatCosmology.EinsteinRadiusOfDispersion: expected a \
                velocity dispersion ≥ 0 km/s, got {dispersion}."))

        let ratio = cosmology.AngularDistance(lensRedshift, sourceRedshift) / cosmology.AngularDistance sourceRedshift
        4.0 * Math.PI * (dispersion / FlatCosmology.SpeedOfLight) ** 2.0 * ratio * 180.0 * 3600.0 / Math.PI
