namespace Hybrid.Data.Images

open System
open System.Globalization
open System.Numerics.Tensors
open Hybrid.Data.Statistics

/// One step of a recipe: a transform with its parameters, as a value. Two steps are equal when they print the same.
/// A random step draws for every image from a generator of its own, made of the seed, the step's place in the recipe and the
/// image's number: an image's result depends on no other image.
[<Sealed>]
type ImageStep private (text: string, isRandom: bool, apply: ImageSet -> (int -> SeededRandom) -> ImageSet) =

    static let number (v: float) = v.ToString("R", CultureInfo.InvariantCulture)
    static let numbers (v: float[]) = "[" + String.Join(", ", Array.map number v) + "]"

    static let fixedStep text (change: ImageSet -> ImageSet) = ImageStep(text, false, (fun images _ -> change images))

    static let checkProbability name (p: float) =
        if not (p >= 0.0 && p <= 1.0) then
            invalidArg "probability" $"{name}: expected a probability in [0, 1], got {p}."

    /// A random step that keeps the size: `change` fills the target or leaves it, then it is a copy of the source.
    static let perImage text (change: SeededRandom -> ImageSet -> ImageChange) =
        ImageStep(text, true, (fun images random ->
            images.MapImages(images.Bands, images.Height, images.Width, ImageFill(fun i source target ->
                source.CopyTo target
                (change (random i) images).Invoke(source, target)))))

    static let planes (images: ImageSet) (change: PlaneFill) =
        ImageChange(fun source target ->
            for b in 0 .. images.BandCount - 1 do
                change.Invoke(source.Slice(b * images.PlaneSize, images.PlaneSize), target.Slice(b * images.PlaneSize, images.PlaneSize)))

    static let nothing = ImageChange(fun _ _ -> ())

    /// Whether the step draws random numbers.
    member _.IsRandom = isRandom
    override _.ToString() = text
    override _.Equals other = match other with :? ImageStep as step -> step.ToString() = text | _ -> false
    override _.GetHashCode() = StringComparer.Ordinal.GetHashCode text

    /// random : the generator of image i of the set.
    member internal _.Apply(images: ImageSet, random: int -> SeededRandom) = apply images random

    // Fixed steps: see Intensity, Geometry, Resize, Blur.

    static member Window(low: float, high: float) =
        fixedStep $"window({number low}, {number high})" (fun images -> Intensity.Window(images, low, high))

    static member MinMaxPerImage() = fixedStep "minMaxPerImage()" Intensity.MinMaxPerImage
    static member ZScorePerImage() = fixedStep "zScorePerImage()" Intensity.ZScorePerImage
    static member ZScorePerBand() = fixedStep "zScorePerBand()" Intensity.ZScorePerBand

    static member StandardiseBands(means: float[], deviations: float[]) =
        let means, deviations = Array.copy means, Array.copy deviations
        fixedStep $"standardiseBands({numbers means}, {numbers deviations})" (fun images ->
            Intensity.StandardiseBands(images, means, deviations))

    static member Asinh(softening: float) = fixedStep $"asinh({number softening})" (fun images -> Intensity.Asinh(images, softening))
    static member Log(offset: float) = fixedStep $"log({number offset})" (fun images -> Intensity.Log(images, offset))

    static member Clip(low: float32, high: float32) =
        fixedStep $"clip({number (float low)}, {number (float high)})" (fun images -> Intensity.Clip(images, low, high))

    static member ClipPercentiles(lowPercent: float[], highPercent: float[]) =
        let low, high = Array.copy lowPercent, Array.copy highPercent
        fixedStep $"clipPercentiles({numbers low}, {numbers high})" (fun images -> Intensity.ClipPercentiles(images, low, high))

    static member ClipBands(low: float[], high: float[]) =
        let low, high = Array.copy low, Array.copy high
        fixedStep $"clipBands({numbers low}, {numbers high})" (fun images -> Intensity.ClipBands(images, low, high))

    static member ReplaceMarked(marker: float32, value: float32) =
        fixedStep $"replaceMarked({number (float marker)}, {number (float value)})" (fun images ->
            Intensity.ReplaceMarked(images, marker, value))

    static member ReplaceMissing(value: float32) =
        fixedStep $"replaceMissing({number (float value)})" (fun images -> Intensity.ReplaceMissing(images, value))

    static member SelectBands([<ParamArray>] bands: string[]) =
        let bands = Array.copy bands
        let list = String.Join(", ", bands |> Array.map (fun b -> "\"" + b.Replace("\"", "\\\"") + "\""))
        fixedStep $"selectBands({list})" (fun images -> images.SelectBands bands)

    static member CentreCrop(height: int, width: int) =
        fixedStep $"centreCrop({height}, {width})" (fun images -> Geometry.CentreCrop(images, height, width))

    static member Pad(border: int, value: float32) =
        fixedStep $"pad({border}, {number (float value)})" (fun images -> Geometry.Pad(images, border, border, border, border, value))

    static member Resize(height: int, width: int, mode: Interpolation) =
        let name = if mode = Interpolation.Area then "area" else "bilinear"
        fixedStep $"resize({height}, {width}, {name})" (fun images -> Resize.To(images, height, width, mode))

    static member GaussianBlur(sigmaPixels: float) =
        fixedStep $"gaussianBlur({number sigmaPixels})" (fun images -> Blur.Gaussian(images, sigmaPixels))

    // Random steps.

    /// A window of this size at a uniformly random place.
    static member RandomCrop(height: int, width: int) =
        ImageStep($"randomCrop({height}, {width})", true, (fun images random ->
            if height < 1 || width < 1 || height > images.Height || width > images.Width then
                invalidArg (nameof height) $"randomCrop: expected at most {images.Height} × {images.Width}, got {height} × {width}."

            let stride, plane = images.Width, images.PlaneSize

            images.MapImages(images.Bands, height, width, ImageFill(fun i source target ->
                let random = random i
                let top, left = random.Next(images.Height - height + 1), random.Next(images.Width - width + 1)

                for b in 0 .. images.BandCount - 1 do
                    for y in 0 .. height - 1 do
                        source.Slice(b * plane + (top + y) * stride + left, width).CopyTo(target.Slice((b * height + y) * width, width))))))

    /// With this probability a random window of this size, resized (bilinear) to the whole image: a random zoom.
    static member RandomZoom(height: int, width: int, probability: float) =
        checkProbability "randomZoom" probability

        perImage $"randomZoom({height}, {width}, {number probability})" (fun random images ->
            if height < 1 || width < 1 || height > images.Height || width > images.Width then
                invalidArg (nameof height) $"randomZoom: expected at most {images.Height} × {images.Width}, got {height} × {width}."

            if random.Chance probability then
                let top, left = random.Next(images.Height - height + 1), random.Next(images.Width - width + 1)

                planes images (PlaneFill(fun source target ->
                    let window = Array.zeroCreate<float32> (height * width)

                    for y in 0 .. height - 1 do
                        source.Slice((top + y) * images.Width + left, width).CopyTo(Span(window, y * width, width))

                    Resize.PlaneTo(ReadOnlySpan window, height, width, images.Height, images.Width, Interpolation.Bilinear, target)))
            else
                nothing)

    static member RandomFlipHorizontal(probability: float) =
        checkProbability "randomFlipHorizontal" probability

        perImage $"randomFlipHorizontal({number probability})" (fun random images ->
            if random.Chance probability then
                planes images (PlaneFill(fun source target -> Geometry.DihedralPlane(source, images.Height, images.Width, 4, target)))
            else
                nothing)

    static member RandomFlipVertical(probability: float) =
        checkProbability "randomFlipVertical" probability

        perImage $"randomFlipVertical({number probability})" (fun random images ->
            if random.Chance probability then
                planes images (PlaneFill(fun source target -> Geometry.DihedralPlane(source, images.Height, images.Width, 6, target)))
            else
                nothing)

    /// One of the eight symmetries of the square, each as likely; images must be square.
    static member RandomDihedral() =
        perImage "randomDihedral()" (fun random images ->
            if images.Height <> images.Width then
                invalidArg (nameof images) $"randomDihedral: expected square images, got {images.Height} × {images.Width}."

            let element = random.Next 8
            planes images (PlaneFill(fun source target -> Geometry.DihedralPlane(source, images.Height, images.Width, element, target))))

    /// Turned by an angle uniform in ±degrees, bilinear, `fill` from outside.
    static member RandomRotation(degrees: float, fill: float32) =
        perImage $"randomRotation({number degrees}, {number (float fill)})" (fun random images ->
            let angle = random.Uniform(-degrees, degrees)
            planes images (PlaneFill(fun source target -> Geometry.RotatePlane(source, images.Height, images.Width, angle, fill, target))))

    /// With this probability Gaussian noise of this variance on every pixel.
    static member GaussianNoise(variance: float, probability: float) =
        checkProbability "gaussianNoise" probability

        if not (variance >= 0.0) then
            invalidArg (nameof variance) $"gaussianNoise: expected a variance ≥ 0, got {variance}."

        perImage $"gaussianNoise({number variance}, {number probability})" (fun random _ ->
            if random.Chance probability then
                let deviation = sqrt variance

                ImageChange(fun source target ->
                    for i in 0 .. source.Length - 1 do
                        target[i] <- float32 (float source[i] + deviation * random.NextNormal()))
            else
                nothing)

    /// With this probability a Gaussian blur whose deviation (pixels) is uniform in [low, high].
    static member RandomGaussianBlur(low: float, high: float, probability: float) =
        checkProbability "randomGaussianBlur" probability

        if not (low >= 0.0 && high >= low) then
            invalidArg (nameof low) $"randomGaussianBlur: expected 0 ≤ low ≤ high, got {low} and {high}."

        perImage $"randomGaussianBlur({number low}, {number high}, {number probability})" (fun random images ->
            if random.Chance probability then
                let sigma = random.Uniform(low, high)
                let kernel = Blur.GaussianKernel(sigma, int (4.0 * sigma + 0.5))
                planes images (PlaneFill(fun source target -> Blur.SeparablePlane(source, images.Height, images.Width, kernel, target)))
            else
                nothing)

    /// All values of an image times one factor uniform in [1 − amount, 1 + amount].
    static member RandomBrightness(amount: float) =
        perImage $"randomBrightness({number amount})" (fun random _ ->
            let factor = random.Uniform(1.0 - amount, 1.0 + amount)

            ImageChange(fun source target ->
                for i in 0 .. source.Length - 1 do
                    target[i] <- float32 (factor * float source[i])))

    /// With this probability sheared, scaled, turned and shifted at random, bilinear, 0 from outside: angles uniform in ±degrees and
    /// ±shearDegrees, the scale in [low, high], shifts in ± this share of the width and height.
    static member RandomAffine(degrees: float, shift: float, low: float, high: float, shearDegrees: float, probability: float) =
        checkProbability "randomAffine" probability

        if not (low > 0.0 && high >= low && shift >= 0.0 && abs shearDegrees < 90.0) then
            invalidArg (nameof low) $"randomAffine: expected 0 < low ≤ high, a shift ≥ 0 and a shear within ±90°, got {low}, {high}, \
                {shift} and {shearDegrees}."

        perImage $"randomAffine({number degrees}, {number shift}, {number low}, {number high}, {number shearDegrees}, \
            {number probability})" (fun random images ->
            if random.Chance probability then
                let placement =
                    { Degrees = random.Uniform(-degrees, degrees)
                      RightPixels = random.Uniform(-shift, shift) * float images.Width
                      DownPixels = random.Uniform(-shift, shift) * float images.Height
                      Scale = random.Uniform(low, high)
                      ShearDegrees = random.Uniform(-shearDegrees, shearDegrees) }

                let place = PlaneFill(fun source target -> Geometry.AffinePlane(source, images.Height, images.Width, placement, 0f, target))
                planes images place
            else
                nothing)

    /// With this probability each band of an image of 0 to 1 is stretched so that it reaches both ends; a constant band stays as it is.
    static member RandomAutoContrast(probability: float) =
        checkProbability "randomAutoContrast" probability

        perImage $"randomAutoContrast({number probability})" (fun random images ->
            if random.Chance probability then
                planes images (PlaneFill(fun source target ->
                    let low, high = TensorPrimitives.Min source, TensorPrimitives.Max source

                    if high > low then
                        for i in 0 .. source.Length - 1 do
                            target[i] <- (source[i] - low) / (high - low)))
            else
                nothing)

    /// With this probability 1 − x: bright and dark of an image of 0 to 1 swapped.
    static member RandomInvert(probability: float) =
        checkProbability "randomInvert" probability

        perImage $"randomInvert({number probability})" (fun random _ ->
            if random.Chance probability then
                ImageChange(fun source target ->
                    for i in 0 .. source.Length - 1 do
                        target[i] <- 1f - source[i])
            else
                nothing)

    /// With this probability values from the threshold on become 1 − x.
    static member RandomSolarize(threshold: float32, probability: float) =
        checkProbability "randomSolarize" probability

        perImage $"randomSolarize({number (float threshold)}, {number probability})" (fun random _ ->
            if random.Chance probability then
                ImageChange(fun source target ->
                    for i in 0 .. source.Length - 1 do
                        target[i] <- if source[i] >= threshold then 1f - source[i] else source[i])
            else
                nothing)

    /// With this probability an image of 0 to 1 is sharpened: s + factor · (x − s), clipped to 0 … 1, with s the mean of 3 × 3 pixels in
    /// which the middle counts five times (as torchvision's adjust_sharpness); border pixels stay. factor 1 changes nothing, 0 gives s.
    static member RandomSharpness(factor: float, probability: float) =
        checkProbability "randomSharpness" probability

        perImage $"randomSharpness({number factor}, {number probability})" (fun random images ->
            if random.Chance probability then
                let h, w = images.Height, images.Width

                planes images (PlaneFill(fun source target ->
                    for y in 1 .. h - 2 do
                        for x in 1 .. w - 2 do
                            let mutable sum = 4.0 * float source[y * w + x]

                            for j in -1 .. 1 do
                                for i in -1 .. 1 do
                                    sum <- sum + float source[(y + j) * w + x + i]

                            let smooth = sum / 13.0
                            target[y * w + x] <- float32 (Math.Clamp(smooth + factor * (float source[y * w + x] - smooth), 0.0, 1.0))))
            else
                nothing)

and internal ImageChange = delegate of ReadOnlySpan<float32> * Span<float32> -> unit
