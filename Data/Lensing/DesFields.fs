namespace Hybrid.Data.Lensing

open System
open System.IO
open Hybrid.Data
open Hybrid.Data.Formats
open Hybrid.Data.Images

/// Fields of the Dark Energy Survey around massive galaxies in g, r, i, z and Y, from a folder with a cube a band (g.fits … Y.fits, each
/// (fields, rows, columns)) and map.txt, which has the velocity dispersion of each field's galaxy.
[<Sealed>]
type DesFields private (images: ImageSet, dispersions: float[]) =

    static member Bands = [| "g"; "r"; "i"; "z"; "Y" |]

    /// (fields, 5, rows, columns), in the survey's units: magnitude 30 is one.
    member _.Images = images
    /// km/s, one a field.
    member _.VelocityDispersions = dispersions

    /// Reads the folder; every band has as many fields as map.txt has rows.
    static member Read(folder: string) : DesFields =
        let cubes = DesFields.Bands |> Array.map (fun band -> Fits.ReadImage(Path.Combine(folder, band + ".fits")).Pixels)
        let shape = Seq.toArray cubes[0].Shape

        for band, cube in Array.zip DesFields.Bands cubes do
            if cube.Rank <> 3 || Seq.toArray cube.Shape <> shape then
                let path = Path.Combine(folder, band + ".fits")
                raise (InvalidDataException $"{path}: expected a cube (fields, rows, columns) of the shape of g.fits, \
                    {Shape.describe shape}, got {Shape.describe cube.Shape}")

        let map = Path.Combine(folder, "map.txt")
        let table = Catalogue.Read(map, CatalogueLayout.Blanks)

        if table.Count <> shape[0] then
            raise (InvalidDataException $"{map}: expected {shape[0]} row{Plural.s (shape[0])}, one a field, got {table.Count}")

        let column =
            match table.Names |> Seq.tryFind _.Contains("sigma_v") with
            | Some name -> name
            | None -> raise (InvalidDataException $"{map}: expected a column named …sigma_v…, the velocity dispersion in km/s")

        let plane = shape[1] * shape[2]
        let singles = cubes |> Array.map _.ToSingles()
        let pixels = Array.zeroCreate<float32> (shape[0] * singles.Length * plane)

        for field in 0 .. shape[0] - 1 do
            for b in 0 .. singles.Length - 1 do
                Array.Copy(singles[b], field * plane, pixels, (field * singles.Length + b) * plane, plane)

        let zeroPoints = Array.create DesFields.Bands.Length DesGalaxies.ZeroPoint
        DesFields(ImageSet(pixels, DesFields.Bands, shape[1], shape[2], zeroPoints), table.Reals(column, 0.0, 1000.0, "km/s"))

    /// The brightest pixel of a field's crop of `size` pixels outside of 3″ about its centre, over the brightest inside, in a band: far
    /// above 1 where a neighbour outshines the galaxy, which min–max then turns black.
    member _.NeighbourRatio(field: int, band: string, size: int) : float =
        let plane = images.Plane(field, images.BandIndex band)
        let reach = 3.0 / DesGalaxies.PixelScale
        let mutable inside = 0f
        let mutable outside = 0f

        for row in 0 .. images.Height - 1 do
            for column in 0 .. images.Width - 1 do
                let x, y = float column - float (images.Width - 1) / 2.0, float row - float (images.Height - 1) / 2.0

                if max (abs x) (abs y) <= float size / 2.0 then
                    let value = plane[row * images.Width + column]
                    if x * x + y * y <= reach * reach then inside <- max inside value else outside <- max outside value

        if inside > 0f then float outside / float inside else infinity

    /// The fields as foregrounds of quasi-real lenses in some bands, θ_E of their velocity dispersion, the shape and the centre of the
    /// light in i as those of the mass, and the survey's seeing as PSF, since the fields come without one.
    /// size : pixels each way of the stamps, about the middle of the fields; more than an image's, to be cut from at random.
    /// largestNeighbour : fields whose NeighbourRatio in i is above it are left out; infinity keeps all.
    member fields.Galaxies(bands: string[], size: int, lensRedshift: float, sourceRedshift: float, largestNeighbour: float) : RealGalaxy[] =
        let centres = Geometry.CentreCrop(images, size, size)
        let known band = Surveys.Des |> Array.find (fun known -> known.Name = DesFields.Bands[images.BandIndex band])
        let survey = bands |> Array.map known
        let psfs = survey |> Array.map (fun band -> PointSpread.Gaussian(band.Seeing, band.PixelScale, 5.0))
        let inI = images.BandIndex "i"

        [| for field in 0 .. images.Count - 1 do
               if fields.NeighbourRatio(field, "i", size) <= largestNeighbour then
                   let centre = DesGalaxies.CentreOf(centres.Plane(field, inI), size, size, 3.0)
                   let { AxisRatio = q; Angle = angle } = DesGalaxies.ShapeOf(centres.Plane(field, inI), size, size, 4.0, centre)
                   let thetaE = FlatCosmology.Standard.EinsteinRadiusOfDispersion(dispersions[field], lensRedshift, sourceRedshift)
                   let stamps = bands |> Array.map (fun band -> centres.Plane(field, images.BandIndex band).ToArray())
                   RealGalaxy($"field {field}", stamps, size, size, psfs, DesGalaxies.ZeroPoint, lensRedshift, thetaE, q, angle,
                              centre.X * DesGalaxies.PixelScale, centre.Y * DesGalaxies.PixelScale) |]

    /// The same without the fields whose neighbour is four times brighter than the galaxy.
    member fields.Galaxies(bands: string[], size: int, lensRedshift: float, sourceRedshift: float) : RealGalaxy[] =
        fields.Galaxies(bands, size, lensRedshift, sourceRedshift, 4.0)
