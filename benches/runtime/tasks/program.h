// Shared by the task programs: the OpenMP library that is really loaded, the clock, and what a program prints: a line
// `library PATH`, then lines `NAME MINIMUM MEDIAN`. A wrong result ends the program with a message.
#pragma once
#define _GNU_SOURCE
#include <dlfcn.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void require(int holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "wrong result: %s\n", what);
  exit(1);
}

static inline void print_library(void) {
  Dl_info info;
  char path[4096];
  require(dladdr((void *)omp_get_wtime, &info) && realpath(info.dli_fname, path), "the library's path");
  printf("library %s\n", path);
}

static inline int argument(int argc, char **argv, int number, int otherwise) {
  return argc > number ? atoi(argv[number]) : otherwise;
}

static inline int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

// Prints seconds under the program's name: the smallest and the median sample.
static inline void print_samples(const char *name, double *samples, int count) {
  qsort(samples, count, sizeof *samples, ascending);
  printf("%s %.6f %.6f\n", name, samples[0], samples[count / 2]);
}

// The same sequence on every machine.
static inline unsigned random_number(unsigned long long *state) {
  *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
  return (unsigned)(*state >> 33);
}

#define MAX_SAMPLES 64
