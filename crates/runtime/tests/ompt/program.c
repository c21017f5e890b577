// Programs whose events are checked: one per construct, chosen by name, with the number of threads.
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int n;
static volatile int sink;

static void parallel(void) {
  for (int i = 0; i < 3; i++)
#pragma omp parallel num_threads(n)
    sink = omp_get_thread_num();
}

static void nested(void) {
  omp_set_max_active_levels(2);
#pragma omp parallel num_threads(n)
#pragma omp parallel num_threads(2)
#pragma omp masked
  sink = 1;
}

static void serialized(void) {
#pragma omp parallel num_threads(n) if (sink)
#pragma omp masked
  sink = 0;
}

static void barrier(void) {
#pragma omp parallel num_threads(n)
  {
#pragma omp barrier
#pragma omp for
    for (int i = 0; i < 10; i++) sink = i;
#pragma omp barrier
  }
}

static void loops(void) {
#pragma omp parallel num_threads(n)
  {
#pragma omp for schedule(static) nowait
    for (int i = 0; i < 100; i++) sink = i;
#pragma omp for schedule(dynamic, 7) nowait
    for (int i = 100; i < 200; i++) sink = i;
#pragma omp for schedule(guided) nowait
    for (int i = 0; i < 300; i++) sink = i;
#pragma omp for schedule(static, 3) nowait
    for (int i = 0; i < 400; i++) sink = i;
  }
}

static void sections(void) {
#pragma omp parallel num_threads(n)
#pragma omp sections
  {
#pragma omp section
    sink = 1;
#pragma omp section
    sink = 2;
#pragma omp section
    sink = 3;
  }
}

static void single(void) {
  int x = 0;
#pragma omp parallel num_threads(n) private(x)
  {
#pragma omp single
    sink = 1;
#pragma omp single copyprivate(x)
    x = 2;
  }
}

static void masked(void) {
#pragma omp parallel num_threads(n)
  {
#pragma omp masked
    sink = 1;
#pragma omp masked filter(omp_get_num_threads() - 1)
    sink = 2;
  }
}

static void mutexes(void) {
  omp_lock_t lock;
  omp_nest_lock_t nest;
  omp_init_lock_with_hint(&lock, omp_sync_hint_contended);
  omp_init_nest_lock(&nest);
#pragma omp parallel num_threads(n)
  {
#pragma omp critical(name)
    sink = 1;
    omp_set_lock(&lock);
    omp_unset_lock(&lock);
    while (!omp_test_lock(&lock))
      ;
    omp_unset_lock(&lock);
    omp_set_nest_lock(&nest);
    omp_set_nest_lock(&nest);
    omp_unset_nest_lock(&nest);
    omp_unset_nest_lock(&nest);
    while (!omp_test_nest_lock(&nest))
      ;
    omp_unset_nest_lock(&nest);
  }
  omp_destroy_lock(&lock);
  omp_destroy_nest_lock(&nest);
}

static void ordered(void) {
#pragma omp parallel for ordered num_threads(n) schedule(dynamic, 1)
  for (int i = 0; i < 20; i++)
#pragma omp ordered
    sink = i;
}

static void reduction(void) {
  int sum = 0;
#pragma omp parallel num_threads(n)
#pragma omp for reduction(+ : sum)
  for (int i = 0; i < 100; i++) sum += i;
  if (sum != 4950) exit(7);
}

static void flush(void) {
#pragma omp parallel num_threads(n)
  {
#pragma omp flush
  }
}

static void cancel(void) {
#pragma omp parallel num_threads(n)
  {
#pragma omp for schedule(dynamic, 1)
    for (int i = 0; i < 100; i++) {
#pragma omp cancel for if (i == 3)
#pragma omp cancellation point for
      sink = i;
    }
  }
#pragma omp parallel num_threads(n)
  {
    if (omp_get_thread_num() == 0) {
#pragma omp cancel parallel
    }
#pragma omp barrier
  }
}

static void error(void) {
#pragma omp error at(execution) severity(warning) message("a word of warning")
}

