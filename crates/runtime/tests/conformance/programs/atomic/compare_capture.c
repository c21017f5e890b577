// atomic compare capture: exactly one thread wins each slot, and knows it; the others get the value that was there.
//@ gcc: no, every form before gcc 13
//@ dynamic: yes
#include "conf.h"

int main(void) {
  enum { SLOTS = 200 };
  static int owner[SLOTS], wins[SLOTS];
  REPEAT(10) {
    memset(wins, 0, sizeof wins);
    for (int i = 0; i < SLOTS; i++) owner[i] = -1;
#pragma omp parallel
    {
      int me = omp_get_thread_num();
      for (int i = 0; i < SLOTS; i++) {
        int success, before;
#pragma omp atomic compare capture
        {
          success = owner[i] == -1;
          if (success) owner[i] = me;
        }
        if (success)
#pragma omp atomic
          wins[i]++;
        int expected = me;
#pragma omp atomic compare capture
        {
          before = owner[i];
          if (owner[i] == expected) {
            owner[i] = me;
          }
        }
        CHECK(before >= 0 && before < omp_get_num_threads());
      }
    }
    for (int i = 0; i < SLOTS; i++) CHECK(wins[i] == 1);
  }
  return 0;
}
