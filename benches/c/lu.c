// The LU decomposition by blocks: benches/lu.py in C. A block's first element stands for it in the dependences.
static void factor(long n, double (*a)[n]) {
    for (long k = 0; k < n; k++)
        for (long i = k + 1; i < n; i++) {
            a[i][k] /= a[k][k];
            for (long j = k + 1; j < n; j++)
                a[i][j] -= a[i][k] * a[k][j];
        }
}

static void solve_row(long n, double (*d)[n], double (*a)[n]) {
    for (long k = 0; k < n; k++)
        for (long i = k + 1; i < n; i++)
            for (long j = 0; j < n; j++)
                a[i][j] -= d[i][k] * a[k][j];
}

static void solve_column(long n, double (*d)[n], double (*a)[n]) {
    for (long i = 0; i < n; i++)
        for (long k = 0; k < n; k++) {
            a[i][k] /= d[k][k];
            for (long j = k + 1; j < n; j++)
                a[i][j] -= a[i][k] * d[k][j];
        }
}

static void update(long n, double (*x)[n], double (*y)[n], double (*a)[n]) {
    for (long i = 0; i < n; i++)
        for (long k = 0; k < n; k++)
            for (long j = 0; j < n; j++)
                a[i][j] -= x[i][k] * y[k][j];
}

void lu(double *matrix, long n, long columns, long size, long width) {
    double (*a)[n][size][size] = (double (*)[n][size][size])matrix;
    #pragma omp parallel
    #pragma omp single
    for (long k = 0; k < n; k++) {
        #pragma omp task depend(inout: a[k][k][0][0])
        factor(size, a[k][k]);
        for (long j = k + 1; j < n; j++) {
            #pragma omp task depend(in: a[k][k][0][0]) depend(inout: a[k][j][0][0])
            solve_row(size, a[k][k], a[k][j]);
        }
        for (long i = k + 1; i < n; i++) {
            #pragma omp task depend(in: a[k][k][0][0]) depend(inout: a[i][k][0][0])
            solve_column(size, a[k][k], a[i][k]);
        }
        for (long i = k + 1; i < n; i++)
            for (long j = k + 1; j < n; j++) {
                #pragma omp task depend(in: a[i][k][0][0], a[k][j][0][0]) depend(inout: a[i][j][0][0])
                update(size, a[i][k], a[k][j], a[i][j]);
            }
    }
}
