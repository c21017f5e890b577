// collapse(2) and collapse(3): every combination once, across the loops' boundaries; variables keep their values.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  static int hits[7][11][13];
  REPEAT(5) {
    memset(hits, 0, sizeof hits);
    int count = 0, none = 3;
#pragma omp parallel reduction(+ : count)
    {
#pragma omp for collapse(3) schedule(static)
      for (int i = 0; i < 7; i++)
        for (long j = 10; j >= 0; j--)
          for (unsigned k = 0; k < 13; k += 2) hits[i][j][k]++, count++;
#pragma omp for collapse(2) schedule(dynamic, 3)
      for (int i = 0; i < 7; i++)
        for (int j = 0; j < 11; j++)
          for (int k = 0; k < 13; k++) hits[i][j][k] += 10;
#pragma omp for collapse(3) schedule(guided, 2) nowait
      for (int i = 6; i >= 0; i--)
        for (int j = 3; j < none; j++)
          for (int k = 0; k < 13; k++) CHECK(false);
    }
    CHECK(count == 7 * 11 * 7);
    for (int i = 0; i < 7; i++)
      for (int j = 0; j < 11; j++)
        for (int k = 0; k < 13; k++) CHECK(hits[i][j][k] == 10 + (k % 2 == 0));
  }
  return 0;
}
