"""A sweep that needs the new values above and to the left, over blocks that wait for one another by `ordered doacross`."""

from omply import omp


@omp
def sweep(a, size):
    rows, columns = a.shape
    height = (rows - 2) // size
    width = (columns - 2) // size
    with omp("parallel"):
        with omp("for ordered(2) schedule(static, 1)"):
            for r in range(height):
                for c in range(width):
                    omp("ordered doacross(sink: r - 1, c) doacross(sink: r, c - 1)")
                    for i in range(1 + r * size, 1 + (r + 1) * size):
                        for j in range(1 + c * size, 1 + (c + 1) * size):
                            a[i, j] = 0.25 * (a[i - 1, j] + a[i, j - 1] + a[i + 1, j] + a[i, j + 1])
                    omp("ordered doacross(source:)")
