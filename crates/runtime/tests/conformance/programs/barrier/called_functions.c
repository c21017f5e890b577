// Barriers in functions called from the region; some threads come by one way, some by another.
//@ dynamic: yes
#include "conf.h"

static int value;

static void one_way(void) {
#pragma omp barrier
}

static void other_way(void) {
  if (omp_get_thread_num() == 1) value++;
#pragma omp barrier
}

int main(void) {
#pragma omp parallel
  for (int i = 1; i <= 200; i++) {
    if (omp_get_thread_num() % 2)
      other_way();
    else
      one_way();
    CHECK(omp_get_num_threads() == 1 || value == i);
    one_way();
  }
  one_way();
  return 0;
}
