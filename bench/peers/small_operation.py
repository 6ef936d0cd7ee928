"""One operation on small tensors, called again and again: what PyTorch's Python layer and dispatcher cost."""
import sys

import torch

import peer

torch.set_num_threads(peer.threads())
torch.manual_seed(0)
a, b = torch.randn(4, 4), torch.randn(4, 4)
big = torch.randn(1000, 1000)
w = torch.randn(4, 4, requires_grad=True)
operations = {
    "add": (20000, lambda: a.add(b)),
    "times-number": (20000, lambda: a * 2.0),
    "index": (20000, lambda: a[1]),
    "sum": (20000, lambda: a.sum(0)),
    "backward": (2000, lambda: (w * b).sum().backward()),
    "relu-4MB": (200, lambda: big.relu()),
}
units, unit = operations[sys.argv[1]]
peer.serve(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads", units, unit)
