// OMP_TARGET_OFFLOAD=disabled: as on a host without devices.
//@ env: OMP_TARGET_OFFLOAD=disabled
//@ threads: 1
#include "conf.h"

int main(void) {
  int x = 0;
#pragma omp target map(tofrom : x)
  x = omp_is_initial_device();
  CHECK(x && omp_get_num_devices() == 0);
  return 0;
}
