// schedule(nonmonotonic: dynamic): the iterations that a held-up thread would have got are taken by others.
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  REPEAT(5) {
    for (int held = 0; held < 200; held += 39) {
      atomic_int done = 0;
#pragma omp parallel
#pragma omp for schedule(nonmonotonic : dynamic)
      for (int i = 0; i < 200; i++) {
        if (i == held) AWAIT(atomic_load(&done) >= 100);
        atomic_fetch_add(&done, 1);
      }
      CHECK(done == 200);
    }
  }
  return 0;
}
