// Places and binding, and the lines of OMP_DISPLAY_AFFINITY (run with OMP_PLACES=threads and OMP_PROC_BIND=spread).
#define _GNU_SOURCE
#include "check.h"
#include <sched.h>

int main(void) {
  int places = omp_get_num_places();
  CHECK(places >= 1 && omp_get_proc_bind() == omp_proc_bind_spread);
  CHECK(omp_get_place_num() == 0);
#pragma omp parallel num_threads(places)
  {
    // As many threads as places: one each, thread 0 where it was, and only the place's processor left in the mask.
    CHECK(omp_get_place_num() == omp_get_thread_num());
    CHECK(omp_get_place_num_procs(omp_get_place_num()) == 1);
    int processor;
    omp_get_place_proc_ids(omp_get_place_num(), &processor);
    cpu_set_t mask;
    CHECK(!sched_getaffinity(0, sizeof mask, &mask) && CPU_COUNT(&mask) == 1 && CPU_ISSET(processor, &mask));
    CHECK(omp_get_partition_num_places() == 1);
  }
#pragma omp parallel num_threads(places) proc_bind(primary)
  CHECK(omp_get_place_num() == 0 && omp_get_partition_num_places() == places);
#pragma omp parallel num_threads(2 * places) proc_bind(close)
  CHECK(omp_get_place_num() == omp_get_thread_num() / 2);
  // Within each piece of the partition nested regions find the rest of it, and stay there.
  omp_set_max_active_levels(2);
#pragma omp parallel num_threads(2) proc_bind(spread)
  {
    int mine = omp_get_partition_num_places(), numbers[1024];
    CHECK(mine >= 1 && (places == 1 || mine < places));
    omp_get_partition_place_nums(numbers);
#pragma omp parallel num_threads(3) proc_bind(close)
    {
      int place = omp_get_place_num(), found = 0;
      for (int i = 0; i < mine; i++) found += numbers[i] == place;
      CHECK(found == 1 && omp_get_partition_num_places() == mine);
    }
  }
  // Teams are spread, too.
#pragma omp teams num_teams(places)
  {
    CHECK(omp_get_place_num() >= 0 && omp_get_partition_num_places() >= 1);
#pragma omp parallel num_threads(2) proc_bind(primary)
    CHECK(omp_get_place_num() >= 0);
  }
  CHECK(omp_get_place_num_procs(-1) == 0 && omp_get_place_num_procs(places) == 0);
  int untouched = -7;
  omp_get_place_proc_ids(places, &untouched);
  CHECK(untouched == -7);
  return 0;
}
