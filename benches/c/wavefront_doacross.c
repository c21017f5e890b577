// A sweep over blocks that wait for one another: benches/wavefront_doacross.py in C.
void wavefront(double *plate, long rows, long columns, long size) {
    double (*a)[columns] = (double (*)[columns])plate;
    long height = (rows - 2) / size, width = (columns - 2) / size;
    #pragma omp parallel
    #pragma omp for ordered(2) schedule(static, 1)
    for (long r = 0; r < height; r++) {
        for (long c = 0; c < width; c++) {
            #pragma omp ordered depend(sink: r - 1, c) depend(sink: r, c - 1)
            for (long i = 1 + r * size; i < 1 + (r + 1) * size; i++)
                for (long j = 1 + c * size; j < 1 + (c + 1) * size; j++)
                    a[i][j] = 0.25 * (a[i - 1][j] + a[i][j - 1] + a[i + 1][j] + a[i][j + 1]);
            #pragma omp ordered depend(source)
        }
    }
}
