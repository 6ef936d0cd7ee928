"""RealNVP on four numbers: where x goes, and ln |det dz/dx|. Dinh et al. 2017."""
import torch
from torch import nn


class Coupling(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.hidden = nn.Sequential(nn.Linear(2, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh())
        self.scale = nn.Linear(width, 2)
        self.shift = nn.Linear(width, 2)

    def forward(self, a, b):
        hidden = self.hidden(a)
        scale = torch.tanh(self.scale(hidden))
        return b * torch.exp(scale) + self.shift(hidden), a, scale.sum(1)


class CouplingFlow(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.couplings = nn.ModuleList([Coupling(width) for _ in range(6)])

    def forward(self, x):
        a, b = x.chunk(2, dim=1)
        total = torch.zeros(len(x), dtype=x.dtype, device=x.device)
        for coupling in self.couplings:
            a, b, log_det = coupling(a, b)
            total = total + log_det
        return torch.cat([a, b], dim=1), total


def nll(z, log_det):
    return (z.square().sum(1) / 2 - log_det).mean()
