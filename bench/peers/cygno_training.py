"""Epochs of RecoilNetwork with PyTorch's AdamW loop; the images lie in memory as the network takes them."""
import sys

import numpy as np
import torch
from torch.nn import functional

import peer
from cygno_network import Network, turned

torch.set_num_threads(peer.threads())
torch.manual_seed(0)
data = {key: torch.from_numpy(value) for key, value in np.load(sys.argv[1]).items()}
images, classes, energies = data["images"], data["classes"], data["energies"] / 30
batch = int(sys.argv[2])
network = Network().train()
optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=0.02)


def epoch():
    order = torch.randperm(len(images))
    for first in range(0, len(images) - batch + 1, batch):
        rows = order[first:first + batch]
        optimiser.zero_grad()
        kinds, energy, log_error = network(turned(images[rows], int(torch.randint(8, (1,)))))
        error = log_error.exp()
        nll = (error.detach() * (log_error + ((energy - energies[rows]) / error) ** 2 / 2)).mean()
        loss = functional.cross_entropy(kinds, classes[rows]) + 3 * nll
        loss.backward()
        optimiser.step()
        loss.item()


peer.serve(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads", 1, epoch, of=len(images))
