"""Classes by features that do not tell the domains apart, DANN, Ganin et al. 2016."""
import torch
from torch import nn


class ReverseGradient(torch.autograd.Function):
    @staticmethod
    def forward(context, x, strength):
        context.strength = strength
        return x.view_as(x)

    @staticmethod
    def backward(context, gradient):
        return -context.strength * gradient, None


class AdversarialClassifier(nn.Module):
    def __init__(self, strength=1.0):
        super().__init__()
        self.strength = strength
        self.features = nn.Sequential(
            nn.Conv2d(3, 16, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 24, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
        )
        self.label = nn.Sequential(nn.Linear(24 * 4 * 4, 48), nn.ReLU(), nn.Linear(48, 10))
        self.domain = nn.Sequential(nn.Linear(24 * 4 * 4, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, image):
        x = self.features(image)
        domain = self.domain(ReverseGradient.apply(x, self.strength))
        return self.label(x), domain.squeeze(-1)


def loss(label, domain, classes, is_source):
    classified = nn.functional.cross_entropy(label, classes)
    return classified + nn.functional.binary_cross_entropy_with_logits(domain, is_source)
