namespace Hybrid.Data.Lensing

open System
open MathNet.Numerics

/// Ellipticity components (1 − q)/(1 + q) · (cos 2φ, sin 2φ).
[<Struct>]
type Ellipticity = { E1: float; E2: float }

/// An elliptical Sérsic light profile, angles in arcsec (lenstronomy's SERSIC_ELLIPSE, product-averaged radius):
///   I(R) = amp · exp(−b_n [(R/R_s)^{1/n} − 1]),  b_n = 1.9992 n − 0.3271
[<Sealed>]
type LightProfile(amplitude: float, radius: float, index: float, e1: float, e2: float, centreX: float, centreY: float) =
    do
        if not (radius > 0.0) then
            raise (ArgumentOutOfRangeException(nameof radius, radius,
                                               $"LightProfile: expected a half-light radius > 0 arcsec, got {radius}."))

        if not (index > 0.0) then
            raise (ArgumentOutOfRangeException(nameof index, index, $"LightProfile: expected a Sérsic index > 0, got {index}."))

        if not (e1 * e1 + e2 * e2 < 1.0) then
            invalidArg (nameof e1) $"LightProfile: expected an ellipticity with e1² + e2² < 1, got ({e1}, {e2})."

    let bn = max (1.9992 * index - 0.3271) 1e-5
    let norm = sqrt (max (abs (1.0 - e1 * e1 - e2 * e2)) 1e-6)
    // Computed once it is asked for; threads that ask at once compute the same.
    let mutable total = nan

    /// Surface brightness at R_s, per arcsec².
    member _.Amplitude = amplitude
    /// Half-light radius R_s.
    member _.Radius = radius
    /// Sérsic index n.
    member _.Index = index
    member _.E1 = e1
    member _.E2 = e2
    member _.CentreX = centreX
    member _.CentreY = centreY
    member internal _.Bn = bn
    member internal _.Norm = norm

    /// The same profile with another amplitude.
    member _.WithAmplitude(value: float) = LightProfile(value, radius, index, e1, e2, centreX, centreY)

    /// A profile whose total flux is that of a magnitude: amp = 10^(−0.4 (m − zero point)) / total flux at amp 1.
    static member OfMagnitude
        (
            magnitude: float,
            zeroPoint: float,
            radius: float,
            index: float,
            e1: float,
            e2: float,
            centreX: float,
            centreY: float
        ) =
        let unit = LightProfile(1.0, radius, index, e1, e2, centreX, centreY)
        unit.WithAmplitude(10.0 ** (-0.4 * (magnitude - zeroPoint)) / unit.TotalFlux)

    /// Surface brightness, per arcsec². R is at least 1e-4; beyond 1000 R_s there is nothing.
    member _.SurfaceBrightness(x: float, y: float) : float =
        let dx, dy = x - centreX, y - centreY
        let u = ((1.0 - e1) * dx - e2 * dy) / norm
        let v = (-e2 * dx + (1.0 + e1) * dy) / norm
        let r = max (sqrt (u * u + v * v)) 1e-4
        if r > 1000.0 * radius then 0.0 else amplitude * exp (-bn * ((r / radius) ** (1.0 / index) - 1.0))

    /// The flux to infinity: 2π n R_s² e^{b_n} b_n^{−2n} Γ(2n) · amp.
    member _.TotalFlux : float =
        if Double.IsNaN total then
            let shape = exp bn * bn ** (-2.0 * index) * SpecialFunctions.Gamma(2.0 * index)
            total <- 2.0 * Math.PI * index * radius * radius * shape * amplitude

        total

    /// The flux inside the ellipse of elliptical radius r (arcsec): total · P(2n, b_n (r/R_s)^{1/n}), P the regularised lower incomplete
    /// gamma function.
    member light.FluxWithin(r: float) : float =
        if not (r > 0.0) then
            0.0
        else
            let ratio = r / radius

            let power =
                if index = 4.0 then sqrt (sqrt ratio)
                elif index = 1.0 then ratio
                elif index = 2.0 then sqrt ratio
                else ratio ** (1.0 / index)

            let x = bn * power
            let twice = 2.0 * index

            let share =
                if twice = floor twice && twice <= 12.0 then
                    // 1 − e^{−x} Σ_{k < 2n} x^k / k!
                    let mutable term = 1.0
                    let mutable sum = 1.0

                    for k in 1 .. int twice - 1 do
                        term <- term * x / float k
                        sum <- sum + term

                    1.0 - exp -x * sum
                else
                    SpecialFunctions.GammaLowerRegularized(twice, x)

            light.TotalFlux * share

    /// (e1, e2) of an axis ratio q in (0, 1] and a position angle φ in radians.
    static member Ellipticity(axisRatio: float, angle: float) : Ellipticity =
        if not (axisRatio > 0.0 && axisRatio <= 1.0) then
            raise (ArgumentOutOfRangeException(nameof axisRatio, axisRatio,
                                               $"LightProfile.Ellipticity: expected an axis ratio in (0, 1], got {axisRatio}."))

        let c = (1.0 - axisRatio) / (1.0 + axisRatio)
        { E1 = c * cos (2.0 * angle); E2 = c * sin (2.0 * angle) }
