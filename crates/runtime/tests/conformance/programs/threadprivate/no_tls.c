// threadprivate through the runtime's own tables, as compilers use them without native thread-local storage.
//@ flags: -fnoopenmp-use-tls
//@ gcc: no, clang's option
#include "conf.h"

static int counter = 5;
static double list[20];
#pragma omp threadprivate(counter, list)

int main(void) {
  omp_set_dynamic(0);
#pragma omp parallel
  {
    CHECK(counter == 5 && list[3] == 0);
    counter = 100 + omp_get_thread_num();
    list[3] = counter;
  }
  REPEAT(20) {
#pragma omp parallel
    CHECK(counter == 100 + omp_get_thread_num() && list[3] == counter);
  }
  counter = 77;
  list[3] = 8;
#pragma omp parallel copyin(counter, list)
  CHECK(counter == 77 && list[3] == 8);
  return 0;
}
