"""What every peer script shares: answer "run" with the seconds that one unit of work took."""
import os
import sys
import time


def device():
    """The device the harness asks for."""
    return os.environ.get("HYBRID_DEVICE", "cpu")


def use_device():
    """Makes tensors there from now on; returns a function that waits for it."""
    import torch
    if device() == "cpu":
        return lambda: None
    torch.set_default_device(device())
    return torch.cuda.synchronize


def threads():
    """The thread count the harness asks for."""
    return int(os.environ.get("OMP_NUM_THREADS", "1"))


def serve(description, units, unit, warmup=1, of=1, wait=lambda: None):
    """Warms up, says it is ready, then times `units` calls of `unit()`, each of which does `of` units of work, for each line "run"."""
    for _ in range(warmup * units):
        unit()
    print("ready " + description, flush=True)
    for line in sys.stdin:
        if line.strip() != "run":
            break
        start = time.perf_counter()
        for _ in range(units):
            unit()
        wait()
        print((time.perf_counter() - start) / (units * of), flush=True)
