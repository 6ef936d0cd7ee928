"""A member's training step of 25 networks 52-152-80-72-48-2 (BatchNorm, ReLU, Dropout; batches of 64; Adam) in PyTorch.

    ensemble_step.py loop|loop-foreach|batched

loop: as users write an ensemble, one network after another, each with its optimiser. loop-foreach: the same with Adam's foreach form.
batched: all networks by hand in batched operations, one optimiser.
"""
import sys

import torch
from torch import nn
from torch.nn import functional as F

import peer

torch.set_num_threads(peer.threads())
wait = peer.use_device()
torch.manual_seed(0)
form = sys.argv[1]
M, B, SIZES, P = 25, 64, [52, 152, 80, 72, 48], 0.1
xs, labels = torch.randn(M, B, SIZES[0]), torch.randint(0, 2, (M, B))


def network():
    layers = []
    for n, m in zip(SIZES, SIZES[1:]):
        layers += [nn.Linear(n, m), nn.BatchNorm1d(m), nn.ReLU(inplace=True), nn.Dropout(P)]
    return nn.Sequential(*layers, nn.Linear(SIZES[-1], 2))


networks = [network() for _ in range(M)]

if form == "batched":
    def stacked(tensors):
        return torch.stack([t.detach() for t in tensors]).requires_grad_()

    linear = [(stacked([n[i].weight.t() for n in networks]), stacked([n[i].bias.unsqueeze(0) for n in networks])) for i in range(0, 17, 4)]
    norm = [(torch.ones(M * m, requires_grad=True), torch.zeros(M * m, requires_grad=True), torch.zeros(M * m), torch.ones(M * m))
            for m in SIZES[1:]]
    optimiser = torch.optim.Adam([p for w in linear for p in w] + [p for n in norm for p in n[:2]], lr=1e-3)

    def step():
        optimiser.zero_grad(set_to_none=True)
        x = xs
        for (w, b), (scale, shift, mean, variance) in zip(linear, norm):
            x = torch.baddbmm(b, x, w).transpose(0, 1).reshape(B, -1)      # (B, M·F): members are channels of the normalisation
            x = F.batch_norm(x, mean, variance, scale, shift, training=True)
            x = F.dropout(F.relu(x, inplace=True), P)
            x = x.view(B, M, -1).transpose(0, 1)
        x = torch.baddbmm(linear[-1][1], x, linear[-1][0])
        (F.cross_entropy(x.reshape(M * B, 2), labels.reshape(-1)) * M).backward()
        optimiser.step()
else:
    optimisers = [torch.optim.Adam(n.parameters(), lr=1e-3, foreach=form == "loop-foreach") for n in networks]

    def step():
        for x, label, model, optimiser in zip(xs, labels, networks, optimisers):
            optimiser.zero_grad(set_to_none=True)
            F.cross_entropy(model(x), label).backward()
            optimiser.step()


peer.serve(f"PyTorch {torch.__version__}, {form}, {torch.get_num_threads()} threads", 20, step, of=M, wait=wait)
