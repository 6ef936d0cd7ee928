"""Numbers of PyTorch that ours must repeat: for fixed seeds, the initial weights of an MLP and a small ResNet (digests of
their exact bytes), ten training losses for each optimiser, every layer's initial weights and output, the initialisers,
and the learning rates of every schedule.

    /usr/bin/python3 bench/peers/same_numbers.py            writes PropertyTests/Engine/Oracles/same_numbers.json

Inputs come from torch.manual_seed and torch.randn, the same stream on both sides; their digests are stored too.
"""
import hashlib
import json
import math
import os
import sys

import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)


def digest(tensor):
    """SHA-256 of the tensor's bytes in C order, first 16 hexadecimal digits."""
    return hashlib.sha256(tensor.detach().contiguous().numpy().tobytes()).hexdigest()[:16]


def samples(tensor, count=6):
    flat = tensor.detach().double().flatten()
    return {"shape": list(tensor.shape), "first": flat[:count].tolist(), "sum": flat.sum().item(),
            "abs": flat.abs().sum().item()}


def state(module):
    return [{"key": key, "shape": list(value.shape), "digest": digest(value), "first": value.flatten()[:3].tolist()}
            for key, value in module.state_dict().items()]


def mlp():
    """52-152-80-72-48-2 with BatchNorm, ReLU and Dropout after each hidden layer."""
    sizes, layers = [52, 152, 80, 72, 48], []
    for n, m in zip(sizes, sizes[1:]):
        layers += [nn.Linear(n, m), nn.BatchNorm1d(m), nn.ReLU(), nn.Dropout(0.1)]
    return nn.Sequential(*layers, nn.Linear(48, 2))


class Block(nn.Module):
    def __init__(self, channels, out, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.shortcut = nn.Sequential(nn.Conv2d(channels, out, 1, stride=stride), nn.BatchNorm2d(out)) \
            if stride != 1 or channels != out else nn.Identity()

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + self.shortcut(x))


class SmallResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.bn = nn.BatchNorm2d(8)
        self.block1 = Block(8, 8, 1)
        self.block2 = Block(8, 16, 2)
        self.head = nn.Linear(16, 4)

    def forward(self, x):
        x = self.block2(self.block1(F.relu(self.bn(self.stem(x)))))
        return self.head(F.adaptive_avg_pool2d(x, 1).flatten(1))


OPTIMISERS = {
    "SGD": lambda p: torch.optim.SGD(p, lr=0.05),
    "SGD momentum": lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9, dampening=0.1, weight_decay=1e-3),
    "SGD nesterov": lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9, weight_decay=1e-3, nesterov=True),
    "Adam": lambda p: torch.optim.Adam(p, lr=3e-3),
    "Adam amsgrad": lambda p: torch.optim.Adam(p, lr=3e-3, betas=(0.8, 0.95), eps=1e-6, weight_decay=1e-2, amsgrad=True),
    "AdamW": lambda p: torch.optim.AdamW(p, lr=3e-3, weight_decay=5e-2),
    "AdamW amsgrad": lambda p: torch.optim.AdamW(p, lr=3e-3, weight_decay=5e-2, amsgrad=True),
    "RMSProp": lambda p: torch.optim.RMSprop(p, lr=1e-3),
    "RMSProp centered": lambda p: torch.optim.RMSprop(p, lr=1e-3, momentum=0.5, centered=True, weight_decay=1e-3),
}


def losses_of(model, x, target, loss, optimiser, seed):
    torch.manual_seed(seed + 1)              # dropout's stream starts at the same place for each optimiser
    step = optimiser(model.parameters())
    losses = []
    for _ in range(10):
        step.zero_grad()
        value = loss(model(x), target)
        value.backward()
        step.step()
        losses.append(value.item())
    return losses


