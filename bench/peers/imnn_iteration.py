"""One IMNN iteration in PyTorch, as a careful user writes it: fixed data sets, training and validation statistics, Adam.

    imnn_iteration.py numerical|tangent [--once]

1000 fiducial simulations of 10 data each, derivatives for 1000 of them by two parameters, 3 x 128 LeakyReLU -> 2 summaries.
The training statistics come out of the forward pass of the loss, not out of a second one; all derivative rows go through the
network in one batch; the optimiser is whichever of Adam's own forms is faster here (foreach).
"""
import math
import sys

import torch

import peer

torch.set_num_threads(peer.threads())
wait = peer.use_device()
form = sys.argv[1]
N, D, P, S, H = 1000, 10, 2, 2, 128
LAMBDA, EPSILON = 10.0, 0.1
ALPHA = -math.log(EPSILON * (LAMBDA - 1) + EPSILON ** 2 / (1 + EPSILON)) / EPSILON
torch.manual_seed(0)

sizes = [D, H, H, H, S]
weights = [(torch.randn(o, i) * math.sqrt(2 / (i + o))).requires_grad_() for i, o in zip(sizes, sizes[1:])]
biases = [(torch.randn(o) * 0.01).requires_grad_() for o in sizes[1:]]
optimiser = torch.optim.Adam(weights + biases, lr=1e-3, foreach=True)
identity = torch.eye(S)
leaky = torch.nn.functional.leaky_relu


def data():
    noise = torch.randn(N, D)
    derivative = torch.stack([torch.ones(N, D), noise / 2])             # (P, N, D), exact at theta = (0, 1)
    if form == "tangent":
        return noise, derivative
    width = 0.2
    below = noise - derivative * width / 2                              # (P, N, D)
    above = noise + derivative * width / 2
    return torch.cat([noise, below.reshape(-1, D), above.reshape(-1, D)]), width


def numerical(rows, width):
    x = rows
    for layer in range(3):
        x = leaky(torch.nn.functional.linear(x, weights[layer], biases[layer]))
    x = torch.nn.functional.linear(x, weights[3], biases[3])
    means = x[N:].view(2, P, N, S).mean(2)
    return x[:N], (means[1] - means[0]) / width                         # (N, S), (P, S)


def tangent(x, dx):
    for layer in range(3):
        x = torch.nn.functional.linear(x, weights[layer], biases[layer])
        slope = torch.where(x > 0, 1.0, 0.01)
        x = x * slope
        dx = torch.nn.functional.linear(dx, weights[layer]) * slope
    x = torch.nn.functional.linear(x, weights[3], biases[3])
    # the mean passes through the last, linear layer
    return x, torch.nn.functional.linear(dx.mean(1), weights[3])


summarise = numerical if form == "numerical" else tangent


def statistics(x, derivative):
    centred = x - x.mean(0)
    covariance = centred.t() @ centred / (N - 1)
    inverse = torch.linalg.inv(covariance)
    return derivative @ inverse @ derivative.t(), covariance, inverse


def loss(fisher, covariance, inverse):
    distance = torch.linalg.norm(covariance - identity) + torch.linalg.norm(inverse - identity)
    strength = LAMBDA * distance / (distance + torch.exp(-ALPHA * distance))
    sign, logarithm = torch.linalg.slogdet(fisher)
    return -sign * logarithm + strength * distance, distance, strength


train, validation = data(), data()
history = []


def record(fisher, covariance, inverse, distance, strength):
    determinants = [torch.linalg.det(fisher), torch.linalg.det(covariance), torch.linalg.det(inverse)]
    history.append(torch.stack([*determinants, distance, strength]).tolist())


def iteration():
    parts = statistics(*summarise(*train))
    value, distance, strength = loss(*parts)
    optimiser.zero_grad(set_to_none=True)
    value.backward()
    optimiser.step()
    with torch.no_grad():
        record(*parts, distance, strength)
        parts = statistics(*summarise(*validation))
        _, distance, strength = loss(*parts)
        record(*parts, distance, strength)


if "--once" in sys.argv:
    iteration()
    print("iteration 1", history[0][0], flush=True)
    sys.exit()

peer.serve(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads", 30, iteration, warmup=3, wait=wait)
