// Tasks of GCC's inside a taskgraph, which only Clang's entry points begin: no copy of theirs can be replayed, so the block is executed
// every time.
#include "check.h"

typedef struct ident ident_t;
int __kmpc_global_thread_num(ident_t *);
int __kmpc_start_record_task(ident_t *, int, int, int);
void __kmpc_end_record_task(ident_t *, int, int, int);

typedef struct {
  long values[9];
} Bytes;

static void every_round_executes_the_block(int threads, int id) {
  enum { ROUNDS = 20, TASKS = 10 };
  int blocks = 0;
  long sum = 0, expected = 0;
#pragma omp parallel num_threads(threads)
#pragma omp single
  for (int round = 0; round < ROUNDS; round++) {
    int gtid = __kmpc_global_thread_num(NULL);
    if (__kmpc_start_record_task(NULL, gtid, 0, id)) {
      blocks++;
      for (int i = 0; i < TASKS; i++) {
        Bytes bytes = {{round, i, 0, 0, 0, 0, 0, 0, 1}};
        expected += round * 100 + i + 1;
#pragma omp task firstprivate(bytes) shared(sum)
#pragma omp atomic
        sum += bytes.values[0] * 100 + bytes.values[1] + bytes.values[8];
      }
    }
    __kmpc_end_record_task(NULL, gtid, 0, id);
    CHECK(sum == expected);
  }
  CHECK(blocks == ROUNDS);
}

static void so_does_a_taskloop(int threads, int id) {
  enum { ROUNDS = 10, ITERATIONS = 24 };
  long sum = 0;
#pragma omp parallel num_threads(threads)
#pragma omp single
  for (int round = 0; round < ROUNDS; round++) {
    int gtid = __kmpc_global_thread_num(NULL);
    if (__kmpc_start_record_task(NULL, gtid, 0, id)) {
#pragma omp taskloop grainsize(5) shared(sum)
      for (int i = 0; i < ITERATIONS; i++)
#pragma omp atomic
        sum += round;
    }
    __kmpc_end_record_task(NULL, gtid, 0, id);
  }
  CHECK(sum == ROUNDS * (ROUNDS - 1) / 2 * ITERATIONS);
}

int main(void) {
  int id = 0;
  FOR_SIZES(threads) {
    every_round_executes_the_block(threads, ++id);
    so_does_a_taskloop(threads, ++id);
  }
}
