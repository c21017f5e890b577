// The area under 4 / (1 + x * x) by the midpoint rule: examples/pi.py in C.
double pi(long n) {
    double w = 1.0 / n, s = 0.0;
    #pragma omp parallel for reduction(+: s)
    for (long i = 0; i < n; i++) {
        double x = (i + 0.5) * w;
        s += 4.0 / (1.0 + x * x);
    }
    return s * w;
}
