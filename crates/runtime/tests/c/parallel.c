// Regions: any number of shared variables, firstprivate, if, num_threads, nesting, serialized regions, proc_bind.
#include "check.h"

static void many_variables(int n) {
  int a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8, i = 9, j = 10, k = 11, l = 12, m = 13, o = 14, p = 15, q = 16, r = 17, s = 18, t = 19;
  int sum = 0;
#pragma omp parallel num_threads(n)
#pragma omp atomic
  sum += a + b + c + d + e + f + g + h + i + j + k + l + m + o + p + q + r + s + t;
  CHECK(sum == n * 190);
  a = b = c = d = e = f = g = h = i = j = k = l = m = o = p = q = r = s = t = 0;
}

static void few_variables(int n) {
  int a = 1, b = 2, c = 3, d = 4, e = 5, f = 6;
  int sum = 0;
#pragma omp parallel num_threads(n)
#pragma omp atomic
  sum += 1;
  CHECK(sum == n);
#pragma omp parallel num_threads(n) firstprivate(a)
  {
    a += omp_get_thread_num();
#pragma omp atomic
    sum += a;
  }
  CHECK(sum == n + n + n * (n - 1) / 2);
  sum = 0;
#pragma omp parallel num_threads(n)
#pragma omp atomic
  sum += a + b + c;
  CHECK(sum == n * 6);
#pragma omp parallel num_threads(n)
#pragma omp atomic
  sum += a + b + c + d + e + f;
  CHECK(sum == n * 27);
  a = b = c = d = e = f = 0;
}

static void serialized(void) {
  int count = 0;
#pragma omp parallel num_threads(4) if (omp_get_wtime() < 0)
  {
    count++;
    CHECK(omp_get_num_threads() == 1 && omp_get_level() == 1 && !omp_in_parallel());
#pragma omp for schedule(dynamic)
    for (int i = 0; i < 10; i++) count++;
  }
  CHECK(count == 11);
}

static void nested(void) {
  int count = 0;
  omp_set_max_active_levels(3);
#pragma omp parallel num_threads(2)
#pragma omp parallel num_threads(3)
#pragma omp parallel num_threads(2)
  {
    CHECK(omp_get_num_threads() == 2 && omp_get_level() == 3 && omp_get_team_size(2) == 3);
#pragma omp atomic
    count++;
  }
  CHECK(count == 12);
  omp_set_max_active_levels(1);
#pragma omp parallel num_threads(2)
#pragma omp parallel num_threads(3)
  CHECK(omp_get_num_threads() == 1 && omp_get_active_level() == 1);
}

static void bound(void) {
#pragma omp parallel num_threads(4) proc_bind(spread)
  CHECK(omp_get_num_threads() == 4);
}

static int per_thread;
#pragma omp threadprivate(per_thread)

static void threadprivate(int n) {
  per_thread = 5;
#pragma omp parallel num_threads(n) copyin(per_thread)
  {
    CHECK(per_thread == 5);
    per_thread = 100 + omp_get_thread_num();
  }
#pragma omp parallel num_threads(n)
  CHECK(per_thread == 100 + omp_get_thread_num());
}

int main(void) {
  for (int round = 0; round < 10; round++) {
    FOR_SIZES(n) {
      many_variables(n);
      few_variables(n);
      threadprivate(n);
    }
    serialized();
    nested();
    bound();
  }
  return 0;
}
