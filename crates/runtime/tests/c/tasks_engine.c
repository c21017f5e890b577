// Tasks as the threads of a team share them: deferral, waits, groups, nesting, untied, detached, final, priorities, data environments.
#include "check.h"
#include <pthread.h>
#include <string.h>
#include <unistd.h>

enum { MANY = 2000 };

static int fib(int n) {
  int a, b;
  if (n < 2) return n;
#pragma omp task shared(a) firstprivate(n)
  a = fib(n - 1);
#pragma omp task shared(b) firstprivate(n)
  b = fib(n - 2);
#pragma omp taskwait
  return a + b;
}

// Every thread generates; nobody waits but the barrier.
static void barriers_complete_all_tasks(int n) {
  static int done[17 * MANY];
  memset(done, 0, sizeof done);
#pragma omp parallel num_threads(n)
  {
    int me = omp_get_thread_num(), threads = omp_get_num_threads();
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 100; i++) {
#pragma omp task firstprivate(i, me)
        done[me * MANY + i]++;
      }
#pragma omp barrier
      for (int t = 0; t < threads; t++)
        for (int i = 0; i < 100; i++) CHECK(done[t * MANY + i] == round + 1);
#pragma omp barrier
    }
  }
}

// A task is over before its children; the region's end waits for all of them.
static void orphan(int depth, int *count) {
#pragma omp atomic
  ++*count;
  if (depth > 0) {
    for (int i = 0; i < 3; i++) {
#pragma omp task firstprivate(depth)
      orphan(depth - 1, count);
    }
  }
}

static void tasks_outlive_their_parents(int n) {
  int count = 0;
#pragma omp parallel num_threads(n)
#pragma omp master
  orphan(6, &count);
  CHECK(count == 1093);
  count = 0;
#pragma omp parallel num_threads(n)
#pragma omp single
  {
#pragma omp taskgroup
    orphan(6, &count);
    CHECK(count == 1093);
  }
}

// taskwait waits for children, taskgroup for descendants.
static void waits(int n) {
#pragma omp parallel num_threads(n)
#pragma omp single
  for (int round = 0; round < 50; round++) {
    int child = 0, grandchild = 0;
#pragma omp task shared(child, grandchild)
    {
#pragma omp task shared(grandchild)
      {
        if (round % 10 == 0) usleep(100);
#pragma omp atomic write
        grandchild = 1;
      }
      child = 1;
    }
#pragma omp taskwait
    CHECK(child == 1);
#pragma omp taskgroup
    {
#pragma omp task shared(child)
      {
#pragma omp task shared(child)
#pragma omp atomic
        child++;
      }
    }
    CHECK(child == 2);
    // The grandchild's variable is this frame's.
    int seen = 0;
    while (!seen) {
#pragma omp taskyield
#pragma omp atomic read
      seen = grandchild;
      if (!seen && n > 1) usleep(10);
    }
  }
}

static void nested_groups(int n) {
  int inner_sum = 0, outer_sum = 0;
#pragma omp parallel num_threads(n)
#pragma omp single
#pragma omp taskgroup
  {
    for (int i = 0; i < 20; i++) {
#pragma omp task shared(inner_sum, outer_sum)
      {
        int mine = 0;
#pragma omp taskgroup
        for (int j = 0; j < 20; j++) {
#pragma omp task shared(mine)
#pragma omp atomic
          mine++;
        }
        CHECK(mine == 20);
#pragma omp atomic
        inner_sum += mine;
#pragma omp atomic
        outer_sum++;
      }
    }
  }
  CHECK(inner_sum == 400 && outer_sum == 20);
}

// Each task has its own copy of nthreads-var; it starts with its parent's at generation.
static void data_environments(int n) {
#pragma omp parallel num_threads(n)
#pragma omp single
  {
    omp_set_num_threads(3);
    int bad = 0;
    for (int i = 0; i < 40; i++) {
      omp_set_num_threads(5 + i);
#pragma omp task firstprivate(i) shared(bad)
      {
        if (omp_get_max_threads() != 5 + i) {
#pragma omp atomic
          bad++;
        }
        omp_set_num_threads(100 + i);
#pragma omp task firstprivate(i) shared(bad)
        if (omp_get_max_threads() != 100 + i) {
#pragma omp atomic
          bad++;
        }
#pragma omp taskwait
        if (omp_get_max_threads() != 100 + i) {
#pragma omp atomic
          bad++;
        }
      }
      if (i % 7 == 0) {
#pragma omp taskyield
      }
      CHECK(omp_get_max_threads() == 5 + i);
    }
#pragma omp taskwait
    CHECK(bad == 0 && omp_get_max_threads() == 44);
  }
}