def training(make, inputs, loss, seed):
    """Ten losses for each optimiser, or None where a rounding decides them: a ReLU's input is so near to zero that weights
    changed by their last bit put it on the other side. Another order of a sum then does so too, and there is nothing to
    repeat."""
    torch.manual_seed(seed)
    model = make()
    x, target = inputs()
    result = {"seed": seed, "weights": state(model), "input": digest(x), "target": digest(target), "losses": {}}
    initial = {k: v.clone() for k, v in model.state_dict().items()}
    for key, optimiser in OPTIMISERS.items():
        model.load_state_dict(initial)
        result["losses"][key] = losses_of(model, x, target, loss, optimiser, seed)
        for other in range(20):
            model.load_state_dict(initial)
            generator = torch.Generator().manual_seed(other)
            with torch.no_grad():
                for weights in model.parameters():
                    weights.mul_(1 + 6e-8 * (2 * torch.randint(2, weights.shape, generator=generator) - 1))
            if any(abs(a - b) > 3e-6 * abs(b) for a, b in
                   zip(result["losses"][key], losses_of(model, x, target, loss, optimiser, seed))):
                return None
    return result


def repeatable(make, inputs, loss, first_seed):
    """The training of the first seed from first_seed on that no rounding decides."""
    return next(found for found in (training(make, inputs, loss, seed) for seed in range(first_seed, first_seed + 1000)) if found)


