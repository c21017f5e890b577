// Loops over every integer type, step and comparison: LOOP_SUITE(clauses) makes the function `loop_suite`, which runs them with
// the clauses given, within a parallel region, and checks that each iteration is executed exactly once.
#pragma once
#include "conf.h"

#define PRAGMA(text) _Pragma(#text)

// gcc 12 reckons some spaces in the variable's own type, where they overflow.
#ifdef __clang__
#define NOT_GCC(test) test
#define CALL_NOT_GCC(test) test()
#else
#define NOT_GCC(test)
#define CALL_NOT_GCC(test) (void)0
#endif

#define LOOP(type, name, clauses, first, compare, last, step)                                  \
  static void name(void) {                                                                     \
    enum { MOST = 300 };                                                                       \
    static unsigned char hits[MOST], expected[MOST];                                           \
    memset(hits, 0, sizeof hits);                                                              \
    memset(expected, 0, sizeof expected);                                                      \
    int iterations = 0, counted = 0;                                                           \
    for (type i = first; i compare last; i += step) {                                          \
      expected[(unsigned long long)(i - (first)) % MOST]++;                                    \
      iterations++;                                                                            \
    }                                                                                          \
    _Pragma("omp parallel reduction(+ : counted)") {                                           \
      PRAGMA(omp for clauses)                                                                  \
      for (type i = first; i compare last; i += step) {                                        \
        _Pragma("omp atomic") hits[(unsigned long long)(i - (first)) % MOST]++;                \
        counted++;                                                                             \
      }                                                                                        \
    }                                                                                          \
    if (counted != iterations || memcmp(hits, expected, MOST) != 0)                            \
      conf_fail(__FILE__, __LINE__, "each iteration once in " #name);                          \
  }

#define LOOP_SUITE(...)                                                                                \
  LOOP(int, int_up, __VA_ARGS__, 0, <, 237, 1)                                                         \
  LOOP(int, int_down, __VA_ARGS__, 237, >=, -20, -1)                                                   \
  LOOP(int, int_steps, __VA_ARGS__, -7, <=, 240, 7)                                                    \
  LOOP(int, int_down_steps, __VA_ARGS__, 100, >, -151, -3)                                             \
  LOOP(int, int_empty, __VA_ARGS__, 5, <, 5, 1)                                                        \
  LOOP(int, int_never, __VA_ARGS__, 5, >, 9, -1)                                                       \
  LOOP(int, int_once, __VA_ARGS__, 5, <, 9, 100)                                                       \
  LOOP(int, int_limits, __VA_ARGS__, INT_MAX - 200, <, INT_MAX - 5, 3)                                 \
  LOOP(int, int_low, __VA_ARGS__, INT_MIN + 200, >, INT_MIN + 5, -3)                                   \
  LOOP(int, int_not_equal, __VA_ARGS__, 3, !=, 203, 1)                                                 \
  LOOP(int, int_not_equal_down, __VA_ARGS__, 203, !=, 3, -1)                                           \
  LOOP(unsigned, unsigned_up, __VA_ARGS__, 0, <, 237, 1)                                               \
  NOT_GCC(LOOP(unsigned, unsigned_down, __VA_ARGS__, 237, >, 5, -2)) \
  LOOP(unsigned, unsigned_high, __VA_ARGS__, UINT_MAX - 250, <, UINT_MAX - 5, 2)                       \
  LOOP(unsigned, unsigned_wide, __VA_ARGS__, 10, <, UINT_MAX - 100000000, 100000000)                   \
  LOOP(short, short_up, __VA_ARGS__, -100, <, 100, 3)                                                  \
  NOT_GCC(LOOP(signed char, char_down, __VA_ARGS__, 60, >=, -60, -1)) \
  NOT_GCC(LOOP(unsigned char, char_up, __VA_ARGS__, 1, <=, 250, 1)) \
  LOOP(long, long_up, __VA_ARGS__, -5000000000L, <, 5000000000L, 50000000L)                            \
  LOOP(long, long_limits, __VA_ARGS__, LONG_MAX - 200, <, LONG_MAX - 5, 3)                             \
  LOOP(long, long_down, __VA_ARGS__, LONG_MIN + 200, >, LONG_MIN + 5, -3)                              \
  LOOP(unsigned long long, long_high, __VA_ARGS__, ULLONG_MAX - 200, <, ULLONG_MAX - 5, 1)             \
  LOOP(unsigned long long, long_wide, __VA_ARGS__, 10, <, ULLONG_MAX / 2 + 7, ULLONG_MAX / 400)        \
  NOT_GCC(LOOP(size_t, size_down, __VA_ARGS__, 250, >, 0, -1)) \
  static void loop_suite(void) {                                                                       \
    int_up(), int_down(), int_steps(), int_down_steps(), int_empty(), int_never(), int_once();         \
    int_limits(), int_low(), int_not_equal(), int_not_equal_down(), unsigned_up(), CALL_NOT_GCC(unsigned_down);    \
    unsigned_high(), unsigned_wide(), short_up(), CALL_NOT_GCC(char_down), CALL_NOT_GCC(char_up), long_up(), long_limits();    \
    long_down(), long_high(), long_wide(), CALL_NOT_GCC(size_down);                                                \
  }
