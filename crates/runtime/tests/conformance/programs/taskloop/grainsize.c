// grainsize(g): each task has at least g iterations and fewer than 2 g.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  for (int grain = 1; grain < 40; grain += 6) {
    int starts = 0, first = -1;
#pragma omp parallel
#pragma omp single
    {
      // A task's own variable is initialised once for each task.
#pragma omp taskloop grainsize(grain) firstprivate(first) shared(starts)
      for (int i = 0; i < 200; i++) {
        if (first < 0) {
          first = i;
#pragma omp atomic
          starts++;
        }
        CHECK(i - first < 2 * grain);
      }
    }
    CHECK(starts <= (200 + grain - 1) / grain && starts >= 200 / (2 * grain));
  }
  return 0;
}
