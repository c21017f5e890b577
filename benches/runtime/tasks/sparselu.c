// LU decomposition of a sparse matrix of blocks, a task for each operation on a block, phases divided by taskwait.
// usage: sparselu [blocks] [block side] [samples]
#include "sparselu.h"

static void tasks_lu(void) {
#pragma omp parallel
#pragma omp single
  for (int k = 0; k < blocks; k++) {
    factor(BLOCK(k, k));
    for (int j = k + 1; j < blocks; j++)
      if (BLOCK(k, j)) {
#pragma omp task firstprivate(k, j)
        solve_row(BLOCK(k, k), BLOCK(k, j));
      }
    for (int i = k + 1; i < blocks; i++)
      if (BLOCK(i, k)) {
#pragma omp task firstprivate(k, i)
        solve_column(BLOCK(k, k), BLOCK(i, k));
      }
#pragma omp taskwait
    for (int i = k + 1; i < blocks; i++)
      for (int j = k + 1; j < blocks; j++)
        if (BLOCK(i, k) && BLOCK(k, j)) {
#pragma omp task firstprivate(k, i, j)
          {
            if (!BLOCK(i, j)) BLOCK(i, j) = new_block();
            update(BLOCK(i, k), BLOCK(k, j), BLOCK(i, j));
          }
        }
#pragma omp taskwait
  }
}

int main(int argc, char **argv) { return run_lu("sparselu", tasks_lu, argc, argv); }
