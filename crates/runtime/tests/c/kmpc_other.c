// Entry points that Clang does not emit for C, or no more, called by hand: locks by location, the split barrier, numbers of
// tasks, threadprivate variables with C++'s functions.
#include "check.h"
#include <pthread.h>
#include <stdint.h>

extern int __kmpc_global_thread_num(void *), __kmpc_ok_to_fork(void *), __kmpc_omp_has_task_team(int);
extern int __kmpc_barrier_master(void *, int), __kmpc_barrier_master_nowait(void *, int), __kmpc_get_target_offload(void);
extern void __kmpc_end_barrier_master(void *, int), __kmpc_pop_num_threads(void *, int);
extern void __kmpc_scope(void *, int, void *), __kmpc_end_scope(void *, int, void *);
extern int __kmpc_pause_resource(int, int);
extern uint64_t __kmpc_get_taskid(void), __kmpc_get_parent_taskid(void);
extern void __kmpc_init_lock(void *, int, void *), __kmpc_set_lock(void *, int, void *);
extern void __kmpc_init_lock_with_hint(void *, int, void *, uintptr_t), __kmpc_init_nest_lock_with_hint(void *, int, void *, uintptr_t);
extern void __kmpc_unset_lock(void *, int, void *), __kmpc_destroy_lock(void *, int, void *);
extern int __kmpc_test_lock(void *, int, void *), __kmpc_test_nest_lock(void *, int, void *);
extern void __kmpc_init_nest_lock(void *, int, void *), __kmpc_set_nest_lock(void *, int, void *);
extern void __kmpc_unset_nest_lock(void *, int, void *), __kmpc_destroy_nest_lock(void *, int, void *);
extern void *__kmpc_threadprivate(void *, int, void *, size_t);
extern void *__kmpc_threadprivate_cached(void *, int, void *, size_t, void ***);
extern void __kmpc_threadprivate_register(void *, void *, void *(*)(void *), void *(*)(void *, void *), void (*)(void *));
extern void __kmpc_threadprivate_register_vec(void *, void *, void *(*)(void *, size_t),
                                              void *(*)(void *, void *, size_t), void *(*)(void *, size_t), size_t);
extern void __tgt_interop_init(void *, int, void **, int, int, int, void *, int);
extern void __tgt_interop_use(void *, int, void **, int, int, void *, int);
extern void __tgt_interop_destroy(void *, int, void **, int, int, void *, int);

static void locks(int n) {
  void *lock = 0, *nest = 0;
  int sum = 0, other = 0;
  __kmpc_init_lock(0, 0, &lock);
  __kmpc_init_nest_lock(0, 0, &nest);
#pragma omp parallel num_threads(n)
  {
    int gtid = __kmpc_global_thread_num(0);
    for (int i = 0; i < 200; i++) {
      __kmpc_set_lock(0, gtid, &lock);
      sum++;
      __kmpc_unset_lock(0, gtid, &lock);
      __kmpc_set_nest_lock(0, gtid, &nest);
      CHECK(__kmpc_test_nest_lock(0, gtid, &nest) == 2);
      other++;
      __kmpc_unset_nest_lock(0, gtid, &nest);
      __kmpc_unset_nest_lock(0, gtid, &nest);
    }
  }
  CHECK(sum == 200 * n && other == sum && __kmpc_test_lock(0, 0, &lock) == 1 && __kmpc_test_lock(0, 0, &lock) == 0);
  __kmpc_destroy_lock(0, 0, &lock);
  __kmpc_destroy_nest_lock(0, 0, &nest);
  __kmpc_init_lock_with_hint(0, 0, &lock, 4);
  __kmpc_init_nest_lock_with_hint(0, 0, &nest, 2);
  CHECK(__kmpc_test_lock(0, 0, &lock) == 1 && __kmpc_test_nest_lock(0, 0, &nest) == 1);
  __kmpc_destroy_nest_lock(0, 0, &nest);
}

