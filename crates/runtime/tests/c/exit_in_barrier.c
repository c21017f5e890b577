// One thread ends the process while all others are at barriers.  usage (environment): HOW=exit|quick_exit|_exit WHO=first|last
#include "check.h"
#include <unistd.h>

static void end(const char *how) {
  if (!strcmp(how, "exit")) exit(7);
  if (!strcmp(how, "quick_exit")) quick_exit(7);
  _exit(7);
}

int main(void) {
  int first = !strcmp(getenv("WHO"), "first");
  const char *how = getenv("HOW");
  alarm(20);
#pragma omp parallel
  {
    int last = omp_get_num_threads() - 1;
    for (int round = 0;; round++) {
      if (round == 100 && omp_get_thread_num() == (first ? 0 : last)) end(how);
#pragma omp barrier
    }
  }
  return 0;
}
