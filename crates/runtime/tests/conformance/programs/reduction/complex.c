// reduction of complex numbers: sum and product.
//@ dynamic: yes
//@ clang: no, it wants another library for complex atomics
#include "conf.h"

#include <complex.h>

int main(void) {
  double _Complex sum = 0, product = 1;
  float _Complex small = 0;
#pragma omp parallel for reduction(+ : sum, small) reduction(* : product)
  for (int i = 0; i < 100; i++) {
    sum += i + 2 * i * I;
    small += 1.0f - 1.0f * I;
    if (i < 8) product *= I;
  }
  CHECK(creal(sum) == 4950 && cimag(sum) == 9900 && creal(product) == 1 && cimag(product) == 0);
  CHECK(crealf(small) == 100 && cimagf(small) == -100);
  return 0;
}
