// Nested regions: levels and ancestors at any depth, max-active-levels-var, lists of num_threads, thread-limit-var, dyn-var.
#include "check.h"

static int leaves;

static void descend(int depth, int deepest) {
  CHECK(omp_get_level() == depth);
  if (depth == deepest) {
#pragma omp atomic
    leaves++;
    return;
  }
#pragma omp parallel num_threads(2)
  {
    CHECK(omp_get_num_threads() == 2 && omp_get_active_level() == depth + 1 && omp_in_parallel());
    CHECK(omp_get_ancestor_thread_num(depth + 1) == omp_get_thread_num() && omp_get_team_size(depth + 1) == 2);
    CHECK(omp_get_ancestor_thread_num(0) == 0 && omp_get_team_size(0) == 1);
    CHECK(omp_get_ancestor_thread_num(depth + 2) == -1 && omp_get_team_size(-1) == -1);
    descend(depth + 1, deepest);
  }
}

static void depths(void) {
  omp_set_max_active_levels(omp_get_supported_active_levels());
  for (int repetition = 0; repetition < 3; repetition++)
    for (int deepest = 1; deepest <= 6; deepest++) {
      leaves = 0;
      descend(0, deepest);
      CHECK(leaves == 1 << deepest);
    }
}

static void active_levels(void) {
  for (int levels = 0; levels <= 3; levels++) {
    omp_set_max_active_levels(levels);
#pragma omp parallel num_threads(2)
#pragma omp parallel num_threads(3)
#pragma omp parallel num_threads(2)
    {
      CHECK(omp_get_level() == 3 && omp_get_active_level() == levels);
      CHECK(omp_get_team_size(1) == (levels >= 1 ? 2 : 1) && omp_get_team_size(2) == (levels >= 2 ? 3 : 1));
      CHECK(omp_get_team_size(3) == (levels >= 3 ? 2 : 1) && omp_get_num_threads() == omp_get_team_size(3));
    }
  }
  omp_set_max_active_levels(-3); // means nothing
  CHECK(omp_get_max_active_levels() == 3);
  // An inactive region around an active one.
#pragma omp parallel num_threads(1)
#pragma omp parallel num_threads(4)
  CHECK(omp_get_level() == 2 && omp_get_active_level() == 1 && omp_get_num_threads() == 4 && omp_get_team_size(1) == 1);
#pragma omp parallel if (0)
#pragma omp parallel num_threads(2)
#pragma omp parallel if (0)
  CHECK(omp_get_level() == 3 && omp_get_active_level() == 1 && omp_get_team_size(2) == 2);
}

static void lists(void) { // OMP_NUM_THREADS=4,3,2
  omp_set_max_active_levels(8);
  CHECK(omp_get_max_threads() == 4);
#pragma omp parallel
  {
    CHECK(omp_get_num_threads() == 4 && omp_get_max_threads() == 3);
#pragma omp parallel
    {
      CHECK(omp_get_num_threads() == 3 && omp_get_max_threads() == 2);
#pragma omp parallel
      {
        CHECK(omp_get_num_threads() == 2 && omp_get_max_threads() == 2);
        omp_set_num_threads(1 + omp_get_thread_num());
        CHECK(omp_get_max_threads() == 1 + omp_get_thread_num());
      }
      CHECK(omp_get_max_threads() == 2);
    }
  }
  omp_set_num_threads(2); // the first element only
#pragma omp parallel
  CHECK(omp_get_num_threads() == 2 && omp_get_max_threads() == 3);
#pragma omp parallel num_threads(5)
  {
    CHECK(omp_get_num_threads() == 5 && omp_get_max_threads() == 3);
#pragma omp parallel
    CHECK(omp_get_num_threads() == 3);
  }
  omp_set_num_threads(4);
}

// All threads of the contention group together never pass the limit, however regions begin side by side.
static void limits(void) { // OMP_THREAD_LIMIT=70
  static int now, most;
  for (int repetition = 0; repetition < 200; repetition++) {
#pragma omp target thread_limit(6)
    {
      now = most = 0;
      CHECK(omp_get_thread_limit() == 6);
      omp_set_max_active_levels(3);
#pragma omp parallel num_threads(4)
      {
        CHECK(omp_get_num_threads() == 4);
#pragma omp parallel num_threads(4)
        {
          int mine;
          if (omp_get_thread_num() > 0) {
#pragma omp atomic capture
            mine = ++now;
#pragma omp critical
            if (mine > most) most = mine;
          }
#pragma omp barrier
          if (omp_get_thread_num() > 0) {
#pragma omp atomic
            now--;
          }
        }
      }
      CHECK(most <= 2); // beside the four threads of the outer region
      // What inner regions took has been given back.
#pragma omp parallel num_threads(6)
      CHECK(omp_get_num_threads() == 6);
    }
  }
}

static void dynamic(void) {
  omp_set_dynamic(1);
#pragma omp parallel num_threads(50)
  CHECK(omp_get_num_threads() <= omp_get_num_procs());
  omp_set_dynamic(0);
#pragma omp parallel num_threads(5)
  CHECK(omp_get_num_threads() == 5);
}

int main(void) {
  depths();
  active_levels();
  lists();
  limits();
  dynamic();
  return 0;
}
