"""A folder of camera images to a table of scores, as a user of Pillow, numpy and PyTorch writes it: decode, crop, window, network, CSV."""
import csv
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from cygno_network import Network, turned

folder, weights, output = sys.argv[1:4]
threads = int(os.environ.get("OMP_NUM_THREADS", "1"))
torch.set_num_threads(threads)
paths = sorted(Path(folder).rglob("*.png"))
state = {name: torch.from_numpy(value) for name, value in np.load(weights).items()}


def load(path):
    """One image: the middle 128 × 128 pixels, 60 to 130 ADU as 0 to 1."""
    image = np.asarray(Image.open(path))
    top, left = (image.shape[0] - 128) // 2, (image.shape[1] - 128) // 2
    return np.clip((image[top:top + 128, left:left + 128].astype(np.float32) - 60) / 70, 0, 1)


energies = torch.tensor([1.0, 3, 6, 10, 20, 30] * 2)
network = Network()
network.load_state_dict(state)
network.eval()
rows = []
with torch.no_grad(), ThreadPoolExecutor(threads) as pool:
    for start in range(0, len(paths), 100):
        batch = torch.from_numpy(np.stack(list(pool.map(load, paths[start:start + 100])))).unsqueeze(1)
        kinds, energy, error = 0, 0, 0
        for turn in range(8):
            these, share, log_error = network(turned(batch, turn))
            kinds, energy, error = kinds + these.log_softmax(1), energy + share, error + log_error
        kinds, energy, error = (kinds / 8).log_softmax(1), energy * (30 / 8), 30 * (error / 8).exp()
        score = kinds[:, 6:].logsumexp(1) - kinds[:, :6].logsumexp(1)
        rows += zip(paths[start:start + 100], torch.sigmoid(score).tolist(), score.tolist(),
                    (kinds.exp() @ energies).tolist(), energy.tolist(), error.tolist())
with open(output, "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["path", "response", "score", "estimated_kev", "regressed_kev", "expected_error_kev"])
    writer.writerows((path, "%.6f" % response, "%.4f" % score, *("%.3f" % value for value in keV)) for path, response, score, *keV in rows)
print("mean response %.6f" % (sum(row[1] for row in rows) / len(rows)))
