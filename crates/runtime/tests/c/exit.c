// Ends the process from within a region, while the other threads wait or work.
#include "check.h"

int main(int argc, char **argv) {
  volatile long work = 0;
#pragma omp parallel num_threads(4)
  {
    if (omp_get_thread_num() == 2) {
      for (int i = 0; i < 100000; i++) work = i;
      exit(7);
    }
    if (omp_get_thread_num() == 1)
      for (;;) work++;
#pragma omp barrier
  }
  return 0;
}