LAYERS = {
    "Linear": (lambda: nn.Linear(5, 3), (4, 5)),
    "Linear without bias": (lambda: nn.Linear(5, 3, bias=False), (4, 5)),
    "Bilinear": (lambda: nn.Bilinear(5, 4, 3), (6, 5), (6, 4)),
    "Conv1d": (lambda: nn.Conv1d(4, 6, 3, stride=2, padding=1, dilation=2, groups=2), (2, 4, 11)),
    "Conv1d same": (lambda: nn.Conv1d(2, 3, 4, padding="same"), (2, 2, 9)),
    "Conv2d": (lambda: nn.Conv2d(3, 5, (3, 2), stride=(2, 1), padding=(1, 0)), (2, 3, 8, 7)),
    "Conv2d circular": (lambda: nn.Conv2d(3, 5, 3, padding=1, padding_mode="circular"), (2, 3, 6, 7)),
    "Conv2d reflect": (lambda: nn.Conv2d(3, 5, 3, padding=1, padding_mode="reflect", bias=False), (2, 3, 6, 7)),
    "Conv2d same": (lambda: nn.Conv2d(3, 5, 3, padding="same", dilation=2), (2, 3, 8, 7)),
    "Conv3d": (lambda: nn.Conv3d(2, 3, 2, padding=1), (2, 2, 4, 5, 3)),
    "ConvTranspose1d": (lambda: nn.ConvTranspose1d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2), (2, 4, 5)),
    "ConvTranspose2d": (lambda: nn.ConvTranspose2d(3, 5, (3, 2), stride=2, padding=(1, 0), output_padding=(1, 0)), (2, 3, 4, 5)),
    "ConvTranspose3d": (lambda: nn.ConvTranspose3d(2, 3, 2, stride=2), (1, 2, 3, 4, 2)),
    "BatchNorm1d": (lambda: nn.BatchNorm1d(5), (7, 5)),
    "BatchNorm2d": (lambda: nn.BatchNorm2d(3, eps=1e-3, momentum=0.3), (4, 3, 5, 6)),
    "BatchNorm3d": (lambda: nn.BatchNorm3d(3, affine=False), (2, 3, 3, 4, 2)),
    "BatchNorm1d untracked": (lambda: nn.BatchNorm1d(5, track_running_stats=False), (7, 5, 3)),
    "InstanceNorm1d": (lambda: nn.InstanceNorm1d(4), (3, 4, 6)),
    "InstanceNorm2d": (lambda: nn.InstanceNorm2d(4, affine=True, track_running_stats=True), (3, 4, 5, 6)),
    "InstanceNorm3d": (lambda: nn.InstanceNorm3d(2), (3, 2, 3, 4, 3)),
    "LayerNorm": (lambda: nn.LayerNorm([4, 6]), (3, 4, 6)),
    "GroupNorm": (lambda: nn.GroupNorm(2, 6), (3, 6, 4, 4)),
    "LocalResponseNorm": (lambda: nn.LocalResponseNorm(3), (2, 5, 4, 4)),
    "Dropout": (lambda: nn.Dropout(0.3), (6, 20)),
    "Dropout1d": (lambda: nn.Dropout1d(0.4), (6, 5, 4)),
    "Dropout2d": (lambda: nn.Dropout2d(0.4), (6, 5, 4, 3)),
    "Dropout3d": (lambda: nn.Dropout3d(0.4), (6, 5, 2, 3, 2)),
    "AlphaDropout": (lambda: nn.AlphaDropout(0.2), (6, 20)),
    "MaxPool1d": (lambda: nn.MaxPool1d(3, stride=2, padding=1), (2, 3, 11)),
    "MaxPool2d": (lambda: nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True), (2, 3, 8, 9)),
    "MaxPool3d": (lambda: nn.MaxPool3d(2), (2, 3, 4, 6, 5)),
    "AvgPool1d": (lambda: nn.AvgPool1d(3, stride=2, padding=1), (2, 3, 11)),
    "AvgPool2d": (lambda: nn.AvgPool2d((3, 2), stride=2, padding=(1, 0), count_include_pad=False), (2, 3, 8, 9)),
    "AvgPool2d divisor": (lambda: nn.AvgPool2d(2, divisor_override=3), (2, 3, 8, 9)),
    "AvgPool3d": (lambda: nn.AvgPool3d(2), (2, 3, 4, 6, 5)),
    "AdaptiveAvgPool1d": (lambda: nn.AdaptiveAvgPool1d(3), (2, 3, 8)),
    "AdaptiveAvgPool2d": (lambda: nn.AdaptiveAvgPool2d((3, 2)), (2, 3, 8, 9)),
    "AdaptiveAvgPool3d": (lambda: nn.AdaptiveAvgPool3d(2), (2, 3, 4, 5, 6)),
    "AdaptiveMaxPool1d": (lambda: nn.AdaptiveMaxPool1d(3), (2, 3, 8)),
    "AdaptiveMaxPool2d": (lambda: nn.AdaptiveMaxPool2d((3, 2)), (2, 3, 8, 9)),
    "Flatten": (lambda: nn.Flatten(1, 2), (2, 3, 4, 5)),
    "Unflatten": (lambda: nn.Unflatten(1, (2, 3)), (4, 6)),
    "Identity": (lambda: nn.Identity(), (4, 6)),
    "LSTM": (lambda: nn.LSTM(4, 5, num_layers=2, batch_first=True, bidirectional=True), (3, 6, 4)),
    "LSTM without bias": (lambda: nn.LSTM(4, 5, bias=False), (6, 3, 4)),
    "GRU": (lambda: nn.GRU(4, 5, num_layers=2), (6, 3, 4)),
    "GRU batch first": (lambda: nn.GRU(4, 5, batch_first=True, bidirectional=True), (3, 6, 4)),
    "MultiheadAttention": (lambda: nn.MultiheadAttention(8, 2), (5, 3, 8)),
    "PixelShuffle": (lambda: nn.PixelShuffle(2), (2, 8, 3, 4)),
    "PixelUnshuffle": (lambda: nn.PixelUnshuffle(2), (2, 2, 6, 4)),
    "Upsample nearest": (lambda: nn.Upsample(scale_factor=2), (2, 3, 4, 5)),
    "Upsample bilinear": (lambda: nn.Upsample(size=(7, 9), mode="bilinear", align_corners=True), (2, 3, 4, 5)),
    "ZeroPad2d": (lambda: nn.ZeroPad2d((1, 2, 0, 3)), (2, 3, 4, 5)),
    "ReflectionPad1d": (lambda: nn.ReflectionPad1d(2), (2, 3, 6)),
    "ReflectionPad2d": (lambda: nn.ReflectionPad2d((1, 2, 0, 3)), (2, 3, 5, 5)),
    "ReplicationPad2d": (lambda: nn.ReplicationPad2d(2), (2, 3, 4, 5)),
    "ConstantPad2d": (lambda: nn.ConstantPad2d(1, 3.5), (2, 3, 4, 5)),
    "ReLU": (lambda: nn.ReLU(), (4, 9)),
    "ReLU6": (lambda: nn.ReLU6(), (4, 9)),
    "LeakyReLU": (lambda: nn.LeakyReLU(0.2), (4, 9)),
    "PReLU": (lambda: nn.PReLU(3, init=0.1), (4, 3, 5)),
    "ELU": (lambda: nn.ELU(0.7), (4, 9)),
    "CELU": (lambda: nn.CELU(0.7), (4, 9)),
    "SELU": (lambda: nn.SELU(), (4, 9)),
    "GELU": (lambda: nn.GELU(), (4, 9)),
    "GELU tanh": (lambda: nn.GELU("tanh"), (4, 9)),
    "GLU": (lambda: nn.GLU(), (4, 8)),
    "SiLU": (lambda: nn.SiLU(), (4, 9)),
    "Mish": (lambda: nn.Mish(), (4, 9)),
    "Sigmoid": (lambda: nn.Sigmoid(), (4, 9)),
    "Hardsigmoid": (lambda: nn.Hardsigmoid(), (4, 9)),
    "Hardswish": (lambda: nn.Hardswish(), (4, 9)),
    "Hardtanh": (lambda: nn.Hardtanh(-0.5, 0.7), (4, 9)),
    "Hardshrink": (lambda: nn.Hardshrink(0.4), (4, 9)),
    "Softshrink": (lambda: nn.Softshrink(0.4), (4, 9)),
    "Softsign": (lambda: nn.Softsign(), (4, 9)),
    "Tanh": (lambda: nn.Tanh(), (4, 9)),
    "Tanhshrink": (lambda: nn.Tanhshrink(), (4, 9)),
    "Threshold": (lambda: nn.Threshold(0.1, -2.0), (4, 9)),
    "Softplus": (lambda: nn.Softplus(beta=2, threshold=1), (4, 9)),
    "Softmax": (lambda: nn.Softmax(1), (4, 9)),
    "Softmin": (lambda: nn.Softmin(1), (4, 9)),
    "Softmax2d": (lambda: nn.Softmax2d(), (2, 3, 4, 5)),
    "LogSoftmax": (lambda: nn.LogSoftmax(1), (4, 9)),
    "LogSigmoid": (lambda: nn.LogSigmoid(), (4, 9)),
    "CosineSimilarity": (lambda: nn.CosineSimilarity(1), (4, 9), (4, 9)),
    "PairwiseDistance": (lambda: nn.PairwiseDistance(), (4, 9), (4, 9)),
}


