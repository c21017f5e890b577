// schedule(dynamic): while one thread is held up in an iteration the others execute all the rest.
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  REPEAT(5) {
    atomic_int done = 0;
#pragma omp parallel
#pragma omp for schedule(dynamic)
    for (int i = 0; i < 100; i++) {
      if (i == 0) AWAIT(atomic_load(&done) == 99);
      atomic_fetch_add(&done, 1);
    }
  }
  return 0;
}
