"""Mean and variance by beta-NLL, Seitzer et al. 2022."""
import torch
from torch import nn


class SpreadRegressor(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(6, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU())
        self.mean = nn.Linear(width, 1)
        self.variance = nn.Linear(width, 1)

    def forward(self, x):
        hidden = self.body(x)
        variance = nn.functional.softplus(self.variance(hidden)) + 1e-6
        return self.mean(hidden).squeeze(-1), variance.squeeze(-1)


def loss(mean, variance, target, beta=0.5):
    nll = (torch.log(variance) + (target - mean).square() / variance) / 2
    return (variance.detach() ** beta * nll).mean()
