// Tasks that nobody waits for are completed before the region ends, with their descendants.
//@ dynamic: yes
#include "conf.h"

static int done;

static void grow(int depth) {
#pragma omp atomic
  done++;
  if (depth > 0)
    for (int i = 0; i < 3; i++) {
#pragma omp task
      grow(depth - 1);
    }
}

int main(void) {
  REPEAT(30) {
    done = 0;
#pragma omp parallel
#pragma omp single nowait
    {
#pragma omp task
      grow(4);
    }
    CHECK(done == 121);
  }
  return 0;
}
