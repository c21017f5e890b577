// taskloop if(false): undeferred tasks of the generating thread; final, priority, untied, mergeable.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int hits[60] = {0};
#pragma omp parallel
  {
    int me = omp_get_thread_num();
#pragma omp taskloop if (0) num_tasks(5)
    for (int i = 0; i < 60; i++) {
      CHECK(omp_get_thread_num() == me);
#pragma omp atomic
      hits[i]++;
    }
#pragma omp single
    {
#pragma omp taskloop final(1) num_tasks(6)
      for (int i = 0; i < 60; i++) {
        CHECK(omp_in_final());
#pragma omp atomic
        hits[i] += 1000;
      }
#pragma omp taskloop untied mergeable priority(3) num_tasks(6)
      for (int i = 0; i < 60; i++) {
#pragma omp taskyield
#pragma omp atomic
        hits[i] += 1000;
      }
    }
#pragma omp barrier
    for (int i = 0; i < 60; i++) CHECK(hits[i] == 2000 + omp_get_num_threads());
  }
  return 0;
}
