"""np.load of one array, whole."""
import sys

import numpy as np

import peer

peer.serve("numpy %s, np.load" % np.__version__, 1, lambda: np.load(sys.argv[1]))
