"""Computes pi as the area under 4 / (1 + x * x) between 0 and 1, by the midpoint rule."""

import math
import sys

from omply import omp


@omp
def pi(n):
    w = 1.0 / n
    s = 0.0
    with omp("parallel for reduction(+: s)"):
        for i in range(n):
            x = (i + 0.5) * w
            s += 4.0 / (1.0 + x * x)
    return s * w


def check(value):
    assert abs(value - math.pi) < 1e-9, value


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000
    value = pi(n)
    check(value)
    print(f"pi is about {value:.12f} ({n} intervals)")


if __name__ == "__main__":
    main()
