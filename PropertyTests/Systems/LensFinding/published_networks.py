"""
Plain PyTorch re-implementations of torchvision 0.15's and timm 0.9's networks, with their names of modules.
PublishedWeightTests.cs runs it; `keys NAME` made the lists in PublishedKeys.
"""
import sys
import torch
from torch import nn


def conv(i, o, k, s=1, p=None, g=1):
    return nn.Conv2d(i, o, k, s, k // 2 if p is None else p, groups=g, bias=False)


class Basic(nn.Module):
    def __init__(self, i, o, s, shortcut):
        super().__init__()
        self.conv1, self.bn1, self.conv2, self.bn2 = conv(i, o, 3, s), nn.BatchNorm2d(o), conv(o, o, 3), nn.BatchNorm2d(o)
        self.downsample = shortcut

    def forward(self, x):
        y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        return (y + (x if self.downsample is None else self.downsample(x))).relu()


class ResNet(nn.Module):
    def __init__(self, blocks, deep=False):
        super().__init__()
        self.conv1 = nn.Sequential(
            conv(3, 32, 3, 2), nn.BatchNorm2d(32), nn.ReLU(), conv(32, 32, 3), nn.BatchNorm2d(32), nn.ReLU(), conv(32, 64, 3)
        ) if deep else conv(3, 64, 7, 2)
        self.bn1 = nn.BatchNorm2d(64)
        before = 64
        for stage, count in enumerate(blocks):
            width, layers = 64 << stage, []
            for b in range(count):
                s, shortcut = (2 if stage and not b else 1), None
                if s == 2:
                    shortcut = nn.Sequential(nn.AvgPool2d(2, 2, ceil_mode=True, count_include_pad=False), conv(before, width, 1),
                                             nn.BatchNorm2d(width)) if deep else \
                        nn.Sequential(conv(before, width, 1, 2), nn.BatchNorm2d(width))
                layers.append(Basic(before, width, s, shortcut))
                before = width
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))
        self.fc = nn.Linear(512, 1000)

    def forward(self, x):
        x = nn.functional.max_pool2d(self.bn1(self.conv1(x)).relu(), 3, 2, 1)
        return self.fc(self.layer4(self.layer3(self.layer2(self.layer1(x)))).mean((2, 3)))


class DenseLayer(nn.Module):
    def __init__(self, i):
        super().__init__()
        self.norm1, self.conv1, self.norm2, self.conv2 = nn.BatchNorm2d(i), conv(i, 128, 1), nn.BatchNorm2d(128), conv(128, 32, 3)

    def forward(self, x):
        return torch.cat([x, self.conv2(self.norm2(self.conv1(self.norm1(x).relu())).relu())], 1)


