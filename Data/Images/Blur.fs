namespace Hybrid.Data.Images

open System
open MathNet.Numerics.IntegralTransforms
open Hybrid.Data

/// Convolution with a point-spread function, and the kernel that turns one into another.
[<AbstractClass; Sealed>]
type Blur =

    /// A Gaussian of this deviation in pixels on 2·radius + 1 points, summing to 1.
    static member GaussianKernel(sigmaPixels: float, radius: int) : float[] =
        if not (sigmaPixels >= 0.0) || radius < 0 then
            invalidArg (nameof sigmaPixels) $"Blur.GaussianKernel: expected a deviation and a radius ≥ 0, got {sigmaPixels} and {radius}."

        if sigmaPixels = 0.0 then
            Array.init (2 * radius + 1) (fun i -> if i = radius then 1.0 else 0.0)
        else
            let raw = Array.init (2 * radius + 1) (fun i -> exp (-0.5 * (float (i - radius) / sigmaPixels) ** 2.0))
            let total = Array.sum raw
            raw |> Array.map (fun v -> v / total)

    /// Every plane blurred by a Gaussian, cut at 4 σ as SciPy's gaussian_filter, edges mirrored (d c b a | a b c d | d c b a).
    static member Gaussian(images: ImageSet, sigmaPixels: float) : ImageSet =
        let kernel = Blur.GaussianKernel(sigmaPixels, int (4.0 * sigmaPixels + 0.5))
        let h, w = images.Height, images.Width
        images.MovePlanes(h, w, PlaneFill(fun source target -> Blur.SeparablePlane(source, h, w, kernel, target)))

    static member internal SeparablePlane(source: ReadOnlySpan<float32>, h: int, w: int, kernel: float[], target: Span<float32>) =
        let radius = kernel.Length / 2
        let mirrored size i =
            let period = 2 * size
            let i = ((i % period) + period) % period
            if i < size then i else period - 1 - i

        let across = Array.zeroCreate<float> (h * w)

        for y in 0 .. h - 1 do
            for x in 0 .. w - 1 do
                let mutable sum = 0.0
                for k in -radius .. radius do
                    sum <- sum + kernel[k + radius] * float source[y * w + mirrored w (x + k)]
                across[y * w + x] <- sum

        for y in 0 .. h - 1 do
            for x in 0 .. w - 1 do
                let mutable sum = 0.0
                for k in -radius .. radius do
                    sum <- sum + kernel[k + radius] * across[mirrored h (y + k) * w + x]
                target[y * w + x] <- float32 sum

    /// Every plane convolved with a kernel image (odd size, rows first); outside the image is 0.
    static member Convolve(images: ImageSet, kernel: float[], kernelHeight: int, kernelWidth: int) : ImageSet =
        if kernelHeight % 2 = 0 || kernelWidth % 2 = 0 || kernel.Length <> kernelHeight * kernelWidth then
            invalidArg (nameof kernel) $"Blur.Convolve: expected an odd kernel of {kernelHeight} × {kernelWidth}, got {kernel.Length} \
                values."

        let h, w = images.Height, images.Width
        let ry, rx = kernelHeight / 2, kernelWidth / 2

        images.MovePlanes(h, w, PlaneFill(fun source target ->
            for y in 0 .. h - 1 do
                for x in 0 .. w - 1 do
                    let mutable sum = 0.0

                    for j in max -ry (y - h + 1) .. min ry y do
                        for i in max -rx (x - w + 1) .. min rx x do
                            sum <- sum + kernel[(j + ry) * kernelWidth + i + rx] * float source[(y - j) * w + x - i]

                    target[y * w + x] <- float32 sum))

    /// Images seen with a Gaussian PSF brought to a wider one.
    /// fromFwhm, toFwhm : in the unit of pixelScale, toFwhm ≥ fromFwhm.
    static member MatchGaussian(images: ImageSet, fromFwhm: float, toFwhm: float, pixelScale: float) : ImageSet =
        if not (toFwhm >= fromFwhm && fromFwhm >= 0.0 && pixelScale > 0.0) then
            invalidArg (nameof toFwhm) $"Blur.MatchGaussian: expected 0 ≤ fromFwhm ≤ toFwhm and a pixel scale > 0, got {fromFwhm}, \
                {toFwhm} and {pixelScale}; an image cannot be sharpened to a narrower PSF."

        let perFwhm = 1.0 / (2.0 * sqrt (2.0 * log 2.0))
        Blur.Gaussian(images, sqrt (toFwhm * toFwhm - fromFwhm * fromFwhm) * perFwhm / pixelScale)

    /// The kernel k with from ∗ k ≈ into, for PSF images of one odd square size: a quotient in Fourier space times a split cosine bell,
    /// which lets no noise through where `from` has nothing (after Aniano et al. 2011). The kernel sums to 1.
    /// cutoff : where the bell reaches 0, as a share of the Nyquist frequency, in (0, 1]; it is 1 up to half of that.
    static member MatchingKernel(from: float[], into: float[], size: int, cutoff: float) : float[] =
        if size % 2 = 0 || from.Length <> size * size || into.Length <> size * size then
            invalidArg (nameof from) $"Blur.MatchingKernel: expected two PSFs of {size} × {size} with an odd size, got {from.Length} and \
                {into.Length} value{Plural.s into.Length}."

        if not (cutoff > 0.0 && cutoff <= 1.0) then
            raise (ArgumentOutOfRangeException(nameof cutoff, cutoff, $"Blur.MatchingKernel: expected a cutoff in (0, 1], got {cutoff}."))

        let half = size / 2

        /// One-dimensional transforms along the rows, then along the columns: MathNet's managed provider has no two-dimensional one.
        let transform (change: Numerics.Complex[] -> unit) (values: Numerics.Complex[]) =
            for y in 0 .. size - 1 do
                let row = Array.sub values (y * size) size
                change row
                Array.blit row 0 values (y * size) size

            for x in 0 .. size - 1 do
                let column = Array.init size (fun y -> values[y * size + x])
                change column
                column |> Array.iteri (fun y v -> values[y * size + x] <- v)

            values

        /// The spectrum of a PSF of sum 1 whose centre is moved to the origin.
        let spectrum (psf: float[]) =
            let total = Array.sum psf

            Array.init (size * size) (fun i -> Numerics.Complex(psf[((i / size + half) % size) * size + (i % size + half) % size] / total,
                                                                0.0))
            |> transform (fun line -> Fourier.Forward(line, FourierOptions.Matlab))

        let a, b = spectrum from, spectrum into
        let frequency i = float (if i <= half then i else i - size) / (float size / 2.0)

        let quotient =
            Array.init (size * size) (fun i ->
                let r = sqrt (frequency (i / size) ** 2.0 + frequency (i % size) ** 2.0) / cutoff
                let bell = if r >= 1.0 then 0.0 elif r <= 0.5 then 1.0 else 0.5 * (1.0 + cos (Math.PI * (2.0 * r - 1.0)))
                if bell = 0.0 || a[i].Magnitude < 1e-12 then Numerics.Complex.Zero else b[i] / a[i] * Numerics.Complex(bell, 0.0))

        let matching = quotient |> transform (fun line -> Fourier.Inverse(line, FourierOptions.Matlab))
        let kernel = Array.init (size * size) (fun i -> matching[((i / size + half + 1) % size) * size + (i % size + half + 1) % size].Real)
        let total = Array.sum kernel
        kernel |> Array.map (fun v -> v / total)
