// Several OpenMP libraries in one process, each loaded by its path: regions of one after, beside and inside regions of the
// other, and in the child of a fork. usage: coexist LIBRARY LIBRARY
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK(condition)                                                \
  if (!(condition)) {                                                   \
    fprintf(stderr, "coexist.c:%d: %s does not hold\n", __LINE__, #condition); \
    _Exit(1);                                                           \
  }

struct library {
  void (*fork_call)(void *, int, void *, ...);
  void (*push_num_threads)(void *, int, int);
  int (*global_thread_num)(void *);
  void (*gomp_parallel)(void (*)(void *), void *, unsigned, unsigned);
  int (*num_threads)(void), (*thread_num)(void), (*level)(void);
};

struct work {
  struct library *own, *other;
  int threads, inner, count;
};

static void run(struct library *, struct work *);

static void work(struct work *w) {
  CHECK(w->own->num_threads() == w->threads && w->own->thread_num() < w->threads && w->own->level() == 1);
  __atomic_fetch_add(&w->count, 1, __ATOMIC_RELAXED);
  if (w->inner) {
    struct work inner = {w->other, w->own, w->inner, 0, 0};
    CHECK(w->other->level() == 0);
    run(w->other, &inner);
    CHECK(inner.count == w->inner);
  }
}

static void gomp_region(void *data) { work(data); }
static void kmpc_region(int *gtid, int *tid, void *data) {
  (void)gtid, (void)tid;
  work(data);
}

static void run(struct library *l, struct work *w) {
  static struct {
    int a, flags, b, c;
    const char *source;
  } place = {0, 2, 0, 0, ";coexist.c;run;0;0;;"};
  if (l->fork_call) {
    l->push_num_threads(&place, l->global_thread_num(&place), w->threads);
    l->fork_call(&place, 1, (void *)kmpc_region, w);
  } else {
    l->gomp_parallel(gomp_region, w, w->threads, 0);
  }
}

static void load(struct library *l, const char *path) {
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!handle) fprintf(stderr, "%s\n", dlerror());
  CHECK(handle);
  *(void **)&l->fork_call = dlsym(handle, "__kmpc_fork_call");
  *(void **)&l->push_num_threads = dlsym(handle, "__kmpc_push_num_threads");
  *(void **)&l->global_thread_num = dlsym(handle, "__kmpc_global_thread_num");
  *(void **)&l->gomp_parallel = dlsym(handle, "GOMP_parallel");
  *(void **)&l->num_threads = dlsym(handle, "omp_get_num_threads");
  *(void **)&l->thread_num = dlsym(handle, "omp_get_thread_num");
  *(void **)&l->level = dlsym(handle, "omp_get_level");
  CHECK((l->fork_call || l->gomp_parallel) && l->num_threads && l->thread_num && l->level);
}

static struct library libraries[2];

static void rounds(int count) {
  for (int i = 0; i < count; i++) {
    struct library *a = &libraries[i % 2], *b = &libraries[1 - i % 2];
    int threads = 1 + i % 4;
    struct work alone = {a, b, threads, 0, 0}, nested = {a, b, threads, 1 + i % 3, 0};
    run(a, &alone);
    CHECK(alone.count == threads);
    run(a, &nested);
    CHECK(nested.count == threads);
  }
}

static void *thread(void *unused) {
  rounds(30);
  return unused;
}

int main(int argc, char **argv) {
  CHECK(argc == 3);
  load(&libraries[0], argv[1]);
  load(&libraries[1], argv[2]);
  rounds(60);
  // Initial threads beside this one.
  pthread_t other;
  CHECK(pthread_create(&other, 0, thread, 0) == 0);
  rounds(30);
  CHECK(pthread_join(other, 0) == 0);
  // In the child of a fork GCC's library cannot run regions of more than one thread; the first library given can.
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    struct work alone = {&libraries[0], &libraries[1], 3, 0, 0};
    run(&libraries[0], &alone);
    CHECK(alone.count == 3);
    _exit(0);
  }
  int status;
  CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
  rounds(10);
  return 0;
}
