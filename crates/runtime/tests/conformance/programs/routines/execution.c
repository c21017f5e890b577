// omp_get_num_threads, thread_num, max_threads, num_procs, in_parallel, set_num_threads, dynamic, nested.
//@ env: OMP_CANCELLATION=false
#include "conf.h"

int main(void) {
  int n = omp_get_max_threads();
  CHECK(omp_get_num_procs() >= 1 && omp_get_num_procs() <= 100000);
  CHECK(!omp_in_parallel() && omp_get_level() == 0 && omp_get_active_level() == 0);
  CHECK(omp_get_ancestor_thread_num(0) == 0 && omp_get_team_size(0) == 1);
  CHECK(omp_get_ancestor_thread_num(1) == -1 && omp_get_team_size(1) == -1);
#pragma omp parallel
  {
    CHECK(omp_in_parallel() == (n > 1) && omp_get_num_threads() == n && omp_get_num_procs() >= 1);
    CHECK(omp_get_thread_num() >= 0 && omp_get_thread_num() < n);
  }
  omp_set_num_threads(n + 1);
  CHECK(omp_get_max_threads() == n + 1);
#pragma omp parallel
  CHECK(omp_get_num_threads() == n + 1);
  omp_set_dynamic(1);
  CHECK(omp_get_dynamic() == 1);
  omp_set_dynamic(0);
  CHECK(omp_get_dynamic() == 0);
  CHECK(omp_get_thread_limit() >= 1);
  omp_set_max_active_levels(2);
  CHECK(omp_get_max_active_levels() == 2);
  CHECK(omp_get_supported_active_levels() >= 2);
  CHECK(omp_get_cancellation() == 0);
  CHECK(omp_get_max_task_priority() == 0);
  return 0;
}
