// omp_test_lock: true for one at a time.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  omp_lock_t lock;
  omp_init_lock(&lock);
  long count = 0, got = 0;
#pragma omp parallel reduction(+ : got)
  for (int i = 0; i < 2000; i++) {
    while (!omp_test_lock(&lock)) sched_yield();
    count++;
    got++;
    omp_unset_lock(&lock);
  }
  CHECK(count == got);
  omp_destroy_lock(&lock);
  return 0;
}
