// taskgroup task_reduction and in_reduction: sums, products, extremes, over tasks and their descendants.
//@ dynamic: yes
#include "conf.h"

static void descend(int depth, long *sum) {
  long s = 0;
#pragma omp taskgroup task_reduction(+ : s)
  for (int i = 0; i < 3; i++) {
#pragma omp task in_reduction(+ : s)
    {
      s += i;
      if (depth > 0) {
        long inner = 0;
        descend(depth - 1, &inner);
        s += inner;
      }
    }
  }
  *sum = s;
}

int main(void) {
  REPEAT(30) {
    int sum = 10, most = -1, bits = 0;
    double product = 1, total = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp taskgroup task_reduction(+ : sum, total) task_reduction(* : product) task_reduction(max : most) \
    task_reduction(| : bits)
      {
        for (int i = 1; i <= 20; i++) {
#pragma omp task in_reduction(+ : sum) in_reduction(* : product) in_reduction(max : most) shared(total, bits)
          {
            conf_jitter(i);
            sum += i;
            if (i < 5) product *= i;
            most = most > i ? most : i;
#pragma omp task in_reduction(+ : total) in_reduction(| : bits)
            {
              total += i * 0.5;
              bits |= 1 << i;
            }
          }
        }
      }
      CHECK(sum == 220 && product == 24 && most == 20 && total == 105 && bits == 0x1ffffe);
      long nested = 0;
      descend(3, &nested);
      CHECK(nested == 3 + 9 + 27 + 81);
    }
  }
  return 0;
}
