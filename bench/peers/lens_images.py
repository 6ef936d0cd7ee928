"""Lens images of 64 x 64 pixels in g, r, i with numpy on one thread: the formulas of Data/Simulators.

SIE and shear, one Sersic galaxy of index 4 in front and one of index 1 behind, a Gaussian PSF a band, sky and photon noise.
numpy's fastest way was chosen for each part: float32 throughout, one evaluation of each galaxy for all bands, the separable PSF as
two products with a banded matrix, noise from float32 standard_normal.
"""
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import sys

import numpy as np

import peer

BANDS = [  # read noise, exposure s, exposures, zero point, sky mag/arcsec^2, seeing arcsec: DES g, r, i
    (7.0, 90.0, 10, 26.58, 22.01, 1.12),
    (7.0, 90.0, 10, 26.78, 21.15, 0.96),
    (7.0, 90.0, 10, 26.75, 19.89, 0.88),
]
PIXEL = 0.263
SIZE = 64
f32 = np.float32
axis = ((np.arange(SIZE) - (SIZE - 1) / 2) * PIXEL).astype(f32)
X, Y = np.meshgrid(axis, axis)
rng = np.random.default_rng(1)
rows = np.array([[float(v) for v in line.split()] for line in open(sys.argv[1]) if not line.startswith("#")])
rows = rows[(rows[:, 2] >= 0.3) & (rows[:, 2] <= 2.5)]


def band_matrix(fwhm):
    sigma = fwhm / (2 * np.sqrt(2 * np.log(2))) / PIXEL
    radius = max(int(round(5 * sigma)), 1)
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    matrix = np.zeros((SIZE, SIZE))
    for i in range(SIZE):
        for k in range(-radius, radius + 1):
            matrix[i, min(max(i + k, 0), SIZE - 1)] += kernel[k + radius]
    return matrix.astype(f32)


MATRICES = [band_matrix(band[5]) for band in BANDS]
BACKGROUND = []
for noise, time, count, zero, sky, _ in BANDS:
    total = time * count
    BACKGROUND.append((np.sqrt(count * noise**2 + total * 10 ** (-0.4 * (sky - zero)) * PIXEL**2) / total, total))


def ellipticity(q, phi):
    c = (1 - q) / (1 + q)
    return c * np.cos(2 * phi), c * np.sin(2 * phi)


def sersic(x, y, radius, n, e1, e2, cx, cy):
    bn = 1.9992 * n - 0.3271
    norm = np.sqrt(abs(1 - e1 * e1 - e2 * e2))
    dx, dy = x - f32(cx), y - f32(cy)
    u = f32((1 - e1) / norm / radius) * dx - f32(e2 / norm / radius) * dy
    v = f32(-e2 / norm / radius) * dx + f32((1 + e1) / norm / radius) * dy
    r = np.maximum(np.sqrt(u * u + v * v), f32(1e-4 / radius))
    p = r if n == 1 else np.sqrt(np.sqrt(r))
    return np.exp(f32(-bn) * (p - f32(1)))


GAMMA = {1: 1.0, 4: 5040.0}


def total_flux(radius, n):
    bn = 1.9992 * n - 0.3271
    return 2 * np.pi * n * radius**2 * np.exp(bn) * bn ** (-2 * n) * GAMMA[n]


def image():
    row = rows[rng.integers(len(rows))]
    theta, q = row[2], row[4]
    phi = rng.uniform(0, np.pi)
    g1, g2 = 0.03 * rng.standard_normal(2)
    e1, e2 = ellipticity(q, phi)
    turn = rng.uniform(0, 2 * np.pi)
    sx, sy = np.cos(turn) * row[9] - np.sin(turn) * row[10], np.sin(turn) * row[9] + np.cos(turn) * row[10]
    se1, se2 = ellipticity(row[11], np.radians(row[12]) + turn)
    q = min(q, 0.9999)
    c, s = f32(np.cos(phi)), f32(np.sin(phi))
    xr, yr = c * X + s * Y, c * Y - s * X
    b, root = theta * np.sqrt(q), np.sqrt(1 - q * q)
    psi = np.sqrt(f32(q * q) * (xr * xr) + yr * yr) + f32(1e-10)
    ax = f32(b / root) * np.arctan(f32(root) * xr / psi)
    ay = f32(b / root) * np.arctanh(f32(root) * yr / psi)
    bx = X - (c * ax - s * ay) - f32(g1) * X - f32(g2) * Y
    by = Y - (s * ax + c * ay) - f32(g2) * X + f32(g1) * Y
    rs, rl = max(row[13], 0.005), row[5]
    source = sersic(bx, by, rs, 1, se1, se2, sx, sy)
    light = sersic(X, Y, rl, 4, e1, e2, 0.0, 0.0)
    out = np.empty((3, SIZE, SIZE), f32)
    for k, (_, _, _, zero, _, _) in enumerate(BANDS):
        fs = 10 ** (-0.4 * (row[14 + k] - zero)) / total_flux(rs, 1) * PIXEL**2
        fl = 10 ** (-0.4 * (row[6 + k] - zero)) / total_flux(rl, 4) * PIXEL**2
        blurred = MATRICES[k] @ (f32(fs) * source + f32(fl) * light) @ MATRICES[k].T
        background, total = BACKGROUND[k]
        deviation = np.sqrt(f32(background**2) + np.maximum(blurred, f32(0)) * f32(1 / total))
        out[k] = blurred + deviation * rng.standard_normal((SIZE, SIZE), dtype=f32)
    return out


peer.serve(f"numpy {np.__version__}, 1 thread", 200, image)
