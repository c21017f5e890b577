// task_reduction over array sections.
//@ dynamic: yes
//@ clang: no, clang 22 gives the tasks wrong addresses
#include "conf.h"

int main(void) {
  REPEAT(20) {
    int list[50] = {0};
    double *heap = calloc(30, sizeof *heap);
#pragma omp parallel
#pragma omp single
#pragma omp taskgroup task_reduction(+ : list[0 : 50], heap[5 : 10])
    for (int i = 0; i < 100; i++) {
#pragma omp task in_reduction(+ : list[0 : 50], heap[5 : 10])
      {
        list[i % 50] += i;
        heap[5 + i % 10] += 1;
      }
    }
    for (int i = 0; i < 50; i++) CHECK(list[i] == 2 * i + 50);
    for (int i = 0; i < 30; i++) CHECK(heap[i] == (i >= 5 && i < 15 ? 10 : 0));
    free(heap);
  }
  return 0;
}
