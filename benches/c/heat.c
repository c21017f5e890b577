// Steps of a five-point stencil, back and forth between two arrays: examples/heat.py in C.
static void step(long rows, long columns, double (*old)[columns], double (*new)[columns], double rate) {
    #pragma omp parallel for
    for (long i = 1; i < rows - 1; i++) {
        for (long j = 1; j < columns - 1; j++) {
            double around = old[i - 1][j] + old[i + 1][j] + old[i][j - 1] + old[i][j + 1];
            new[i][j] = old[i][j] + rate * (around - 4.0 * old[i][j]);
        }
    }
}

void heat(double *plate, long rows, long columns, double *scratch, long scratch_rows, long scratch_columns,
          long steps, double rate) {
    double (*a)[columns] = (double (*)[columns])plate;
    double (*b)[columns] = (double (*)[columns])scratch;
    for (long i = 0; i < steps / 2; i++) {
        step(rows, columns, a, b, rate);
        step(rows, columns, b, a, rate);
    }
}
