namespace Hybrid.Data.Lensing

open System
open Hybrid.Data
open Hybrid.Data.Statistics

/// Sources that stand for galaxies of which no sharp picture is at hand: an elliptical Sérsic disc with up to five knots of star formation,
/// of random brightness and colours. What is trained on them cannot lean on the few real sources that there are.
[<AbstractClass; Sealed>]
type SyntheticSources =

    /// Arcsec a pixel, as of the real ones, and pixels each way.
    static member PixelScale = 0.03
    static member Size = 101

    /// Sources numbered from 0; each depends on the seed and its number only.
    /// bands : how many magnitudes each has, the bluest band first.  The first is drawn in [22, 25.5]; each colour of neighbouring bands in
    /// [−0.2, 1].
    static member Draw(count: int, bands: int, seed: int64) : RealSource[] =
        if count < 1 || bands < 1 then
            raise (ArgumentOutOfRangeException(nameof count, count, $"SyntheticSources.Draw: expected at least one source and one band, \
                got {count} and {bands}."))

        let size = SyntheticSources.Size

        Array.init count (fun number ->
            let random = SeededRandom.For(seed, 11L, int64 number)
            // Half-light radii of galaxies at redshifts of 1 to 3: 0.05″ to 0.35″. Wider ones make arcs whose light lies far outside θ_E, and
            // a network that is used to those answers too small for real ones.
            let radius = 0.05 * exp (random.NextDouble() * log (0.35 / 0.05))
            let index = random.Uniform(0.6, 2.0)
            let { E1 = e1; E2 = e2 } = LightProfile.Ellipticity(random.Uniform(0.3, 1.0), random.Uniform(0.0, Math.PI))
            let disc = LightProfile(1.0, radius, index, e1, e2, 0.0, 0.0)

            let knots =
                Array.init (random.Next 6) (fun _ ->
                    let distance, angle = radius * random.Uniform(0.3, 1.5), random.Uniform(0.0, 2.0 * Math.PI)
                    struct (distance * cos angle, distance * sin angle, random.Uniform(0.04, 0.1), random.Uniform(0.02, 0.15)))

            let pixels = Array.zeroCreate<float32> (size * size)
            let at k = (float k - float (size - 1) / 2.0) * SyntheticSources.PixelScale
            let total = disc.TotalFlux

            for row in 0 .. size - 1 do
                for column in 0 .. size - 1 do
                    let x, y = at column, at row
                    let mutable light = disc.SurfaceBrightness(x, y) / total

                    for struct (kx, ky, width, share) in knots do
                        let dx, dy = x - kx, y - ky
                        light <- light + share * exp (-0.5 * (dx * dx + dy * dy) / (width * width)) / (2.0 * Math.PI * width * width)

                    pixels[row * size + column] <- float32 light

            let magnitudes = Array.zeroCreate<float> bands
            magnitudes[0] <- random.Uniform(22.0, 25.5)

            for b in 1 .. bands - 1 do
                magnitudes[b] <- magnitudes[b - 1] - random.Uniform(-0.2, 1.0)

            RealSource($"synthetic {seed}-{number}", pixels, size, size, SyntheticSources.PixelScale, magnitudes))
