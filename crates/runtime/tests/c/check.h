// Shared by the C programs: CHECK ends the program with a message when a condition does not hold.
#pragma once
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                      \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                                \
    }                                                                         \
  } while (0)

static const int sizes[] = {1, 2, 4, 17};
#define FOR_SIZES(n) for (int size_ = 0, n; size_ < 4 && (n = sizes[size_], 1); size_++)
