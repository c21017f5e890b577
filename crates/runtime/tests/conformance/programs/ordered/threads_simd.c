// ordered threads and ordered simd.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int next = 0, count[64] = {0};
#pragma omp parallel for ordered schedule(dynamic, 4)
  for (int i = 0; i < 64; i++) {
#pragma omp ordered threads
    {
      CHECK(next == i);
      next++;
    }
  }
  int serial = 0;
#pragma omp simd
  for (int i = 0; i < 64; i++) {
    count[i]++;
#pragma omp ordered simd
    serial = serial * 3 + i;
  }
  int expected = 0;
  for (int i = 0; i < 64; i++) expected = expected * 3 + i;
  CHECK(serial == expected && count[63] == 1);
  return 0;
}
