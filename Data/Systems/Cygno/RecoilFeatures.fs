namespace Hybrid.Data.Systems.Cygno

open System
open Hybrid.Data

/// What can be measured on an image of a recoil without a network, from the middle 64 × 64 pixels less the background.
[<Struct>]
type RecoilFeatures =
    { /// Summed light, ADU.
      Light: float
      /// σ of the Gaussian that fits the circular mean profile best, pixels.
      Width: float
      /// √ of the ratio of the smaller to the larger principal second moment of the bright pixels, in [0, 1]: 1 for a round spot.
      Roundness: float
      /// Distance of the brightest place (blurred by 2 pixels) from the centre of the light, pixels: large for tracks that bend.
      Offset: float }

/// The classical discriminator of recoils: nuclei are wider than electrons of the same light, and their spots are round.
///
/// Width thresholds are those published for the IDAO 2021 competition's simulation: 4.95 pixels below 6 keV, 5.25 pixels from 6 to
/// 14 keV. Above, electrons have tracks: the published one tests their offset, which tells nothing in this simulation, where a track stands
/// by its mean (1.9 against 1.7 pixels); here the roundness of the bright part does, with a threshold chosen on training images.
[<AbstractClass; Sealed>]
type ClassicalDiscriminator private () =

    static let size = 64

    /// The camera, with its background.
    static let camera = RecoilSimulator()

    /// Widths that are tried, pixels.
    static let widths = [| for i in 0..120 -> 2.0 + 0.08 * float i |]

    static let rings = 31

    /// Amplitude of the best fit A exp(−r²/2σ²) to ring means, and its gain in summed squares; rings weigh by their pixels.
    static let gain (means: float[]) (weights: float[]) (sigma: float) =
        let mutable product, square = 0.0, 0.0

        for r in 0 .. rings - 1 do
            let shape = exp (-((float r + 0.5) ** 2.0) / (2.0 * sigma * sigma))
            product <- product + weights[r] * means[r] * shape
            square <- square + weights[r] * shape * shape

        if product <= 0.0 then 0.0 else product * product / square

    /// The features of one image.
    ///   image : (height, width) in ADU, row by row, at least 64 pixels each way; the recoil is in the middle.
    static member Measure(image: ReadOnlySpan<float32>, height: int, width: int) : RecoilFeatures =
        if height < size || width < size || image.Length <> height * width then
            invalidArg (nameof image) $"ClassicalDiscriminator: expected an image of at least {size} × {size} pixels, got \
                {height} × {width} and {image.Length} value{Plural.s image.Length}."

        let top, left = (height - size) / 2, (width - size) / 2
        let light = Array.zeroCreate<float> (size * size)

        for y in 0 .. size - 1 do
            for x in 0 .. size - 1 do
                light[y * size + x] <- float image[(top + y) * width + left + x] - camera.BackgroundMean

        let total = Array.sum light

        // 5 × 5 means: the brightest place, and the pixels that stand out of the noise.
        let blurred = Array.zeroCreate<float> (size * size)

        for y in 2 .. size - 3 do
            for x in 2 .. size - 3 do
                let mutable sum = 0.0

                for dy in -2 .. 2 do
                    for dx in -2 .. 2 do
                        sum <- sum + light[(y + dy) * size + x + dx]

                blurred[y * size + x] <- sum / 25.0

        let peak = Array.max blurred
        let brightest = Array.IndexOf(blurred, peak)

        // The bright part: more than a quarter of the peak, and three deviations of a 5 × 5 mean of the background.
        let threshold = max (0.25 * peak) (3.0 * camera.BackgroundDeviation / 5.0)
        let mutable weight, sumX, sumY = 0.0, 0.0, 0.0

        for y in 0 .. size - 1 do
            for x in 0 .. size - 1 do
                let value = blurred[y * size + x]

                if value > threshold then
                    weight <- weight + value
                    sumX <- sumX + value * float x
                    sumY <- sumY + value * float y

        let middle = float (size - 1) / 2.0
        let centreX, centreY = if weight > 0.0 then sumX / weight, sumY / weight else middle, middle
        let mutable xx, xy, yy = 0.0, 0.0, 0.0

        for y in 0 .. size - 1 do
            for x in 0 .. size - 1 do
                let value = blurred[y * size + x]

                if value > threshold then
                    let dx, dy = float x - centreX, float y - centreY
                    xx <- xx + value * dx * dx
                    xy <- xy + value * dx * dy
                    yy <- yy + value * dy * dy

        let half, difference = (xx + yy) / 2.0, sqrt (((xx - yy) / 2.0) ** 2.0 + xy * xy)
        let roundness = if half + difference > 0.0 then sqrt (max 0.0 ((half - difference) / (half + difference))) else 1.0

        // The circular mean profile around the light's centre.
        let sums, counts = Array.zeroCreate<float> rings, Array.zeroCreate<float> rings

        for y in 0 .. size - 1 do
            for x in 0 .. size - 1 do
                let ring = int (sqrt ((float x - centreX) ** 2.0 + (float y - centreY) ** 2.0))

                if ring < rings then
                    sums[ring] <- sums[ring] + light[y * size + x]
                    counts[ring] <- counts[ring] + 1.0

        let means = Array.map2 (fun sum count -> if count > 0.0 then sum / count else 0.0) sums counts
        let best = widths |> Array.maxBy (gain means counts)
        let offset = sqrt ((float (brightest % size) - centreX) ** 2.0 + (float (brightest / size) - centreY) ** 2.0)
        { Light = total; Width = best; Roundness = roundness; Offset = (if weight > 0.0 then offset else 0.0) }

    /// Energy by light, keV, of what is taken for an electron.
    static member ElectronKeV(light: float) : float = max 0.0 (light / 620.0)

    /// Energy by light, keV, of what is taken for a nucleus.
    static member NuclearKeV(light: float) : float = max 0.0 ((light + 853.3) / 568.56)

    /// A score, higher for nuclei: from 0 up they are called nuclear. Pixels above the threshold of the width below 14 keV, ten times the
    /// roundness above its threshold from there on: both spread by about one.
    ///   roundnessThreshold : by `ChooseRoundness`.
    static member Score(features: RecoilFeatures, roundnessThreshold: float) : float =
        let energy = ClassicalDiscriminator.ElectronKeV features.Light

        if energy < 6.0 then features.Width - 4.95
        elif energy < 14.0 then features.Width - 5.25
        else 10.0 * (features.Roundness - roundnessThreshold)

    /// Kind by the sign of the score, energy by the light of that kind.
    static member EnergyKeV(features: RecoilFeatures, roundnessThreshold: float) : float =
        if ClassicalDiscriminator.Score(features, roundnessThreshold) >= 0.0 then ClassicalDiscriminator.NuclearKeV features.Light
        else ClassicalDiscriminator.ElectronKeV features.Light

    /// The threshold of the roundness that calls most training images above 14 keV right; 0.87 where no image is that bright.
    static member ChooseRoundness(features: RecoilFeatures[], kinds: Recoil[]) : float =
        let bright =
            [| for i in 0 .. features.Length - 1 do
                   if ClassicalDiscriminator.ElectronKeV features[i].Light >= 14.0 then features[i].Roundness, kinds[i] |]

        if bright.Length = 0 then 0.87
        else
            let isRight threshold (roundness, kind) = (roundness >= threshold) = (kind = Recoil.Nuclear)
            let right threshold = bright |> Seq.filter (isRight threshold) |> Seq.length
            [| for i in 1..99 -> 0.01 * float i |] |> Array.maxBy right
