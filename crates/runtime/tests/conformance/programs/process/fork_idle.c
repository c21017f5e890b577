// fork with idle workers: parent and child run regions, of the same and of other sizes, and tasks.
#include "conf.h"

#include <sys/wait.h>

static void regions(void) {
  for (int n = 1; n <= 5; n++) {
    int count = 0, tasks = 0;
    long sum = 0;
#pragma omp parallel num_threads(n) reduction(+ : count)
    {
      count++;
#pragma omp single
      for (int i = 0; i < 20; i++) {
#pragma omp task shared(tasks)
#pragma omp atomic
        tasks++;
      }
#pragma omp for reduction(+ : sum) schedule(dynamic)
      for (int i = 0; i < 100; i++) sum += i;
    }
    CHECK(count == n && tasks == 20 && sum == 4950);
  }
}

int main(void) {
  regions();
  REPEAT(5) {
    pid_t child = fork();
    CHECK(child >= 0);
    regions();
    if (child == 0) _exit(33);
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 33);
    regions();
  }
  return 0;
}
