// grainsize(strict: g): each task has g iterations, but for the last.
//@ gcc: no, OpenMP 5.1
//@ dynamic: yes
#include "conf.h"

int main(void) {
  for (int grain = 1; grain < 40; grain += 6) {
    int starts = 0, first = -1;
#pragma omp parallel
#pragma omp single
#pragma omp taskloop grainsize(strict : grain) firstprivate(first) shared(starts)
    for (int i = 0; i < 200; i++) {
      if (first < 0) {
        first = i;
        CHECK(i % grain == 0);
#pragma omp atomic
        starts++;
      }
      CHECK(i - first < grain);
    }
    CHECK(starts == (200 + grain - 1) / grain);
  }
  return 0;
}
