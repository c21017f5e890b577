// A 5 x 5 filter over an image: benches/convolution.py in C.
void convolution(double *pixels, long image_rows, long image_columns, double *filter, long height, long width,
              double *result, long rows, long columns) {
    double (*image)[image_columns] = (double (*)[image_columns])pixels;
    double (*weights)[width] = (double (*)[width])filter;
    double (*out)[columns] = (double (*)[columns])result;
    #pragma omp parallel for
    for (long i = 0; i < rows; i++) {
        #pragma omp simd
        for (long j = 0; j < columns; j++) {
            double s = 0.0;
            for (long u = 0; u < 5; u++)
                for (long v = 0; v < 5; v++)
                    s += weights[u][v] * image[i + u][j + v];
            out[i][j] = s;
        }
    }
}
