"""Numbers that all threads of a device find together: a scalar product, and the smallest and the largest element.

python examples/devices/reduction.py [LENGTH]
"""

import sys

import numpy as np
from omply import omp


@omp(mode="native")
def dot(x, y):
    s = 0.0
    with omp("target teams distribute parallel for reduction(+: s) map(to: x, y)"):
        for i in range(len(x)):
            s += x[i] * y[i]
    return s


@omp(mode="native")
def extremes(x):
    low = x[0]
    high = x[0]
    with omp("target teams distribute parallel for reduction(min: low) reduction(max: high) map(to: x)"):
        for i in range(len(x)):
            low = min(low, x[i])
            high = max(high, x[i])
    return low, high


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    random = np.random.default_rng(1)
    x, y = random.standard_normal(n), random.standard_normal(n)
    product = dot(x, y)
    assert np.isclose(product, x @ y, rtol=1e-10, atol=1e-9 * n**0.5), product
    low, high = extremes(x)
    assert (low, high) == (x.min(), x.max())
    print(f"{n} elements from {low:.4f} to {high:.4f}; their product with others is {product:.4f}")


if __name__ == "__main__":
    main()
