// c += a b, tile by tile: examples/tiles.py in C.
void tiles(double *a, long rows, long inner, double *b, long b_rows, long columns, double *c, long c_rows, long c_columns) {
    double (*A)[inner] = (double (*)[inner])a;
    double (*B)[columns] = (double (*)[columns])b;
    double (*C)[columns] = (double (*)[columns])c;
    #pragma omp parallel for
    #pragma omp tile sizes(16, 64, 256)
    for (long i = 0; i < rows; i++)
        for (long k = 0; k < inner; k++)
            for (long j = 0; j < columns; j++)
                C[i][j] += A[i][k] * B[k][j];
}
