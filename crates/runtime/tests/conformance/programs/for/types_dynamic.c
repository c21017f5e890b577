// for schedule(dynamic): every integer type, step and comparison.
//@ dynamic: yes
#include "loops.h"

LOOP_SUITE(schedule(dynamic))

int main(void) {
  REPEAT(5) loop_suite();
  return 0;
}
