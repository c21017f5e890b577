// task_reduction over an array.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(20) {
    double list[30] = {0};
#pragma omp parallel
#pragma omp single
#pragma omp taskgroup task_reduction(+ : list)
    for (int i = 0; i < 100; i++) {
#pragma omp task in_reduction(+ : list)
      list[5 + i % 10] += i;
    }
    for (int i = 0; i < 30; i++) CHECK(list[i] == (i >= 5 && i < 15 ? 450 + 10 * (i - 5) : 0));
  }
  return 0;
}
