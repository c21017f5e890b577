// untied tasks with scheduling points inside; they complete exactly once.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  static int steps[200];
  REPEAT(10) {
    memset(steps, 0, sizeof steps);
#pragma omp parallel
#pragma omp single
    for (int i = 0; i < 200; i++) {
#pragma omp task untied firstprivate(i)
      {
        int child = 0;
        steps[i]++;
#pragma omp taskyield
        steps[i]++;
#pragma omp task shared(child)
        child = 5;
#pragma omp taskwait
        steps[i] += child;
      }
    }
    for (int i = 0; i < 200; i++) CHECK(steps[i] == 7);
  }
  return 0;
}
