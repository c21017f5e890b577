// The routines under Fortran's names: arguments by address, in both sizes of integers, strings with blanks; and LLVM's own.
#define _GNU_SOURCE
#include "check.h"
#include <sched.h>
#include <stdint.h>

extern int omp_get_max_threads_(void), omp_get_num_threads_(void), omp_get_thread_num_(void), omp_in_parallel_(void);
extern int omp_get_level_(void), omp_get_max_active_levels_(void), omp_get_supported_active_levels_(void);
extern void omp_set_num_threads_(const int *), omp_set_num_threads_8_(const int64_t *);
extern void omp_set_schedule_(const int *, const int *), omp_set_schedule_8_(const int64_t *, const int64_t *);
extern void omp_get_schedule_(int *, int *), omp_get_schedule_8_(int *, int64_t *);
extern int omp_get_ancestor_thread_num_(const int *), omp_get_team_size_8_(const int64_t *);
extern void omp_set_dynamic_(const int *), omp_set_dynamic_8_(const int64_t *), omp_set_max_active_levels_(const int *);
extern int omp_get_dynamic_(void);
extern double omp_get_wtime_(void), omp_get_wtick_(void);
extern void omp_init_lock_(void *), omp_set_lock_(void *), omp_unset_lock_(void *), omp_destroy_lock_(void *);
extern int omp_test_lock_(void *), omp_test_nest_lock_(void *);
extern void omp_init_nest_lock_(void *), omp_set_nest_lock_(void *), omp_unset_nest_lock_(void *), omp_destroy_nest_lock_(void *);
extern void omp_set_affinity_format_(const char *, size_t);
extern int omp_get_affinity_format_(char *, size_t), omp_capture_affinity_(char *, const char *, size_t, size_t);
extern int omp_get_num_places_(void), omp_get_place_num_procs_(const int *);
extern void omp_get_place_proc_ids_(const int *, int *), omp_get_place_proc_ids_8_(const int64_t *, int64_t *);
extern intptr_t omp_init_allocator_(const intptr_t *, const int *, const void *);
extern void omp_set_default_allocator_(const intptr_t *), omp_destroy_allocator_(const intptr_t *);
extern intptr_t omp_get_default_allocator_(void);
extern int omp_get_initial_device_(void), omp_is_initial_device_(void), omp_get_device_from_uid_(const char *, size_t);
extern void omp_set_default_device_(const int *);
extern int omp_get_default_device_(void);
extern void omp_set_num_teams_8_(const int64_t *);
extern int omp_get_max_teams_(void), omp_pause_resource_all_(const int *);
extern void ompc_set_num_threads(int);
extern int ompc_get_team_size(int);

static void numbers(void) {
  int three = 3, yes = 1, no = 0, dynamic = 2, chunk = 5, level = 1, kind = 0;
  int64_t four = 4, wide = 1ll << 40, wide_chunk = 7, wide_kind = 3, wide_level = 1;
  omp_set_num_threads_(&three);
  CHECK(omp_get_max_threads_() == 3);
  omp_set_num_threads_8_(&four);
  CHECK(omp_get_max_threads_() == 4);
  ompc_set_num_threads(2);
  CHECK(omp_get_max_threads_() == 2);
  omp_set_schedule_(&dynamic, &chunk);
  omp_get_schedule_(&kind, &chunk);
  CHECK((kind & 0xff) == 2 && chunk == 5);
  omp_set_schedule_8_(&wide_kind, &wide_chunk);
  omp_get_schedule_8_(&kind, &wide);
  CHECK((kind & 0xff) == 3 && wide == 7);
  omp_set_dynamic_(&yes);
  CHECK(omp_get_dynamic_() == 1);
  omp_set_dynamic_(&no);
  CHECK(omp_get_dynamic_() == 0 && !omp_in_parallel_());
#pragma omp parallel num_threads(2)
  {
    CHECK(omp_get_num_threads_() == 2 && omp_get_thread_num_() == omp_get_thread_num());
    CHECK(omp_in_parallel_() && omp_get_level_() == 1);
    CHECK(omp_get_ancestor_thread_num_(&level) == omp_get_thread_num());
    CHECK(omp_get_team_size_8_(&wide_level) == 2 && ompc_get_team_size(1) == 2);
  }
  omp_set_max_active_levels_(&three);
  CHECK(omp_get_max_active_levels_() == 3 && omp_get_supported_active_levels_() >= 3);
  CHECK(omp_get_wtime_() > 0 && omp_get_wtick_() > 0);
  omp_set_num_teams_8_(&four);
  CHECK(omp_get_max_teams_() == 4);
  omp_set_default_device_(&no);
  CHECK(omp_get_default_device_() == 0);
  CHECK(omp_is_initial_device_() == 1 && omp_get_initial_device_() == omp_get_initial_device());
  CHECK(omp_pause_resource_all_(&yes) == 0);
}

static void locks(void) {
  // A simple lock of GCC's Fortran has four bytes: the neighbour stays what it is.
  struct {
    int lock, neighbour;
  } pair = {0, 77};
  int sum = 0;
  omp_init_lock_(&pair.lock);
#pragma omp parallel num_threads(4)
  for (int i = 0; i < 1000; i++) {
    omp_set_lock_(&pair.lock);
    sum++;
    omp_unset_lock_(&pair.lock);
  }
  CHECK(sum == 4000 && omp_test_lock_(&pair.lock) && !omp_test_lock_(&pair.lock));
  omp_unset_lock_(&pair.lock);
  omp_destroy_lock_(&pair.lock);
  CHECK(pair.neighbour == 77);
  void *nest = 0;
  omp_init_nest_lock_(&nest);
  omp_set_nest_lock_(&nest);
  CHECK(omp_test_nest_lock_(&nest) == 2);
  omp_unset_nest_lock_(&nest);
  omp_unset_nest_lock_(&nest);
  omp_destroy_nest_lock_(&nest);
}

