// error at(execution) with severity fatal ends the program with the message.
//@ gcc: no, OpenMP 5.1
//@ threads: 1 2
//@ stderr: this is the end
//@ status: error
#include "conf.h"

int main(void) {
#pragma omp error at(execution) severity(fatal) message("this is the end")
  return 0;
}
