"""A training step of ResNet-10 on 64 images of 64 x 64 x 3, with PyTorch's Adam (foreach)."""
import torch
from torch import nn
from torch.nn import functional as F

import peer

torch.set_num_threads(peer.threads())
wait = peer.use_device()
torch.manual_seed(0)


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first, self.norm1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs)
        self.second, self.norm2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs)
        self.skip = nn.Identity() if stride == 1 else nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.norm2(self.second(F.relu(self.norm1(self.first(x)), inplace=True)))
        return F.relu(y + self.skip(x), inplace=True)


class ResNet10(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.norm = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
        self.stages = nn.Sequential(Block(64, 64, 1), Block(64, 128, 2), Block(128, 256, 2), Block(256, 512, 2))
        self.head = nn.Linear(512, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm(self.stem(x)), inplace=True), 3, 2, 1)
        return self.head(self.stages(x).mean((2, 3)))


model = ResNet10()
optimiser = torch.optim.Adam(model.parameters(), lr=1e-3, foreach=True)
images, labels = torch.randn(64, 3, 64, 64), torch.randint(0, 10, (64,))


def step():
    optimiser.zero_grad(set_to_none=True)
    F.cross_entropy(model(images), labels).backward()
    optimiser.step()


peer.serve(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads", 2, step, wait=wait)
