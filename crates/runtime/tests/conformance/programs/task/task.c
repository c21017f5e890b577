// task: each is executed exactly once; the barrier completes all of them; recursion.
//@ dynamic: yes
#include "conf.h"

static int hits[2000];

static long fib(int n) {
  long a, b;
  if (n < 2) return n;
#pragma omp task shared(a)
  a = fib(n - 1);
#pragma omp task shared(b)
  b = fib(n - 2);
#pragma omp taskwait
  return a + b;
}

int main(void) {
  REPEAT(10) {
    memset(hits, 0, sizeof hits);
#pragma omp parallel
    {
#pragma omp for
      for (int i = 0; i < 1000; i++) {
#pragma omp task
#pragma omp atomic
        hits[i]++;
      }
#pragma omp single
      for (int i = 1000; i < 2000; i++) {
#pragma omp task
        hits[i]++;
      }
      for (int i = 0; i < 2000; i++) CHECK(hits[i] == 1);
    }
  }
  long result = 0;
#pragma omp parallel
#pragma omp single
  result = fib(18);
  CHECK(result == 2584);
  return 0;
}
