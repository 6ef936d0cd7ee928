"""A folder of FITS cut-outs to a table of scores, as a user of astropy and PyTorch writes it: read, scale, network, CSV."""
import csv
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from astropy.io import fits
from torch.nn import functional

folder, weights, output = sys.argv[1:4]
threads = int(os.environ.get("OMP_NUM_THREADS", "1"))
torch.set_num_threads(threads)
paths = sorted(Path(folder).rglob("*.fits"))
state = {name: torch.from_numpy(value) for name, value in np.load(weights).items()}


def load(path):
    """One image: asinh(x / 10) from -1 to 6 as 0 to 1."""
    image = np.nan_to_num(fits.getdata(path).astype(np.float32))
    return np.clip((np.arcsinh(image / 10) + 1) / 7, 0, 1)


class Network(torch.nn.Module):
    """The same network by hand."""

    def __init__(self):
        super().__init__()
        self.encoder = torch.nn.Module()
        sizes = (("first", 3, 16, 5), ("second", 16, 24, 3), ("third", 24, 48, 3), ("fourth", 48, 64, 3))
        for name, inputs, outputs, k in sizes:
            conv = torch.nn.Conv2d(inputs, outputs, k, stride=2 if k == 5 else 1, padding=k // 2)
            self.encoder.add_module(name, conv)
            self.encoder.add_module(name + "_norm", torch.nn.BatchNorm2d(outputs))
        self.head = torch.nn.Module()
        self.head.out = torch.nn.Linear(64, 2)

    def forward(self, x):
        e = self.encoder
        x = torch.relu(e.first_norm(e.first(x)))
        x = functional.max_pool2d(torch.relu(e.second_norm(e.second(x))), 2)
        x = functional.max_pool2d(torch.relu(e.third_norm(e.third(x))), 2)
        x = torch.relu(e.fourth_norm(e.fourth(x))).mean((2, 3))
        logits = self.head.out(x)
        return logits[:, 1] - logits[:, 0]


network = Network()
network.load_state_dict(state, strict=False)
network.eval()
rows = []
with torch.no_grad(), ThreadPoolExecutor(threads) as pool:
    for start in range(0, len(paths), 200):
        batch = torch.from_numpy(np.stack(list(pool.map(load, paths[start:start + 200]))))
        score = 0
        for turn in range(8):
            turned = batch
            if turn & 1:
                turned = turned.flip(2)
            if turn & 2:
                turned = turned.flip(3)
            if turn & 4:
                turned = turned.transpose(2, 3)
            score = score + network(turned) / 8
        rows += zip(paths[start:start + 200], torch.sigmoid(score).tolist(), score.tolist())
with open(output, "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["id", "probability", "score"])
    writer.writerows((path, "%.6f" % probability, "%.4f" % score) for path, probability, score in rows)
print("mean probability %.6f" % (sum(row[1] for row in rows) / len(rows)))
