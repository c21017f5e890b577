// Many single nowait in a row: each is executed exactly once, however far the threads are apart.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  enum { COUNT = 500 };
  static int hits[COUNT];
  REPEAT(5) {
    memset(hits, 0, sizeof hits);
#pragma omp parallel
    for (int i = 0; i < COUNT; i++) {
      if (i % 13 == 0) conf_jitter(i);
#pragma omp single nowait
#pragma omp atomic
      hits[i]++;
    }
    for (int i = 0; i < COUNT; i++) CHECK(hits[i] == 1);
  }
  return 0;
}
