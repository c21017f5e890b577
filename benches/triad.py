"""The triad a = b + s * c: what memory can carry."""

from omply import omp


@omp
def triad(a, b, c, s):
    n = len(a)
    with omp("parallel for"):
        for i in range(n):
            a[i] = b[i] + s * c[i]
