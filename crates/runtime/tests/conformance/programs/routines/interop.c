// Interoperability objects of a host without foreign runtimes: everything answers that there is nothing.
//@ threads: 1
//@ gcc: no, clang's init
#include "conf.h"

int main(void) {
  omp_interop_t object = omp_interop_none;
#pragma omp interop init(targetsync : object)
  CHECK(omp_get_num_interop_properties(object) >= 0);
  int status = 1;
  omp_get_interop_int(omp_interop_none, omp_ipr_fr_id, &status);
  CHECK(status != omp_irc_success);
  CHECK(omp_get_interop_ptr(omp_interop_none, omp_ipr_targetsync, &status) == NULL && status != omp_irc_success);
#pragma omp interop destroy(object)
  return 0;
}
