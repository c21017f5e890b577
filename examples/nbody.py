"""Bodies under their mutual attraction, on a device where there is one: all data stays there while the time steps run.

python examples/nbody.py [BODIES] [STEPS]
"""

import sys

import numpy as np
from omply import omp, omp_get_num_devices


@omp(mode="native")
def simulate(position, velocity, mass, steps, dt):
    n = len(mass)
    with omp("target_data map(tofrom: position, velocity) map(to: mass)"):
        for _ in range(steps):
            with omp("target teams distribute parallel for"):
                for i in range(n):
                    ax = 0.0
                    ay = 0.0
                    az = 0.0
                    for j in range(n):
                        dx = position[j, 0] - position[i, 0]
                        dy = position[j, 1] - position[i, 1]
                        dz = position[j, 2] - position[i, 2]
                        r2 = dx * dx + dy * dy + dz * dz + 1e-6
                        pull = mass[j] / (r2 * r2**0.5)
                        ax += pull * dx
                        ay += pull * dy
                        az += pull * dz
                    velocity[i, 0] += dt * ax
                    velocity[i, 1] += dt * ay
                    velocity[i, 2] += dt * az
            with omp("target teams distribute parallel for collapse(2)"):
                for i in range(n):
                    for k in range(3):
                        position[i, k] += dt * velocity[i, k]


@omp(mode="native")
def energy(position, velocity, mass):
    n = len(mass)
    e = 0.0
    with omp("target teams distribute parallel for reduction(+: e)"):
        for i in range(n):
            v2 = velocity[i, 0] ** 2 + velocity[i, 1] ** 2 + velocity[i, 2] ** 2
            e += 0.5 * mass[i] * v2
            for j in range(i + 1, n):
                dx = position[j, 0] - position[i, 0]
                dy = position[j, 1] - position[i, 1]
                dz = position[j, 2] - position[i, 2]
                e -= mass[i] * mass[j] / (dx * dx + dy * dy + dz * dz + 1e-6) ** 0.5
    return e


def main():
    bodies = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    steps = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    random = np.random.default_rng(1)
    position = random.standard_normal((bodies, 3))
    velocity = np.zeros((bodies, 3))
    mass = np.full(bodies, 1.0 / bodies)
    before = energy(position, velocity, mass)
    simulate(position, velocity, mass, steps, 1e-3)
    after = energy(position, velocity, mass)
    drift = abs(after - before) / abs(before)
    momentum = np.abs((mass[:, None] * velocity).sum(axis=0)).max()
    assert drift < 1e-3 and momentum < 1e-12, (drift, momentum)
    place = "a device" if omp_get_num_devices() else "the host"
    print(f"{bodies} bodies, {steps} steps on {place}: energy drifts by {drift:.1e}")


if __name__ == "__main__":
    main()
