// Gravity between all pairs of bodies: benches/nbody.py in C.
#include <math.h>

#pragma omp declare simd uniform(softening) notinbranch
static double pull(double x, double y, double z, double softening) {
    double d = x * x + y * y + z * z + softening;
    return 1.0 / (d * sqrt(d));
}

void nbody(double *x, long n, double *y, long ny, double *z, long nz, double *mass, long nmass, double *force,
           long rows, long columns, double softening) {
    #pragma omp parallel for
    for (long i = 0; i < n; i++) {
        double fx = 0.0, fy = 0.0, fz = 0.0;
        #pragma omp simd reduction(+: fx, fy, fz)
        for (long j = 0; j < n; j++) {
            double dx = x[j] - x[i], dy = y[j] - y[i], dz = z[j] - z[i];
            double w = mass[j] * pull(dx, dy, dz, softening);
            fx += w * dx;
            fy += w * dy;
            fz += w * dz;
        }
        force[i * columns] = fx;
        force[i * columns + 1] = fy;
        force[i * columns + 2] = fz;
    }
}
