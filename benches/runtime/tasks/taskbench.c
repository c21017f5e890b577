// Overheads of tasks by EPCC's method: the time of tasks around a short delay, less that of as many delays without tasks, for
// each task a thread has. Microseconds, minimum and median.  usage: taskbench [repetitions] [test...]
#include "program.h"
#include <sys/resource.h>

static int threads, delay_length;

static void delay(int length) {
  float a = 0.0f;
  for (int i = 0; i < length; i++) a += i;
  if (a < 0) printf("%f\n", a);
}

static void reference(int n) {
  for (int j = 0; j < n; j++) delay(delay_length);
}

static void parallel_task(int n) {
#pragma omp parallel
  for (int j = 0; j < n; j++) {
#pragma omp task
    delay(delay_length);
  }
}

static void master_task(int n) {
#pragma omp parallel
#pragma omp master
  for (int j = 0; j < n * threads; j++) {
#pragma omp task
    delay(delay_length);
  }
}

static void nested_task(int n) {
#pragma omp parallel
  for (int j = 0; j < n / threads; j++) {
#pragma omp task
    {
      for (int k = 0; k < threads; k++) {
#pragma omp task
        delay(delay_length);
      }
#pragma omp taskwait
    }
  }
}

static void nested_master_task(int n) {
#pragma omp parallel
#pragma omp master
  for (int j = 0; j < n; j++) {
#pragma omp task
    {
      for (int k = 0; k < threads; k++) {
#pragma omp task
        delay(delay_length);
      }
#pragma omp taskwait
    }
  }
}

static void task_wait(int n) {
#pragma omp parallel
  for (int j = 0; j < n; j++) {
#pragma omp task
    delay(delay_length);
#pragma omp taskwait
  }
}

static void conditional_task(int n) {
#pragma omp parallel
  for (int j = 0; j < n; j++) {
#pragma omp task if (delay_length < 0)
    delay(delay_length);
  }
}

enum { DEPTH = 6 };

static void branch(int level) {
  if (level == 0) return;
  for (int i = 0; i < 2; i++) {
#pragma omp task
    {
      branch(level - 1);
      delay(delay_length);
    }
  }
}

// Trees whose every node delays: 2 + 4 + ... + 64 tasks each.
static void branch_tree(int n) {
#pragma omp parallel
  for (int j = 0; j < n / ((2 << DEPTH) - 2); j++) branch(DEPTH);
}

static void leaf(int level) {
  if (level == 0) {
    delay(delay_length);
    return;
  }
  for (int i = 0; i < 2; i++) {
#pragma omp task
    leaf(level - 1);
  }
}

// Trees whose leaves delay: 64 each.
static void leaf_tree(int n) {
#pragma omp parallel
  for (int j = 0; j < n >> DEPTH; j++) leaf(DEPTH);
}

// Every task after the task 64 before it.
static void depend_task(int n) {
  static char cells[64];
#pragma omp parallel
#pragma omp master
  for (int j = 0; j < n * threads; j++) {
#pragma omp task depend(inout : cells[j % 64])
    delay(delay_length);
  }
}

// A writer, then eight readers, over and over.
static void depend_fan(int n) {
  static char cell;
#pragma omp parallel
#pragma omp master
  for (int j = 0; j < n * threads; j++) {
    if (j % 9 == 0) {
#pragma omp task depend(out : cell)
      delay(delay_length);
    } else {
#pragma omp task depend(in : cell)
      delay(delay_length);
    }
  }
}

// Two neighbours to wait for, as in a wavefront.
static void depend_wave(int n) {
  static char cells[33];
#pragma omp parallel
#pragma omp master
  for (int j = 0; j < n * threads; j++) {
    int column = j % 32;
#pragma omp task depend(in : cells[column]) depend(inout : cells[column + 1])
    delay(delay_length);
  }
}

// The cost of a region after dependences have been used.
static void region_after_depend(int n) {
  static char cells[64];
#pragma omp parallel
#pragma omp master
  for (int j = 0; j < 64; j++) {
#pragma omp task depend(inout : cells[j])
    delay(delay_length);
  }
  for (int j = 0; j < n; j++) {
#pragma omp parallel
    delay(delay_length);
  }
}

static const struct {
  const char *name;
  void (*test)(int);
} tests[] = {
    {"parallel_task", parallel_task},
    {"master_task", master_task},
    {"nested_task", nested_task},
    {"nested_master", nested_master_task},
    {"branch_tree", branch_tree},
    {"leaf_tree", leaf_tree},
    {"taskwait", task_wait},
    {"if_false", conditional_task},
    {"depend_chain", depend_task},
    {"depend_fan", depend_fan},
    {"depend_wave", depend_wave},
    {"region_after", region_after_depend},
};

static double timed(void (*run)(int), int n) {
  double start = omp_get_wtime();
  run(n);
  return omp_get_wtime() - start;
}

// Pre-emptions of the process's threads so far: samples during which this changes say more about the machine.
static long preemptions(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_nivcsw;
}

int main(int argc, char **argv) {
  int repetitions = argument(argc, argv, 1, 20);
  print_library();
  threads = omp_get_max_threads();
  for (delay_length = 1; timed(reference, 10000) < 1e-3 && delay_length < 10000; delay_length++) {
  }
  double *samples = malloc(sizeof *samples * repetitions);
  for (size_t t = 0; t < sizeof tests / sizeof *tests; t++) {
    int wanted = argc <= 2;
    for (int i = 2; i < argc; i++) wanted |= !strcmp(argv[i], tests[t].name);
    if (!wanted) continue;
    // As many tasks as take at least a millisecond.
    int n = 1024;
    tests[t].test(n);
    for (int tries = 0; tries < 40 && n < 1 << 16; tries++)
      if (timed(tests[t].test, n) < 1e-3) n *= 2;
    // On a busy machine no sample may be undisturbed: after a while all count.
    double patience = omp_get_wtime() + 1;
    for (int r = 0; r < repetitions;) {
      long before = preemptions();
      double base = timed(reference, n);
      double sample = (timed(tests[t].test, n) - base) / n * 1e6;
      if (preemptions() == before || omp_get_wtime() > patience) samples[r++] = sample;
    }
    print_samples(tests[t].name, samples, repetitions);
  }
  free(samples);
}
