"""A number of each set, whatever the order of its points: deep sets with the largest feature, Zaheer et al. 2017."""
from torch import nn


class SetRegressor(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.points = nn.Sequential(nn.Linear(3, width), nn.ReLU(), nn.Linear(width, width))
        self.head = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 1))

    def forward(self, points):
        return self.head(self.points(points).amax(dim=1))
