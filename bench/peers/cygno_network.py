"""RecoilNetwork by hand, as a user of PyTorch writes it."""
import torch
from torch.nn import functional


class Network(torch.nn.Module):
    """Images (B, 1, 128, 128) to logits of twelve classes, energy / 30 keV and the logarithm of its expected error."""

    def __init__(self):
        super().__init__()
        self.bends = torch.nn.Conv2d(1, 12, 1)
        self.bends_norm = torch.nn.BatchNorm2d(12)
        self.first = torch.nn.Conv2d(12, 24, 5, stride=2, padding=2)
        self.first_norm = torch.nn.BatchNorm2d(24)
        self.second = torch.nn.Conv2d(24, 32, 3, padding=1)
        self.second_norm = torch.nn.BatchNorm2d(32)
        self.kind = torch.nn.Linear(32 * 8 * 8, 12)
        self.energy = torch.nn.Linear(32 * 8 * 8, 2)

    def forward(self, image):
        counts = (image[:, :, 32:96, 32:96] - 0.5773) * 70
        even = counts / torch.sqrt(counts.abs() + 1)
        bends = self.bends_norm(functional.avg_pool2d(torch.relu(self.bends(even)), 2))
        first = torch.relu(self.first_norm(self.first(bends)))
        second = functional.avg_pool2d(torch.relu(self.second_norm(self.second(first))), 2)
        features = functional.dropout(second.flatten(1), 0.2, self.training)
        energy = self.energy(features)
        return self.kind(features), energy[:, 0], energy[:, 1].clamp(-6, 1)


def turned(image, turn):
    """One of the eight rotations and reflections."""
    if turn & 1:
        image = image.flip(2)
    if turn & 2:
        image = image.flip(3)
    return image.transpose(2, 3) if turn & 4 else image
