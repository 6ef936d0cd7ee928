"""Two summaries of a field for information maximisation, Charnock et al. 2018."""
import torch
from torch import nn


class FieldCompressor(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        layers = []
        inputs = 1
        for i in range(3):
            layers += [nn.Conv2d(inputs, width << i, 3, stride=2, padding=1), nn.LeakyReLU(0.1)]
            inputs = width << i
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(inputs, 2)

    def forward(self, field):
        return self.head(self.body(field).mean((2, 3)))


def loss(summaries, derivatives, strength=10):
    covariance = torch.cov(summaries.T)
    slope = derivatives.mean(1)
    fisher = slope @ torch.linalg.inv(covariance) @ slope.T
    excess = torch.linalg.norm(covariance - torch.eye(2))
    return strength * excess * excess / (excess + 1) - torch.logdet(fisher)
