namespace Hybrid.Data.Lensing

open System

/// The flux of a Sérsic profile inside a rectangle, without sampling its cusp.
///   In coordinates in which the profile is round, the flux of a polygon is a sum over its edges P → Q of
///   ∫ M(r) dφ = (P × Q) ∫₀¹ M(r(t)) / r(t)² dt,  M(r) = ∫₀^r I(r') r' dr', which LightProfile.FluxWithin has in closed form.
/// The map to those coordinates has determinant 1, so areas and fluxes stay.
[<RequireQualifiedAccess>]
module internal PixelFlux =

    // Gauss–Legendre, ten nodes on [0, 1].
    let private nodes, weights =
        let half = [| 0.1488743389816312; 0.4333953941292472; 0.6794095682990244; 0.8650633666889845; 0.9739065285171717 |]
        let weight = [| 0.2955242247147529; 0.2692667193099963; 0.2190863625159820; 0.1494513491505806; 0.0666713443086881 |]
        Array.append (half |> Array.map (fun x -> 0.5 * (1.0 - x))) (half |> Array.map (fun x -> 0.5 * (1.0 + x))),
        Array.append (weight |> Array.map (fun w -> 0.5 * w)) (weight |> Array.map (fun w -> 0.5 * w))

    /// One edge's part, in round coordinates about the profile's centre. Nodes crowd (as s³) towards the point nearest to the centre.
    let private edge (light: LightProfile) (px: float) (py: float) (qx: float) (qy: float) =
        let cross = px * qy - py * qx
        let dx, dy = qx - px, qy - py
        let squared = dx * dx + dy * dy

        if squared = 0.0 || abs cross < 1e-14 * squared then
            0.0
        else
            let foot = min 1.0 (max 0.0 (-(px * dx + py * dy) / squared))
            let mutable sum = 0.0

            for length in [| -foot; 1.0 - foot |] do
                if length <> 0.0 then
                    for k in 0 .. nodes.Length - 1 do
                        let s = nodes[k]
                        let t = foot + length * s * s * s
                        let x, y = px + t * dx, py + t * dy
                        let r2 = x * x + y * y
                        let inside = light.FluxWithin(sqrt r2) / (2.0 * Math.PI)
                        sum <- sum + weights[k] * 3.0 * s * s * abs length * inside / r2

            cross * sum

    /// Flux between x0 and x1 (> x0) and y0 and y1 (> y0), arcsec.
    let ofRectangle (light: LightProfile) (x0: float) (y0: float) (x1: float) (y1: float) : float =
        let round x y =
            let dx, dy = x - light.CentreX, y - light.CentreY
            struct (((1.0 - light.E1) * dx - light.E2 * dy) / light.Norm, (-light.E2 * dx + (1.0 + light.E1) * dy) / light.Norm)

        let struct (ax, ay) = round x0 y0
        let struct (bx, by) = round x1 y0
        let struct (cx, cy) = round x1 y1
        let struct (dx, dy) = round x0 y1
        edge light ax ay bx by + edge light bx by cx cy + edge light cx cy dx dy + edge light dx dy ax ay
