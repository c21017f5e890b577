// Loops as GCC hands them to the runtime: all schedules, both types, ordered by chunks, doacross of several dimensions,
// memory of the team.
#include "check.h"
#include <limits.h>

enum { N = 700 };
static int hits[N];

static void expect(const char *what) {
  for (int i = 0; i < N; i++)
    if (hits[i] != 1) {
      fprintf(stderr, "%s: iteration %d ran %d times\n", what, i, hits[i]);
      exit(1);
    }
  memset(hits, 0, sizeof hits);
}

#define PRAGMA(text) _Pragma(#text)
#define TEXT(...) #__VA_ARGS__
// `unsigned long long` takes the entry points for that type, `long` the others.
#define BOTH(...)                                                                   \
  PRAGMA(omp for __VA_ARGS__)                                                       \
  for (long i = 0; i < N; i++) hits[i]++;                                           \
  PRAGMA(omp single)                                                                \
  expect("long " TEXT(__VA_ARGS__));                                                \
  PRAGMA(omp for __VA_ARGS__)                                                       \
  for (long i = N - 1; i >= 0; i--) hits[i]++;                                      \
  PRAGMA(omp single)                                                                \
  expect("long down " TEXT(__VA_ARGS__));                                           \
  PRAGMA(omp for __VA_ARGS__)                                                       \
  for (unsigned long long i = ULLONG_MAX - 3 * N - 3; i < ULLONG_MAX - 3; i += 3)   \
    hits[(i - (ULLONG_MAX - 3 * N - 3)) / 3]++;                                     \
  PRAGMA(omp single)                                                                \
  expect("unsigned " TEXT(__VA_ARGS__));                                            \
  PRAGMA(omp for __VA_ARGS__)                                                       \
  for (unsigned long long i = ULLONG_MAX - 1; i > ULLONG_MAX - 1 - 2 * N; i -= 2)   \
    hits[(ULLONG_MAX - 1 - i) / 2]++;                                               \
  PRAGMA(omp single)                                                                \
  expect("unsigned down " TEXT(__VA_ARGS__));

static void schedules(void) {
#pragma omp parallel
  {
    BOTH(schedule(static))
    BOTH(schedule(static, 7))
    BOTH(schedule(dynamic))
    BOTH(schedule(dynamic, 5))
    BOTH(schedule(monotonic : dynamic, 5))
    BOTH(schedule(guided))
    BOTH(schedule(monotonic : guided, 3))
    BOTH(schedule(auto))
    BOTH(schedule(runtime))
    BOTH(schedule(monotonic : runtime))
    BOTH(schedule(nonmonotonic : runtime))
  }
}

// Iterations that come to their block in turn, others that have none, chunks without any.
#define ORDERED(...)                                                   \
  {                                                                    \
    int next = 0;                                                      \
    PRAGMA(omp parallel for ordered __VA_ARGS__)                       \
    for (long i = 0; i < N; i++) {                                     \
      hits[i]++;                                                       \
      if (i % 10 < 4) {                                                \
        PRAGMA(omp ordered)                                            \
        {                                                              \
          CHECK(next == i);                                            \
          next = (i + 1) % 10 < 4 ? i + 1 : i + 7;                     \
        }                                                              \
      }                                                                \
    }                                                                  \
    expect("ordered " TEXT(__VA_ARGS__));                              \
    unsigned long long count = 0;                                      \
    PRAGMA(omp parallel for ordered __VA_ARGS__)                       \
    for (unsigned long long i = ULLONG_MAX - N; i < ULLONG_MAX; i++) { \
      PRAGMA(omp ordered)                                              \
      {                                                                \
        CHECK(i - (ULLONG_MAX - N) == count);                          \
        count++;                                                       \
      }                                                                \
    }                                                                  \
    CHECK(count == N);                                                 \
  }

static void ordered(void) {
  ORDERED(schedule(static))
  ORDERED(schedule(static, 1))
  ORDERED(schedule(static, 3))
  ORDERED(schedule(dynamic))
  ORDERED(schedule(dynamic, 6))
  ORDERED(schedule(guided))
  ORDERED(schedule(guided, 4))
  ORDERED(schedule(runtime))
}

static int grid[12][9][8];

static int seen(int *cell) {
  int value;
#pragma omp atomic read
  value = *cell;
  return value;
}

static void mark(int *cell) {
#pragma omp atomic write
  *cell = 1;
}

#define NEST(...)                                                                       \
  memset(grid, 0, sizeof grid);                                                         \
  PRAGMA(omp parallel for ordered(3) __VA_ARGS__)                                       \
  for (int i = 0; i < 12; i++)                                                          \
    for (int j = 0; j < 9; j++)                                                         \
      for (int k = 0; k < 8; k++) {                                                     \
        PRAGMA(omp ordered depend(sink : i - 1, j, k) depend(sink : i, j - 1, k + 1))   \
        CHECK(!i || seen(&grid[i - 1][j][k]));                                          \
        CHECK(!j || k == 7 || seen(&grid[i][j - 1][k + 1]));                            \
        mark(&grid[i][j][k]);                                                           \
        PRAGMA(omp ordered depend(source))                                              \
      }                                                                                 \
  {                                                                                     \
    unsigned long long start = ULLONG_MAX - 40;                                         \
    int done[41] = {0};                                                                 \
    PRAGMA(omp parallel for ordered(1) __VA_ARGS__)                                     \
    for (unsigned long long i = start; i < ULLONG_MAX; i++) {                           \
      PRAGMA(omp ordered depend(sink : i - 1))                                          \
      CHECK(i == start || seen(&done[i - start - 1]));                                  \
      mark(&done[i - start]);                                                           \
      PRAGMA(omp ordered depend(source))                                                \
    }                                                                                   \
  }

static void doacross(void) {
  NEST(schedule(static))
  NEST(schedule(static, 1))
  NEST(schedule(dynamic))
  NEST(schedule(guided))
  NEST(schedule(runtime))
}

// Memory of the team: the last assignment, in the loop's order, is what remains.
static void conditional(void) {
  for (int round = 0; round < 20; round++) {
    int last = -1, other = -1;
#pragma omp parallel for lastprivate(conditional : last) schedule(dynamic, 3)
    for (int i = 0; i < N; i++)
      if (i % 50 == 13) last = i;
    CHECK(last == 663);
#pragma omp parallel
    {
#pragma omp for lastprivate(conditional : last) schedule(static) nowait
      for (int i = 0; i < N; i++)
        if (i == 77) last = i;
#pragma omp for lastprivate(conditional : other) schedule(guided)
      for (int i = 0; i < N; i++)
        if (i < 5) other = i;
#pragma omp sections lastprivate(conditional : last)
      {
#pragma omp section
        last = 1;
#pragma omp section
        last = 2;
      }
    }
    CHECK(last == 2 && other == 4);
  }
}

int main(void) {
  schedules();
  ordered();
  doacross();
  conditional();
  return 0;
}
