// Locks with each hint exclude.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  omp_sync_hint_t hints[] = {omp_sync_hint_none, omp_sync_hint_uncontended, omp_sync_hint_contended,
                             omp_sync_hint_speculative, omp_sync_hint_nonspeculative,
                             omp_sync_hint_contended | omp_sync_hint_speculative};
  for (int h = 0; h < 6; h++) {
    omp_lock_t lock;
    omp_nest_lock_t nest;
    omp_init_lock_with_hint(&lock, hints[h]);
    omp_init_nest_lock_with_hint(&nest, hints[h]);
    long a = 0, b = 0, expected = 0;
#pragma omp parallel reduction(+ : expected)
    for (int i = 0; i < 500; i++) {
      omp_set_lock(&lock);
      a++;
      omp_unset_lock(&lock);
      omp_set_nest_lock(&nest);
      omp_set_nest_lock(&nest);
      b++;
      omp_unset_nest_lock(&nest);
      omp_unset_nest_lock(&nest);
      expected++;
    }
    CHECK(a == expected && b == expected);
    omp_destroy_lock(&lock);
    omp_destroy_nest_lock(&nest);
  }
  return 0;
}
