// Task reductions: on taskgroups, taskloops, regions and loops, nested, with initialisers of the program.
#include "check.h"

struct pair {
  int low, high;
};
static void widen(struct pair *into, const struct pair *from) {
  if (from->low < into->low) into->low = from->low;
  if (from->high > into->high) into->high = from->high;
}
#pragma omp declare reduction(widen : struct pair : widen(&omp_out, &omp_in)) initializer(omp_priv = omp_orig)

static void groups(int threads) {
  long sum = 5;
  double array[8] = {0};
  struct pair range = {100, 100};
#pragma omp parallel num_threads(threads)
#pragma omp single
#pragma omp taskgroup task_reduction(+ : sum, array[0 : 8]) task_reduction(widen : range)
  for (int i = 0; i < 200; i++) {
#pragma omp task in_reduction(+ : sum, array[0 : 8]) in_reduction(widen : range) firstprivate(i)
    {
      sum += i;
      array[i % 8] += 1;
      struct pair point = {i, i};
      widen(&range, &point);
    }
  }
  CHECK(sum == 5 + 19900);
  for (int i = 0; i < 8; i++) CHECK(array[i] == 25);
  CHECK(range.low == 0 && range.high == 199);
}

// Tasks of tasks take part, through the copy that the outer task has been given.
static long total;

static void descend(int depth) {
  if (depth > 0)
    for (int i = 0; i < 2; i++) {
#pragma omp task in_reduction(+ : total) firstprivate(depth)
      {
        total += 1;
#pragma omp task in_reduction(+ : total)
        total += 1;
        descend(depth - 1);
      }
    }
#pragma omp taskwait
}

static void nested(int threads) {
  total = 0;
#pragma omp parallel num_threads(threads)
#pragma omp single
#pragma omp taskgroup task_reduction(+ : total)
  descend(6);
  CHECK(total == 252);
}

static void inner_groups(int threads) {
  long outer = 0, inner_total = 0;
#pragma omp parallel num_threads(threads)
#pragma omp single
#pragma omp taskgroup task_reduction(+ : outer)
  for (int i = 0; i < 20; i++) {
#pragma omp task in_reduction(+ : outer) shared(inner_total)
    {
      long inner = 0;
#pragma omp taskgroup task_reduction(+ : inner)
      for (int k = 0; k < 10; k++) {
#pragma omp task in_reduction(+ : inner) in_reduction(+ : outer)
        {
          inner += 1;
          outer += 1;
        }
      }
      CHECK(inner == 10);
#pragma omp atomic
      inner_total += inner;
    }
  }
  CHECK(outer == 200 && inner_total == 200);
}

static void loops(int threads) {
  long sum = 0, most = -1;
#pragma omp parallel num_threads(threads)
#pragma omp single
  {
#pragma omp taskloop reduction(+ : sum) reduction(max : most) grainsize(3)
    for (long i = 0; i < 500; i++) {
      sum += i;
      if ((i * 37) % 501 > most) most = (i * 37) % 501;
    }
    CHECK(sum == 124750);
#pragma omp taskgroup task_reduction(+ : sum)
    {
#pragma omp taskloop in_reduction(+ : sum) num_tasks(20)
      for (long i = 0; i < 100; i++) sum += 1;
    }
  }
  CHECK(sum == 124850);
  long expected = -1;
  for (long i = 0; i < 500; i++)
    if ((i * 37) % 501 > expected) expected = (i * 37) % 501;
  CHECK(most == expected);
}

static void regions(int threads) {
  long sum = 1, product = 1, parts = 0;
#pragma omp parallel num_threads(threads) reduction(task, + : sum)
  {
    for (int i = 0; i < 10; i++) {
#pragma omp task in_reduction(+ : sum)
      sum += 1;
    }
    sum += 100;
  }
  CHECK(sum == 1 + 110 * threads);
#pragma omp parallel num_threads(threads)
  {
#pragma omp for reduction(task, + : parts) reduction(task, * : product)
    for (int i = 0; i < 40; i++) {
#pragma omp task in_reduction(+ : parts) in_reduction(* : product)
      {
        parts += 1;
        product *= i % 20 == 0 ? 3 : 1;
      }
    }
#pragma omp single
    CHECK(parts == 40 && product == 9);
#pragma omp sections reduction(task, + : parts)
    {
#pragma omp section
      {
#pragma omp task in_reduction(+ : parts)
        parts += 2;
      }
#pragma omp section
      {
#pragma omp task in_reduction(+ : parts)
        parts += 3;
      }
    }
  }
  CHECK(parts == 45);
}

// A task's region has a team of its own, whose tasks take part in the outer group.
static void inner_team(int threads) {
  long sum = 0;
  omp_set_max_active_levels(2);
#pragma omp parallel num_threads(threads)
#pragma omp single
#pragma omp taskgroup task_reduction(+ : sum)
  for (int i = 0; i < 4; i++) {
#pragma omp task in_reduction(+ : sum)
    {
      sum += 1;
      long mine = 0;
#pragma omp parallel num_threads(2) reduction(+ : mine)
      mine += 1;
      sum += mine;
    }
  }
  CHECK(sum >= 8 && sum <= 12);
  omp_set_max_active_levels(1);
}

int main(void) {
  FOR_SIZES(threads) {
    for (int round = 0; round < 10; round++) {
      groups(threads);
      nested(threads);
      inner_groups(threads);
      loops(threads);
      regions(threads);
    }
    inner_team(threads);
  }
}