static void final_and_undeferred(int n) {
#pragma omp parallel num_threads(n)
#pragma omp single
  {
    int outer = omp_get_thread_num(), same = 0;
#pragma omp task final(1) shared(same)
    {
      CHECK(omp_in_final());
      int here = omp_get_thread_num();
#pragma omp task shared(same)
      {
        CHECK(omp_in_final());
        same += here == omp_get_thread_num();
#pragma omp task shared(same)
        same += 10 * (here == omp_get_thread_num());
        CHECK(same == 11);
      }
      CHECK(same == 11);
    }
#pragma omp taskwait
    CHECK(!omp_in_final());
    int ran = 0;
#pragma omp task if (0) shared(ran)
    {
      ran = 1 + (omp_get_thread_num() == outer);
      int child = 0;
#pragma omp task shared(child)
      child = 1;
#pragma omp taskwait
      CHECK(child == 1);
      omp_set_num_threads(77);
    }
    CHECK(ran == 2 && omp_get_max_threads() != 77);
  }
}

static void untied(int n) {
  int sum = 0;
#pragma omp parallel num_threads(n)
#pragma omp single
  for (int i = 0; i < 200; i++) {
#pragma omp task untied firstprivate(i) shared(sum)
    {
      int a = 0, b = 0;
#pragma omp task shared(a)
      a = i;
#pragma omp taskyield
#pragma omp task untied shared(b)
      {
#pragma omp taskyield
        b = 1;
      }
#pragma omp taskwait
#pragma omp atomic
      sum += a + b;
    }
    int at_once = 0;
#pragma omp task untied if (0) shared(at_once)
    {
#pragma omp taskyield
      at_once++;
#pragma omp taskyield
      at_once++;
    }
    CHECK(at_once == 2);
  }
  CHECK(sum == 199 * 100 + 200);
}

static void *fulfil(void *event) {
  usleep(500);
  omp_fulfill_event(*(omp_event_handle_t *)event);
  return 0;
}

static void detached(int n) {
#pragma omp parallel num_threads(n)
#pragma omp single
  {
    for (int round = 0; round < 10; round++) {
      omp_event_handle_t foreign, own, before;
      pthread_t thread;
      int ran = 0;
#pragma omp task detach(foreign) shared(ran)
#pragma omp atomic
      ran++;
      CHECK(pthread_create(&thread, 0, fulfil, &foreign) == 0);
#pragma omp task detach(own) shared(ran)
      {
        omp_fulfill_event(own);
#pragma omp atomic
        ran++;
      }
#pragma omp task detach(before) shared(ran)
#pragma omp atomic
      ran++;
      omp_fulfill_event(before);
#pragma omp taskwait
      CHECK(ran == 3);
      pthread_join(thread, 0);
    }
    // The end of the region waits, too.
    static omp_event_handle_t last;
    static pthread_t thread;
#pragma omp task detach(last)
    {}
    CHECK(pthread_create(&thread, 0, fulfil, &last) == 0);
    pthread_detach(thread);
  }
}

static void regions_within_tasks(int n) {
  int sum = 0;
  omp_set_max_active_levels(3);
#pragma omp parallel num_threads(n)
#pragma omp single
  for (int i = 0; i < 10; i++) {
#pragma omp task shared(sum)
    {
      int inner = 0;
#pragma omp parallel num_threads(2) shared(inner)
      {
#pragma omp task shared(inner)
#pragma omp atomic
        inner++;
#pragma omp single
#pragma omp task shared(inner)
#pragma omp atomic
        inner += 10;
      }
      CHECK(inner == 10 + 2 || inner == 11);
#pragma omp atomic
      sum++;
    }
  }
  CHECK(sum == 10);
  omp_set_max_active_levels(1);
}

static void outside_of_regions(void) {
  int ran = 0;
#pragma omp task shared(ran)
  {
    ran++;
#pragma omp task shared(ran)
    ran++;
#pragma omp taskwait
    CHECK(ran == 2);
  }
#pragma omp taskwait
#pragma omp taskgroup
  {
#pragma omp task shared(ran)
    ran++;
  }
  CHECK(ran == 3);
#pragma omp taskloop shared(ran)
  for (int i = 0; i < 10; i++) ran++;
  CHECK(ran == 13);
}

