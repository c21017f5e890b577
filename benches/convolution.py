"""A 5 x 5 filter over an image: rows are divided among the threads, the points of a row are computed side by side."""

from omply import omp


@omp
def convolve(image, weights, out):
    rows, columns = out.shape
    with omp("parallel for"):
        for i in range(rows):
            with omp("simd"):
                for j in range(columns):
                    s = 0.0
                    for u in range(5):
                        for v in range(5):
                            s += weights[u, v] * image[i + u, j + v]
                    out[i, j] = s
