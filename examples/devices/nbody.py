"""Bodies under their mutual attraction: all data stays on the device while the time steps run.

python examples/devices/nbody.py [BODIES] [STEPS]
"""

import sys

import numpy as np
from omply import omp


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


def simulate_by_whole_arrays(position, velocity, mass, steps, dt):
    """The same in NumPy's own words, to compare with."""
    for _ in range(steps):
        apart = position[None, :, :] - position[:, None, :]
        r2 = (apart**2).sum(axis=2) + 1e-6
        velocity += dt * ((mass / (r2 * np.sqrt(r2)))[:, :, None] * apart).sum(axis=1)
        position += dt * velocity


def main():
    bodies = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    steps = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    position = np.random.default_rng(1).standard_normal((bodies, 3))
    velocity = np.zeros((bodies, 3))
    mass = np.full(bodies, 1.0 / bodies)
    expected = position.copy(), velocity.copy()
    before = energy(position, velocity, mass)
    simulate(position, velocity, mass, steps, 1e-3)
    after = energy(position, velocity, mass)
    simulate_by_whole_arrays(*expected, mass, steps, 1e-3)
    assert np.allclose(position, expected[0], rtol=1e-9, atol=1e-12)
    assert np.allclose(velocity, expected[1], rtol=1e-7, atol=1e-10)
    drift = abs(after - before) / abs(before)
    assert drift < 1e-3, drift
    print(f"{bodies} bodies, {steps} steps: energy drifts by {drift:.1e}")


if __name__ == "__main__":
    main()
