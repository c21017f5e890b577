// error at(execution) severity(warning): the message is written, the program goes on.
//@ gcc: no, OpenMP 5.1
//@ threads: 1 2
//@ stderr: a word of warning
#include "conf.h"

int main(void) {
  int after = 0;
#pragma omp error at(execution) severity(warning) message("a word of warning")
  after = 1;
#pragma omp parallel
#pragma omp masked
  {
#pragma omp error at(execution) severity(warning) message("from a region")
  }
  CHECK(after);
  return 0;
}
