"""A folder of FITS images into one float32 array: by fitsio one after another, or by astropy in a pool of two processes."""
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

import peer

kind, folder, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
paths = sorted(str(p) for p in Path(folder).glob("*.fits"))[:count]

if kind == "fitsio":
    import fitsio

    def load():
        first = fitsio.read(paths[0])
        result = np.empty((len(paths),) + first.shape, np.float32)
        for i, path in enumerate(paths):
            result[i] = fitsio.read(path)
        return result

    version = fitsio.__version__
    description = "fitsio %s, one by one" % version
else:
    import astropy
    from astropy.io import fits

    def part(some):
        return np.stack([fits.getdata(path, memmap=False).astype(np.float32) for path in some])

    pool = ProcessPoolExecutor(peer.threads())

    def load():
        step = (len(paths) + peer.threads() - 1) // peer.threads()
        return np.concatenate(list(pool.map(part, [paths[i:i + step] for i in range(0, len(paths), step)])))

    description = "astropy %s, %d processes" % (astropy.__version__, peer.threads())


if __name__ == "__main__":
    # One unit is one file: a block reads them all.
    import time

    load()
    print("ready " + description, flush=True)
    for line in sys.stdin:
        if line.strip() != "run":
            break
        start = time.perf_counter()
        load()
        print((time.perf_counter() - start) / len(paths), flush=True)
