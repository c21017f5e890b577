// How many steps each point takes to leave: examples/mandelbrot.py in C.
void mandelbrot(int *counts, long height, long width, long limit) {
    #pragma omp parallel for schedule(dynamic, 4)
    for (long row = 0; row < height; row++) {
        double b = 2.5 * row / height - 1.25;
        for (long column = 0; column < width; column++) {
            double a = 3.5 * column / width - 2.5;
            double x = 0.0, y = 0.0;
            long n = 0;
            while (n < limit && x * x + y * y <= 4.0) {
                double next = x * x - y * y + a;
                y = 2.0 * x * y + b;
                x = next;
                n++;
            }
            counts[row * width + column] = n;
        }
    }
}