static void split_barrier(int n) {
  int before = 0, between = 0, after = 0, masters = 0;
#pragma omp parallel num_threads(n)
  {
    int gtid = __kmpc_global_thread_num(0);
    for (int i = 1; i < 20; i++) {
#pragma omp atomic
      before++;
      if (__kmpc_barrier_master(0, gtid)) {
        CHECK(before == i * n && after == (i - 1) * n);
        between++;
        __kmpc_end_barrier_master(0, gtid);
      }
      CHECK(between == i);
#pragma omp atomic
      after++;
      if (__kmpc_barrier_master_nowait(0, gtid)) masters++;
    }
  }
  CHECK(masters == 19);
}

static void tasks(int n) {
#pragma omp parallel num_threads(n)
  {
    uint64_t own = __kmpc_get_taskid();
    CHECK(own != 0 && __kmpc_omp_has_task_team(__kmpc_global_thread_num(0)) == (n > 1));
#pragma omp task firstprivate(own) if (0)
    CHECK(__kmpc_get_taskid() != own && __kmpc_get_parent_taskid() == own);
    __kmpc_scope(0, 0, 0);
    __kmpc_end_scope(0, 0, 0);
  }
}

static int variable = 5, constructed = 7, array[3] = {1, 2, 3};
static int made, destroyed;
static void **cache;

static void *construct(void *copy) {
  *(int *)copy = 100;
#pragma omp atomic
  made++;
  return copy;
}
static void destroy(void *copy) {
  CHECK(*(int *)copy >= 100);
#pragma omp atomic
  destroyed++;
}
static void *copy_array(void *copy, void *original, size_t length) {
  for (size_t i = 0; i < length; i++) ((int *)copy)[i] = ((int *)original)[i] * 10;
  return copy;
}

static void *other_initial_thread(void *unused) {
  int gtid = __kmpc_global_thread_num(0);
  int *copy = __kmpc_threadprivate(0, gtid, &constructed, sizeof constructed);
  CHECK(copy != &constructed && *copy == 100);
  *copy = 123;
  return unused;
}

static void threadprivate(int n) {
  static int first = 1;
  if (first) {
    __kmpc_threadprivate_register(0, &constructed, construct, 0, destroy);
    __kmpc_threadprivate_register_vec(0, array, 0, copy_array, 0, 3);
    first = 0;
  }
#pragma omp parallel num_threads(n)
  {
    int gtid = __kmpc_global_thread_num(0);
    int *copy = __kmpc_threadprivate_cached(0, gtid, &variable, sizeof variable, &cache);
    CHECK((copy == &variable) == (gtid == 0) && *copy == 5);
    CHECK(__kmpc_threadprivate_cached(0, gtid, &variable, sizeof variable, &cache) == copy);
    CHECK(__kmpc_threadprivate(0, gtid, &variable, sizeof variable) == copy);
    copy = __kmpc_threadprivate(0, gtid, &constructed, sizeof constructed);
    CHECK(*copy == (gtid == 0 ? 7 : 100));
    copy = __kmpc_threadprivate(0, gtid, array, sizeof array);
    CHECK(copy[2] == (gtid == 0 ? 3 : 30));
  }
  int before = destroyed;
  pthread_t thread;
  CHECK(pthread_create(&thread, 0, other_initial_thread, 0) == 0);
  CHECK(pthread_join(thread, 0) == 0);
  CHECK(destroyed == before + 1 && made > destroyed - 1);
}

int main(void) {
  CHECK(__kmpc_ok_to_fork(0) == 1 && __kmpc_get_target_offload() == 1);
  CHECK(__kmpc_pause_resource(1, omp_get_initial_device()) == 0);
  __kmpc_pop_num_threads(0, __kmpc_global_thread_num(0));
  FOR_SIZES(n) {
    locks(n);
    split_barrier(n);
    tasks(n);
    threadprivate(n);
  }
  void *object = &object;
  __tgt_interop_init(0, 0, &object, 0, 0, 0, 0, 0);
  CHECK(object == 0);
  __tgt_interop_use(0, 0, &object, 0, 0, 0, 0);
  __tgt_interop_destroy(0, 0, &object, 0, 0, 0, 0);
  CHECK(object == 0);
  return 0;
}
