namespace Hybrid.Data.Lensing

open System

/// The tangential caustic of a lens: sources inside it have arcs or rings.
[<AbstractClass; Sealed>]
type Caustics =

    /// Corners of the tangential caustic on the source plane, x0, y0, x1, y1, …; found outside in along `rays` directions.
    static member Tangential(scene: LensScene, reach: float, rays: int) : float[] = Caustics.Tangential(scene, 0.0, 0.0, reach, rays)

    /// The same of a deflector elsewhere.
    /// centreX, centreY : its centre.
    static member Tangential(scene: LensScene, centreX: float, centreY: float, reach: float, rays: int) : float[] =
        Caustics.Tangential(scene, centreX, centreY, reach, rays, 200, 40)

    /// steps : places along a direction where the curve is looked for;  halvings : of the step it lies in.
    static member internal Tangential
        (
            scene: LensScene,
            centreX: float,
            centreY: float,
            reach: float,
            rays: int,
            steps: int,
            halvings: int
        ) : float[] =
        let h = 1e-4

        // det A of the lens mapping, by central differences.
        let determinant dx dy =
            let x, y = centreX + dx, centreY + dy
            let { X = x1; Y = y1 } = scene.ShootRay(x + h, y)
            let { X = x2; Y = y2 } = scene.ShootRay(x - h, y)
            let { X = x3; Y = y3 } = scene.ShootRay(x, y + h)
            let { X = x4; Y = y4 } = scene.ShootRay(x, y - h)
            ((x1 - x2) * (y3 - y4) - (x3 - x4) * (y1 - y2)) / (4.0 * h * h)

        [| for k in 0 .. rays - 1 do
               let c, s = cos (2.0 * Math.PI * float k / float rays), sin (2.0 * Math.PI * float k / float rays)
               let radius i = reach * (1.0 - float i / float steps)
               let crossing = Seq.tryFind (fun i -> determinant (radius i * c) (radius i * s) < 0.0) (seq { 0 .. steps - 1 })

               match crossing with
               | Some i when i > 0 ->
                   let mutable inside = radius i
                   let mutable outside = radius (i - 1)

                   for _ in 1..halvings do
                       let middle = 0.5 * (inside + outside)
                       if determinant (middle * c) (middle * s) < 0.0 then inside <- middle else outside <- middle

                   let { X = x; Y = y } = scene.ShootRay(centreX + outside * c, centreY + outside * s)
                   x
                   y
               | _ -> () |]

    /// Corners of the cut on the source plane, x0, y0, x1, y1, …: sources inside it have a second image near the centre of an isothermal
    /// lens, sources outside of both curves one image alone.
    /// centreX, centreY : of the deflector.
    static member Cut(scene: LensScene, centreX: float, centreY: float, rays: int) : float[] =
        [| for k in 0 .. rays - 1 do
               let phi = 2.0 * Math.PI * float k / float rays
               let { X = x; Y = y } = scene.ShootRay(centreX + 1e-6 * cos phi, centreY + 1e-6 * sin phi)
               x
               y |]

    /// Whether a point lies inside a polygon x0, y0, x1, y1, … (even–odd rule).
    static member Contains(polygon: float[], x: float, y: float) : bool =
        let n = polygon.Length / 2
        let mutable isInside = false

        for i in 0 .. n - 1 do
            let j = (i + n - 1) % n
            let xi, yi, xj, yj = polygon[2 * i], polygon[2 * i + 1], polygon[2 * j], polygon[2 * j + 1]

            if (yi > y) <> (yj > y) && x < (xj - xi) * (y - yi) / (yj - yi) + xi then
                isInside <- not isInside

        isInside
