// fork() from a C program: before the first region, with workers that spin or sleep, within a region from any thread, and after it.
// Parent and child go on with regions.
#include "check.h"
#include <sys/wait.h>
#include <unistd.h>

static int region(int size) {
  int sum = 0;
#pragma omp parallel num_threads(size) reduction(+ : sum)
  {
    sum += 1;
#pragma omp barrier
#pragma omp for schedule(dynamic)
    for (int i = 0; i < 20; i++) sum += 0;
  }
  return sum;
}

// A region within the one that the child was forked in has one thread where nested regions are serialized.
static void with_child(int size, int expected) {
  pid_t child = fork();
  if (child == 0) {
    alarm(20);
    int right = 1;
    for (int i = 0; i < 20; i++) right &= region(size) == expected;
    _exit(!right);
  }
  int status = -1;
  CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
}

int main(void) {
  FOR_SIZES(n) {
    with_child(n, n);
    region(n);
    with_child(n, n);
    region(n);
    usleep(10000);
    with_child(n, n);
#pragma omp parallel num_threads(n)
    {
      int within = omp_get_num_threads() == 1 ? n : 1;
#pragma omp single
      with_child(n, within);
      if (omp_get_thread_num() == omp_get_num_threads() - 1) with_child(n, within);
    }
    CHECK(region(n) == n);
  }
  return 0;
}
