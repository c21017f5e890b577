// for schedule(nonmonotonic: dynamic, 2): every integer type, step and comparison.
//@ dynamic: yes
#include "loops.h"

LOOP_SUITE(schedule(nonmonotonic : dynamic, 2))

int main(void) {
  REPEAT(5) loop_suite();
  return 0;
}