static void taskloops(int n) {
  static int hits[10000];
  memset(hits, 0, sizeof hits);
  int last = -1, tasks = 0, too_small = 0, started = 5;
#pragma omp parallel num_threads(n)
#pragma omp single
  {
#pragma omp taskloop
    for (int i = 0; i < 10000; i++) hits[i]++;
    for (int i = 0; i < 10000; i++) CHECK(hits[i] == 1);
#pragma omp taskloop num_tasks(333) lastprivate(last) firstprivate(started)
    for (int i = 0; i < 10000; i++) {
      hits[i] += started == 5;
      last = i;
    }
    CHECK(last == 9999);
    for (int i = 0; i < 10000; i++) CHECK(hits[i] == 2);
#pragma omp taskloop nogroup grainsize(7)
    for (unsigned long long i = 10000; i > 0; i--) {
#pragma omp atomic
      hits[i - 1]++;
    }
#pragma omp taskwait
    for (int i = 0; i < 10000; i++) CHECK(hits[i] == 3);
#pragma omp taskloop collapse(2) if (0)
    for (int i = 0; i < 100; i++)
      for (int j = 0; j < 100; j++) hits[i * 100 + j]++;
#pragma omp taskloop grainsize(strict : 64) shared(tasks, too_small)
    for (int i = 0; i < 1000; i++) {
      hits[i]++;
      if (i % 64 == 0) {
#pragma omp atomic
        tasks++;
      }
    }
    CHECK(tasks == 16 && too_small == 0);
#pragma omp taskloop
    for (int i = 0; i < 0; i++) hits[0] = -1;
    // Within tasks, and with tasks within.
#pragma omp taskloop num_tasks(4)
    for (int i = 0; i < 4; i++) {
#pragma omp taskloop num_tasks(50)
      for (int j = 0; j < 2500; j++) hits[i * 2500 + j]++;
    }
  }
  for (int i = 0; i < 10000; i++) CHECK(hits[i] == (i < 1000 ? 6 : 5));
}

static void locks_belong_to_tasks(int n) {
  omp_nest_lock_t lock;
  omp_init_nest_lock(&lock);
  int inside = 0;
#pragma omp parallel num_threads(n)
#pragma omp single
  for (int i = 0; i < 100; i++) {
#pragma omp task shared(lock, inside)
    {
      omp_set_nest_lock(&lock);
      CHECK(++inside == 1);
      CHECK(omp_test_nest_lock(&lock) == 2);
      omp_unset_nest_lock(&lock);
      --inside;
      omp_unset_nest_lock(&lock);
    }
  }
  omp_destroy_nest_lock(&lock);
}

// A task generated in a critical section may enter it: it is not executed on the spot.
static int treated;
static void treat(int depth) {
#pragma omp critical(worklist)
  {
    treated++;
    for (int i = 0; i < 4 && depth > 0; i++) {
#pragma omp task firstprivate(depth)
      treat(depth - 1);
    }
  }
}

static void generated_in_critical_sections(int n) {
  treated = 0;
  if (n == 1) return;
#pragma omp parallel num_threads(n)
#pragma omp single
  treat(5);
  CHECK(treated == 1365);
}

static int chain_length;
static void chain(int left) {
  if (left == 0) return;
#pragma omp task firstprivate(left)
  {
#pragma omp atomic
    chain_length++;
    chain(left - 1);
  }
}

static void long_chains(int n) {
  chain_length = 0;
#pragma omp parallel num_threads(n)
#pragma omp single
  chain(20000);
  CHECK(chain_length == 20000);
}

int main(void) {
  outside_of_regions();
  FOR_SIZES(n) {
    for (int round = 0; round < 3; round++) {
      int result = 0;
#pragma omp parallel num_threads(n)
#pragma omp single
      result = fib(14);
      CHECK(result == 377);
      barriers_complete_all_tasks(n);
      tasks_outlive_their_parents(n);
      waits(n);
      nested_groups(n);
      data_environments(n);
      final_and_undeferred(n);
      untied(n);
      detached(n);
      regions_within_tasks(n);
      taskloops(n);
      locks_belong_to_tasks(n);
      long_chains(n);
      generated_in_critical_sections(n);
    }
  }
  return 0;
}
