// for schedule(static, 3): every integer type, step and comparison.
//@ dynamic: yes
#include "loops.h"

LOOP_SUITE(schedule(static, 3))

int main(void) {
  REPEAT(5) loop_suite();
  return 0;
}
