// A nestable lock belongs to a task: another task of the same thread does not own it.
//@ threads: 1 4
#include "conf.h"

int main(void) {
  omp_nest_lock_t lock;
  omp_init_nest_lock(&lock);
#pragma omp parallel num_threads(1)
  {
    omp_set_nest_lock(&lock);
#pragma omp task if (0)
    CHECK(omp_test_nest_lock(&lock) == 0);
    CHECK(omp_test_nest_lock(&lock) == 2);
    omp_unset_nest_lock(&lock);
    omp_unset_nest_lock(&lock);
#pragma omp task if (0)
    {
      CHECK(omp_test_nest_lock(&lock) == 1);
      omp_unset_nest_lock(&lock);
    }
  }
  omp_destroy_nest_lock(&lock);
  return 0;
}
