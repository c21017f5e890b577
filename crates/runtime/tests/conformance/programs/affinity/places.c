// OMP_PLACES with explicit places: number, processors, and each thread's place within the partition.
//@ env: OMP_PLACES={0},{1} OMP_PROC_BIND=close
//@ threads: 1 2 4
#include "conf.h"

int main(void) {
  if (omp_get_num_procs() < 2) return 0;
  CHECK(omp_get_num_places() == 2);
  int ids[4];
  for (int p = 0; p < 2; p++) {
    CHECK(omp_get_place_num_procs(p) == 1);
    omp_get_place_proc_ids(p, ids);
    CHECK(ids[0] == p);
  }
  CHECK(omp_get_proc_bind() == omp_proc_bind_close);
  int counts[2] = {0, 0}, n = omp_get_max_threads();
#pragma omp parallel
  {
    int place = omp_get_place_num();
    CHECK(place >= 0 && place < 2 && omp_get_partition_num_places() >= 1);
#pragma omp atomic
    counts[place]++;
  }
  CHECK(counts[0] + counts[1] == n);
  if (n > 1) CHECK(counts[0] == n / 2 && counts[1] == n / 2);
  return 0;
}
