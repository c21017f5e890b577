// Running sums with OpenMP's own scan: examples/prefix.py in C.
double prefix(double *values, long n, double *sums, long sums_size) {
    double total = 0.0;
    #pragma omp parallel for reduction(inscan, +: total)
    for (long i = 0; i < n; i++) {
        total += values[i];
        #pragma omp scan inclusive(total)
        sums[i] = total;
    }
    return total;
}
