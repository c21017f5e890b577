// Tasks: results only, whatever the order; dependences, groups, taskloops, final, untied, reductions, destructors' storage.
#include "check.h"

static int fib(int n) {
  int a, b;
  if (n < 2) return n;
#pragma omp task shared(a) firstprivate(n)
  a = fib(n - 1);
#pragma omp task shared(b) if (n > 5)
  b = fib(n - 2);
#pragma omp taskwait
  return a + b;
}

static void recursion(void) {
  int result = 0;
#pragma omp parallel
#pragma omp single
  result = fib(15);
  CHECK(result == 610);
}

static void dependences(void) {
  int x = 0, y = 0;
#pragma omp parallel
#pragma omp single
  {
#pragma omp task depend(out : x)
    x = 1;
#pragma omp task depend(in : x) depend(out : y)
    y = x + 1;
#pragma omp task depend(inout : x, y)
    x = y + 1;
#pragma omp taskwait depend(in : x)
    CHECK(x == 3);
  }
  CHECK(y == 2);
}

static void groups_and_loops(void) {
  int hits[200] = {0}, sum = 0, parts = 0;
#pragma omp parallel
#pragma omp single
  {
#pragma omp taskgroup
    for (int i = 0; i < 10; i++)
#pragma omp task
#pragma omp atomic
      sum += i;
    CHECK(sum == 45);
#pragma omp taskloop grainsize(7)
    for (int i = 0; i < 200; i++) hits[i]++;
#pragma omp taskloop num_tasks(9)
    for (int i = 199; i >= 0; i -= 1) hits[i]++;
#pragma omp taskloop grainsize(strict : 30) firstprivate(parts)
    for (int i = 0; i < 200; i++) hits[i] += parts == 0;
  }
  for (int i = 0; i < 200; i++) CHECK(hits[i] == 3);
}

static void task_reduction(void) {
  int sum = 0, looped = 0;
#pragma omp parallel
#pragma omp single
  {
#pragma omp taskgroup task_reduction(+ : sum)
    for (int i = 0; i < 10; i++)
#pragma omp task in_reduction(+ : sum)
      sum += i;
#pragma omp taskloop reduction(+ : looped) grainsize(3)
    for (int i = 0; i < 100; i++) looped += i;
  }
  CHECK(sum == 45 && looped == 4950);
}

static void kinds(void) {
  int inner_final = 0, explicit_task = 0, yielded = 0;
#pragma omp parallel num_threads(2)
#pragma omp single
  {
    CHECK(!omp_in_final() && !omp_in_explicit_task());
#pragma omp task final(1) shared(inner_final, explicit_task)
    {
      explicit_task = omp_in_explicit_task();
#pragma omp task shared(inner_final)
      inner_final = omp_in_final();
    }
#pragma omp task untied shared(yielded)
    {
      yielded++;
#pragma omp taskyield
      yielded++;
    }
#pragma omp taskwait
    CHECK(!omp_in_final() && !omp_in_explicit_task());
  }
  CHECK(inner_final && explicit_task && yielded == 2);
}

int main(void) {
  FOR_SIZES(n) {
    omp_set_num_threads(n);
    for (int round = 0; round < 5; round++) {
      recursion();
      dependences();
      groups_and_loops();
      task_reduction();
      kinds();
    }
  }
  return 0;
}
