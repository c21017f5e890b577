// atomic capture with a plain assignment: an exchange, which loses no value.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  enum { N = 2000 };
  static int seen[N + 1];
  int token = 0;
#pragma omp parallel for
  for (int i = 1; i <= N; i++) {
    int got;
#pragma omp atomic capture
    {
      got = token;
      token = i;
    }
#pragma omp atomic
    seen[got]++;
  }
  seen[token]++;
  for (int i = 0; i <= N; i++) CHECK(seen[i] == 1);
  return 0;
}
