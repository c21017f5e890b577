// for simd, with collapse, linear, reduction, safelen, simdlen and aligned.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  static float a[1024] __attribute__((aligned(64))), b[1024] __attribute__((aligned(64)));
  for (int i = 0; i < 1024; i++) a[i] = i;
  long sum = 0;
  int k = 5;
#pragma omp parallel
  {
#pragma omp for simd simdlen(8) aligned(a, b : 64)
    for (int i = 0; i < 1024; i++) b[i] = a[i] + 1;
#pragma omp for simd safelen(4) schedule(dynamic, 16) reduction(+ : sum)
    for (int i = 0; i < 1024; i++) sum += (long)b[i];
#pragma omp for simd linear(k : 2)
    for (int i = 0; i < 1024; i++) {
      a[i] = k;
      k += 2;
    }
#pragma omp for simd collapse(2) schedule(static, 1)
    for (int i = 0; i < 32; i++)
      for (int j = 0; j < 32; j++) b[i * 32 + j] *= 2;
  }
  CHECK(sum == 1024L * 1025 / 2);
  CHECK(k == 5 + 2048);
  for (int i = 0; i < 1024; i++) CHECK(a[i] == 5 + 2 * i && b[i] == 2 * (i + 1));
  return 0;
}
