// Critical sections and locks inside tasks exclude.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  static long plain, locked;
  omp_lock_t lock;
  omp_init_lock(&lock);
#pragma omp parallel
#pragma omp for
  for (int i = 0; i < 1000; i++) {
#pragma omp task
    {
#pragma omp critical
      plain++;
      omp_set_lock(&lock);
      locked++;
      omp_unset_lock(&lock);
    }
  }
  omp_destroy_lock(&lock);
  CHECK(plain == 1000 && locked == 1000);
  return 0;
}
