namespace Hybrid.Data.Figures

/// Lines of equal height through values on a grid: marching squares, linear between neighbours.
[<RequireQualifiedAccess>]
module internal Contours =

    /// The pieces of the line at `level`, each (x₁, y₁, x₂, y₂). values[i][j] is at (x[i], y[j]).
    let segments (x: float[]) (y: float[]) (values: float[][]) (level: float) : struct (float * float * float * float)[] =
        [|
            for i in 0 .. x.Length - 2 do
                for j in 0 .. y.Length - 2 do
                    let a, b, c, d = values[i].[j], values[i + 1].[j], values[i + 1].[j + 1], values[i].[j + 1]
                    let share p q = (level - p) / (q - p)
                    let along (p: float[]) k t = p[k] + t * (p[k + 1] - p[k])
                    // Where the line crosses the cell's sides: below, right, above, left.
                    let crossings = [|
                        if (a < level) <> (b < level) then struct (along x i (share a b), y[j])
                        if (b < level) <> (c < level) then struct (x[i + 1], along y j (share b c))
                        if (c < level) <> (d < level) then struct (along x i (share d c), y[j + 1])
                        if (d < level) <> (a < level) then struct (x[i], along y j (share a d))
                    |]

                    let between p q =
                        let struct (px, py), struct (qx, qy) = crossings[p], crossings[q]
                        struct (px, py, qx, qy)

                    if crossings.Length = 2 then
                        between 0 1
                    elif crossings.Length = 4 then
                        // A saddle: the middle says which corners belong together.
                        if ((a + b + c + d) / 4.0 < level) = (a < level) then
                            between 0 1
                            between 2 3
                        else
                            between 0 3
                            between 1 2
        |]