class Transition(nn.Module):
    def __init__(self, i):
        super().__init__()
        self.norm, self.conv = nn.BatchNorm2d(i), conv(i, i // 2, 1)

    def forward(self, x):
        return nn.functional.avg_pool2d(self.conv(self.norm(x).relu()), 2)


class DenseNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = f = nn.Module()
        f.conv0, f.norm0, width = conv(3, 64, 7, 2), nn.BatchNorm2d(64), 64
        for b, layers in enumerate((6, 12, 24, 16)):
            block = nn.Sequential()
            for n in range(layers):
                block.add_module(f"denselayer{n + 1}", DenseLayer(width))
                width += 32
            f.add_module(f"denseblock{b + 1}", block)
            if b < 3:
                f.add_module(f"transition{b + 1}", Transition(width))
                width //= 2
        f.norm5, self.classifier = nn.BatchNorm2d(width), nn.Linear(width, 1000)

    def forward(self, x):
        f = self.features
        x = nn.functional.max_pool2d(f.norm0(f.conv0(x)).relu(), 3, 2, 1)
        for b in range(1, 5):
            x = getattr(f, f"denseblock{b}")(x)
            if b < 4:
                x = getattr(f, f"transition{b}")(x)
        return self.classifier(f.norm5(x).relu().mean((2, 3)))


class Unit(nn.Sequential):  # torchvision's ConvNormActivation
    def __init__(self, i, o, k, s=1, g=1, act=True):
        super().__init__(conv(i, o, k, s, g=g), nn.BatchNorm2d(o), *([nn.SiLU()] if act else []))


class Squeeze(nn.Module):
    def __init__(self, c, hidden, names):
        super().__init__()
        self.names = names
        self.add_module(names[0], nn.Conv2d(c, hidden, 1))
        self.add_module(names[1], nn.Conv2d(hidden, c, 1))

    def forward(self, x):
        a, b = (getattr(self, name) for name in self.names)
        return x * b(nn.functional.silu(a(x.mean((2, 3), keepdim=True)))).sigmoid()


STAGES = ((1, 3, 1, 32, 16, 2), (6, 3, 2, 16, 24, 3), (6, 5, 2, 24, 48, 3), (6, 3, 2, 48, 88, 4), (6, 5, 1, 88, 120, 4),
          (6, 5, 2, 120, 208, 5), (6, 3, 1, 208, 352, 2))


class TvBlock(nn.Module):
    def __init__(self, e, k, s, i, o):
        super().__init__()
        h, self.skips = e * i, s == 1 and i == o
        self.block = nn.Sequential(*([Unit(i, h, 1)] if e > 1 else []), Unit(h, h, k, s, h), Squeeze(h, i // 4, ("fc1", "fc2")),
                                   Unit(h, o, 1, act=False))

    def forward(self, x):
        return x + self.block(x) if self.skips else self.block(x)


class TvEfficientNet(nn.Module):
    def __init__(self):
        super().__init__()
        stages = [nn.Sequential(*[TvBlock(e, k, s if n == 0 else 1, i if n == 0 else o, o) for n in range(c)])
                  for e, k, s, i, o, c in STAGES]
        self.features = nn.Sequential(Unit(3, 32, 3, 2), *stages, Unit(352, 1408, 1))
        self.classifier = nn.Sequential(nn.Dropout(0.3), nn.Linear(1408, 1000))

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


class TimmBlock(nn.Module):
    def __init__(self, e, k, s, i, o):
        super().__init__()
        h, self.skips, self.expands = e * i, s == 1 and i == o, e > 1
        if e > 1:
            self.conv_pw, self.bn1 = conv(i, h, 1), nn.BatchNorm2d(h)
        self.conv_dw = conv(h, h, k, s, g=h)
        if e > 1:
            self.bn2 = nn.BatchNorm2d(h)
        else:
            self.bn1 = nn.BatchNorm2d(h)
        self.se = Squeeze(h, i // 4, ("conv_reduce", "conv_expand"))
        if e > 1:
            self.conv_pwl, self.bn3 = conv(h, o, 1), nn.BatchNorm2d(o)
        else:
            self.conv_pw, self.bn2 = conv(h, o, 1), nn.BatchNorm2d(o)

    def forward(self, x):
        silu = nn.functional.silu
        if self.expands:
            y = silu(self.bn2(self.conv_dw(silu(self.bn1(self.conv_pw(x))))))
            y = self.bn3(self.conv_pwl(self.se(y)))
        else:
            y = self.bn2(self.conv_pw(self.se(silu(self.bn1(self.conv_dw(x))))))
        return x + y if self.skips else y


class TimmEfficientNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv_stem, self.bn1 = conv(3, 32, 3, 2), nn.BatchNorm2d(32)
        self.blocks = nn.Sequential(*[nn.Sequential(*[TimmBlock(e, k, s if n == 0 else 1, i if n == 0 else o, o) for n in range(c)])
                                      for e, k, s, i, o, c in STAGES])
        self.conv_head, self.bn2, self.classifier = conv(352, 1408, 1), nn.BatchNorm2d(1408), nn.Linear(1408, 1000)

    def forward(self, x):
        silu = nn.functional.silu
        x = self.blocks(silu(self.bn1(self.conv_stem(x))))
        return self.classifier(silu(self.bn2(self.conv_head(x))).mean((2, 3)))


NETWORKS = {
    "torchvision-resnet18": lambda: ResNet([2, 2, 2, 2]),
    "torchvision-resnet34": lambda: ResNet([3, 4, 6, 3]),
    "timm-resnet34d": lambda: ResNet([3, 4, 6, 3], deep=True),
    "torchvision-densenet121": DenseNet,
    "torchvision-efficientnet_b2": TvEfficientNet,
    "timm-efficientnet_b2": TimmEfficientNet,
}


def drawn(name):
    """A network with other numbers in every tensor: names that are swapped show in its answers."""
    torch.manual_seed(1)
    network = NETWORKS[name]().eval()
    for key, value in network.state_dict().items():
        if value.dtype != torch.float32:
            continue
        if key.endswith("running_var"):
            value.uniform_(0.5, 1.5)
        elif value.dim() == 1:
            value.add_(0.1 * torch.randn_like(value))
    return network


if __name__ == "__main__":
    # python3 published_networks.py IMAGE FOLDER NAME …: draws the networks, writes their weights and what they say of two images.
    # python3 published_networks.py keys NAME: its keys and shapes.
    torch.set_num_threads(1)
    if sys.argv[1] == "keys":
        for key, value in NETWORKS[sys.argv[2]]().state_dict().items():
            print(key, ",".join(map(str, value.shape)))
    else:
        image, folder, *names = sys.argv[1:]
        pixels = torch.frombuffer(bytearray(open(image, "rb").read()), dtype=torch.float32).reshape(2, 3, 64, 64)
        for name in names:
            network = drawn(name)
            torch.save(network.state_dict(), f"{folder}/{name}.pth")
            with torch.no_grad(), open(f"{folder}/{name}.logits", "wb") as file:
                file.write(network(pixels).numpy().tobytes())
