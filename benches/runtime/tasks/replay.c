// A wavefront of tasks with dependences, generated anew each time and replayed from a taskgraph's record: microseconds for each task.
// By LLVM's entry points, which Clang does not call yet. The replay is left out where the library does not have them.
// usage: replay [samples]
#include "program.h"

enum { SIDE = 48, ROUNDS = 20 };

typedef int (*begin_function)(void *, int, int, int);
typedef void (*end_function)(void *, int, int, int);
typedef int (*number_function)(void *);

static int cells[SIDE + 1][SIDE + 1];

static void generate(void) {
  for (int i = 1; i <= SIDE; i++)
    for (int j = 1; j <= SIDE; j++) {
#pragma omp task firstprivate(i, j) depend(in : cells[i - 1][j], cells[i][j - 1]) depend(inout : cells[i][j])
      cells[i][j] = (cells[i - 1][j] + cells[i][j - 1]) % 1000003 + 1;
    }
}

static int expected(void) {
  static int row[SIDE + 1];
  memset(row, 0, sizeof row);
  for (int i = 1; i <= SIDE; i++)
    for (int j = 1; j <= SIDE; j++) row[j] = (row[j] + row[j - 1]) % 1000003 + 1;
  return row[SIDE];
}

static number_function number;

static double measure(begin_function begin, end_function end) {
  double seconds = 0;
#pragma omp parallel
#pragma omp single
  for (int round = 0; round <= ROUNDS; round++) {
    memset(cells, 0, sizeof cells);
    int gtid = number ? number(NULL) : 0;
    // The first round records, or is not counted either.
    double start = omp_get_wtime();
    if (begin) {
      if (begin(NULL, gtid, 0, 0)) generate();
      end(NULL, gtid, 0, 0);
    } else {
#pragma omp taskgroup
      generate();
    }
    if (round > 0) seconds += omp_get_wtime() - start;
    require(cells[SIDE][SIDE] == expected(), "wavefront");
  }
  return seconds / ROUNDS / (SIDE * SIDE) * 1e6;
}

int main(int argc, char **argv) {
  int samples = argument(argc, argv, 1, 10);
  double anew[MAX_SAMPLES], replayed[MAX_SAMPLES];
  print_library();
  begin_function begin = (begin_function)dlsym(RTLD_DEFAULT, "__kmpc_start_record_task");
  end_function end = (end_function)dlsym(RTLD_DEFAULT, "__kmpc_end_record_task");
  number = (number_function)dlsym(RTLD_DEFAULT, "__kmpc_global_thread_num");
  for (int s = 0; s < samples && s < MAX_SAMPLES; s++) {
    anew[s] = measure(NULL, NULL);
    if (begin && end) replayed[s] = measure(begin, end);
  }
  print_samples("generated", anew, samples);
  if (begin && end) print_samples("replayed", replayed, samples);
}
