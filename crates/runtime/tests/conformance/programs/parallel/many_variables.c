// More captured variables than fit into registers, shared and firstprivate, of different types.
#include "conf.h"

int main(void) {
  int a0 = 0, a1 = 1, a2 = 2, a3 = 3, a4 = 4, a5 = 5, a6 = 6, a7 = 7, a8 = 8, a9 = 9;
  double b0 = 0, b1 = 1, b2 = 2, b3 = 3, b4 = 4, b5 = 5, b6 = 6, b7 = 7, b8 = 8, b9 = 9;
  char c0 = 0, c1 = 1, c2 = 2, c3 = 3, c4 = 4;
  int sum = 0;
#pragma omp parallel firstprivate(a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, b0, b1, b2, b3, b4) reduction(+ : sum)
  {
    sum += a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9;
    sum += (int)(b0 + b1 + b2 + b3 + b4 + b5 + b6 + b7 + b8 + b9);
    sum += c0 + c1 + c2 + c3 + c4;
  }
  CHECK(sum == 100 * omp_get_max_threads());
  return 0;
}
