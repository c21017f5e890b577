// Tasks as GCC hands them over: data with functions that copy them, every kind of dependence and depend object, taskloops
// of both types cut in every way, undeferred and final tasks.
#include "check.h"
#include <limits.h>

// A chain through every kind of dependence; the sets in between may run in any order.
static void dependences(void) {
  int a = 0, b[4] = {0}, set = 0, order = 0;
#pragma omp parallel
#pragma omp single
  {
#pragma omp task depend(out : a)
    a = 1;
    for (int i = 0; i < 4; i++) {
#pragma omp task depend(in : a) depend(out : b[i]) firstprivate(i)
      b[i] = a + i;
    }
    for (int i = 0; i < 4; i++) {
#pragma omp task depend(inout : a) depend(in : b[i]) firstprivate(i)
      {
        CHECK(order == i && b[i] == 1 + i);
        order++;
        a = 1;
      }
    }
    for (int i = 0; i < 6; i++) {
#pragma omp task depend(mutexinoutset : set) depend(in : a)
      set++;
    }
    omp_depend_t object;
#pragma omp depobj(object) depend(inout : set)
#pragma omp task depend(depobj : object)
    {
      CHECK(set == 6);
      set = 100;
    }
#pragma omp depobj(object) update(in)
#pragma omp task depend(depobj : object)
    CHECK(set == 100);
#pragma omp depobj(object) destroy
    int *p = b, n = 4;
#pragma omp task depend(iterator(i = 0 : n), inout : p[i])
    for (int i = 0; i < n; i++) p[i] += 10;
#pragma omp task depend(in : b[3]) if (0)
    CHECK(b[3] == 14);
#pragma omp taskwait depend(in : b[0]) depend(in : set)
    CHECK(b[0] == 11 && set == 100);
#pragma omp taskwait
  }
}

struct block {
  char bytes[3000];
};

static void data(void) {
  int done = 0;
#pragma omp parallel
#pragma omp single
  for (int i = 0; i < 50; i++) {
    struct block block;
    _Alignas(64) int aligned[3] = {i, i, i};
    int length = 5 + i;
    int vla[length];
    memset(&block, i, sizeof block);
    for (int k = 0; k < length; k++) vla[k] = i * k;
#pragma omp task firstprivate(block, aligned, vla, i) shared(done)
    {
      CHECK((size_t)&aligned % 64 == 0);
      for (size_t k = 0; k < sizeof block; k++) CHECK(block.bytes[k] == (char)i);
      for (int k = 0; k < 5 + i; k++) CHECK(vla[k] == i * k);
      CHECK(aligned[0] == i && aligned[2] == i);
#pragma omp atomic
      done++;
    }
  }
  CHECK(done == 50);
}

#define PRAGMA(text) _Pragma(#text)
#define LOOP(...)                                                        \
  {                                                                      \
    int hits[1000] = {0}, last = -1;                                     \
    PRAGMA(omp taskloop shared(hits) lastprivate(last) __VA_ARGS__)      \
    for (long i = 999; i >= 0; i -= 3) {                                 \
      hits[i]++;                                                         \
      last = (int)i;                                                     \
    }                                                                    \
    for (int i = 0; i < 1000; i++) CHECK(hits[i] == (i % 3 == 0));       \
    CHECK(last == 0);                                                    \
    unsigned long long base = ULLONG_MAX - 1500, final = 0;              \
    int other[100] = {0};                                                \
    PRAGMA(omp taskloop shared(other) lastprivate(final) __VA_ARGS__)    \
    for (unsigned long long i = base; i < base + 500; i += 5) {          \
      other[(i - base) / 5]++;                                           \
      final = i;                                                         \
    }                                                                    \
    for (int i = 0; i < 100; i++) CHECK(other[i] == 1);                  \
    CHECK(final == base + 495);                                          \
  }

static void taskloops(void) {
#pragma omp parallel
#pragma omp single
  {
    LOOP()
    LOOP(grainsize(1))
    LOOP(grainsize(30))
    LOOP(grainsize(5000))
    LOOP(grainsize(strict : 30))
    LOOP(num_tasks(1))
    LOOP(num_tasks(7))
    LOOP(num_tasks(5000))
    LOOP(num_tasks(7) if (0))
    LOOP(num_tasks(7) final(1))
    LOOP(untied priority(3))
  }
}

// A detached task is complete when its event is fulfilled: by itself, by another task, by the generating one.
static void detached(void) {
  int done = 0, after = 0;
#pragma omp parallel
#pragma omp single
  {
    omp_event_handle_t event, other;
#pragma omp task detach(event) shared(done) depend(out : done)
    {
      done = 1;
      omp_fulfill_event(event);
    }
#pragma omp task detach(other) shared(done) depend(inout : done)
    done = 2;
#pragma omp task shared(done, after) depend(in : done)
    after = done;
    omp_fulfill_event(other);
#pragma omp taskwait
    CHECK(done == 2 && after == 2);
#pragma omp taskgroup
    {
#pragma omp task detach(event) shared(done)
      {
#pragma omp task firstprivate(event) shared(done)
        {
#pragma omp atomic write
          done = 3;
          omp_fulfill_event(event);
        }
      }
    }
    CHECK(done == 3);
  }
}

static int fib(int n) {
  int a, b;
  if (n < 2) return n;
#pragma omp task shared(a) if (n > 4)
  a = fib(n - 1);
#pragma omp task shared(b) final(n < 8) mergeable
  {
    CHECK(n >= 8 || omp_in_final());
    b = fib(n - 2);
  }
#pragma omp taskwait
  return a + b;
}

int main(void) {
  for (int round = 0; round < 10; round++) {
    dependences();
    data();
    taskloops();
    detached();
    int result = 0;
#pragma omp parallel
#pragma omp single
    result = fib(15);
    CHECK(result == 610);
  }
  return 0;
}