def layers():
    result = []
    for index, (name, (make, *shapes)) in enumerate(LAYERS.items()):
        seed = 100 + index
        torch.manual_seed(seed)
        module = make()
        weights = state(module)
        inputs = [torch.randn(*shape) for shape in shapes]
        if name == "MultiheadAttention":
            inputs = inputs * 3
        outputs = module(*inputs)
        flat = []
        for output in outputs if isinstance(outputs, tuple) else (outputs,):
            flat += list(output) if isinstance(output, tuple) else [output]
        result.append({"name": name, "seed": seed, "shapes": [list(s) for s in shapes], "weights": weights,
                       "outputs": [samples(o) for o in flat],
                       "after": [samples(b) for b in module.buffers()]})
    torch.manual_seed(99)
    embedding = nn.Embedding(7, 3, padding_idx=2)
    result.append({"name": "Embedding", "seed": 99, "shapes": [], "weights": state(embedding),
                   "outputs": [samples(embedding(torch.tensor([[1, 2], [6, 0]])))], "after": []})
    return result


def losses():
    torch.manual_seed(5)
    a, b, v = torch.randn(6, 4), torch.randn(6, 4), torch.rand(6, 4) + 0.1
    p, q = torch.sigmoid(a), torch.sigmoid(b)
    classes = torch.tensor([0, 3, 1, 2, 2, 0])
    w = torch.tensor([0.5, 1.0, 2.0, 0.25])
    sign = torch.sign(b)
    cases = {
        "MSELoss": nn.MSELoss()(a, b), "MSELoss sum": nn.MSELoss(reduction="sum")(a, b),
        "MSELoss none": nn.MSELoss(reduction="none")(a, b),
        "L1Loss": nn.L1Loss()(a, b), "SmoothL1Loss": nn.SmoothL1Loss(beta=0.5)(a, b), "HuberLoss": nn.HuberLoss(delta=0.7)(a, b),
        "BCELoss": nn.BCELoss(weight=w)(p, q),
        "BCEWithLogitsLoss": nn.BCEWithLogitsLoss(weight=w, pos_weight=w + 1)(a, q),
        "CrossEntropyLoss": nn.CrossEntropyLoss()(a, classes),
        "CrossEntropyLoss weighted": nn.CrossEntropyLoss(weight=w, ignore_index=2, label_smoothing=0.1)(a, classes),
        "NLLLoss": nn.NLLLoss(weight=w)(F.log_softmax(a, 1), classes),
        "KLDivLoss": nn.KLDivLoss(log_target=True)(F.log_softmax(a, 1), F.log_softmax(b, 1)),
        "KLDivLoss plain target": nn.KLDivLoss(log_target=False, reduction="sum")(F.log_softmax(a, 1), F.softmax(b, 1)),
        # TorchSharp's GaussianNLLLoss sums over the features of a row, then takes the mean over rows; PyTorch's means both.
        "GaussianNLLLoss": nn.GaussianNLLLoss(eps=1e-8)(a, b, v) * 4,
        "GaussianNLLLoss full": nn.GaussianNLLLoss(full=True, eps=1e-8)(a, b, v) * 4,
        "PoissonNLLLoss": nn.PoissonNLLLoss()(a, v), "PoissonNLLLoss full": nn.PoissonNLLLoss(full=True)(a, v * 5),
        "SoftMarginLoss": nn.SoftMarginLoss()(a, sign),
        "HingeEmbeddingLoss": nn.HingeEmbeddingLoss(margin=0.3)(a, sign),
        "MarginRankingLoss": nn.MarginRankingLoss(margin=0.2)(a, b, sign),
        "CosineEmbeddingLoss": nn.CosineEmbeddingLoss(margin=0.1)(a, b, sign[:, 0]),
        "TripletMarginLoss": nn.TripletMarginLoss(margin=0.5)(a, b, v),
        "MultiMarginLoss": nn.MultiMarginLoss(p=2, margin=0.7, weight=w)(a, classes),
        "MultiLabelMarginLoss": nn.MultiLabelMarginLoss()(a, torch.tensor([[3, 0, -1, 1]] * 6)),
        "MultiLabelSoftMarginLoss": nn.MultiLabelSoftMarginLoss()(a, (sign + 1) / 2),
    }
    return {name: samples(value) for name, value in cases.items()}


