// Task reductions: on groups, regions, loops, sections and scopes, through generations of tasks; memory is given back.
#include "check.h"

struct sum {
  long parts[5];
};
static void combine(struct sum *into, const struct sum *from) {
  for (int i = 0; i < 5; i++) into->parts[i] += from->parts[i];
}
#pragma omp declare reduction(add : struct sum : combine(&omp_out, &omp_in)) initializer(omp_priv = {{0}})

static long total(const struct sum *s) {
  long result = 0;
  for (int i = 0; i < 5; i++) result += s->parts[i];
  return result;
}

// Each task takes part and generates two more.
static void tree(int depth, long *x, double *y, struct sum *z) {
#pragma omp task in_reduction(+ : x[0]) in_reduction(+ : y[0]) in_reduction(add : z[0]) firstprivate(depth)
  {
    *x += 1;
    *y += 0.5;
    z->parts[depth % 5] += 2;
    if (depth > 0) {
      tree(depth - 1, x, y, z);
      tree(depth - 1, x, y, z);
#pragma omp taskwait
    }
  }
}

static void groups(void) {
  long x = 10;
  double y = 1;
  struct sum z = {{1}};
#pragma omp parallel
#pragma omp single
  {
#pragma omp taskgroup task_reduction(+ : x, y) task_reduction(add : z)
    {
      for (int i = 0; i < 3; i++) tree(5, &x, &y, &z);
    }
    // 3 trees of 63 tasks.
    CHECK(x == 10 + 189 && y == 1 + 94.5 && total(&z) == 1 + 378);
    long outer = 0, inner = 0;
#pragma omp taskgroup task_reduction(+ : outer)
    {
#pragma omp task in_reduction(+ : outer) shared(inner)
      {
        outer += 1;
#pragma omp taskgroup task_reduction(+ : inner)
        for (int i = 0; i < 20; i++) {
#pragma omp task in_reduction(+ : outer, inner)
          {
            outer += 10;
            inner += 1;
          }
        }
      }
    }
    CHECK(outer == 201 && inner == 20);
  }
}

static void regions(void) {
  long x = 5;
  int threads = 0;
#pragma omp parallel reduction(task, + : x)
  {
#pragma omp single nowait
    threads = omp_get_num_threads();
    x += 100;
    for (int i = 0; i < 10; i++) {
#pragma omp task in_reduction(+ : x)
      x += 1;
    }
  }
  CHECK(x == 5 + threads * 110);
}

static void worksharing(void) {
  long x = 0, y = 0;
  int threads = 0;
#pragma omp parallel
  {
#pragma omp for reduction(task, + : x) schedule(static)
    for (int i = 0; i < 100; i++) {
      x += 1;
#pragma omp task in_reduction(+ : x)
      x += 10;
    }
#pragma omp for reduction(task, + : x) schedule(dynamic, 3)
    for (unsigned long long i = 0; i < 100; i++) {
      x += 1;
#pragma omp task in_reduction(+ : x)
      x += 10;
    }
#pragma omp sections reduction(task, + : x)
    {
#pragma omp section
      {
#pragma omp task in_reduction(+ : x)
        x += 1000;
      }
#pragma omp section
      x += 2000;
    }
#pragma omp single
    threads = omp_get_num_threads();
#pragma omp scope reduction(task, + : y)
    {
#pragma omp task in_reduction(+ : y)
      y += 7;
    }
  }
  CHECK(x == 2 * 1100 + 3000 && y == 7 * threads);
}

static void taskloops(void) {
  long x = 0;
  int seen[300] = {0}, none = 0;
#pragma omp parallel
#pragma omp single
  {
#pragma omp taskloop reduction(+ : x) grainsize(7)
    for (int i = 0; i < 300; i++) {
      x += i;
      seen[i]++;
    }
#pragma omp taskgroup task_reduction(+ : x)
    {
#pragma omp taskloop in_reduction(+ : x) num_tasks(11) nogroup
      for (unsigned long long i = 300; i > 0; i--) x += i - 1;
    }
#pragma omp taskloop reduction(+ : none)
    for (int i = 5; i < 5; i++) none++;
  }
  for (int i = 0; i < 300; i++) CHECK(seen[i] == 1);
  CHECK(x == 2 * 44850 && none == 0);
}

int main(void) {
  for (int round = 0; round < 20; round++) {
    groups();
    regions();
    worksharing();
    taskloops();
  }
  return 0;
}
