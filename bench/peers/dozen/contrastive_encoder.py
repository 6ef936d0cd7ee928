"""An encoder with the projection of SimCLR and its NT-Xent loss, Chen et al. 2020."""
import torch
from torch import nn


class ContrastiveEncoder(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        layers = []
        inputs = 3
        for i in range(3):
            layers += [
                nn.Conv2d(inputs, width << i, 3, stride=2, padding=1),
                nn.BatchNorm2d(width << i),
                nn.ReLU(),
            ]
            inputs = width << i
        self.body = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.projection = nn.Sequential(nn.Linear(inputs, 32), nn.ReLU(), nn.Linear(32, 16))

    def forward(self, image):
        return self.projection(self.body(image))


def loss(first, second, temperature=0.5):
    a = nn.functional.normalize(first, dim=1)
    b = nn.functional.normalize(second, dim=1)
    z = torch.cat([a, b])
    scores = z @ z.T / temperature
    scores.fill_diagonal_(-1e9)
    return torch.logsumexp(scores, dim=1).mean() - (a * b).sum(1).mean() / temperature
