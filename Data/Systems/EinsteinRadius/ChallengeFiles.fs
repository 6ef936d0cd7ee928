namespace Hybrid.Data.Systems.EinsteinRadius

open System
open System.Collections.Generic
open System.Globalization
open System.Threading
open Hybrid.Data
open Hybrid.Data.Formats
open Hybrid.Data.Images

/// The lenses of a lens finding challenge as its real files have them, in place of the simulations of that challenge.
/// folder : with the images, or an archive of them;  catalogue : the CSV file of truths;  zeroPoint : magnitude of a pixel value of 1,
/// which the files do not say.
[<Sealed>]
type ChallengeFiles(folder: string, catalogue: string, zeroPoint: float) =
    do
        if not (Double.IsFinite zeroPoint) then
            invalidArg (nameof zeroPoint) $"ChallengeFiles: expected a finite zero point, got {zeroPoint}."

    member _.Folder = folder
    member _.Catalogue = catalogue
    member _.ZeroPoint = zeroPoint

    /// The lenses that the original's selection keeps (LensSelection, radii of 0.3″ to 2.5″), in these bands; objects that lack one of them
    /// are left out and named.
    member private _.Lenses(bands: string[], leftOut: BrokenFile -> unit) =
        let challenge = LensChallenge.Open(folder, catalogue, bands)
        challenge.Incomplete |> Seq.iter leftOut
        let kept = challenge.Select(LensSelection(LeastThetaE = 0.3))

        if kept.Count = 0 then
            let list = String.Join(", ", bands)
            raise (IO.InvalidDataException $"{folder}: none of its {challenge.Objects.Count} objects with images in {list} is a lens \
                that {catalogue} describes and the selection keeps.")

        challenge, kept

    /// Images of some bands of one size and their objects, pixels that are missing as 0; files that cannot be read are left out and
    /// named.
    member private files.Load
        (
            challenge: LensChallenge,
            items: IReadOnlyList<LensChallengeObject>,
            bands: int[],
            leftOut: BrokenFile -> unit,
            progress: IProgress<LoadProgress> | null,
            cancellation: CancellationToken
        ) =
        let planes = [| for item in items -> [| for band in bands -> FitsPlane.Of item.Files[band] |] :> IReadOnlyList<FitsPlane> |]
        let set = FitsSet.LoadPlanes(planes, FitsSetOptions(Broken = BrokenFilePolicy.LeaveOut), progress, cancellation)
        set.Broken |> Seq.iter leftOut
        let shape = set.Pixels.Shape
        let names = [| for band in bands -> challenge.Bands[band] |]
        let images = ImageSet(set.Pixels.Values, names, shape[2], shape[3], Array.create bands.Length zeroPoint)
        // Before anything blurs them: what is missing would spread as far as a PSF.
        Intensity.ReplaceMissing(images, 0f), Seq.toArray set.Indices

    /// The first challenge: bands SDSS_G, SDSS_R and SDSS_I as g, r and i in the common form, and the radii.
    member files.Challenge1
        (
            size: int,
            leftOut: BrokenFile -> unit,
            progress: IProgress<LoadProgress> | null,
            cancellation: CancellationToken
        ) : struct (ImageSet * float[]) =
        let challenge, lenses = files.Lenses([| "SDSS_G"; "SDSS_R"; "SDSS_I" |], leftOut)
        let images, kept = files.Load(challenge, lenses, [| 0; 1; 2 |], leftOut, progress, cancellation)
        let named = ImageSet(images.Pixels, [| "g"; "r"; "i" |], images.Height, images.Width, images.ZeroPoints)
        struct (RadiusSimulations.OfGround(named, size), kept |> Array.map (fun i -> lenses[i].EinsteinRadiusArcsec))

    /// The second challenge: VIS, Y and H in the common form, matched to DES or not, and the radii.
    member files.Challenge2
        (
            simulations: RadiusSimulations,
            seed: int64,
            matched: bool,
            leftOut: BrokenFile -> unit,
            progress: IProgress<LoadProgress> | null,
            cancellation: CancellationToken
        ) : struct (ImageSet * float[]) =
        let challenge, lenses = files.Lenses([| "EUC_VIS"; "EUC_Y"; "EUC_H" |], leftOut)
        let vis, ofVis = files.Load(challenge, lenses, [| 0 |], leftOut, progress, cancellation)
        let infrared, ofInfrared = files.Load(challenge, lenses, [| 1; 2 |], leftOut, progress, cancellation)
        // Both cameras of an object, or none.
        let both = ofVis |> Array.filter (fun i -> Array.contains i ofInfrared)
        let placesOf (kept: int[]) = both |> Array.map (fun i -> Array.IndexOf(kept, i))
        let vis = vis.Take(placesOf ofVis)
        let infrared = infrared.Take(placesOf ofInfrared)
        let vis = ImageSet(vis.Pixels, [| "VIS" |], vis.Height, vis.Width, vis.ZeroPoints)
        let infrared = ImageSet(infrared.Pixels, [| "Y"; "H" |], infrared.Height, infrared.Width, infrared.ZeroPoints)
        struct (simulations.OfEuclid(vis, infrared, seed, 0L, matched), both |> Array.map (fun i -> lenses[i].EinsteinRadiusArcsec))

    override _.ToString() =
        let point = zeroPoint.ToString("R", CultureInfo.InvariantCulture)
        $"{IO.Path.GetFullPath folder} with {IO.Path.GetFullPath catalogue}, zero point {point}"
