"""Images in the light of a condition: feature-wise linear modulation, Perez et al. 2018."""
from torch import nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.scale = nn.Linear(7, width)
        self.shift = nn.Linear(7, width)
        self.convolution = nn.Conv2d(width, width, 3, padding=1)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x, condition):
        scale = self.scale(condition)[:, :, None, None]
        shift = self.shift(condition)[:, :, None, None]
        y = self.norm(self.convolution(x))
        return x + nn.functional.relu(y * (1 + scale) + shift)


class ModulatedNet(nn.Module):
    def __init__(self, blocks=2, width=16):
        super().__init__()
        self.stem = nn.Conv2d(3, width, 3, padding=1)
        self.blocks = nn.ModuleList([Block(width) for _ in range(blocks)])
        self.head = nn.Linear(width, 5)

    def forward(self, image, condition):
        x = self.stem(image)
        for block in self.blocks:
            x = block(x, condition)
        return self.head(x.mean((2, 3)))
