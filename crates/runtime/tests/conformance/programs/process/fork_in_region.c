// fork inside a region, by any thread: the child ends at once or executes a program; the parent's team goes on.
#include "conf.h"

#include <sys/wait.h>

int main(void) {
  REPEAT(5) {
    int count = 0;
#pragma omp parallel reduction(+ : count)
    {
      int status, me = omp_get_thread_num();
      pid_t child = fork();
      if (child == 0) _exit(me + 1);
      CHECK(child > 0 && waitpid(child, &status, 0) == child && WEXITSTATUS(status) == me + 1);
#pragma omp barrier
      count++;
    }
    CHECK(count == omp_get_max_threads());
  }
  return 0;
}
