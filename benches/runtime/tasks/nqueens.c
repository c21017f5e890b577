// Ways of placing n queens on a board: a task for every safe square of the next row, no cut-off; each task works on its own
// copy of the board.  usage: nqueens [n] [samples]
#include "program.h"
#include <alloca.h>

static int safe(int row, const char *board) {
  for (int i = 0; i < row; i++) {
    int distance = board[row] - board[i];
    if (distance == 0 || distance == row - i || distance == i - row) return 0;
  }
  return 1;
}

static void place(int n, int row, const char *board, int *solutions) {
  if (row == n) {
    *solutions = 1;
    return;
  }
  int *found = alloca(n * sizeof *found);
  memset(found, 0, n * sizeof *found);
  for (int column = 0; column < n; column++) {
#pragma omp task firstprivate(n, row, column, board, found)
    {
      char *copy = alloca(n);
      memcpy(copy, board, row);
      copy[row] = (char)column;
      if (safe(row, copy)) place(n, row + 1, copy, &found[column]);
    }
  }
#pragma omp taskwait
  int sum = 0;
  for (int column = 0; column < n; column++) sum += found[column];
  *solutions = sum;
}

int main(int argc, char **argv) {
  static const int known[] = {1, 1, 0, 0, 2, 10, 4, 40, 92, 352, 724, 2680, 14200, 73712, 365596};
  int n = argument(argc, argv, 1, 11), samples = argument(argc, argv, 2, 1);
  require(n > 0 && n < 15, "n is from 1 to 14");
  double seconds[MAX_SAMPLES];
  print_library();
  for (int s = 0; s < samples && s < MAX_SAMPLES; s++) {
    int solutions = 0;
    double start = omp_get_wtime();
#pragma omp parallel
#pragma omp single
    {
      char board[16];
      place(n, 0, board, &solutions);
    }
    seconds[s] = omp_get_wtime() - start;
    require(solutions == known[n], "number of solutions");
  }
  print_samples("nqueens", seconds, samples);
}