def initialisers():
    init = nn.init
    cases = {
        "uniform_": ((4, 6), lambda t: init.uniform_(t, -0.3, 0.7)),
        "normal_": ((4, 6), lambda t: init.normal_(t, 0.5, 2.0)),
        "constant_": ((4, 6), lambda t: init.constant_(t, 0.3)),
        "ones_": ((4, 6), init.ones_), "zeros_": ((4, 6), init.zeros_),
        "eye_": ((4, 6), init.eye_), "dirac_": ((6, 4, 3, 3), init.dirac_),
        "xavier_uniform_": ((4, 6, 3), lambda t: init.xavier_uniform_(t, 1.7)),
        "xavier_normal_": ((4, 6, 3), lambda t: init.xavier_normal_(t, 1.7)),
        "kaiming_uniform_": ((4, 6, 3), lambda t: init.kaiming_uniform_(t, 0.2, "fan_out")),
        "kaiming_normal_": ((4, 6, 3), lambda t: init.kaiming_normal_(t, nonlinearity="relu")),
        "orthogonal_": ((8, 5), lambda t: init.orthogonal_(t, 1.3)),
        "orthogonal_ wide": ((5, 2, 4), init.orthogonal_),
        "trunc_normal_": ((50, 40), lambda t: init.trunc_normal_(t, 0.1, 0.8, -1.0, 1.5)),
        "sparse_": ((10, 4), lambda t: init.sparse_(t, 0.3, 0.05)),
    }
    result = []
    for index, (name, (shape, fill)) in enumerate(cases.items()):
        torch.manual_seed(300 + index)
        tensor = fill(torch.empty(*shape))
        result.append({"name": name, "seed": 300 + index, "shape": list(shape), "digest": digest(tensor), **samples(tensor)})
    gains = {name: nn.init.calculate_gain(name) for name in
             ["linear", "conv2d", "conv_transpose3d", "sigmoid", "tanh", "relu"]}
    gains["leaky_relu"] = nn.init.calculate_gain("leaky_relu", 0.3)
    return {"tensors": result, "gains": gains}


