namespace Hybrid.Data.Lensing

open System

/// The cells of one depth: their centres, whose part each is, and the rays of their own parts.
[<Sealed>]
type internal RefinedLevel() =
    member val Cells = ResizeArray<PlaneVector>()
    member val Places = ResizeArray<int>()
    member val Gx: float32[] = [||] with get, set
    member val Gy: float32[] = [||] with get, set
    member val Bx: float32[] = [||] with get, set
    member val By: float32[] = [||] with get, set
    member val Light: float32[] = [||] with get, set

    member level.Clear() =
        level.Cells.Clear()
        level.Places.Clear()

    member level.Add(centre: PlaneVector, place: int) =
        level.Cells.Add centre
        level.Places.Add place

    member level.Reserve(n: int) =
        if level.Gx.Length < n then
            let room = max n (2 * level.Gx.Length)
            level.Gx <- Array.zeroCreate room
            level.Gy <- Array.zeroCreate room
            level.Bx <- Array.zeroCreate room
            level.By <- Array.zeroCreate room
            level.Light <- Array.zeroCreate room

    /// Largest distance on the source plane between neighbouring parts of a cell, arcsec.
    member level.Spread(cell: int) : float =
        let mutable largest = 0f

        for part in 0..15 do
            let i = cell * 16 + part

            if part % 4 < 3 then
                let dx, dy = level.Bx[i + 1] - level.Bx[i], level.By[i + 1] - level.By[i]
                largest <- max largest (dx * dx + dy * dy)

            if part < 12 then
                let dx, dy = level.Bx[i + 4] - level.Bx[i], level.By[i + 4] - level.By[i]
                largest <- max largest (dx * dx + dy * dy)

        sqrt (float largest)

    /// Mean brightness of a cell's parts.
    member level.Mean(cell: int) : float32 =
        let mutable sum = 0f

        for i in cell * 16 .. cell * 16 + 15 do
            sum <- sum + level.Light[i]

        sum / 16f

/// More rays where a pixel is mapped onto much of a source: cells are cut in 4 × 4 until each covers at most half of the source's
/// radius, or lies clear of it. Keeps its working memory, so one serves one thread.
[<Sealed>]
type internal RayRefinement() =

    // Cells of 1/256 pixel: a source of 0.005″ seen by pixels of 0.3″.
    static let deepest = 4
    static let parts = 4
    // Of a part from the middle of its cell, in cells, x and y.
    static let offsetX = Array.init 16 (fun part -> (float (part % 4) - 1.5) / 4.0)
    static let offsetY = Array.init 16 (fun part -> (float (part / 4) - 1.5) / 4.0)
    static let largestShare = 0.5
    // Beyond this many radii there is a twelfth of an exponential disc, smooth enough for its samples to err by opposite signs.
    static let reach = 2.5

    let levels = Array.init deepest (fun _ -> RefinedLevel())
    let unlensed = RefinedLevel()

    /// Values of the cells of a level by those of the next: each refined cell becomes the mean of its 16 parts.
    let rec refine (level: int) (lenses: LensProfile[]) (light: LightProfile) (size: float) =
        let here = levels[level]
        let count = here.Cells.Count

        if count > 0 then
            here.Reserve(count * 16)

            for cell in 0 .. count - 1 do
                let { X = x; Y = y } = here.Cells[cell]

                RayRefinement.Cut(x, y, size, here.Gx, here.Gy, cell * 16)

            let n = count * 16
            Array.Copy(here.Gx, here.Bx, n)
            Array.Copy(here.Gy, here.By, n)
            Array.Clear(here.Light, 0, n)

            for lens in lenses do
                LensKernels.deflect lens here.Gx here.Gy here.Bx here.By n

            // A mean over cells: the weight of one part of one.
            LensKernels.addLight light 1.0 here.Bx here.By here.Light n

            if level + 1 < deepest then
                let next = levels[level + 1]
                next.Clear()

                for cell in 0 .. count - 1 do
                    let footprint = here.Spread cell

                    if footprint > largestShare * light.Radius then
                        for i in cell * 16 .. cell * 16 + 15 do
                            if RayRefinement.IsCoarse(light, float here.Bx[i], float here.By[i], footprint) then
                                next.Add({ X = float here.Gx[i]; Y = float here.Gy[i] }, i)

                if next.Cells.Count > 0 then
                    refine (level + 1) lenses light (size / float parts)

                    for cell in 0 .. next.Cells.Count - 1 do
                        here.Light[next.Places[cell]] <- next.Mean cell

    /// The middles of a cell's sixteen parts, from a place of two arrays on.
    static member private Cut(x: float, y: float, size: float, gx: float32[], gy: float32[], first: int) =
        for part in 0..15 do
            gx[first + part] <- float32 (x + offsetX[part] * size)
            gy[first + part] <- float32 (y + offsetY[part] * size)

    static member private IsCoarse(light: LightProfile, bx: float, by: float, footprint: float) =
        let dx, dy = bx - light.CentreX, by - light.CentreY
        let clear = reach * light.Radius + footprint
        footprint > largestShare * light.Radius && dx * dx + dy * dy < clear * clear

    /// Replaces samples of an unlensed profile by means of sixteen points.
    /// places : of the pixels in the plane;  centres : of the pixels, arcsec;  size : of a pixel;  values : light a pixel, a plane.
    member _.Average(light: LightProfile, places: int[], centres: PlaneVector[], count: int, size: float, values: float32[]) : unit =
        unlensed.Reserve(count * 16)

        for cell in 0 .. count - 1 do
            let { X = x; Y = y } = centres[cell]

            RayRefinement.Cut(x, y, size, unlensed.Gx, unlensed.Gy, cell * 16)

        Array.Clear(unlensed.Light, 0, count * 16)
        LensKernels.addLight light (size * size) unlensed.Gx unlensed.Gy unlensed.Light (count * 16)

        for cell in 0 .. count - 1 do
            values[places[cell]] <- unlensed.Mean cell

    /// Replaces samples of a lensed source at the pixels' centres by means where that is needed.
    /// gx, gy : the centres;  bx, by : where their rays end;  values : light a pixel, planes with Stride.
    member _.Refine
        (
            grid: ImageGrid,
            lenses: LensProfile[],
            light: LightProfile,
            gx: float32[],
            gy: float32[],
            bx: float32[],
            by: float32[],
            values: float32[]
        ) : unit =
        let first = levels[0]
        first.Clear()
        let h = grid.PixelScale

        for row in 0 .. grid.Height - 1 do
            for column in 0 .. grid.Width - 1 do
                let i = row * grid.Stride + column
                let beside = if column + 1 < grid.Width then i + 1 elif column > 0 then i - 1 else i
                let below = if row + 1 < grid.Height then i + grid.Stride elif row > 0 then i - grid.Stride else i
                let rx, ry = float (bx[beside] - bx[i]), float (by[beside] - by[i])
                let dx, dy = float (bx[below] - bx[i]), float (by[below] - by[i])
                // At least the pixel itself: near a fold neighbours end close together.
                let footprint = sqrt (max (h * h) (max (rx * rx + ry * ry) (dx * dx + dy * dy)))

                if RayRefinement.IsCoarse(light, float bx[i], float by[i], footprint) then
                    first.Add({ X = float gx[i]; Y = float gy[i] }, i)

        refine 0 lenses light h

        for cell in 0 .. first.Cells.Count - 1 do
            values[first.Places[cell]] <- float32 (h * h) * first.Mean cell
