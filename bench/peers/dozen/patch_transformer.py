"""A vision transformer of four layers, Dosovitskiy et al. 2021."""
import torch
from torch import nn


class Layer(nn.Module):
    def __init__(self, width, heads, dropout):
        super().__init__()
        self.first = nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, heads, dropout=dropout, batch_first=True)
        self.second = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Dropout(dropout), nn.Linear(4 * width, width)
        )

    def forward(self, x):
        y = self.first(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        return x + self.mlp(self.second(x))


class PatchTransformer(nn.Module):
    def __init__(self, depth=4, dropout=0.1):
        super().__init__()
        self.patches = nn.Conv2d(3, 64, 4, stride=4)
        self.token = nn.Parameter(0.02 * torch.randn(1, 1, 64))
        self.position = nn.Parameter(0.02 * torch.randn(1, 65, 64))
        self.layers = nn.Sequential(*[Layer(64, 4, dropout) for _ in range(depth)])
        self.norm = nn.LayerNorm(64)
        self.head = nn.Linear(64, 10)

    def forward(self, image):
        x = self.patches(image).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(len(x), -1, -1), x], dim=1) + self.position
        return self.head(self.norm(self.layers(x))[:, 0])
