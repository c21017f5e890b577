// Fibonacci numbers by the double recursion, a task for every call, no cut-off.  usage: fib [n] [samples]
#include "program.h"

static long fib(int n) {
  long x, y;
  if (n < 2) return n;
#pragma omp task shared(x)
  x = fib(n - 1);
#pragma omp task shared(y)
  y = fib(n - 2);
#pragma omp taskwait
  return x + y;
}

int main(int argc, char **argv) {
  int n = argument(argc, argv, 1, 32), samples = argument(argc, argv, 2, 1);
  double seconds[MAX_SAMPLES];
  print_library();
  long before = 0, expected = 1;
  for (int i = 1; i < n; i++) {
    long next = before + expected;
    before = expected, expected = next;
  }
  for (int s = 0; s < samples && s < MAX_SAMPLES; s++) {
    long result = 0;
    double start = omp_get_wtime();
#pragma omp parallel
#pragma omp single
    result = fib(n);
    seconds[s] = omp_get_wtime() - start;
    require(result == (n < 1 ? 0 : expected), "fib");
  }
  print_samples("fib", seconds, samples);
}
