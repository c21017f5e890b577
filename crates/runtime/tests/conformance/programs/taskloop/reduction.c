// taskloop reduction and in_reduction.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(20) {
    long sum = 3;
    double product = 1;
    int list[5] = {0}, total = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp taskloop reduction(+ : sum) reduction(* : product) grainsize(5)
      for (int i = 1; i <= 100; i++) {
        sum += i;
        if (i <= 6) product *= i;
      }
      CHECK(sum == 5053 && product == 720);
#pragma omp taskloop reduction(+ : list[0 : 5]) num_tasks(9)
      for (int i = 0; i < 100; i++) list[i % 5]++;
#pragma omp taskgroup task_reduction(+ : total)
      {
#pragma omp taskloop in_reduction(+ : total) grainsize(3)
        for (int i = 0; i < 50; i++) total++;
#pragma omp task in_reduction(+ : total)
        total += 1000;
      }
    }
    for (int i = 0; i < 5; i++) CHECK(list[i] == 20);
    CHECK(total == 1050);
  }
  return 0;
}
