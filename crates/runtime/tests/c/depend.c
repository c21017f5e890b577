// Dependences of every type: what each demands, alone and in random graphs, which are compared with the definition.
#include "check.h"
#include <unistd.h>

static void chains(int threads) {
  enum { TASKS = 400, CELLS = 7 };
  long cells[CELLS] = {0};
#pragma omp parallel num_threads(threads)
#pragma omp single
  for (long i = 0; i < TASKS; i++) {
    long *cell = &cells[i % CELLS];
#pragma omp task depend(inout : *cell) firstprivate(i)
    {
      CHECK(*cell == i / CELLS);
      *cell = i / CELLS + 1;
    }
  }
  for (long c = 0; c < CELLS; c++) CHECK(cells[c] == (TASKS - c + CELLS - 1) / CELLS);
}

static void readers_and_writers(int threads) {
  int value = 0, seen = 0;
#pragma omp parallel num_threads(threads)
#pragma omp single
  for (int round = 0; round < 20; round++) {
#pragma omp task depend(out : value) firstprivate(round)
    {
      CHECK(seen == 20 * round);
      value = round;
    }
    for (int r = 0; r < 20; r++) {
#pragma omp task depend(in : value) firstprivate(round)
      {
        CHECK(value == round);
#pragma omp atomic
        seen++;
      }
    }
  }
  CHECK(seen == 400);
}

static void sets(int threads) {
  int value = 0, other = 0, inside = 0, sum = 0;
#pragma omp parallel num_threads(threads)
#pragma omp single
  {
    for (int i = 0; i < 50; i++) {
#pragma omp task depend(inoutset : value)
      {
#pragma omp atomic
        value++;
      }
    }
#pragma omp task depend(in : value)
    CHECK(value == 50);
    for (int i = 0; i < 50; i++) {
#pragma omp task depend(mutexinoutset : value, other) firstprivate(i)
      {
        CHECK(inside == 0);
        inside = 1;
        sum += i;
        inside = 0;
      }
#pragma omp task depend(mutexinoutset : other)
      {
        CHECK(inside == 0);
        inside = 1;
        sum += 1;
        inside = 0;
      }
    }
#pragma omp task depend(in : value, other)
    CHECK(sum == 1225 + 50);
  }
  CHECK(sum == 1275);
}

static void objects_and_iterators(int threads) {
  int cells[10] = {0}, done = 0;
#pragma omp parallel num_threads(threads)
#pragma omp single
  {
    omp_depend_t object;
#pragma omp depobj(object) depend(inout : done)
    for (int i = 0; i < 10; i++) {
#pragma omp task depend(out : cells[i]) firstprivate(i)
      cells[i] = i + 1;
    }
#pragma omp task depend(iterator(i = 0 : 10), in : cells[i]) depend(depobj : object)
    for (int i = 0; i < 10; i++) {
      CHECK(cells[i] == i + 1);
      done++;
    }
#pragma omp depobj(object) update(in)
#pragma omp task depend(depobj : object)
    CHECK(done == 10);
#pragma omp task depend(in : done)
    CHECK(done == 10);
#pragma omp taskwait
#pragma omp depobj(object) destroy
  }
}

static void all_memory(int threads) {
  enum { CELLS = 30 };
  int cells[CELLS] = {0}, stage = 0;
#pragma omp parallel num_threads(threads)
#pragma omp single
  for (int round = 0; round < 10; round++) {
    for (int i = 0; i < CELLS; i++) {
#pragma omp task depend(inout : cells[i]) firstprivate(i, round)
      {
        CHECK(stage == round);
        cells[i]++;
      }
    }
#pragma omp task depend(inout : omp_all_memory) firstprivate(round)
    {
      for (int i = 0; i < CELLS; i++) CHECK(cells[i] == round + 1);
      stage = round + 1;
    }
  }
}

static void waiting(int threads) {
  int x = 0, y = 0, z = 0;
#pragma omp parallel num_threads(threads)
#pragma omp single
  for (int round = 1; round <= 30; round++) {
#pragma omp task depend(out : x) firstprivate(round)
    x = round;
#pragma omp task depend(in : x) depend(out : y)
    y = x;
#pragma omp taskwait depend(in : y)
    CHECK(y == round);
#pragma omp task depend(out : y) if (0)
    y = -1;
    CHECK(y == -1);
#pragma omp task depend(inout : y)
    y = 7;
    // An undeferred task waits, too.
#pragma omp task depend(in : y) if (0)
    CHECK(y == 7);
    // An empty task stands between.
#pragma omp task depend(out : z) firstprivate(round)
    z = round;
#pragma omp taskwait depend(in : z) depend(out : y) nowait
#pragma omp task depend(in : y)
    CHECK(z == round);
#pragma omp taskwait
  }
}

