// A child of a child; children at the same time.
//@ gcc: no, libgomp's threads do not survive
#include "conf.h"

#include <sys/wait.h>

static void region(void) {
  int count = 0;
#pragma omp parallel reduction(+ : count)
  {
#pragma omp barrier
    count++;
  }
  CHECK(count == omp_get_max_threads());
}

int main(void) {
  region();
  pid_t children[4];
  for (int i = 0; i < 4; i++) {
    children[i] = fork();
    if (children[i] == 0) {
      region();
      pid_t grandchild = fork();
      region();
      if (grandchild == 0) _exit(5);
      int status;
      CHECK(waitpid(grandchild, &status, 0) == grandchild && WEXITSTATUS(status) == 5);
      _exit(6);
    }
    region();
  }
  for (int i = 0; i < 4; i++) {
    int status;
    CHECK(waitpid(children[i], &status, 0) == children[i] && WIFEXITED(status) && WEXITSTATUS(status) == 6);
  }
  return 0;
}
