// Cancellation (run with OMP_CANCELLATION=true): of regions, loops and sections; what follows works.
#include "check.h"

static void regions(void) {
  int after = 0;
#pragma omp parallel
  {
    if (omp_get_thread_num() == omp_get_num_threads() - 1) {
#pragma omp cancel parallel
    }
#pragma omp barrier
#pragma omp atomic
    after++;
  }
  CHECK(after == 0);
}

static void loops(void) {
  int done = 0, total = 0, threads = 0;
#pragma omp parallel
  {
#pragma omp single
    threads = omp_get_num_threads();
#pragma omp for schedule(dynamic)
    for (int i = 0; i < 20000000; i++) {
#pragma omp atomic
      done++;
      if (i == 10) {
#pragma omp cancel for
      }
#pragma omp cancellation point for
    }
#pragma omp for schedule(static)
    for (int i = 0; i < 100000; i++) {
#pragma omp cancellation point for
      if (i == 0) {
#pragma omp cancel for
      }
    }
#pragma omp for schedule(dynamic)
    for (int i = 0; i < 100; i++)
#pragma omp atomic
      total++;
  }
  CHECK(done < 20000000 || threads == 1);
  CHECK(total == 100);
}

// What a loop has cancelled is over with it: neither the region's next loop nor the next region's first one is cancelled.
static void later(void) {
  for (int kind = 0; kind < 2; kind++) {
#pragma omp parallel
    {
      if (kind == 0) {
#pragma omp for schedule(dynamic, 1)
        for (int i = 0; i < 100; i++) {
#pragma omp cancel for
        }
      } else {
#pragma omp for schedule(static)
        for (int i = 0; i < 100; i++) {
#pragma omp cancel for
        }
      }
    }
    int done = 0;
#pragma omp parallel
    {
#pragma omp for schedule(dynamic, 1)
      for (int i = 0; i < 100; i++) {
#pragma omp cancellation point for
#pragma omp atomic
        done++;
      }
#pragma omp for schedule(static)
      for (int i = 0; i < 100; i++) {
#pragma omp cancellation point for
#pragma omp atomic
        done++;
      }
    }
    CHECK(done == 200);
  }
}

static void sections(void) {
#pragma omp parallel sections
  {
#pragma omp section
    {
#pragma omp cancel sections
    }
#pragma omp section
    {
#pragma omp cancellation point sections
    }
  }
}

int main(void) {
  CHECK(omp_get_cancellation());
  FOR_SIZES(n) {
    omp_set_num_threads(n);
    for (int round = 0; round < 15; round++) {
      regions();
      loops();
      later();
      sections();
    }
  }
  return 0;
}
