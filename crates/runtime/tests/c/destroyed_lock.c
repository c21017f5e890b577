// A lock that was destroyed is set again: the program ends with a message instead of waiting for ever.
#include "check.h"

int main(void) {
  omp_lock_t lock;
  omp_nest_lock_t nest;
  omp_init_lock(&lock);
  omp_set_lock(&lock);
  omp_unset_lock(&lock);
  omp_destroy_lock(&lock);
  omp_init_lock(&lock);
  CHECK(omp_test_lock(&lock));
  omp_unset_lock(&lock);
  omp_destroy_lock(&lock);
  omp_init_nest_lock(&nest);
  omp_destroy_nest_lock(&nest);
  if (getenv("NESTABLE"))
    omp_set_nest_lock(&nest);
  else
    omp_set_lock(&lock);
  return 0;
}
