// LU decomposition of a sparse matrix of blocks, a task for each operation on a block, ordered by dependences alone.
// usage: sparselu_depend [blocks] [block side] [samples]
#include "sparselu.h"

static void tasks_lu(void) {
  // Which blocks exist is known to the generating thread without waiting for those who make them.
  char *there = malloc((size_t)blocks * blocks);
  for (int b = 0; b < blocks * blocks; b++) there[b] = matrix[b] != NULL;
#define THERE(i, j) there[(i) * blocks + (j)]
#pragma omp parallel
#pragma omp single
  for (int k = 0; k < blocks; k++) {
#pragma omp task firstprivate(k) depend(inout : BLOCK(k, k))
    factor(BLOCK(k, k));
    for (int j = k + 1; j < blocks; j++)
      if (THERE(k, j)) {
#pragma omp task firstprivate(k, j) depend(in : BLOCK(k, k)) depend(inout : BLOCK(k, j))
        solve_row(BLOCK(k, k), BLOCK(k, j));
      }
    for (int i = k + 1; i < blocks; i++)
      if (THERE(i, k)) {
#pragma omp task firstprivate(k, i) depend(in : BLOCK(k, k)) depend(inout : BLOCK(i, k))
        solve_column(BLOCK(k, k), BLOCK(i, k));
      }
    for (int i = k + 1; i < blocks; i++)
      for (int j = k + 1; j < blocks; j++)
        if (THERE(i, k) && THERE(k, j)) {
          THERE(i, j) = 1;
#pragma omp task firstprivate(k, i, j) depend(in : BLOCK(i, k), BLOCK(k, j)) depend(inout : BLOCK(i, j))
          {
            if (!BLOCK(i, j)) BLOCK(i, j) = new_block();
            update(BLOCK(i, k), BLOCK(k, j), BLOCK(i, j));
          }
        }
  }
  free(there);
}

int main(int argc, char **argv) { return run_lu("sparselu_depend", tasks_lu, argc, argv); }