def schedules():
    s = torch.optim.lr_scheduler
    cases = {
        "StepLR": lambda o: s.StepLR(o, 4, gamma=0.3),
        "MultiStepLR": lambda o: s.MultiStepLR(o, [3, 7, 7, 15], gamma=0.5),
        "ExponentialLR": lambda o: s.ExponentialLR(o, 0.9),
        "CosineAnnealingLR": lambda o: s.CosineAnnealingLR(o, 20, eta_min=1e-3),
        "ConstantLR": lambda o: s.ConstantLR(o, factor=0.25, total_iters=6),
        "LinearLR": lambda o: s.LinearLR(o, start_factor=0.1, end_factor=0.8, total_iters=8),
        "PolynomialLR": lambda o: s.PolynomialLR(o, total_iters=12, power=2.0),
        "LambdaLR": lambda o: s.LambdaLR(o, lambda e: 1 / (1 + e)),
        "MultiplicativeLR": lambda o: s.MultiplicativeLR(o, lambda e: 0.9 if e % 2 else 0.95),
        "OneCycleLR": lambda o: s.OneCycleLR(o, 0.4, total_steps=25),
        "OneCycleLR linear three phase": lambda o: s.OneCycleLR(o, 0.4, epochs=5, steps_per_epoch=5, pct_start=0.2,
                                                                anneal_strategy="linear", three_phase=True),
        "CyclicLR": lambda o: s.CyclicLR(o, 0.01, 0.2, step_size_up=4, step_size_down=6, mode="triangular2"),
        "SequentialLR": lambda o: s.SequentialLR(o, [s.LinearLR(o, start_factor=0.1, total_iters=5), s.ExponentialLR(o, 0.8)], [5]),
        "ChainedLR": lambda o: s.ChainedScheduler([s.ConstantLR(o, factor=0.5, total_iters=4), s.ExponentialLR(o, 0.9)]),
    }
    result = {}
    for name, make in cases.items():
        parameter = nn.Parameter(torch.zeros(1))
        optimiser = torch.optim.SGD([parameter], lr=0.1, momentum=0.9)
        scheduler = make(optimiser)
        rates, momenta = [], []
        for _ in range(25):
            rates.append(optimiser.param_groups[0]["lr"])
            momenta.append(optimiser.param_groups[0]["momentum"])
            optimiser.step()
            if len(rates) < 25:
                scheduler.step()
        result[name] = {"lr": rates, "momentum": momenta}
    metrics = [1.0, 0.9, 0.91, 0.92, 0.93, 0.95, 0.89, 0.5, 0.51, 0.52, 0.53, 0.54, 0.49999, 0.6, 0.7, 0.4, 0.41, 0.42, 0.43, 0.44]
    for name, mode, threshold_mode in [("ReduceLROnPlateau", "min", "rel"), ("ReduceLROnPlateau max", "max", "abs")]:
        parameter = nn.Parameter(torch.zeros(1))
        optimiser = torch.optim.SGD([parameter], lr=0.1)
        scheduler = s.ReduceLROnPlateau(optimiser, mode=mode, factor=0.5, patience=2, threshold=1e-3, threshold_mode=threshold_mode, cooldown=1)
        rates = []
        for metric in metrics:
            scheduler.step(metric)
            rates.append(optimiser.param_groups[0]["lr"])
        result[name] = {"lr": rates, "metrics": metrics}
    return result


def clipping():
    torch.manual_seed(11)
    model = nn.Linear(4, 3)
    (model(torch.randn(5, 4)) ** 2).sum().backward()
    norms = {}
    for kind in (2.0, 1.0, math.inf):
        grads = [p.grad.clone() for p in model.parameters()]
        norms[str(kind)] = torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5, kind).item()
        norms[str(kind) + " after"] = sum(p.grad.abs().sum().item() for p in model.parameters())
        for p, g in zip(model.parameters(), grads):
            p.grad.copy_(g)
    return norms


def main():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(root, "PropertyTests", "Engine", "Oracles", "same_numbers.json")
    oracle = {
        "command": "/usr/bin/python3 bench/peers/same_numbers.py",
        "torch": torch.__version__,
        "mlp": repeatable(mlp, lambda: (torch.randn(64, 52), torch.randn(64, 2)), F.mse_loss, 7),
        "resnet": repeatable(SmallResNet, lambda: (torch.randn(8, 3, 16, 16), torch.randint(4, (8,))), F.cross_entropy, 8),
        "layers": layers(),
        "losses": losses(),
        "initialisers": initialisers(),
        "schedules": schedules(),
        "clipping": clipping(),
    }
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        json.dump(oracle, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
