// Matrix product by Strassen's seven products (Winograd's additions), a task for each product, down to small matrices.
// usage: strassen [n, a power of two] [samples]
#include "program.h"
#include <math.h>

enum { SMALL = 64 };

static void add(int n, const double *a, int sa, const double *b, int sb, double *to) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) to[i * n + j] = a[i * sa + j] + b[i * sb + j];
}

static void subtract(int n, const double *a, int sa, const double *b, int sb, double *to) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) to[i * n + j] = a[i * sa + j] - b[i * sb + j];
}

static void plain(int n, const double *a, int sa, const double *b, int sb, double *c, int sc) {
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++) c[i * sc + j] = 0;
    for (int k = 0; k < n; k++) {
      double x = a[i * sa + k];
      for (int j = 0; j < n; j++) c[i * sc + j] += x * b[k * sb + j];
    }
  }
}

static void multiply(int n, const double *a, int sa, const double *b, int sb, double *c, int sc) {
  if (n <= SMALL) {
    plain(n, a, sa, b, sb, c, sc);
    return;
  }
  int h = n / 2, area = h * h;
  const double *a11 = a, *a12 = a + h, *a21 = a + h * sa, *a22 = a21 + h;
  const double *b11 = b, *b12 = b + h, *b21 = b + h * sb, *b22 = b21 + h;
  double *room = malloc(sizeof(double) * area * 15);
  double *s1 = room, *s2 = s1 + area, *s3 = s2 + area, *s4 = s3 + area;
  double *t1 = s4 + area, *t2 = t1 + area, *t3 = t2 + area, *t4 = t3 + area;
  double *p[7];
  for (int i = 0; i < 7; i++) p[i] = t4 + area * (i + 1);
  add(h, a21, sa, a22, sa, s1);
  subtract(h, s1, h, a11, sa, s2);
  subtract(h, a11, sa, a21, sa, s3);
  subtract(h, a12, sa, s2, h, s4);
  subtract(h, b12, sb, b11, sb, t1);
  subtract(h, b22, sb, t1, h, t2);
  subtract(h, b22, sb, b12, sb, t3);
  subtract(h, t2, h, b21, sb, t4);
#pragma omp task
  multiply(h, a11, sa, b11, sb, p[0], h);
#pragma omp task
  multiply(h, a12, sa, b21, sb, p[1], h);
#pragma omp task
  multiply(h, s4, h, b22, sb, p[2], h);
#pragma omp task
  multiply(h, a22, sa, t4, h, p[3], h);
#pragma omp task
  multiply(h, s1, h, t1, h, p[4], h);
#pragma omp task
  multiply(h, s2, h, t2, h, p[5], h);
#pragma omp task
  multiply(h, s3, h, t3, h, p[6], h);
#pragma omp taskwait
  for (int i = 0; i < h; i++)
    for (int j = 0; j < h; j++) {
      int at = i * h + j;
      double u2 = p[0][at] + p[5][at], u3 = u2 + p[6][at], u4 = u2 + p[4][at];
      c[i * sc + j] = p[0][at] + p[1][at];
      c[i * sc + j + h] = u4 + p[2][at];
      c[(i + h) * sc + j] = u3 - p[3][at];
      c[(i + h) * sc + j + h] = u3 + p[4][at];
    }
  free(room);
}

int main(int argc, char **argv) {
  int n = argument(argc, argv, 1, 1024), samples = argument(argc, argv, 2, 1);
  require(n > 0 && (n & (n - 1)) == 0, "n is a power of two");
  double seconds[MAX_SAMPLES];
  print_library();
  size_t size = sizeof(double) * n * n;
  double *a = malloc(size), *b = malloc(size), *c = malloc(size);
  unsigned long long state = 7;
  for (int i = 0; i < n * n; i++) {
    a[i] = random_number(&state) % 1000 / 1000.0;
    b[i] = random_number(&state) % 1000 / 1000.0;
  }
  for (int s = 0; s < samples && s < MAX_SAMPLES; s++) {
    memset(c, 0, size);
    double start = omp_get_wtime();
#pragma omp parallel
#pragma omp single
    multiply(n, a, n, b, n, c, n);
    seconds[s] = omp_get_wtime() - start;
    // Some elements by the definition.
    for (int t = 0; t < 200; t++) {
      int i = random_number(&state) % n, j = random_number(&state) % n;
      double sum = 0;
      for (int k = 0; k < n; k++) sum += a[i * n + k] * b[k * n + j];
      require(fabs(sum - c[i * n + j]) < 1e-8 * n, "element of the product");
    }
  }
  print_samples("strassen", seconds, samples);
}
