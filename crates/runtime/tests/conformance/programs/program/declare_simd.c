// declare simd: variants with uniform, linear, simdlen, inbranch and notinbranch.
//@ threads: 1 4
#include "conf.h"

#pragma omp declare simd uniform(scale) simdlen(4) notinbranch
#pragma omp declare simd linear(x : 1) inbranch
__attribute__((noinline)) static float scaled(float scale, int x) { return scale * (float)x; }

int main(void) {
  static float out[1000];
#pragma omp parallel for simd
  for (int i = 0; i < 1000; i++) out[i] = scaled(2, i);
#pragma omp simd
  for (int i = 0; i < 1000; i++)
    if (i % 2) out[i] += scaled(1, i);
  for (int i = 0; i < 1000; i++) CHECK(out[i] == (i % 2 ? 3.0f * i : 2.0f * i));
  return 0;
}
