"""WGAN with gradient penalty, Gulrajani et al. 2017."""
import torch
from torch import nn


class WassersteinGenerator(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.first = nn.Linear(16, 4 * 4 * 32)
        self.body = nn.Sequential(
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.ConvTranspose2d(32, width, 4, stride=2, padding=1),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.ConvTranspose2d(width, 1, 4, stride=2, padding=1),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.body(self.first(z).reshape(len(z), 32, 4, 4))


class WassersteinCritic(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(width * 4 * 4, 1),
        )

    def forward(self, image):
        return self.body(image).squeeze(-1)


def loss(fake, real, slope, weight=10):
    length = torch.sqrt(slope.square().sum((1, 2, 3)) + 1e-12)
    return fake.mean() - real.mean() + (length - 1).square().mean() * weight
