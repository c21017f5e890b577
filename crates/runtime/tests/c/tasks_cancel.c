// Cancellation of taskgroups and of regions with tasks: what has not begun is discarded, what has ends at its cancellation points.
#include "check.h"

static void of_a_group(int n) {
  int ran = 0, after = 0, outside = 0;
#pragma omp parallel num_threads(n)
#pragma omp single
  {
#pragma omp task shared(outside)
#pragma omp atomic
    outside++;
#pragma omp taskgroup
    {
      for (int i = 0; i < 1000; i++) {
#pragma omp task shared(ran, after)
        {
#pragma omp atomic
          ran++;
#pragma omp cancel taskgroup
#pragma omp atomic
          after++;
        }
      }
    }
    // Later groups are not cancelled.
    int fresh = 0;
#pragma omp taskgroup
    {
#pragma omp task shared(fresh)
      fresh = 1;
    }
    CHECK(fresh == 1);
  }
  CHECK(ran >= 1 && ran <= n && after == 0 && outside == 1);
}

static void of_the_groups_within(int n) {
  int ran = 0;
#pragma omp parallel num_threads(n)
#pragma omp single
#pragma omp taskgroup
  {
#pragma omp task
    {
#pragma omp cancel taskgroup
    }
    if (n == 1) {
      // The group is cancelled by now.
#pragma omp task shared(ran)
#pragma omp taskgroup
      {
#pragma omp task shared(ran)
        ran++;
      }
    }
  }
  CHECK(ran == 0);
}

static void of_a_taskloop(int n) {
  int ran = 0;
#pragma omp parallel num_threads(n)
#pragma omp single
#pragma omp taskloop num_tasks(500) shared(ran)
  for (int i = 0; i < 5000; i++) {
    if (i % 10 == 0) {
#pragma omp atomic
      ran++;
    }
#pragma omp cancel taskgroup
  }
  CHECK(ran >= 1 && ran <= n);
}

static void of_the_region(int n) {
  int reached = 0, ran = 0;
#pragma omp parallel num_threads(n)
  {
#pragma omp cancel parallel
#pragma omp atomic
    reached++;
#pragma omp task shared(ran)
    ran++;
  }
  CHECK(reached == 0 && ran == 0);
  // Tasks generated before the cancellation are executed or discarded, and the region ends.
#pragma omp parallel num_threads(n)
  {
    for (int i = 0; i < 200; i++) {
#pragma omp task shared(ran)
#pragma omp atomic
      ran++;
    }
#pragma omp cancel parallel
  }
  CHECK(ran <= 200 * n);
#pragma omp parallel num_threads(n)
#pragma omp single
  {
    ran = 0;
    for (int i = 0; i < 200; i++) {
#pragma omp task shared(ran)
#pragma omp atomic
      ran++;
    }
  }
  CHECK(ran == 200);
}

static void points_see_the_cancellation(int n) {
  int passed = 0;
#pragma omp parallel num_threads(n)
#pragma omp single
#pragma omp taskgroup
  {
#pragma omp task shared(passed)
    {
#pragma omp task
      {
#pragma omp cancel taskgroup
      }
#pragma omp taskwait
#pragma omp cancellation point taskgroup
      passed = 1;
    }
  }
  CHECK(passed == 0);
}

int main(void) {
  CHECK(omp_get_cancellation());
  FOR_SIZES(n) {
    for (int round = 0; round < 10; round++) {
      of_a_group(n);
      of_the_groups_within(n);
      of_a_taskloop(n);
      points_see_the_cancellation(n);
      of_the_region(n);
    }
  }
  return 0;
}
