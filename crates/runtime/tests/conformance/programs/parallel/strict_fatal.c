// num_threads(strict:) that cannot be met ends the program with the message, where severity is fatal (the default).
//@ env: OMP_THREAD_LIMIT=2
//@ gcc: no, OpenMP 6.0
//@ stderr: not without seven
//@ status: error
#include "conf.h"

int main(void) {
#pragma omp parallel num_threads(strict : 7) severity(fatal) message("not without seven")
  {
  }
  return 0;
}
