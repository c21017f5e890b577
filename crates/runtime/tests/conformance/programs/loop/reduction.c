// loop with reductions.
//@ gcc: no, gcc 12 lacks reductions on loop
//@ dynamic: yes
#include "conf.h"

int main(void) {
  long sum = 0, product = 1;
  int most = -1;
#pragma omp parallel
  {
#pragma omp loop reduction(+ : sum) reduction(max : most)
    for (int i = 0; i < 1000; i++) {
      sum += i;
      most = i > most ? i : most;
    }
#pragma omp loop reduction(* : product)
    for (int i = 1; i < 11; i++) product *= i;
  }
  CHECK(sum == 499500 && most == 999 && product == 3628800);
#pragma omp parallel loop reduction(+ : sum)
  for (int i = 0; i < 10; i++) sum++;
  CHECK(sum == 499510);
  return 0;
}
