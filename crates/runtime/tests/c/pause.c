// omp_pause_resource(_all): worker threads end, and are started anew when they are needed; numbers are used again.
#include "check.h"
#include <dirent.h>
#include <unistd.h>

extern int __kmpc_global_thread_num(void *);

static int threads(void) {
  int count = 0;
  DIR *tasks = opendir("/proc/self/task");
  CHECK(tasks);
  for (struct dirent *entry; (entry = readdir(tasks));) count += entry->d_name[0] != '.';
  closedir(tasks);
  return count;
}

// Threads that have been told to end take a moment.
static void expect_threads(int wanted) {
  for (int waited = 0; threads() != wanted; waited++) {
    if (waited >= 5000) fprintf(stderr, "%d threads are left, not %d\n", threads(), wanted);
    CHECK(waited < 5000);
    usleep(1000);
  }
}

static int private_to_each;
#pragma omp threadprivate(private_to_each)

int main(void) {
  int alone = threads();
  for (int repetition = 0; repetition < 30; repetition++) {
    int n = repetition % 2 ? 4 : 17;
    int sum = 0, highest = 0;
#pragma omp parallel num_threads(n) reduction(+ : sum) reduction(max : highest)
    {
      sum += omp_get_num_threads();
      highest = __kmpc_global_thread_num(NULL);
    }
    CHECK(sum == n * n && highest < 40);
    omp_set_max_active_levels(2);
#pragma omp parallel num_threads(2)
#pragma omp parallel num_threads(3)
    CHECK(omp_get_num_threads() == 3 && omp_get_level() == 2);
#pragma omp teams num_teams(2) thread_limit(2)
#pragma omp parallel num_threads(2)
    CHECK(omp_get_num_threads() == 2);
    CHECK(threads() > alone);
    CHECK((repetition % 3 ? omp_pause_resource_all(omp_pause_hard) : omp_pause_resource(omp_pause_hard, omp_get_initial_device())) == 0);
    expect_threads(alone);
  }
  // A soft pause keeps the threads that hold threadprivate variables.
#pragma omp parallel num_threads(4)
  private_to_each = omp_get_thread_num() + 10;
  CHECK(omp_pause_resource_all(omp_pause_soft) == 0);
#pragma omp parallel num_threads(4)
  CHECK(private_to_each == omp_get_thread_num() + 10);
  // Neither inside a region, nor of devices that are not there, nor in ways that do not exist.
#pragma omp parallel num_threads(2)
  CHECK(omp_pause_resource_all(omp_pause_hard) != 0);
  CHECK(omp_pause_resource(omp_pause_soft, 1) != 0 && omp_pause_resource(omp_pause_hard, omp_invalid_device) != 0);
  CHECK(omp_pause_resource_all((omp_pause_resource_t)9) != 0 && omp_pause_resource_all((omp_pause_resource_t)0) != 0);
  CHECK(omp_pause_resource_all(omp_pause_stop_tool) == 0);
  expect_threads(alone);
  return 0;
}
