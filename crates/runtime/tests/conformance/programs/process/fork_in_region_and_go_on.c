// fork by the master inside a region: the child has a team of its own from the next region on.
//@ gcc: no, libgomp's child waits for threads that are gone
#include "conf.h"

#include <sys/wait.h>

int main(void) {
  pid_t child = -1;
#pragma omp parallel
  {
#pragma omp barrier
#pragma omp master
    child = fork();
  }
  int count = 0;
  if (child == 0) {
#pragma omp parallel reduction(+ : count)
    count++;
    _exit(count == omp_get_max_threads() ? 9 : 1);
  }
  int status;
  CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 9);
#pragma omp parallel reduction(+ : count)
  count++;
  CHECK(count == omp_get_max_threads());
  return 0;
}
