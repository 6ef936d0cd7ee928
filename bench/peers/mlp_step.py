"""A training step of a 52-152-80-72-48-2 MLP with BatchNorm, ReLU and Dropout on batches of 64, with PyTorch's default Adam loop."""
import torch
from torch import nn

import peer

torch.set_num_threads(peer.threads())
torch.manual_seed(0)
sizes, layers = [52, 152, 80, 72, 48], []
for n, m in zip(sizes, sizes[1:]):
    layers += [nn.Linear(n, m), nn.BatchNorm1d(m), nn.ReLU(), nn.Dropout(0.1)]
model = nn.Sequential(*layers, nn.Linear(48, 2))
optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
x, target = torch.randn(64, 52), torch.randn(64, 2)


def step():
    optimiser.zero_grad()
    loss = nn.functional.mse_loss(model(x), target)
    loss.backward()
    optimiser.step()


peer.serve(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads", 200, step)
