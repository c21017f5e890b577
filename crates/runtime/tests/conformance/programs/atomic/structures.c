// atomic on members, elements and through pointers; neighbours are not disturbed.
//@ dynamic: yes
#include "conf.h"

struct {
  char a, b, c, d;
  short e, f;
} packed;

int main(void) {
  int *p = calloc(4, sizeof *p);
#pragma omp parallel for schedule(static, 1)
  for (int i = 0; i < 400; i++) {
    switch (i % 4) {
      case 0:
#pragma omp atomic
        packed.a++;
#pragma omp atomic
        p[0] += 2;
        break;
      case 1:
#pragma omp atomic
        packed.b++;
#pragma omp atomic
        *(p + 1) += 2;
        break;
      case 2:
#pragma omp atomic
        packed.e++;
#pragma omp atomic
        p[i % 4]++;
        break;
      default:
#pragma omp atomic
        packed.f--;
    }
  }
  CHECK(packed.a == 100 && packed.b == 100 && packed.c == 0 && packed.d == 0 && packed.e == 100 && packed.f == -100);
  CHECK(p[0] == 200 && p[1] == 200 && p[2] == 100 && p[3] == 0);
  free(p);
  return 0;
}
