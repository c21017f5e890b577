"""y = a x + y on a device where there is one, else on the host.

python examples/devices/saxpy.py [LENGTH]
"""

import sys

import numpy as np
from omply import omp


@omp(mode="native")
def saxpy(a, x, y):
    with omp("target teams distribute parallel for map(to: x) map(tofrom: y)"):
        for i in range(len(x)):
            y[i] = a * x[i] + y[i]


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    random = np.random.default_rng(1)
    for dtype in (np.float32, np.float64):
        x, y = random.random(n, dtype), random.random(n, dtype)
        expected = dtype(2.5) * x + y
        saxpy(dtype(2.5), x, y)
        # A device may round once where NumPy rounds twice.
        assert np.allclose(y, expected, rtol=4 * np.finfo(dtype).eps)
        print(f"{n} elements of {np.dtype(dtype)}: the last one is {y[-1]:.6f}")


if __name__ == "__main__":
    main()
