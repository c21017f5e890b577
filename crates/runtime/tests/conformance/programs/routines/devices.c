// The device routines on a host without devices.
//@ threads: 1
#include "conf.h"

int main(void) {
  CHECK(omp_get_num_devices() == 0);
  CHECK(omp_get_initial_device() == 0 && omp_get_device_num() == 0 && omp_is_initial_device());
  CHECK(omp_get_default_device() == 0);
  int host = omp_get_initial_device();
  char *p = omp_target_alloc(100, host);
  CHECK(p && omp_target_is_present(p, host));
  for (int i = 0; i < 100; i++) p[i] = i;
  char copy[100];
  CHECK(omp_target_memcpy(copy, p, 90, 5, 10, host, host) == 0);
  for (int i = 0; i < 90; i++) CHECK(copy[5 + i] == 10 + i);
  size_t volume[2] = {3, 4}, to[2] = {1, 2}, from[2] = {2, 3}, target[2] = {6, 10}, source[2] = {10, 10};
  char grid[60] = {0};
  CHECK(omp_target_memcpy_rect(grid, p, 1, 2, volume, to, from, target, source, host, host) == 0);
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 4; j++) CHECK(grid[(1 + i) * 10 + 2 + j] == (2 + i) * 10 + 3 + j);
  CHECK(grid[0] == 0);
  CHECK(omp_target_memcpy_rect(NULL, NULL, 1, 0, NULL, NULL, NULL, NULL, NULL, host, host) >= 3);
#ifdef __clang__
  CHECK(omp_target_memcpy_async(copy, p, 50, 0, 0, host, host, 0, NULL) == 0);
#pragma omp taskwait
  CHECK(copy[49] == 49);
  CHECK(omp_get_mapped_ptr(p, host) == p);
#endif
  omp_target_free(p, host);
  return 0;
}