static void strings(void) {
  char buffer[12];
  omp_set_affinity_format_("thread %n    ", 13);
  CHECK(omp_get_affinity_format_(buffer, 12) == 9 && !memcmp(buffer, "thread %n   ", 12));
  CHECK(omp_get_affinity_format_(buffer, 4) == 9 && !memcmp(buffer, "thre", 4));
  CHECK(omp_capture_affinity_(buffer, "<%n>  ", 12, 6) == 3 && !memcmp(buffer, "<0>         ", 12));
  char uid[64];
  const char *host = omp_get_uid_from_device(omp_get_initial_device());
  memset(uid, ' ', sizeof uid);
  memcpy(uid, host, strlen(host));
  CHECK(omp_get_device_from_uid_(uid, sizeof uid) == omp_get_initial_device());
}

static void lists(void) {
  for (int place = 0; place < omp_get_num_places_(); place++) {
    int64_t wide_place = place, wide[1024];
    int ids[1024], n = omp_get_place_num_procs_(&place);
    omp_get_place_proc_ids_(&place, ids);
    omp_get_place_proc_ids_8_(&wide_place, wide);
    for (int i = 0; i < n; i++) CHECK(ids[i] == wide[i]);
  }
  struct {
    int key;
    intptr_t value;
  } traits[1] = {{omp_atk_alignment, 128}};
  intptr_t space = 0, before = omp_get_default_allocator_();
  int one = 1;
  intptr_t allocator = omp_init_allocator_(&space, &one, traits);
  omp_set_default_allocator_(&allocator);
  CHECK(omp_get_default_allocator_() == allocator);
  void *memory = omp_alloc(10, omp_null_allocator);
  CHECK((uintptr_t)memory % 128 == 0);
  omp_free(memory, omp_null_allocator);
  omp_set_default_allocator_(&before);
  omp_destroy_allocator_(&allocator);
}

extern void kmp_set_blocktime(int), kmp_set_blocktime_(const int *), kmp_set_stacksize_s(size_t), kmp_set_library(int);
extern int kmp_get_blocktime(void), kmp_get_library_(void), kmp_get_affinity_max_proc(void);
extern size_t kmp_get_stacksize_s(void);
extern void kmp_set_defaults(const char *), kmp_set_library_throughput(void), kmp_set_library_turnaround_(void);
extern void kmp_create_affinity_mask(void **), kmp_destroy_affinity_mask(void **);
extern int kmp_set_affinity(void **), kmp_get_affinity(void **), kmp_set_affinity_mask_proc(int, void **);
extern int kmp_get_affinity_mask_proc(int, void **), kmp_unset_affinity_mask_proc(int, void **);
extern int kmpc_get_affinity_mask_proc(int, void **), kmp_get_affinity_mask_proc_(const int *, void **);
extern void *kmp_malloc(size_t), *kmp_calloc(size_t, size_t), *kmp_realloc(void *, size_t), *kmp_aligned_malloc(size_t, size_t);
extern void kmp_free(void *);

static void more(void) {
  int zero = 0;
  kmp_set_blocktime(5);
  CHECK(kmp_get_blocktime() == 5);
  kmp_set_blocktime_(&zero);
  CHECK(kmp_get_blocktime() == 0);
  kmp_set_library_turnaround_();
  CHECK(kmp_get_blocktime() > 1000 && kmp_get_library_() == 2);
  kmp_set_library_throughput();
  CHECK(kmp_get_blocktime() < 1000 && kmp_get_library_() == 3);
  void *mask, *own;
  kmp_create_affinity_mask(&mask);
  kmp_create_affinity_mask(&own);
  CHECK(kmp_get_affinity(&own) == 0);
  int cpu = 0;
  while (!kmp_get_affinity_mask_proc(cpu, &own)) cpu++;
  CHECK(kmp_set_affinity_mask_proc(cpu, &mask) == 0 && kmp_set_affinity_mask_proc(1 << 20, &mask) == -1);
  CHECK(kmp_get_affinity_mask_proc_(&cpu, &mask) == 1 && kmp_get_affinity_max_proc() > cpu);
  CHECK(kmp_set_affinity(&mask) == 0 && sched_getcpu() == cpu);
  CHECK(kmp_set_affinity(&own) == 0);
  CHECK(kmp_unset_affinity_mask_proc(cpu, &mask) == 0 && kmpc_get_affinity_mask_proc(cpu, &mask) == 0);
  kmp_destroy_affinity_mask(&mask);
  kmp_destroy_affinity_mask(&own);
  char *memory = kmp_calloc(10, 10);
  for (int i = 0; i < 100; i++) CHECK(memory[i] == 0);
  kmp_free(kmp_realloc(memory, 1000));
  kmp_free(kmp_malloc(10));
  memory = kmp_aligned_malloc(100, 4096);
  CHECK((uintptr_t)memory % 4096 == 0);
  kmp_free(memory);
  // A serial library: one thread.
  kmp_set_library(1);
#pragma omp parallel
  CHECK(omp_get_num_threads() == 1);
}

int main(void) {
  // Read before anything else is asked for.
  kmp_set_defaults("KMP_BLOCKTIME=33");
  kmp_set_stacksize_s(3 << 20);
  CHECK(kmp_get_stacksize_s() == 3 << 20 && kmp_get_blocktime() == 33);
  numbers();
  locks();
  strings();
  lists();
  more();
  return 0;
}
