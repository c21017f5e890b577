// proc_bind(primary), close and spread; the bind ICV inside.
//@ env: OMP_PLACES=threads OMP_PROC_BIND=true
#include "conf.h"

int main(void) {
  int first = omp_get_place_num();
#pragma omp parallel proc_bind(master)
  CHECK(omp_get_place_num() == first || first < 0);
#pragma omp parallel proc_bind(close)
  CHECK(omp_get_place_num() >= 0 && omp_get_place_num() < omp_get_num_places());
#pragma omp parallel proc_bind(spread)
  {
    CHECK(omp_get_place_num() >= 0 && omp_get_place_num() < omp_get_num_places());
    int numbers[1024], count = omp_get_partition_num_places();
    CHECK(count >= 1 && count <= omp_get_num_places());
    omp_get_partition_place_nums(numbers);
    bool mine = false;
    for (int i = 0; i < count; i++) mine |= numbers[i] == omp_get_place_num();
    CHECK(mine);
  }
  return 0;
}
