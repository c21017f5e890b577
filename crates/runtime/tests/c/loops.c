// Worksharing loops of every integer type, direction and schedule; collapse, lastprivate, linear, ordered, sections.
#include "check.h"
#include <limits.h>
#include <stdint.h>

static int hits[2000];

static void expect(int from, int to) {
  for (int i = 0; i < 2000; i++) CHECK(hits[i] == (i >= from && i < to));
  memset(hits, 0, sizeof hits);
}

// GCC passes the step of a loop that counts an `unsigned` down without its sign, which no runtime can tell from a large step.
#if defined __clang__
#define COUNTS_DOWN(type) 1
#else
#define COUNTS_DOWN(type) ((type)-1 < 0 || sizeof(type) != sizeof(unsigned))
#endif

#define PRAGMA(text) _Pragma(#text)
#define EVERY(type, ...)                                            \
  {                                                                 \
    PRAGMA(omp parallel for __VA_ARGS__)                            \
    for (type i = 3; i < 1003; i++) hits[i]++;                      \
    expect(3, 1003);                                                \
    if (COUNTS_DOWN(type)) {                                        \
      PRAGMA(omp parallel for __VA_ARGS__)                          \
      for (type i = 1002; i >= 3; i--) hits[i]++;                   \
      expect(3, 1003);                                              \
    }                                                               \
    PRAGMA(omp parallel for __VA_ARGS__)                            \
    for (type i = 5; i < 5; i++) hits[i]++;                         \
    expect(0, 0);                                                   \
    int last = -1;                                                  \
    PRAGMA(omp parallel for lastprivate(last) __VA_ARGS__)          \
    for (type i = 0; i < 100; i += 7) last = (int)i;                \
    CHECK(last == 98);                                              \
  }
#define ALL(...)               \
  EVERY(int, __VA_ARGS__)      \
  EVERY(unsigned, __VA_ARGS__) \
  EVERY(int64_t, __VA_ARGS__)  \
  EVERY(uint64_t, __VA_ARGS__) \
  EVERY(short, __VA_ARGS__)

static void schedules(void) {
  ALL()
  ALL(schedule(static))
  ALL(schedule(static, 1))
  ALL(schedule(static, 13))
  ALL(schedule(dynamic))
  ALL(schedule(dynamic, 9))
  ALL(schedule(guided))
  ALL(schedule(guided, 5))
  ALL(schedule(auto))
  ALL(schedule(monotonic: dynamic, 2))
  ALL(schedule(nonmonotonic: dynamic, 2))
  omp_set_schedule(omp_sched_static, 3);
  ALL(schedule(runtime))
  omp_set_schedule(omp_sched_dynamic, 0);
  ALL(schedule(runtime))
  omp_set_schedule(omp_sched_guided, 2);
  ALL(schedule(runtime))
}

// GCC computes the bounds of static schedules inline, in the loop variable's type, where such loops overflow.
#if defined __clang__
#define STATIC(...) schedule(static __VA_ARGS__)
#else
#define STATIC(...) schedule(dynamic __VA_ARGS__)
#endif

static void extremes(void) {
  int64_t count = 0;
#pragma omp parallel for reduction(+ : count) STATIC(, 1 << 30)
  for (int i = INT_MAX - 10; i < INT_MAX; i++) count++;
  CHECK(count == 10);
#pragma omp parallel for reduction(+ : count) STATIC()
  for (int i = INT_MIN; i < INT_MAX - (1 << 20); i += 1 << 20) count++;
  CHECK(count == 10 + 4095);
#pragma omp parallel for reduction(+ : count) schedule(dynamic, 1 << 20)
  for (unsigned i = 0; i < UINT_MAX - (1u << 16); i += 1u << 16) count++;
  CHECK(count == 10 + 4095 + 65535);
}

static void collapsed(void) {
#pragma omp parallel for collapse(3) schedule(dynamic, 7)
  for (int i = 0; i < 10; i++)
    for (int j = 0; j < 10; j++)
      for (int k = 0; k < 10; k++) hits[i * 100 + j * 10 + k]++;
  expect(0, 1000);
#pragma omp parallel for collapse(2)
  for (int i = 0; i < 10; i++)
    for (int j = 0; j < 20; j++) hits[i * 20 + j]++;
  expect(0, 200);
}

static void in_order(void) {
  int next = 0;
#pragma omp parallel for ordered schedule(dynamic)
  for (int i = 0; i < 200; i++) {
    if (i % 5 == 2) continue;
#pragma omp ordered
    {
      CHECK(next == i);
      next += (i + 1) % 5 == 2 ? 2 : 1;
    }
  }
  next = 0;
#pragma omp parallel for ordered schedule(static)
  for (int i = 0; i < 200; i++)
#pragma omp ordered
    CHECK(next++ == i);
#pragma omp parallel for ordered schedule(guided, 3)
  for (int i = 199; i >= 0; i--)
#pragma omp ordered
    CHECK(--next == i);
}

static void without_barriers(void) {
  int sums[40] = {0};
#pragma omp parallel
  for (int l = 0; l < 40; l++) {
#pragma omp for schedule(dynamic) nowait
    for (int i = 1; i <= 10; i++)
#pragma omp atomic
      sums[l] += i;
  }
  for (int l = 0; l < 40; l++) CHECK(sums[l] == 55);
}

static void doacross(void) {
  static int grid[40][40];
  for (int round = 0; round < 4; round++) {
#pragma omp parallel for ordered(2) schedule(static, 1)
    for (int i = 1; i < 40; i++)
      for (int j = 1; j < 40; j++) {
#pragma omp ordered depend(sink : i - 1, j) depend(sink : i, j - 1)
        grid[i][j] = 1 + (grid[i - 1][j] > grid[i][j - 1] ? grid[i - 1][j] : grid[i][j - 1]);
#pragma omp ordered depend(source)
      }
    for (int i = 1; i < 40; i++)
      for (int j = 1; j < 40; j++) CHECK(grid[i][j] == i + j - 1);
    memset(grid, 0, sizeof grid);
  }
  // Several loops without barriers in between, more than there are slots; downwards, with a distance of three.
  static int chain[20][64];
#pragma omp parallel
  for (int l = 0; l < 20; l++) {
#pragma omp for ordered(1) schedule(dynamic) nowait
    for (int i = 63; i >= 0; i -= 3) {
#pragma omp ordered depend(sink : i + 3)
      chain[l][i] = i == 63 ? 1 : chain[l][i + 3] + 1;
#pragma omp ordered depend(source)
    }
  }
  for (int l = 0; l < 20; l++) CHECK(chain[l][0] == 22);
}

static void sections(void) {
  int a = 0, b = 0, c = 0;
#pragma omp parallel sections
  {
#pragma omp section
    a++;
#pragma omp section
    b++;
#pragma omp section
    c++;
  }
  CHECK(a == 1 && b == 1 && c == 1);
}

int main(void) {
  FOR_SIZES(n) {
    omp_set_num_threads(n);
    schedules();
    extremes();
    collapsed();
    doacross();
    for (int round = 0; round < 5; round++) {
      in_order();
      without_barriers();
      sections();
    }
  }
  return 0;
}
