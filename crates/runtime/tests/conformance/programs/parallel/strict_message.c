// num_threads(strict:) that cannot be met reports the message of the message clause; with severity(warning) the region still runs.
//@ env: OMP_THREAD_LIMIT=2
//@ gcc: no, OpenMP 6.0
//@ stderr: seven threads are needed here
#include "conf.h"

int main(void) {
  int count = 0;
#pragma omp parallel num_threads(strict : 7) severity(warning) message("seven threads are needed here")
#pragma omp atomic
  count++;
  CHECK(count >= 1 && count <= 2);
  return 0;
}
