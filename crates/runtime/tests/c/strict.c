// num_threads(strict:) with severity and message, run with OMP_THREAD_LIMIT=4; the argument says which case.
#include "check.h"

extern int __kmpc_global_thread_num(void *);
// A list, which Clang does not read yet.
extern void __kmpc_push_num_threads_list_strict(void *, int, unsigned, int *, int, const char *);
enum { WARNING = 1 };

int main(int argc, char **argv) {
  CHECK(argc == 2);
  int gtid = __kmpc_global_thread_num(NULL), list[] = {9, 2};
  switch (argv[1][0]) {
  case 'm': // can be met
#pragma omp parallel num_threads(strict : 4) severity(fatal) message("never shown")
    CHECK(omp_get_num_threads() == 4);
    omp_set_dynamic(1); // adjusts nothing that is strict
#pragma omp parallel num_threads(strict : 4)
    CHECK(omp_get_num_threads() == 4);
    return 0;
  case 'w':
#pragma omp parallel num_threads(strict : 9) severity(warning) message("only few")
    CHECK(omp_get_num_threads() == 4);
    // The message was for that region alone.
#pragma omp parallel num_threads(9)
    CHECK(omp_get_num_threads() == 4);
    __kmpc_push_num_threads_list_strict(NULL, gtid, 2, list, WARNING, NULL);
#pragma omp parallel
    CHECK(omp_get_num_threads() == 4 && omp_get_max_threads() == 2);
    return 0;
  case 'f':
#pragma omp parallel num_threads(strict : 9) message("too few")
    puts("not reached");
    return 0;
  default:
#pragma omp parallel num_threads(strict : 9)
    puts("not reached");
    return 0;
  }
}
