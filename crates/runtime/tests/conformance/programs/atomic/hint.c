// atomic hint: changes nothing but speed.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int a = 0, b = 0;
#pragma omp parallel for
  for (int i = 0; i < 1000; i++) {
#pragma omp atomic hint(omp_sync_hint_uncontended)
    a++;
#pragma omp atomic hint(omp_sync_hint_contended | omp_sync_hint_nonspeculative)
    b++;
  }
  CHECK(a == 1000 && b == 1000);
  return 0;
}
