// Routines on the host.
#include "check.h"

int main(void) {
  CHECK(omp_get_num_threads() == 1 && omp_get_thread_num() == 0 && omp_get_level() == 0);
  CHECK(omp_get_max_threads() == 3 && omp_get_num_procs() >= 1 && omp_get_thread_limit() == 6);
  omp_set_dynamic(1);
  CHECK(omp_get_dynamic());
  omp_set_dynamic(0);
  omp_sched_t kind;
  int chunk;
  omp_get_schedule(&kind, &chunk);
  CHECK((kind & ~omp_sched_monotonic) == omp_sched_guided && chunk == 5);
  omp_set_max_active_levels(4);
  CHECK(omp_get_max_active_levels() == 4 && omp_get_supported_active_levels() >= 4);
  double start = omp_get_wtime();
  CHECK(omp_get_wtime() >= start && omp_get_wtick() > 0);
  CHECK(omp_get_num_devices() == 0 && omp_is_initial_device() && omp_get_initial_device() == omp_get_device_num());
  CHECK(omp_get_num_teams() == 1 && omp_get_team_num() == 0);
#pragma omp parallel num_threads(100)
#pragma omp single
  CHECK(omp_get_num_threads() == 6);
#pragma omp parallel
  {
    CHECK(omp_get_num_threads() == 3);
    char text[64];
    size_t length = omp_capture_affinity(text, sizeof text, "%n/%N level %0.3L%%");
    char expected[64];
    snprintf(expected, sizeof expected, "%d/3 level 001%%", omp_get_thread_num());
    CHECK(length == strlen(expected) && !strcmp(text, expected));
  }
  CHECK(omp_pause_resource_all(omp_pause_soft) == 0);
#pragma omp parallel
  CHECK(omp_get_num_threads() == 3);
  return 0;
}
