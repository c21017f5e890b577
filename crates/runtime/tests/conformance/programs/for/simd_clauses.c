// simd alone: if, nontemporal, order(concurrent), private, lastprivate, reduction.
//@ threads: 1 4
#include "conf.h"

int main(void) {
  static int a[1000], b[1000];
  int last = -1, sum = 0, t = 99;
#pragma omp simd if (a[0] == 1)
  for (int i = 0; i < 1000; i++) a[i] = i;
#pragma omp simd nontemporal(b) private(t)
  for (int i = 0; i < 1000; i++) {
    t = a[i];
    b[i] = t * 2;
  }
#pragma omp simd order(concurrent)
  for (int i = 0; i < 1000; i++) a[i] += b[i];
#pragma omp simd lastprivate(last) reduction(+ : sum)
  for (int i = 0; i < 1000; i++) {
    last = a[i];
    sum += i;
  }
  CHECK(last == 999 * 3 && sum == 499500 && t == 99);
  return 0;
}
