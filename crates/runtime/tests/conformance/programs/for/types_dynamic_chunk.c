// for schedule(dynamic, 7): every integer type, step and comparison.
//@ dynamic: yes
#include "loops.h"

LOOP_SUITE(schedule(dynamic, 7))

int main(void) {
  REPEAT(5) loop_suite();
  return 0;
}
