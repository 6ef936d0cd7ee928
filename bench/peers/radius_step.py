"""A training step of ResNet10V2 on 64 images of 44 x 44 x 3, squared errors, with PyTorch's Adam (foreach)."""
import torch
from torch import nn
from torch.nn import functional as F

import peer

torch.set_num_threads(peer.threads())
wait = peer.use_device()
torch.manual_seed(0)


class Block(nn.Module):
    """Two convolutions, each with norm and ReLU, a further norm, and a projection of the input beside them."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first, self.norm1 = nn.Conv2d(inputs, outputs, 3, stride, 1), nn.BatchNorm2d(outputs)
        self.second, self.norm2 = nn.Conv2d(outputs, outputs, 3, 1, 1), nn.BatchNorm2d(outputs)
        self.last = nn.BatchNorm2d(outputs)
        self.skip, self.norm3 = nn.Conv2d(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs)

    def forward(self, x):
        y = F.relu(self.norm1(self.first(x)), inplace=True)
        y = self.last(F.relu(self.norm2(self.second(y))))
        return F.relu(y + self.norm3(self.skip(x)), inplace=True)


class ResNet10V2(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.norm = nn.Conv2d(3, 64, 7, 2, 3), nn.BatchNorm2d(64)
        self.stages = nn.Sequential(Block(64, 32, 1), Block(32, 64, 2), Block(64, 128, 2), Block(128, 256, 2))
        self.head = nn.Linear(256, 1)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm(self.stem(x)), inplace=True), 3, 2)
        return self.head(self.stages(x).mean((2, 3)))


model = ResNet10V2()
optimiser = torch.optim.Adam(model.parameters(), lr=1e-3, foreach=True)
images, targets = torch.randn(64, 3, 44, 44), torch.randn(64, 1)


def step():
    optimiser.zero_grad(set_to_none=True)
    F.mse_loss(model(images), targets).backward()
    optimiser.step()


peer.serve(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads", 4, step, wait=wait)
