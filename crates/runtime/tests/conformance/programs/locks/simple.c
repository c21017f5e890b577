// Simple locks: exclusion, many locks, test; a lock may be unset by the task that set it only, and be set again.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  omp_lock_t lock, others[8];
  omp_init_lock(&lock);
  for (int i = 0; i < 8; i++) omp_init_lock(&others[i]);
  long count = 0, expected = 0, counts[8] = {0};
#pragma omp parallel reduction(+ : expected)
  for (int i = 0; i < 2000; i++) {
    omp_set_lock(&lock);
    count++;
    omp_unset_lock(&lock);
    omp_set_lock(&others[i % 8]);
    counts[i % 8]++;
    omp_unset_lock(&others[i % 8]);
    expected++;
  }
  CHECK(count == expected);
  for (int i = 0; i < 8; i++) CHECK(counts[i] == expected / 8);
  CHECK(omp_test_lock(&lock));
#pragma omp parallel
  CHECK(!omp_test_lock(&lock));
  omp_unset_lock(&lock);
  omp_destroy_lock(&lock);
  for (int i = 0; i < 8; i++) omp_destroy_lock(&others[i]);
  return 0;
}
