"""U-Net, Ronneberger et al. 2015, with padding and normalisation."""
import torch
from torch import nn


class Twice(nn.Sequential):
    def __init__(self, inputs, channels):
        super().__init__(
            nn.Conv2d(inputs, channels, 3, padding=1),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
        )


class SegmentationNet(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.down = nn.ModuleList()
        inputs = 1
        for i in range(3):
            self.down.append(Twice(inputs, width << i))
            inputs = width << i
        self.bottom = Twice(inputs, width << 3)
        self.up = nn.ModuleList()
        self.joined = nn.ModuleList()
        for i in reversed(range(3)):
            self.up.append(nn.ConvTranspose2d(width << (i + 1), width << i, 2, stride=2))
            self.joined.append(Twice(width << (i + 1), width << i))
        self.head = nn.Conv2d(width, 2, 1)
        self.pool = nn.MaxPool2d(2)

    def forward(self, x):
        skips = []
        for block in self.down:
            x = block(x)
            skips.append(x)
            x = self.pool(x)
        x = self.bottom(x)
        for up, joined, skip in zip(self.up, self.joined, reversed(skips)):
            x = joined(torch.cat([up(x), skip], dim=1))
        return self.head(x)


def loss(logits, classes):
    return nn.functional.cross_entropy(logits, classes)
