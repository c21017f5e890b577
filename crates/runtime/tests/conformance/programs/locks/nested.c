// Nestable locks: the owner may set again; omp_test_nest_lock counts; others wait for the last unset.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  omp_nest_lock_t lock;
  omp_init_nest_lock(&lock);
  long count = 0, expected = 0;
#pragma omp parallel reduction(+ : expected)
  for (int i = 0; i < 500; i++) {
    omp_set_nest_lock(&lock);
    CHECK(omp_test_nest_lock(&lock) == 2);
    omp_set_nest_lock(&lock);
    CHECK(omp_test_nest_lock(&lock) == 4);
    count++;
    for (int k = 0; k < 4; k++) {
      omp_unset_nest_lock(&lock);
      if (k < 3) count++;
    }
    expected += 4;
  }
  CHECK(count == expected);
  CHECK(omp_test_nest_lock(&lock) == 1);
#pragma omp parallel num_threads(2)
  if (omp_get_thread_num() == 1) CHECK(omp_test_nest_lock(&lock) == 0);
  omp_unset_nest_lock(&lock);
  omp_destroy_nest_lock(&lock);
  return 0;
}
