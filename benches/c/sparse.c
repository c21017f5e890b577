// A sparse matrix by rows, times a vector: benches/sparse.py in C.
void sparse(long *starts, long starts_size, int *columns, long columns_size, double *values, long values_size,
              double *x, long x_size, double *y, long n) {
    #pragma omp parallel for schedule(dynamic, 64)
    for (long i = 0; i < n; i++) {
        double s = 0.0;
        for (long k = starts[i]; k < starts[i + 1]; k++)
            s += values[k] * x[columns[k]];
        y[i] = s;
    }
}
