// scan in simd loops.
//@ threads: 1
#include "conf.h"

int main(void) {
  static int a[100], b[100];
  for (int i = 0; i < 100; i++) a[i] = i;
  int sum = 0;
#pragma omp simd reduction(inscan, + : sum)
  for (int i = 0; i < 100; i++) {
    sum += a[i];
#pragma omp scan inclusive(sum)
    b[i] = sum;
  }
  for (int i = 0; i < 100; i++) CHECK(b[i] == i * (i + 1) / 2);
  return 0;
}