static void control(void) {
  if (omp_control_tool(omp_control_tool_pause, 5, &n) != 7) exit(3);
#pragma omp parallel num_threads(n)
  sink = 1;
  // This ends the tool.
  if (omp_control_tool(omp_control_tool_end, 0, NULL) != 7) exit(4);
#pragma omp parallel num_threads(n)
  sink = 2;
  if (omp_control_tool(omp_control_tool_start, 0, NULL) != omp_control_tool_notool) exit(5);
}

static void teams(void) {
#pragma omp teams num_teams(2)
#pragma omp distribute parallel for num_threads(n)
  for (int i = 0; i < 100; i++) sink = i;
}

static void stop(void) {
#pragma omp parallel num_threads(n)
  sink = 1;
  if (omp_pause_resource_all(omp_pause_stop_tool) != 0) exit(6);
#pragma omp parallel num_threads(n)
  sink = 2;
}

static void quit(void) {
#pragma omp parallel num_threads(n)
  if (omp_get_thread_num() == n - 1) exit(0);
}

static void tasks(void) {
#pragma omp parallel num_threads(n)
#pragma omp single
  {
    for (int i = 0; i < 20; i++) {
#pragma omp task untied
      sink = i;
    }
#pragma omp taskwait
#pragma omp task if (sink < 0)
    sink = 1;
#pragma omp task final(1)
#pragma omp task
    sink = 2;
#pragma omp taskyield
  }
}

static void children(int depth) {
  if (depth == 0) return;
  for (int i = 0; i < 3; i++) {
#pragma omp task
    children(depth - 1);
  }
#pragma omp taskwait
}

static void recursion(void) {
#pragma omp parallel num_threads(n)
#pragma omp masked
  children(5);
}

static void taskgroup(void) {
#pragma omp parallel num_threads(n)
#pragma omp masked
#pragma omp taskgroup
  for (int i = 0; i < 5; i++) {
#pragma omp task
    sink = i;
  }
}

static void taskloop(void) {
#pragma omp parallel num_threads(n)
#pragma omp masked
#pragma omp taskloop num_tasks(7)
  for (int i = 0; i < 100; i++) sink = i;
}

static void depend(void) {
  int x = 0, y = 0;
#pragma omp parallel num_threads(n)
#pragma omp masked
  {
    volatile int go = 0;
#pragma omp task depend(out : x) shared(go)
    {
      while (n > 1 && !go)
        ;
      x = 1;
    }
#pragma omp task depend(in : x) depend(mutexinoutset : y)
    y = x;
    go = 1;
#pragma omp taskwait
  }
  if (y != 1) exit(8);
}

static void detach(void) {
  omp_event_handle_t event = 0;
#pragma omp parallel num_threads(n)
#pragma omp masked
  {
#pragma omp task detach(event)
    omp_fulfill_event(event);
#pragma omp taskwait
  }
}

static void cancelled(void) {
#pragma omp parallel num_threads(n)
#pragma omp masked
#pragma omp taskgroup
  {
#pragma omp task if (sink < 0)
    {
#pragma omp cancel taskgroup
    }
#pragma omp task
    sink = 1;
  }
}

static const struct {
  const char *name;
  void (*run)(void);
} programs[] = {{"parallel", parallel}, {"nested", nested}, {"serialized", serialized}, {"barrier", barrier},
                {"loops", loops},       {"sections", sections}, {"single", single},     {"masked", masked},
                {"mutexes", mutexes},   {"ordered", ordered},   {"reduction", reduction}, {"flush", flush},
                {"cancel", cancel},     {"error", error},       {"control", control},   {"teams", teams},
                {"tasks", tasks},         {"recursion", recursion}, {"taskgroup", taskgroup}, {"taskloop", taskloop},
                {"depend", depend},     {"detach", detach},     {"cancelled", cancelled},
                {"stop", stop},         {"quit", quit}};

int main(int argc, char **argv) {
  n = argc > 2 ? atoi(argv[2]) : 1;
  for (size_t i = 0; argc > 1 && i < sizeof programs / sizeof *programs; i++)
    if (strcmp(programs[i].name, argv[1]) == 0) return programs[i].run(), 0;
  return 1;
}
