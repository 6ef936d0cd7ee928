"""25 networks of BlaSE trained one after the other with PyTorch: Adam, plateau schedule, best epoch by validation loss.
Prints the mean of their best validation losses."""
import sys

import numpy as np
import torch
from torch import nn

import peer

path, epochs = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(peer.threads())
torch.manual_seed(0)
data = {key: torch.from_numpy(value) for key, value in np.load(path).items()}
bags, members, batch = 5, 5, 64
sizes = [data["inputs"].shape[1], 152, 80, 72, 48]
drops = [0.11623816061109485, 0.14953177977171542, 0.024569432237666035, 0.03208157605345701]


def network():
    layers = []
    for n, m, p in zip(sizes, sizes[1:], drops):
        layers += [nn.Linear(n, m), nn.BatchNorm1d(m), nn.Dropout(p), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(48, 2))


def loss_of(net, x, y):
    out = net(x)
    variance = nn.functional.softplus(out[:, 1])
    return (variance.log() + (y - out[:, 0]) ** 2 / variance).mean()


best_losses = []
for bag in range(bags):
    rows, held = data[f"rows{bag}"], data[f"held{bag}"]
    x, y = data["inputs"][rows], data["labels"][rows]
    vx, vy = data["validation_inputs"][held], data["validation_labels"][held]
    for member in range(members):
        net = network()
        optimiser = torch.optim.Adam(net.parameters(), lr=0.0018397297637578883, weight_decay=1.634587061861498e-5)
        schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimiser, factor=0.3, patience=10)
        best = float("inf")
        for epoch in range(epochs):
            net.train()
            order = torch.randperm(len(x))
            for first in range(0, len(x) - batch + 1, batch):
                chosen = order[first:first + batch]
                optimiser.zero_grad()
                loss = loss_of(net, x[chosen], y[chosen])
                loss.backward()
                optimiser.step()
            net.eval()
            with torch.no_grad():
                validation = loss_of(net, vx, vy).item()
            schedule.step(validation)
            if validation < best:
                best = validation
                kept = {key: value.clone() for key, value in net.state_dict().items()}
        best_losses.append(best)

print(f"best validation loss {sum(best_losses) / len(best_losses):.4f}")
