"""Variational autoencoder, Kingma and Welling 2014."""
import torch
from torch import nn


class LatentAutoencoder(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(784, width), nn.ReLU())
        self.mean = nn.Linear(width, 8)
        self.log_variance = nn.Linear(width, 8)
        self.decoder = nn.Sequential(nn.Linear(8, width), nn.ReLU(), nn.Linear(width, 784))

    def forward(self, x):
        hidden = self.encoder(x)
        mean, log_variance = self.mean(hidden), self.log_variance(hidden)
        z = mean
        if self.training:
            z = mean + torch.exp(log_variance / 2) * torch.randn_like(mean)
        return self.decoder(z), mean, log_variance


def loss(image, mean, log_variance, target, beta=1):
    reconstruction = nn.functional.binary_cross_entropy_with_logits(image, target) * 784
    kl = (mean.square() + log_variance.exp() - 1 - log_variance).sum(1)
    return reconstruction + (kl * beta / 2).mean()
