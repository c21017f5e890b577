// Taskgraphs through the entry points that LLVM gives them: Clang's own lowering of the directive is not there yet.
#include "check.h"

typedef struct ident ident_t;
int __kmpc_global_thread_num(ident_t *);
int __kmpc_start_record_task(ident_t *, int, int, int);
void __kmpc_end_record_task(ident_t *, int, int, int);

enum { NOGROUP = 1, RESET = 2 };

static int begin(int flags, int id) {
  return __kmpc_start_record_task(NULL, __kmpc_global_thread_num(NULL), flags, id);
}

static void end(int flags, int id) { __kmpc_end_record_task(NULL, __kmpc_global_thread_num(NULL), flags, id); }

static int next_id;

static void the_block_is_executed_once(int threads) {
  int id = ++next_id, blocks = 0, tasks = 0;
#pragma omp parallel num_threads(threads)
#pragma omp single
  for (int round = 1; round <= 50; round++) {
    if (begin(0, id)) {
      blocks++;
      for (int i = 0; i < 20; i++) {
#pragma omp task
#pragma omp atomic
        tasks++;
      }
    }
    end(0, id);
    CHECK(tasks == 20 * round);
  }
  CHECK(blocks == 1);
}

// x = (x - 5 + 5 ...) as the dependences say; private data are as they were when recorded.
static void dependences_hold_in_every_replay(int threads) {
  enum { CELLS = 8, STEPS = 40 };
  int id = ++next_id, cells[CELLS] = {0}, errors = 0, readers = 0;
#pragma omp parallel num_threads(threads)
#pragma omp single
  for (int round = 0; round < 30; round++) {
    if (begin(0, id)) {
      for (int s = 0; s < STEPS; s++) {
        for (int c = 0; c < CELLS; c++) {
#pragma omp task firstprivate(s, c) depend(inout : cells[c]) shared(errors)
          {
            if (cells[c] % STEPS != s) {
#pragma omp atomic
              errors++;
            }
            cells[c]++;
          }
        }
        for (int r = 0; r < 3; r++) {
#pragma omp task firstprivate(s) depend(in : cells[s % CELLS]) shared(errors, readers)
          {
            if (cells[s % CELLS] % STEPS != (s + 1) % STEPS) {
#pragma omp atomic
              errors++;
            }
#pragma omp atomic
            readers++;
          }
        }
      }
    }
    end(0, id);
    for (int c = 0; c < CELLS; c++) CHECK(cells[c] == STEPS * (round + 1));
    CHECK(errors == 0 && readers == 3 * STEPS * (round + 1));
  }
}

static void types_of_dependence(int threads) {
  int id = ++next_id, value = 0, inside = 0, sum = 0, errors = 0;
#pragma omp parallel num_threads(threads)
#pragma omp single
  for (int round = 0; round < 20; round++) {
    if (begin(0, id)) {
      for (int i = 0; i < 12; i++) {
#pragma omp task depend(inoutset : value)
#pragma omp atomic
        sum++;
      }
      for (int i = 0; i < 12; i++) {
#pragma omp task depend(mutexinoutset : value) shared(inside, errors)
        {
          if (inside || sum % 24 < 12) errors++;
          inside = 1;
          sum++;
          inside = 0;
        }
      }
#pragma omp task depend(inout : omp_all_memory)
      if (sum % 24) errors++;
    }
    end(0, id);
    CHECK(sum == 24 * (round + 1));
  }
  CHECK(errors == 0);
}

static void waits_inside_are_kept(int threads) {
  int id = ++next_id, first = 0, second = 0, third = 0, errors = 0;
#pragma omp parallel num_threads(threads)
#pragma omp single
  for (int round = 0; round < 20; round++) {
    if (begin(0, id)) {
      for (int i = 0; i < 10; i++) {
#pragma omp task
#pragma omp atomic
        first++;
      }
#pragma omp taskwait
      for (int i = 0; i < 10; i++) {
#pragma omp task shared(errors)
        {
          int seen;
#pragma omp atomic read
          seen = first;
          if (seen % 10) errors++;
#pragma omp atomic
          second++;
        }
      }
#pragma omp taskgroup
      {
#pragma omp taskloop nogroup num_tasks(7)
        for (int i = 0; i < 50; i++) {
#pragma omp atomic
          third++;
        }
      }
#pragma omp task shared(errors)
      if (third % 50) errors++;
    }
    end(0, id);
    CHECK(first == 10 * (round + 1) && second == 10 * (round + 1) && third == 50 * (round + 1));
  }
  CHECK(errors == 0);
}

