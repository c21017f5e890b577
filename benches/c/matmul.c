// c += a b with the loops in the order i, k, j: examples/matmul.py in C.
void matmul(double *a, long rows, long inner, double *b, long b_rows, long columns, double *c, long c_rows, long c_columns) {
    double (*A)[inner] = (double (*)[inner])a;
    double (*B)[columns] = (double (*)[columns])b;
    double (*C)[columns] = (double (*)[columns])c;
    #pragma omp parallel for
    for (long i = 0; i < rows; i++) {
        for (long k = 0; k < inner; k++) {
            double x = A[i][k];
            for (long j = 0; j < columns; j++)
                C[i][j] += x * B[k][j];
        }
    }
}
