// LU decomposition of a sparse matrix of dense blocks: the matrix, the operations on blocks, the serial algorithm that results
// are compared with. Blocks that the elimination fills are made on the way.
#pragma once
#include "program.h"
#include <math.h>

static int blocks, side;
static double **matrix;
#define BLOCK(i, j) matrix[(i) * blocks + (j)]

static double *new_block(void) { return calloc((size_t)side * side, sizeof(double)); }

static int present(int i, int j) {
  if (i == j || i == j + 1 || j == i + 1) return 1;
  unsigned long long state = (unsigned long long)i * 1000003 + j;
  random_number(&state);
  return random_number(&state) % 4 == 0;
}

static void make_matrix(void) {
  matrix = calloc((size_t)blocks * blocks, sizeof *matrix);
  for (int i = 0; i < blocks; i++)
    for (int j = 0; j < blocks; j++) {
      if (!present(i, j)) continue;
      unsigned long long state = (unsigned long long)i * blocks + j + 1;
      double *block = BLOCK(i, j) = new_block();
      for (int k = 0; k < side * side; k++) block[k] = random_number(&state) % 1000 / 1000.0;
      // A heavy diagonal, so that no pivoting is needed.
      if (i == j)
        for (int k = 0; k < side; k++) block[k * side + k] += 2.0 * blocks * side;
    }
}

static void free_matrix(double **gone) {
  for (int i = 0; i < blocks * blocks; i++) free(gone[i]);
  free(gone);
}

static void factor(double *d) {
  for (int k = 0; k < side; k++)
    for (int i = k + 1; i < side; i++) {
      d[i * side + k] /= d[k * side + k];
      for (int j = k + 1; j < side; j++) d[i * side + j] -= d[i * side + k] * d[k * side + j];
    }
}

static void solve_row(const double *d, double *row) {
  for (int k = 0; k < side; k++)
    for (int i = k + 1; i < side; i++)
      for (int j = 0; j < side; j++) row[i * side + j] -= d[i * side + k] * row[k * side + j];
}

static void solve_column(const double *d, double *column) {
  for (int i = 0; i < side; i++)
    for (int k = 0; k < side; k++) {
      column[i * side + k] /= d[k * side + k];
      for (int j = k + 1; j < side; j++) column[i * side + j] -= column[i * side + k] * d[k * side + j];
    }
}

static void update(const double *row, const double *column, double *inner) {
  for (int i = 0; i < side; i++)
    for (int k = 0; k < side; k++)
      for (int j = 0; j < side; j++) inner[i * side + j] -= row[i * side + k] * column[k * side + j];
}

static void serial_lu(void) {
  for (int k = 0; k < blocks; k++) {
    factor(BLOCK(k, k));
    for (int j = k + 1; j < blocks; j++)
      if (BLOCK(k, j)) solve_row(BLOCK(k, k), BLOCK(k, j));
    for (int i = k + 1; i < blocks; i++)
      if (BLOCK(i, k)) solve_column(BLOCK(k, k), BLOCK(i, k));
    for (int i = k + 1; i < blocks; i++)
      for (int j = k + 1; j < blocks; j++)
        if (BLOCK(i, k) && BLOCK(k, j)) {
          if (!BLOCK(i, j)) BLOCK(i, j) = new_block();
          update(BLOCK(i, k), BLOCK(k, j), BLOCK(i, j));
        }
  }
}

// Runs the decomposition, compares with the serial one.
static int run_lu(const char *name, void (*decompose)(void), int argc, char **argv) {
  blocks = argument(argc, argv, 1, 40), side = argument(argc, argv, 2, 32);
  int samples = argument(argc, argv, 3, 1);
  double seconds[MAX_SAMPLES];
  print_library();
  make_matrix();
  serial_lu();
  double **expected = matrix;
  for (int s = 0; s < samples && s < MAX_SAMPLES; s++) {
    make_matrix();
    double start = omp_get_wtime();
    decompose();
    seconds[s] = omp_get_wtime() - start;
    // The operations on each block have one order: the results are the same to the last bit.
    for (int b = 0; b < blocks * blocks; b++) {
      require(!matrix[b] == !expected[b], "filled blocks");
      if (matrix[b]) require(!memcmp(matrix[b], expected[b], sizeof(double) * side * side), "block");
    }
    free_matrix(matrix);
  }
  free_matrix(expected);
  print_samples(name, seconds, samples);
  return 0;
}
