"""Gravity between all pairs of bodies: the bodies are divided among the threads, the forces on one are computed side by side."""

import math

from omply import omp


@omp
@omp("declare_simd uniform(softening) notinbranch")
def pull(x, y, z, softening):
    d = x * x + y * y + z * z + softening
    return 1.0 / (d * math.sqrt(d))


@omp
def attract(x, y, z, mass, force, softening):
    n = len(x)
    with omp("parallel for"):
        for i in range(n):
            fx = 0.0
            fy = 0.0
            fz = 0.0
            with omp("simd reduction(+: fx, fy, fz)"):
                for j in range(n):
                    dx = x[j] - x[i]
                    dy = y[j] - y[i]
                    dz = z[j] - z[i]
                    w = mass[j] * pull(dx, dy, dz, softening)
                    fx += w * dx
                    fy += w * dy
                    fz += w * dz
            force[i, 0] = fx
            force[i, 1] = fy
            force[i, 2] = fz
