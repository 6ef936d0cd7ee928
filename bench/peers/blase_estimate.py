"""The peak of one SED file after the other, as the original's notebook does it: parse the text with Python, bin with numpy, ask 25
networks with PyTorch.

    blase_estimate.py SEDS MODEL            answers "run" with the seconds of a file
    blase_estimate.py SEDS MODEL FILE.csv   writes the estimates of all files, and ends
"""
import os
import sys

import numpy as np
import torch
from torch import nn

import peer

folder, model = sys.argv[1:3]
torch.set_num_threads(peer.threads())
arrays = np.load(os.path.join(model, "peer.npz"))
bins = np.loadtxt(os.path.join(model, "bins.txt"))
scaling = np.load(os.path.join(model, "scaling.npz"))
sizes, drops = [52, 152, 80, 72, 48], [0.116, 0.150, 0.025, 0.032]


def network(i):
    layers = []
    for n, m, p in zip(sizes, sizes[1:], drops):
        layers += [nn.Linear(n, m), nn.BatchNorm1d(m), nn.Dropout(p), nn.ReLU()]
    net = nn.Sequential(*layers, nn.Linear(48, 2))
    names = ["first", "first_norm", "second", "second_norm", "third", "third_norm", "fourth", "fourth_norm", "head"]
    places = [0, 1, 4, 5, 8, 9, 12, 13, 16]
    state = {f"{p}.{key.split('.', 1)[1]}": torch.from_numpy(arrays[key][i])
             for n, p in zip(names, places) for key in arrays.files if key.split(".")[0] == n}
    net.load_state_dict(state, strict=False)  # all but BatchNorm's counters
    return net.eval()


networks = [network(i) for i in range(arrays["first.weight"].shape[0])]
files = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]


def parse(path):
    rows = []
    with open(path) as file:
        lines = file.read().splitlines()[4:]
    for line in lines:
        entries = line.split()
        if len(entries) < 6:
            continue
        frequency, flux, up, low = (float(e) for e in entries[:4])
        if (up < flux or flux < low) and up != 0 and low != 0:
            continue
        rows.append((frequency, flux))
    data = np.array(rows)
    data = data[(data[:, 0] > 0) & (data[:, 1] > 0)]
    return np.log10(data)


def bin_data(data):
    binned = np.zeros(len(bins))
    for i, (start, end) in enumerate(bins):
        inside = (data[:, 0] >= start) & (data[:, 0] <= end)
        if inside.any():
            binned[i] = data[inside, 1].mean()
    return binned


@torch.no_grad()
def estimate(path):
    binned = bin_data(parse(path))
    mask = binned != 0
    x = np.concatenate(((binned - scaling["bin_mean"]) / scaling["bin_scale"] * mask, mask))
    x = torch.tensor(x, dtype=torch.float32).unsqueeze(0)
    outputs = [net(x)[0] for net in networks]
    mean = torch.stack([o[0] for o in outputs])
    variance = torch.stack([nn.functional.softplus(o[1]) for o in outputs])
    mu = mean.mean()
    var = (variance + mean ** 2).mean() - mu ** 2
    return mu.item() * scaling["label_scale"] + scaling["label_mean"], 1.96 * var.sqrt().item() * scaling["label_scale"]


if len(sys.argv) > 3:
    with open(sys.argv[3], "w") as table:
        table.write("Filename,Estimated Peak Frequency,Frequency Error\n")
        for file in files:
            peak, error = estimate(file)
            table.write(f"{os.path.basename(file)},{peak},{error}\n")
    sys.exit()

place = 0


def unit():
    global place
    estimate(files[place % len(files)])
    place += 1


peer.serve(f"numpy and PyTorch {torch.__version__}, {torch.get_num_threads()} threads, one file after the other", 100, unit)
