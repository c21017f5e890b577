"""The measured programs as Numba's users write them, with `prange`."""

from numba import njit, prange


@njit(parallel=True)
def pi(n):
    w = 1.0 / n
    s = 0.0
    for i in prange(n):
        x = (i + 0.5) * w
        s += 4.0 / (1.0 + x * x)
    return s * w


@njit(parallel=True)
def mandelbrot(counts, limit):
    height, width = counts.shape
    for row in prange(height):
        b = 2.5 * row / height - 1.25
        for column in range(width):
            a = 3.5 * column / width - 2.5
            x = 0.0
            y = 0.0
            n = 0
            while n < limit and x * x + y * y <= 4.0:
                x, y = x * x - y * y + a, 2.0 * x * y + b
                n += 1
            counts[row, column] = n


@njit(parallel=True)
def step(old, new, rate):
    rows, columns = old.shape
    for i in prange(1, rows - 1):
        for j in range(1, columns - 1):
            around = old[i - 1, j] + old[i + 1, j] + old[i, j - 1] + old[i, j + 1]
            new[i, j] = old[i, j] + rate * (around - 4.0 * old[i, j])


@njit
def heat(plate, scratch, steps, rate):
    for _ in range(steps // 2):
        step(plate, scratch, rate)
        step(scratch, plate, rate)


@njit(parallel=True)
def triad(a, b, c, s):
    for i in prange(len(a)):
        a[i] = b[i] + s * c[i]


@njit(parallel=True)
def matmul(a, b, c):
    rows, inner = a.shape
    columns = b.shape[1]
    for i in prange(rows):
        for k in range(inner):
            x = a[i, k]
            for j in range(columns):
                c[i, j] += x * b[k, j]