static void nogroup_replays_follow_each_other(int threads) {
  int id = ++next_id, cell = 0, errors = 0;
#pragma omp parallel num_threads(threads)
#pragma omp single
  {
    for (int round = 0; round < 40; round++) {
      if (begin(NOGROUP, id)) {
        for (int i = 0; i < 10; i++) {
#pragma omp task depend(inout : cell) firstprivate(i) shared(errors)
          {
            if (cell % 10 != i) errors++;
            cell++;
          }
        }
      }
      end(NOGROUP, id);
    }
#pragma omp taskwait
    CHECK(cell == 400 && errors == 0);
  }
}

static void reset_records_again(int threads) {
  int id = ++next_id, blocks = 0, sum = 0;
#pragma omp parallel num_threads(threads)
#pragma omp single
  for (int round = 0; round < 12; round++) {
    int flags = round % 4 == 3 ? RESET : 0;
    if (begin(flags, id)) {
      blocks++;
#pragma omp task firstprivate(round)
      sum += round;
    }
    end(flags, id);
  }
  CHECK(blocks == 4 && sum == 0 * 3 + 3 * 4 + 7 * 4 + 11);
}

static void undeferred_and_detached_tasks_are_executed_every_time(int threads) {
  int id = ++next_id, other = ++next_id, blocks = 0, sum = 0;
#pragma omp parallel num_threads(threads)
#pragma omp single
  for (int round = 0; round < 10; round++) {
    if (begin(0, id)) {
      blocks++;
#pragma omp task if (0)
      sum++;
    }
    end(0, id);
    if (begin(0, other)) {
      blocks++;
      omp_event_handle_t event = 0;
#pragma omp task detach(event)
      {
#pragma omp atomic
        sum++;
        omp_fulfill_event(event);
      }
    }
    end(0, other);
  }
  CHECK(blocks == 20 && sum == 20);
}

// Tasks generated before the graph, and after it, by their dependences.
static void tasks_outside(int threads) {
  int id = ++next_id, x = 0, errors = 0;
#pragma omp parallel num_threads(threads)
#pragma omp single
  for (int round = 0; round < 20; round++) {
#pragma omp task depend(out : x) shared(x)
    x = 1;
    if (begin(0, id)) {
#pragma omp task depend(inout : x) shared(x, errors)
      {
        if (x != 1) errors++;
        x = 2;
      }
    }
    end(0, id);
#pragma omp task depend(in : x) shared(x, errors)
    if (x != 2) errors++;
#pragma omp taskwait
  }
  CHECK(errors == 0);
}

// Several threads replay one graph: one after another.
static void threads_take_turns(int threads) {
  int id = ++next_id, cell = 0, errors = 0, sum = 0;
#pragma omp parallel num_threads(threads)
  {
#pragma omp single
    {
      if (begin(0, id)) {
        for (int i = 0; i < 5; i++) {
#pragma omp task depend(inout : cell) shared(cell, errors, sum)
          {
            if (cell != i) errors++;
            cell = i == 4 ? 0 : i + 1;
            sum++;
          }
        }
      }
      end(0, id);
    }
    for (int round = 0; round < 10; round++) {
      CHECK(!begin(0, id));
      end(0, id);
    }
  }
  CHECK(errors == 0 && sum == 5 * (1 + 10 * threads));
}

int main(void) {
  FOR_SIZES(threads) {
    the_block_is_executed_once(threads);
    dependences_hold_in_every_replay(threads);
    types_of_dependence(threads);
    waits_inside_are_kept(threads);
    nogroup_replays_follow_each_other(threads);
    reset_records_again(threads);
    undeferred_and_detached_tasks_are_executed_every_time(threads);
    tasks_outside(threads);
    threads_take_turns(threads);
  }
}
