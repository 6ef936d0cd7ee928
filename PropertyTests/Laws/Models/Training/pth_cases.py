# Makes pth_cases.pth, which PthLaws reads: python3 pth_cases.py (Debian's python3-torch 1.13.1).
import collections
import pathlib

import torch

everything = {
    "kinds": {str(dtype).removeprefix("torch."): torch.tensor([[0, 1, 2], [3, 4, 100]]).to(dtype) for dtype in (
        torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8,
        torch.uint8, torch.bool)},
    "complex": torch.tensor([1 + 2j, -3j], dtype=torch.complex64),
    "transposed": torch.arange(6.0).reshape(2, 3).t(),                       # (3, 2), strides (1, 3)
    "sliced": torch.arange(24.0).reshape(4, 6)[1:3, ::2],                    # (2, 3), strides (6, 2), offset 6
    "expanded": torch.tensor([7.0]).expand(1000, 1000, 1000),                # 10⁹ elements, 4 bytes
    "scalar": torch.tensor(2.5, dtype=torch.float64),
    "empty": torch.empty(0, 3),
    "parameter": torch.nn.Parameter(torch.tensor([1.0, -1.0])),
    "list": [1, -2, 2.5, True, None, "ünïcode", b"\x00\xff", 3_000_000_000, 2 ** 70, (torch.ones(2), {"deep": torch.zeros(1)})],
    "size": torch.Size([2, 3]), "device": torch.device("cpu"), "dtype": torch.float16, 5: "five",
    "ordered": collections.OrderedDict(a=torch.tensor([1]), b=torch.tensor([2])),
}
shared = torch.arange(4.0)
everything["first half"], everything["whole"] = shared[:2], shared
network = torch.nn.Sequential(collections.OrderedDict(fc=torch.nn.Linear(2, 3), bn=torch.nn.BatchNorm1d(3)))
with torch.no_grad():
    network.fc.weight.copy_(torch.arange(6.0).reshape(3, 2))
    network.fc.bias.copy_(torch.tensor([0.5, 1.5, 2.5]))
    network.bn.running_mean.copy_(torch.tensor([1.0, 2.0, 3.0]))
    network.bn.num_batches_tracked.fill_(12)
everything["state"] = network.state_dict()
torch.save(everything, pathlib.Path(__file__).with_name("pth_cases.pth"))
