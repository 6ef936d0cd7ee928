namespace Hybrid.Data.Lensing

open System

/// Which formula a deflector follows.
type LensKind =
    /// Singular isothermal sphere.
    | Sis = 0
    /// Singular isothermal ellipsoid (a core of 1e-10 keeps it finite).
    | Sie = 1
    /// Elliptical power law, Tessore & Metcalf 2015.
    | Epl = 2
    /// External shear.
    | Shear = 3
    | PointMass = 4

/// A point or vector on the lens or source plane, arcsec.
[<Struct>]
type PlaneVector = { X: float; Y: float }

/// A deflector on the lens plane; angles in arcsec, formulas of lenstronomy 1.14.2 (whose numbers tests compare with).
/// This class evaluates single points in float64; images go through LensKernels, sixteen pixels at a time.
[<Sealed>]
type LensProfile private (kind: LensKind, thetaE: float, slope: float, a: float, b: float, centreX: float, centreY: float) =

    // SIE and EPL: position angle φ and axis ratio q of the ellipticity (e1, e2); a core of SIE.
    let angle = 0.5 * atan2 b a
    let ratio =
        let c = min (sqrt (a * a + b * b)) 0.9999
        let q = (1.0 - c) / (1.0 + c)
        if kind = LensKind.Sie then min q 0.99999999 else q

    static let positive name (v: float) =
        if not (v >= 0.0 && Double.IsFinite v) then
            raise (ArgumentOutOfRangeException(name, v, $"LensProfile: expected an Einstein radius ≥ 0 arcsec, got {v}."))

    static let ellipticity (e1: float) (e2: float) =
        if not (e1 * e1 + e2 * e2 < 1.0) then
            invalidArg "e1" $"LensProfile: expected an ellipticity with e1² + e2² < 1, got ({e1}, {e2})."

    /// θ_E : Einstein radius.
    static member Sis(thetaE: float, centreX: float, centreY: float) =
        positive (nameof thetaE) thetaE
        LensProfile(LensKind.Sis, thetaE, 2.0, 0.0, 0.0, centreX, centreY)

    /// e1, e2 : ellipticity (1 − q)/(1 + q) · (cos 2φ, sin 2φ).
    static member Sie(thetaE: float, e1: float, e2: float, centreX: float, centreY: float) =
        positive (nameof thetaE) thetaE
        ellipticity e1 e2
        LensProfile(LensKind.Sie, thetaE, 2.0, e1, e2, centreX, centreY)

    /// slope : γ of ρ ∝ r^−γ, in (1, 3); 2 is isothermal.
    static member Epl(thetaE: float, slope: float, e1: float, e2: float, centreX: float, centreY: float) =
        positive (nameof thetaE) thetaE
        ellipticity e1 e2

        if not (slope > 1.0 && slope < 3.0) then
            raise (ArgumentOutOfRangeException(nameof slope, slope, $"LensProfile.Epl: expected a slope in (1, 3), got {slope}."))

        LensProfile(LensKind.Epl, thetaE, slope, e1, e2, centreX, centreY)

    /// γ1 = γ cos 2φ, γ2 = γ sin 2φ.
    static member Shear(gamma1: float, gamma2: float) =
        LensProfile(LensKind.Shear, 0.0, 2.0, gamma1, gamma2, 0.0, 0.0)

    static member PointMass(thetaE: float, centreX: float, centreY: float) =
        positive (nameof thetaE) thetaE
        LensProfile(LensKind.PointMass, thetaE, 2.0, 0.0, 0.0, centreX, centreY)

    member _.Kind = kind
    member _.ThetaE = thetaE
    member _.Slope = slope
    /// e1, or γ1 of a shear.
    member _.E1 = a
    /// e2, or γ2 of a shear.
    member _.E2 = b
    member _.CentreX = centreX
    member _.CentreY = centreY
    /// φ, radians.
    member internal _.Angle = angle
    /// q, in (0, 1].
    member internal _.AxisRatio = ratio
    /// b of the SIE: θ_E √q; as lenstronomy writes it, the Einstein radius along the major axis times √((1 + q²)/2).
    member internal _.SieScale = thetaE / sqrt ((1.0 + ratio * ratio) / (2.0 * ratio)) * sqrt ((1.0 + ratio * ratio) / 2.0)
    member internal _.SieCore = 1e-10 / sqrt ratio
    /// Terms of the EPL's series after which the rest is below 1e-9 of the sum.
    member internal _.EplTerms =
        let f = (1.0 - ratio) / (1.0 + ratio)
        if f < 1e-9 then 1 else min 400 (2 + int (ceil (log 1e-9 / log f)))

    /// Deflection (α_x, α_y) at a point.
    member _.Deflection(x: float, y: float) : PlaneVector =
        let dx, dy = x - centreX, y - centreY

        let rotated (alpha: float -> float -> PlaneVector) =
            let c, s = cos angle, sin angle
            let { X = ax; Y = ay } = alpha (c * dx + s * dy) (c * dy - s * dx)
            { X = c * ax - s * ay; Y = s * ax + c * ay }

        match kind with
        | LensKind.Shear -> { X = a * x + b * y; Y = b * x - a * y }
        | LensKind.PointMass ->
            let r2 = max (dx * dx + dy * dy) 1e-50
            { X = thetaE * thetaE * dx / r2; Y = thetaE * thetaE * dy / r2 }
        | LensKind.Sis ->
            let r = sqrt (dx * dx + dy * dy)
            if r = 0.0 then { X = 0.0; Y = 0.0 } else { X = thetaE * dx / r; Y = thetaE * dy / r }
        | LensKind.Sie ->
            // Keeton 2001 (astro-ph/0102341), eqs 33–35.
            let q = ratio
            let scale = thetaE * sqrt q
            let s = 1e-10 / sqrt q
            let root = sqrt (1.0 - q * q)

            rotated (fun u v ->
                let psi = sqrt (q * q * (s * s + u * u) + v * v)
                { X = scale / root * atan (root * u / (psi + s)); Y = scale / root * Math.Atanh(root * v / (psi + q * q * s)) })
        | _ ->
            // Tessore & Metcalf 2015 (1507.01819), eqs 13 and 29.
            let t, q = slope - 1.0, ratio
            let scale = thetaE * sqrt q
            let f = (1.0 - q) / (1.0 + q)

            rotated (fun u v ->
                let zx = q * u
                let r = max (sqrt (zx * zx + v * v)) 1e-9
                // e^{2iφ} of the elliptical angle.
                let c2, s2 = (zx * zx - v * v) / (r * r), 2.0 * zx * v / (r * r)
                let mutable tx = zx
                let mutable ty = v
                let mutable sumX = zx
                let mutable sumY = v
                let terms = (if f < 1e-17 then 1 else min 400 (2 + int (ceil (log 1e-17 / log f))))

                for n in 1 .. terms - 1 do
                    let k = -f * (float n - 1.0 + 0.5 * t) / (float n + 1.0 - 0.5 * t)
                    let nextX = k * (c2 * tx - s2 * ty)
                    ty <- k * (s2 * tx + c2 * ty)
                    tx <- nextX
                    sumX <- sumX + tx
                    sumY <- sumY + ty

                let factor = 2.0 / (1.0 + q) * Math.Pow(scale / r, t)
                { X = factor * sumX; Y = factor * sumY })

    /// Lensing potential ψ, arcsec²: ∇ψ = α.
    member profile.Potential(x: float, y: float) : float =
        let dx, dy = x - centreX, y - centreY

        match kind with
        | LensKind.Shear -> 0.5 * (a * x * x + 2.0 * b * x * y - a * y * y)
        | LensKind.PointMass -> thetaE * thetaE * log (max (sqrt (dx * dx + dy * dy)) 1e-25)
        | LensKind.Sis -> thetaE * sqrt (dx * dx + dy * dy)
        | LensKind.Sie ->
            // Keeton 2001, eq. 33; the core's logarithm is 1e-10 of the whole and kept for the match.
            let { X = ax; Y = ay } = profile.Deflection(x, y)
            let q, s = ratio, 1e-10 / sqrt ratio
            let c, sn = cos angle, sin angle
            let u, v = c * dx + sn * dy, c * dy - sn * dx
            let psi = sqrt (q * q * (s * s + u * u) + v * v)
            let scale = thetaE * sqrt q
            dx * ax + dy * ay - scale * s * 0.5 * log ((psi + s) ** 2.0 + (1.0 - q * q) * u * u) + scale * q * s * log ((1.0 + q) * s)
        | _ ->
            let { X = ax; Y = ay } = profile.Deflection(x, y)
            (dx * ax + dy * ay) / (3.0 - slope)

    /// Convergence κ.
    member _.Convergence(x: float, y: float) : float =
        let dx, dy = x - centreX, y - centreY
        let c, s = cos angle, sin angle
        let u, v = c * dx + s * dy, c * dy - s * dx
        let radius = sqrt (ratio * u * u + v * v / ratio)

        match kind with
        | LensKind.Sis -> thetaE / (2.0 * sqrt (dx * dx + dy * dy))
        // Kormann et al. 1994, eq. 21.
        | LensKind.Sie -> 0.5 * thetaE / radius
        | LensKind.Epl -> (3.0 - slope) / 2.0 * Math.Pow(thetaE / radius, slope - 1.0)
        | _ -> 0.0
