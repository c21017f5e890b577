// a = b + s * c over arrays larger than the caches: benches/triad.py in C.
void triad(double *a, long a_size, double *b, long b_size, double *c, long c_size, double s) {
    #pragma omp parallel for
    for (long i = 0; i < a_size; i++)
        a[i] = b[i] + s * c[i];
}
