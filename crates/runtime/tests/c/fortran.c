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

// Each gives what C's name gives.
#define SAME(type, name)                   \
  {                                        \
    extern type name##_(void);             \
    CHECK(name##_() == (type)name());      \
  }
#define SAME_OF(type, name, value)                       \
  {                                                      \
    extern type name##_(const int *);                    \
    extern type name##_8_(const int64_t *);              \
    int number = value;                                  \
    int64_t wide = value;                                \
    CHECK(name##_(&number) == name(number));             \
    CHECK(name##_8_(&wide) == name(number));             \
  }
#define SETS(name, value, now)                           \
  {                                                      \
    extern void name##_(const int *);                    \
    extern void name##_8_(const int64_t *);              \
    int number = value;                                  \
    int64_t wide = value + 1;                            \
    name##_(&number);                                    \
    CHECK(now == value);                                 \
    name##_8_(&wide);                                    \
    CHECK(now == value + 1);                             \
  }

static void every(void) {
  SAME(int, omp_get_num_procs)
  SAME(int, omp_get_thread_limit)
  SAME(int, omp_get_nested)
  SAME(int, omp_get_active_level)
  SAME(int, omp_get_num_teams)
  SAME(int, omp_get_team_num)
  SAME(int, omp_get_teams_thread_limit)
  SAME(int, omp_get_cancellation)
  SAME(int, omp_get_max_task_priority)
  SAME(int, omp_in_final)
  SAME(int, omp_in_explicit_task)
  SAME(int, omp_is_free_agent)
  SAME(int, omp_get_proc_bind)
  SAME(int, omp_get_place_num)
  SAME(int, omp_get_partition_num_places)
  SAME(int, omp_get_num_devices)
  SAME(int, omp_get_device_num)
  SAME_OF(int, omp_get_ancestor_thread_num, 0)
  SAME_OF(int, omp_get_team_size, 0)
  SAME_OF(int, omp_get_place_num_procs, 0)
  SAME_OF(int, omp_ancestor_is_free_agent, 0)
  SETS(omp_set_max_active_levels, 4, omp_get_max_active_levels())
  SETS(omp_set_num_teams, 6, omp_get_max_teams())
  SETS(omp_set_teams_thread_limit, 6, omp_get_teams_thread_limit())
  SETS(omp_set_default_device, -1, omp_get_default_device())
  extern void omp_set_nested_(const int *), omp_set_nested_8_(const int64_t *);
  extern void ompc_set_dynamic(int), ompc_set_nested(int), ompc_set_max_active_levels(int), ompc_set_schedule(int, int);
  extern int ompc_get_ancestor_thread_num(int);
  int no = 0;
  int64_t yes = 1;
  omp_set_nested_8_(&yes);
  CHECK(omp_get_max_active_levels() > 1);
  omp_set_nested_(&no);
  CHECK(omp_get_max_active_levels() == 1);
  ompc_set_nested(1);
  CHECK(omp_get_max_active_levels() > 1);
  ompc_set_dynamic(1);
  CHECK(omp_get_dynamic());
  omp_set_dynamic_8_(&(int64_t){0});
  CHECK(!omp_get_dynamic());
  ompc_set_max_active_levels(2);
  CHECK(omp_get_max_active_levels() == 2 && ompc_get_ancestor_thread_num(0) == 0);
  ompc_set_schedule(1, 17);
  omp_sched_t kind;
  int chunk, numbers[1024];
  int64_t wide[1024];
  omp_get_schedule(&kind, &chunk);
  CHECK(chunk == 17);
  extern void omp_get_partition_place_nums_(int *), omp_get_partition_place_nums_8_(int64_t *);
  omp_get_partition_place_nums_(numbers);
  omp_get_partition_place_nums_8_(wide);
  for (int i = 0; i < omp_get_partition_num_places(); i++) CHECK(numbers[i] == wide[i]);
  extern void omp_init_lock_with_hint_(void *, const int *), omp_init_nest_lock_with_hint_(void *, const int *);
  void *lock = 0, *nest = 0;
  omp_init_lock_with_hint_(&lock, &no);
  omp_init_nest_lock_with_hint_(&nest, &no);
  CHECK(omp_test_lock_(&lock) && omp_test_nest_lock_(&nest) == 1);
  omp_unset_nest_lock_(&nest);
  omp_destroy_nest_lock_(&nest);
  extern int omp_pause_resource_(const int *, const int *), omp_pause_resource_8_(const int64_t *, const int64_t *);
  extern int omp_pause_resource_all_8_(const int64_t *);
  int soft = 1, host = omp_get_initial_device();
  int64_t host_wide = host;
  CHECK(omp_pause_resource_(&soft, &host) == 0 && omp_pause_resource_8_(&yes, &host_wide) == 0);
  CHECK(omp_pause_resource_all_8_(&yes) == 0);
  extern int omp_control_tool_(const int *, const int *, void *), omp_control_tool_8_(const int64_t *, const int64_t *, void *);
  CHECK(omp_control_tool_(&soft, &no, 0) == omp_control_tool(1, 0, 0));
  CHECK(omp_control_tool_8_(&yes, &host_wide, 0) == omp_control_tool(1, host, 0));
  extern void omp_display_affinity_(const char *, size_t), omp_display_env_(const int *), omp_display_env_8_(const int64_t *);
  omp_display_affinity_("thread %n of %N ", 16);
  omp_display_env_(&no);
  omp_display_env_8_(&(int64_t){0});
  extern intptr_t omp_init_allocator_8_(const intptr_t *, const int64_t *, const void *);
  extern int omp_get_num_interop_properties_(void **), omp_get_memspace_num_resources_(const intptr_t *);
  extern intptr_t omp_get_submemspace_(const intptr_t *, const int *, const int *);
  intptr_t space = omp_default_mem_space;
  intptr_t allocator = omp_init_allocator_8_(&space, &(int64_t){0}, 0);
  CHECK(allocator != 0);
  omp_destroy_allocator_(&allocator);
  void *object = 0;
  CHECK(omp_get_num_interop_properties_(&object) == omp_get_num_interop_properties(omp_interop_none));
  int resources = omp_get_memspace_num_resources_(&space), first = 0;
  CHECK(resources == omp_get_memspace_num_resources(omp_default_mem_space) && resources >= 1);
  CHECK((omp_get_submemspace_(&space, &soft, &first) != 0) == (omp_get_submemspace(omp_default_mem_space, 1, &first) != 0));
#define OF_DEVICES(kind, type)                                                                                   \
  {                                                                                                              \
    extern intptr_t omp_get_device_##kind##_(const int *, const intptr_t *);                                     \
    extern intptr_t omp_get_device_and_host_##kind##_(const int *, const intptr_t *);                            \
    extern intptr_t omp_get_devices_##kind##_(const int *, const int *, const intptr_t *);                       \
    extern intptr_t omp_get_devices_and_host_##kind##_(const int *, const int *, const intptr_t *);              \
    extern intptr_t omp_get_devices_all_##kind##_(const intptr_t *);                                             \
    intptr_t expected = (intptr_t)omp_get_device_##kind(host, omp_default_mem_space);                            \
    CHECK(expected != 0 && omp_get_device_##kind##_(&host, &space) == expected);                                 \
    CHECK(omp_get_device_and_host_##kind##_(&host, &space) == expected);                                         \
    CHECK(omp_get_devices_##kind##_(&soft, &host, &space) == expected);                                          \
    CHECK(omp_get_devices_and_host_##kind##_(&soft, &host, &space) == expected);                                 \
    CHECK(omp_get_devices_all_##kind##_(&space) == expected);                                                    \
  }
  OF_DEVICES(memspace, omp_memspace_handle_t)
  OF_DEVICES(allocator, omp_allocator_handle_t)
  extern void omp_fulfill_event_(const omp_event_handle_t *);
  int fulfilled = 0;
#pragma omp parallel num_threads(2)
#pragma omp single
  {
    omp_event_handle_t event;
#pragma omp task detach(event) shared(fulfilled)
    fulfilled = 1;
    omp_fulfill_event_(&event);
#pragma omp taskwait
    CHECK(fulfilled == 1);
  }
}

static void more_of_llvms(void) {
#define KMP(type, name, argument) \
  extern type name(argument);       \
  extern type name##_(const argument *)
  KMP(void, kmp_set_blocktime, int);
  KMP(void, kmp_set_stacksize, int);
  KMP(void, kmp_set_stacksize_s, size_t);
  KMP(void, kmp_set_library, int);
  KMP(void, kmp_set_disp_num_buffers, int);
  KMP(void *, kmp_malloc, size_t);
  KMP(int, kmp_get_cancellation_status, int);
  extern void kmpc_set_blocktime(int), kmpc_set_stacksize(int), kmpc_set_stacksize_s(size_t), kmpc_set_library(int);
  extern void kmpc_set_disp_num_buffers(int), kmpc_set_defaults(const char *), kmp_set_defaults_(const char *, int);
  extern int kmp_get_blocktime_(void), kmp_get_stacksize(void), kmp_get_stacksize_(void), kmp_get_library(void);
  extern size_t kmp_get_stacksize_s_(void);
  extern void kmp_set_library_serial_(void), kmp_set_library_serial(void), kmp_set_library_turnaround(void);
  extern void kmp_set_library_throughput_(void), kmp_set_warnings_on(void), kmp_set_warnings_on_(void);
  extern void kmp_set_warnings_off(void), kmp_set_warnings_off_(void);
  extern int kmp_get_num_known_threads(void), kmp_get_num_known_threads_(void), kmp_get_affinity_max_proc_(void);
  extern void kmp_create_affinity_mask_(void **), kmp_destroy_affinity_mask_(void **);
  extern int kmp_set_affinity_(void **), kmp_get_affinity_(void **), kmpc_set_affinity_mask_proc(int, void **);
  extern int kmp_set_affinity_mask_proc_(const int *, void **), kmp_unset_affinity_mask_proc_(const int *, void **);
  extern int kmpc_unset_affinity_mask_proc(int, void **);
  extern void *kmpc_malloc(size_t), *kmpc_calloc(size_t, size_t), *kmpc_realloc(void *, size_t);
  extern void *kmpc_aligned_malloc(size_t, size_t), *kmp_calloc_(const size_t *, const size_t *);
  extern void *kmp_aligned_malloc_(const size_t *, const size_t *), *kmp_realloc_(void **, const size_t *);
  extern void kmpc_free(void *), kmp_free_(void **);
  kmpc_set_blocktime(8);
  CHECK(kmp_get_blocktime_() == 8);
  kmpc_set_stacksize(1 << 20);
  CHECK(kmp_get_stacksize() == 1 << 20);
  kmp_set_stacksize_(&(int){2 << 20});
  CHECK(kmp_get_stacksize_() == 2 << 20);
  kmpc_set_stacksize_s(5 << 20);
  CHECK(kmp_get_stacksize_s_() == 5 << 20);
  kmp_set_stacksize_s_(&(size_t){6 << 20});
  CHECK(kmp_get_stacksize_s() == 6 << 20);
  kmp_set_stacksize(4 << 20);
  CHECK(kmp_get_stacksize() == 4 << 20);
  kmpc_set_library(2);
  CHECK(kmp_get_library() == 2);
  kmp_set_library_throughput_();
  CHECK(kmp_get_library() == 3);
  kmp_set_library_turnaround();
  CHECK(kmp_get_library() == 2);
  kmp_set_library_(&(int){3});
  CHECK(kmp_get_library() == 3);
  kmp_set_disp_num_buffers(9);
  kmpc_set_disp_num_buffers(9);
  kmp_set_disp_num_buffers_(&(int){9});
  kmp_set_warnings_off();
  kmp_set_warnings_off_();
  kmp_set_warnings_on();
  kmp_set_warnings_on_();
  // Too late: nothing changes.
  kmpc_set_defaults("KMP_BLOCKTIME=99");
  kmp_set_defaults_("KMP_BLOCKTIME=99", 16);
  CHECK(kmp_get_blocktime() != 99);
  CHECK(kmp_get_num_known_threads() >= 1 && kmp_get_num_known_threads_() >= 1);
  CHECK(kmp_get_affinity_max_proc_() == kmp_get_affinity_max_proc());
  CHECK(kmp_get_cancellation_status(1) == 0 && kmp_get_cancellation_status_(&(int){2}) == 0);
  void *mask, *own;
  int cpu = 0;
  kmp_create_affinity_mask_(&mask);
  kmp_create_affinity_mask_(&own);
  CHECK(kmp_get_affinity_(&own) == 0 && kmp_set_affinity_(&own) == 0);
  CHECK(kmpc_set_affinity_mask_proc(cpu, &mask) == 0 && kmp_get_affinity_mask_proc(cpu, &mask) == 1);
  CHECK(kmp_unset_affinity_mask_proc_(&cpu, &mask) == 0 && kmp_get_affinity_mask_proc(cpu, &mask) == 0);
  CHECK(kmp_set_affinity_mask_proc_(&cpu, &mask) == 0 && kmp_get_affinity_mask_proc(cpu, &mask) == 1);
  CHECK(kmpc_unset_affinity_mask_proc(cpu, &mask) == 0 && kmp_get_affinity_mask_proc(cpu, &mask) == 0);
  kmp_destroy_affinity_mask_(&mask);
  kmp_destroy_affinity_mask_(&own);
  size_t size = 100, alignment = 512;
  void *memory[7] = {kmpc_malloc(size), kmpc_calloc(1, size), kmpc_aligned_malloc(size, alignment), kmp_malloc_(&size),
                     kmp_calloc_(&size, &size), kmp_aligned_malloc_(&size, &alignment), 0};
  memory[0] = kmpc_realloc(memory[0], 1000);
  memory[1] = kmp_realloc_(&memory[1], &size);
  for (int i = 0; i < 6; i++) memset(memory[i], 1, size);
  CHECK((uintptr_t)memory[2] % 512 == 0 && (uintptr_t)memory[5] % 512 == 0);
  for (int i = 0; i < 7; i += 2) kmpc_free(memory[i]);
  for (int i = 1; i < 7; i += 2) kmp_free_(&memory[i]);
  kmp_set_library_serial_();
  kmp_set_library_serial();
  CHECK(kmp_get_library() == 1);
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
  omp_set_max_active_levels(1);
  every();
  more_of_llvms();
  return 0;
}
