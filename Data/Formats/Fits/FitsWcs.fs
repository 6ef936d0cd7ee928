namespace Hybrid.Data.Formats

open System
open System.IO

/// Where a place of the sky is in an image: the linear world coordinates of a FITS header with the gnomonic projection, TAN. Greisen and
/// Calabretta 2002, eq. 1–3; Calabretta and Greisen 2002, section 5.1.3.
/// Pixels are counted from 0, centres at whole numbers; in FITS the first one is 1.
[<Sealed>]
type FitsWcs private (ra0: float, dec0: float, x0: float, y0: float, cd: float[]) =
    // Degrees to pixels: the inverse of (cd11, cd12; cd21, cd22).
    let determinant = cd[0] * cd[3] - cd[1] * cd[2]
    let radians = Math.PI / 180.0

    /// Reads a header's keywords: CTYPE1, CTYPE2, CRVAL, CRPIX, and CD, or CDELT with PC or CROTA2.
    /// subject : what the header is of, in messages.
    /// Throws InvalidDataException where it has no such coordinates, or another projection.
    static member Of(header: FitsHeader, subject: string) : FitsWcs =
        let fail (what: string) : unit = raise (InvalidDataException $"{subject}: {what}")

        for axis, wanted in [ 1, "RA---TAN"; 2, "DEC--TAN" ] do
            let found = header.TextOr($"CTYPE{axis}", "").Trim()

            if found = wanted + "-SIP" then
                fail $"expected CTYPE{axis} = '{wanted}', got '{found}': its distortion is not read. Resample the image to a plain TAN."
            elif found <> wanted then
                fail $"expected CTYPE{axis} = '{wanted}' of celestial coordinates in the gnomonic projection, got '{found}'"

        let needed (name: string) =
            if not (header.Contains name) then fail $"expected the keyword {name} of celestial coordinates, there is none"
            header.RealOr(name, nan)

        let pole = header.RealOr("LONPOLE", 180.0)
        if pole <> 180.0 then fail $"expected LONPOLE = 180, got {pole}"

        let cd =
            if header.Contains "CD1_1" || header.Contains "CD2_2" || header.Contains "CD1_2" || header.Contains "CD2_1" then
                [| header.RealOr("CD1_1", 0.0); header.RealOr("CD1_2", 0.0); header.RealOr("CD2_1", 0.0); header.RealOr("CD2_2", 0.0) |]
            else
                let s1, s2 = needed "CDELT1", needed "CDELT2"

                if header.Contains "CROTA2" then
                    let angle = header.RealOr("CROTA2", 0.0) * Math.PI / 180.0
                    [| s1 * cos angle; -s2 * sin angle; s1 * sin angle; s2 * cos angle |]
                else
                    [| s1 * header.RealOr("PC1_1", 1.0); s1 * header.RealOr("PC1_2", 0.0); s2 * header.RealOr("PC2_1", 0.0)
                       s2 * header.RealOr("PC2_2", 1.0) |]

        if not (abs (cd[0] * cd[3] - cd[1] * cd[2]) > 0.0) then fail "expected a matrix CD that can be inverted, its determinant is 0"
        FitsWcs(needed "CRVAL1", needed "CRVAL2", needed "CRPIX1" - 1.0, needed "CRPIX2" - 1.0, cd)

    /// Arcsec a pixel: the root of a pixel's area.
    member _.PixelScale = 3600.0 * sqrt (abs determinant)

    /// Column and row of a place; NaN where it is a quarter of the sky or more away from the image's reference.
    /// ra, dec : degrees.
    member _.PixelOf(ra: float, dec: float) : struct (float * float) =
        let a, d, d0 = (ra - ra0) * radians, dec * radians, dec0 * radians
        let cosine = sin d0 * sin d + cos d0 * cos d * cos a

        if not (cosine > 0.0) then
            struct (nan, nan)
        else
            // Standard coordinates, degrees east and north.
            let xi = cos d * sin a / cosine / radians
            let eta = (cos d0 * sin d - sin d0 * cos d * cos a) / cosine / radians
            struct (x0 + (cd[3] * xi - cd[1] * eta) / determinant, y0 + (cd[0] * eta - cd[2] * xi) / determinant)

    /// Right ascension in [0, 360) and declination, degrees, of a column and row.
    member _.SkyOf(column: float, row: float) : struct (float * float) =
        let x, y = column - x0, row - y0
        let xi, eta = (cd[0] * x + cd[1] * y) * radians, (cd[2] * x + cd[3] * y) * radians
        let d0 = dec0 * radians
        let below = cos d0 - eta * sin d0
        let a = atan2 xi below
        let d = atan2 (eta * cos d0 + sin d0) (sqrt (xi * xi + below * below))
        let ra = ra0 + a / radians
        struct (ra - 360.0 * floor (ra / 360.0), d / radians)
