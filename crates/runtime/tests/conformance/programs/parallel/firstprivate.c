// firstprivate: each thread's object starts with the original's value: scalars of all sizes, arrays, structures.
#include "conf.h"

struct point {
  char tag;
  double at[3];
};

int main(void) {
  char c = 'c';
  short s = -3;
  float f = 1.5f;
  long double ld = 2.25L;
  int array[40];
  for (int i = 0; i < 40; i++) array[i] = i * i;
  struct point p = {'p', {1, 2, 3}};
#pragma omp parallel firstprivate(c, s, f, ld, array, p)
  {
    CHECK(c == 'c' && s == -3 && f == 1.5f && ld == 2.25L && p.tag == 'p' && p.at[2] == 3);
    for (int i = 0; i < 40; i++) CHECK(array[i] == i * i);
    c = 0, s = 0, f = 0, ld = 0, p.at[2] = 0;
    memset(array, 0, sizeof array);
  }
  CHECK(c == 'c' && s == -3 && f == 1.5f && ld == 2.25L && p.tag == 'p' && p.at[2] == 3 && array[39] == 39 * 39);
  return 0;
}
