// taskgroup: waits for the children and all their descendants, and not for tasks from before it.
//@ dynamic: yes
#include "conf.h"

static void descend(int depth, int *counter) {
#pragma omp atomic
  (*counter)++;
  if (depth > 0)
    for (int i = 0; i < 2; i++) {
#pragma omp task
      descend(depth - 1, counter);
    }
}

int main(void) {
  REPEAT(30) {
#pragma omp parallel
    {
      int count = 0, inner = 0;
#pragma omp taskgroup
      {
        descend(5, &count);
#pragma omp taskgroup
        descend(3, &inner);
        CHECK(inner == 15);
#pragma omp task shared(count)
        descend(3, &count);
      }
      CHECK(count == 63 + 15);
    }
  }
  return 0;
}