static void detached(int threads) {
  for (int round = 0; round < 20; round++) {
    int value = 0, after = 0;
    omp_event_handle_t event = 0;
#pragma omp parallel num_threads(threads)
#pragma omp single
    {
#pragma omp task depend(out : value) detach(event)
      value = 1;
#pragma omp task depend(in : value) shared(after)
      {
        CHECK(value == 2);
        after = 1;
      }
      // The successor's turn comes with the event, not with the end of the code.
#pragma omp task shared(value, after)
      {
        int now;
        do {
#pragma omp atomic read
          now = value;
#pragma omp taskyield
        } while (now != 1);
        value = 2;
        CHECK(after == 0);
        omp_fulfill_event(event);
      }
    }
    CHECK(after == 1);
  }
}

static void nested(int threads) {
  // Only siblings depend on each other; a task may end before its children.
  int cells[4] = {0}, total = 0;
#pragma omp parallel num_threads(threads)
#pragma omp single
  for (int i = 0; i < 4; i++) {
#pragma omp task firstprivate(i)
    for (int k = 0; k < 25; k++) {
#pragma omp task depend(inout : cells[i]) firstprivate(i, k)
      {
        CHECK(cells[i] == k);
        cells[i]++;
#pragma omp atomic
        total++;
      }
    }
  }
  CHECK(total == 100);
}

// A list that names a location twice counts with both types together.
static void named_twice(int threads) {
  int x = 0;
#pragma omp parallel num_threads(threads)
#pragma omp single
  for (int i = 0; i < 50; i++) {
#pragma omp task depend(in : x) depend(out : x) firstprivate(i)
    {
      CHECK(x == i);
      x++;
    }
  }
  CHECK(x == 50);
}

enum { GRAPH = 150, LOCATIONS = 6, TYPES = 4 };
enum { IN, OUT, MUTEX, SET };

struct graph {
  unsigned long long state;
  char cells[LOCATIONS];
  char type[GRAPH][LOCATIONS];  // what the task names the location with; -1: not
  int begun[GRAPH], ended[GRAPH];
};

static unsigned draw(struct graph *g) {
  g->state = g->state * 6364136223846793005ULL + 1442695040888963407ULL;
  return (unsigned)(g->state >> 33);
}

static int clock_;

static int tick(void) {
  int now;
#pragma omp atomic capture seq_cst
  now = ++clock_;
  return now;
}

static void generate(struct graph *g) {
  for (int t = 0; t < GRAPH; t++) {
    int list[TYPES][LOCATIONS], count[TYPES] = {0};
    for (int l = 0; l < LOCATIONS; l++) {
      g->type[t][l] = draw(g) % 3 ? -1 : (char)(draw(g) % TYPES);
      if (g->type[t][l] >= 0) list[(int)g->type[t][l]][count[(int)g->type[t][l]]++] = l;
    }
#pragma omp task firstprivate(t) depend(iterator(i = 0 : count[IN]), in : g->cells[list[IN][i]])              \
    depend(iterator(i = 0 : count[OUT]), inout : g->cells[list[OUT][i]])                                       \
    depend(iterator(i = 0 : count[MUTEX]), mutexinoutset : g->cells[list[MUTEX][i]])                           \
    depend(iterator(i = 0 : count[SET]), inoutset : g->cells[list[SET][i]])
    {
      g->begun[t] = tick();
      if (t % 16 == 0) usleep(20);
      g->ended[t] = tick();
    }
  }
#pragma omp taskwait
}

static void compare(const struct graph *g) {
  for (int b = 0; b < GRAPH; b++)
    for (int a = 0; a < b; a++)
      for (int l = 0; l < LOCATIONS; l++) {
        int ta = g->type[a][l], tb = g->type[b][l];
        if (ta < 0 || tb < 0 || (ta == tb && (ta == IN || ta == SET))) continue;
        if (ta == MUTEX && tb == MUTEX) CHECK(g->ended[a] < g->begun[b] || g->ended[b] < g->begun[a]);
        else CHECK(g->ended[a] < g->begun[b]);
      }
}

// Each thread generates a graph, or one of them does.
static void random_graphs(int threads) {
  for (int seed = 0; seed < 6; seed++) {
    struct graph *graphs = calloc(threads, sizeof *graphs);
    clock_ = 0;
    int all = seed % 2;
#pragma omp parallel num_threads(threads)
    {
      struct graph *g = &graphs[omp_get_thread_num()];
      g->state = seed * 1000 + omp_get_thread_num();
      if (all || omp_get_thread_num() == 0) generate(g);
    }
    for (int t = 0; t < (all ? threads : 1); t++) compare(&graphs[t]);
    free(graphs);
  }
}

int main(void) {
  FOR_SIZES(threads) {
    chains(threads);
    readers_and_writers(threads);
    sets(threads);
    objects_and_iterators(threads);
    all_memory(threads);
    waiting(threads);
    detached(threads);
    nested(threads);
    named_twice(threads);
    random_graphs(threads);
  }
}
