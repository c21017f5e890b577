// scope reduction: combined at the end of the construct.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(50) {
    int sum = 1, n = 0;
    double most = 0;
#pragma omp parallel
    {
#pragma omp single
      n = omp_get_num_threads();
#pragma omp scope reduction(+ : sum) reduction(max : most)
      {
        sum += omp_get_thread_num() + 1;
        most = omp_get_thread_num();
      }
      CHECK(sum == 1 + n * (n + 1) / 2 && most == n - 1);
    }
  }
  return 0;
}
