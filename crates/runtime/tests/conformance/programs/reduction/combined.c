// reduction on parallel for, parallel sections, for collapse and for simd.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(20) {
    int a = 0, b = 0, c = 0;
    float d = 0;
#pragma omp parallel for reduction(+ : a) schedule(dynamic, 3) collapse(2)
    for (int i = 0; i < 20; i++)
      for (int j = 0; j < 20; j++) a += i + j;
#pragma omp parallel sections reduction(+ : b)
    {
#pragma omp section
      b -= 3;
#pragma omp section
      b -= 4;
    }
#pragma omp parallel for simd reduction(+ : d)
    for (int i = 0; i < 512; i++) d += 1;
#pragma omp parallel reduction(max : c)
#pragma omp for nowait
    for (int i = 0; i < 100; i++) c = i * 3 > c ? i * 3 : c;
    CHECK(a == 7600 && d == 512 && c == 297);
    CHECK(b == -7);
  }
  return 0;
}
