// Memory routines: alignment, zeroing, sizes, every trait, pools, fallbacks, resizing, spaces, partitioners.
#include "check.h"
#include <stdint.h>
#include <unistd.h>

#define ALIGNED(pointer, alignment) ((uintptr_t)(pointer) % (alignment) == 0)
#define ALLOCATOR(space, ...)                                                          \
  omp_init_allocator(space, sizeof((omp_alloctrait_t[]){__VA_ARGS__}) / sizeof(omp_alloctrait_t), \
                     (omp_alloctrait_t[]){__VA_ARGS__})

static int all_zero(const char *memory, size_t size) {
  for (size_t i = 0; i < size; i++)
    if (memory[i]) return 0;
  return 1;
}

static void predefined(void) {
  for (omp_allocator_handle_t a = omp_null_allocator; a <= omp_thread_mem_alloc; a++) {
    char *p = omp_alloc(1000, a);
    CHECK(p && ALIGNED(p, 16));
    memset(p, 1, 1000);
    for (size_t alignment = 1; alignment <= 65536; alignment *= 2) {
      char *q = omp_aligned_alloc(alignment, 3 * alignment, a);
      CHECK(q && ALIGNED(q, alignment));
      memset(q, 2, 3 * alignment);
      char *z = omp_aligned_calloc(alignment, 3, alignment, a);
      CHECK(z && ALIGNED(z, alignment) && all_zero(z, 3 * alignment));
      omp_free(q, a);
      omp_free(z, omp_null_allocator);
    }
    char *z = omp_calloc(10, 100, a);
    CHECK(z && all_zero(z, 1000));
    omp_free(z, a);
    omp_free(p, omp_null_allocator);
    CHECK(omp_alloc(0, a) == NULL && omp_calloc(0, 8, a) == NULL && omp_calloc(8, 0, a) == NULL);
    CHECK(omp_aligned_alloc(24, 48, a) == NULL && omp_aligned_alloc(0, 48, a) == NULL);
  }
  omp_free(NULL, omp_default_mem_alloc);
  // More than there can be.
  volatile size_t huge = SIZE_MAX / 2;
  CHECK(omp_alloc(huge, omp_default_mem_alloc) == NULL);
  CHECK(omp_calloc(huge, 4, omp_default_mem_alloc) == NULL);
}

static void defaults(void) {
  CHECK(omp_get_default_allocator() == omp_default_mem_alloc);
  omp_allocator_handle_t a = ALLOCATOR(omp_default_mem_space, {omp_atk_alignment, 4096});
  CHECK(a != omp_null_allocator);
  omp_set_default_allocator(a);
  CHECK(omp_get_default_allocator() == a);
  void *p = omp_alloc(8, omp_null_allocator);
  CHECK(ALIGNED(p, 4096));
  omp_free(p, omp_null_allocator);
  FOR_SIZES(n) {
    int inherited = 0, kept = 0;
#pragma omp parallel num_threads(n) reduction(+ : inherited, kept)
    {
      inherited += omp_get_default_allocator() == a;
      omp_set_default_allocator(omp_get_thread_num() % 2 ? omp_const_mem_alloc : omp_cgroup_mem_alloc);
#pragma omp barrier
      kept += omp_get_default_allocator() == (omp_get_thread_num() % 2 ? omp_const_mem_alloc : omp_cgroup_mem_alloc);
    }
    CHECK(inherited == n && kept == n);
    // A team of one keeps a task of its own, too.
    CHECK(omp_get_default_allocator() == a);
  }
  omp_set_default_allocator(omp_null_allocator);
  omp_set_default_allocator((omp_allocator_handle_t)12345678);
  CHECK(omp_get_default_allocator() == a);
  omp_set_default_allocator(omp_default_mem_alloc);
  omp_destroy_allocator(a);
  omp_destroy_allocator(a);
  omp_destroy_allocator(omp_default_mem_alloc);
  omp_destroy_allocator(omp_null_allocator);
}

static void traits(void) {
  omp_allocator_handle_t a =
      ALLOCATOR(omp_low_lat_mem_space, {omp_atk_sync_hint, omp_atv_private}, {omp_atk_alignment, 128},
                {omp_atk_access, omp_atv_memspace}, {omp_atk_pool_size, omp_atv_default},
                {omp_atk_fallback, omp_atv_allocator_fb}, {omp_atk_fb_data, omp_const_mem_alloc},
                {omp_atk_pinned, omp_atv_false}, {omp_atk_partition, omp_atv_nearest},
                {omp_atk_pin_device, omp_initial_device}, {omp_atk_preferred_device, omp_get_initial_device()},
                {omp_atk_target_access, omp_atv_multiple}, {omp_atk_atomic_scope, omp_atv_all},
                {omp_atk_part_size, 1 << 16});
  CHECK(a != omp_null_allocator);
  char *p = omp_alloc(100, a);
  CHECK(p && ALIGNED(p, 128));
  omp_free(p, a);
  omp_destroy_allocator(a);
  CHECK(ALLOCATOR(omp_default_mem_space, {omp_atk_alignment, 24}) == omp_null_allocator);
  CHECK(ALLOCATOR(omp_default_mem_space, {omp_atk_fallback, omp_atv_allocator_fb}) == omp_null_allocator);
  CHECK(ALLOCATOR(omp_default_mem_space, {omp_atk_partition, omp_atv_partitioner}) == omp_null_allocator);
  CHECK(ALLOCATOR(omp_default_mem_space, {omp_atk_pin_device, 1000}) == omp_null_allocator);
  CHECK(ALLOCATOR(omp_default_mem_space, {omp_atk_pinned, 1}, {omp_atk_pinned, 1}) == omp_null_allocator);
  CHECK(ALLOCATOR((omp_memspace_handle_t)4711, {omp_atk_pinned, 0}) == omp_null_allocator);
  a = omp_init_allocator(omp_null_mem_space, 0, NULL);
  CHECK(a != omp_null_allocator);
  p = omp_alloc(10, a);
  omp_destroy_allocator(a);
  // Memory survives its allocator.
  memset(p, 1, 10);
  omp_free(p, omp_null_allocator);
  // A handle whose allocator is gone, used again and still not one.
  omp_allocator_handle_t b = omp_init_allocator(omp_default_mem_space, 0, NULL);
  CHECK(a != b && omp_alloc(8, a) == NULL);
  omp_destroy_allocator(b);
  for (uintptr_t partition = omp_atv_environment; partition <= omp_atv_interleaved; partition++) {
    a = ALLOCATOR(omp_high_bw_mem_space, {omp_atk_partition, partition});
    p = omp_calloc(1, 1 << 20, a);
    CHECK(p && all_zero(p, 1 << 20));
    memset(p, 3, 1 << 20);
    omp_free(p, a);
    omp_destroy_allocator(a);
  }
}

static void pinned(void) {
  omp_allocator_handle_t a =
      ALLOCATOR(omp_default_mem_space, {omp_atk_pinned, 1}, {omp_atk_fallback, omp_atv_null_fb});
  omp_allocator_handle_t b = ALLOCATOR(omp_default_mem_space, {omp_atk_pinned, 1});
  char *p = omp_calloc(1, 5000, a);
  // How much may be locked is the system's business.
  if (p) {
    CHECK(all_zero(p, 5000));
    memset(p, 1, 5000);
    char *q = omp_realloc(p, 9000, a, a);
    CHECK(q && q[0] == 1 && q[4999] == 1);
    omp_free(q, a);
  }
  // More than can be locked: the fallback gives it.
  char *big = omp_alloc((size_t)1 << 36, b);
  CHECK(omp_alloc((size_t)1 << 36, a) == NULL);
  omp_free(big, b);
  omp_destroy_allocator(a);
  omp_destroy_allocator(b);
}

static void pools(void) {
  omp_allocator_handle_t fallback = ALLOCATOR(omp_default_mem_space, {omp_atk_alignment, 512});
  omp_allocator_handle_t none =
      ALLOCATOR(omp_default_mem_space, {omp_atk_pool_size, 1 << 20}, {omp_atk_fallback, omp_atv_null_fb});
  omp_allocator_handle_t other =
      ALLOCATOR(omp_default_mem_space, {omp_atk_fb_data, fallback}, {omp_atk_pool_size, 1 << 12},
                {omp_atk_fallback, omp_atv_allocator_fb});
  for (int round = 0; round < 100; round++) {
    char *p = omp_alloc(700000, none);
    CHECK(p && omp_alloc(700000, none) == NULL);
    char *q = omp_alloc(300000, none);
    CHECK(q);
    // Too large for the pool beside q; the old block stays.
    p[0] = 9;
    CHECK(omp_realloc(p, 900000, none, none) == NULL && p[0] == 9);
    p = omp_realloc(p, 100000, none, none);
    p = omp_realloc(p, 700000, none, none);
    CHECK(p && p[0] == 9);
    omp_free(q, none);
    p = omp_realloc(p, 900000, omp_null_allocator, omp_null_allocator);
    CHECK(p && p[0] == 9);
    omp_free(p, omp_null_allocator);
    p = omp_alloc(1 << 12, other);
    CHECK(p && ALIGNED(p, 512));
    omp_free(p, other);
  }
  omp_destroy_allocator(none);
  omp_destroy_allocator(other);
  omp_destroy_allocator(fallback);
}

// Each scope has a pool of its own: two blocks fit into one pool, a third does not.
static void scopes(void) {
  omp_alloctrait_val_t access[] = {omp_atv_all, omp_atv_cgroup, omp_atv_pteam, omp_atv_thread};
  for (int kind = 0; kind < 4; kind++)
    FOR_SIZES(n) {
      omp_allocator_handle_t a = ALLOCATOR(omp_default_mem_space, {omp_atk_access, access[kind]},
                                           {omp_atk_pool_size, 3000}, {omp_atk_fallback, omp_atv_null_fb});
      int got = 0;
#pragma omp parallel num_threads(n) reduction(+ : got)
      {
        void *p[3];
        for (int i = 0; i < 3; i++) got += (p[i] = omp_alloc(1000, a)) != NULL;
#pragma omp barrier
        for (int i = 0; i < 3; i++) omp_free(p[i], a);
      }
      CHECK(got == (kind == 3 ? 2 * n : 2));
      // A block may be freed by any thread and goes back to the pool it came from.
      void *p[17];
#pragma omp parallel num_threads(n)
      p[omp_get_thread_num()] = omp_alloc(2000, a);
      for (int i = 0; i < n; i++) omp_free(p[i], a);
      got = 0;
#pragma omp parallel num_threads(n) reduction(+ : got)
      {
        void *p = omp_alloc(2000, a);
        got += p != NULL;
#pragma omp barrier
        omp_free(p, a);
      }
      CHECK(got == (kind == 3 ? n : 1));
      omp_destroy_allocator(a);
    }
}

static void resizing(void) {
  char *p = omp_realloc(NULL, 10, omp_default_mem_alloc, omp_null_allocator);
  CHECK(p);
  for (int i = 0; i < 10; i++) p[i] = i;
  omp_allocator_handle_t a = ALLOCATOR(omp_default_mem_space, {omp_atk_alignment, 1024});
  for (size_t size = 10; size < 1 << 20; size *= 3) {
    p = omp_realloc(p, size, size % 2 ? a : omp_default_mem_alloc, omp_null_allocator);
    CHECK(p && (size % 2 == 0 || ALIGNED(p, 1024)));
    for (int i = 0; i < 10; i++) CHECK(p[i] == i);
    p[size - 1] = p[size - 1];
  }
  p = omp_realloc(p, 5, a, omp_null_allocator);
  // The allocator that gave the block is taken where none is named.
  p = omp_realloc(p, 50, omp_null_allocator, omp_null_allocator);
  CHECK(ALIGNED(p, 1024));
  for (int i = 0; i < 5; i++) CHECK(p[i] == i);
  CHECK(omp_realloc(p, 0, a, a) == NULL);
  omp_destroy_allocator(a);
}

static void spaces(void) {
  int host[] = {omp_get_initial_device(), omp_initial_device}, wrong[] = {omp_initial_device, 1000};
  omp_memspace_handle_t space[] = {omp_default_mem_space, omp_large_cap_mem_space, omp_const_mem_space,
                                   omp_high_bw_mem_space, omp_low_lat_mem_space};
  omp_allocator_handle_t allocator[] = {omp_default_mem_alloc, omp_large_cap_mem_alloc, omp_const_mem_alloc,
                                        omp_high_bw_mem_alloc, omp_low_lat_mem_alloc};
  for (int i = 0; i < 5; i++) {
    omp_memspace_handle_t s = space[i];
    CHECK(omp_get_device_memspace(omp_initial_device, s) == s && omp_get_devices_memspace(2, host, s) == s);
    CHECK(omp_get_device_and_host_memspace(host[0], s) == s && omp_get_devices_and_host_memspace(1, host, s) == s);
    CHECK(omp_get_devices_all_memspace(s) == s && omp_get_devices_all_allocator(s) == allocator[i]);
    CHECK(omp_get_device_allocator(host[0], s) == allocator[i]);
    CHECK(omp_get_devices_allocator(2, host, s) == allocator[i]);
    CHECK(omp_get_device_and_host_allocator(host[1], s) == allocator[i]);
    CHECK(omp_get_devices_and_host_allocator(2, host, s) == allocator[i]);
    CHECK(omp_get_devices_memspace(2, wrong, s) == omp_null_mem_space);
    CHECK(omp_get_devices_allocator(2, wrong, s) == omp_null_allocator);
    CHECK(omp_get_device_memspace(1000, s) == omp_null_mem_space);
    int resources = omp_get_memspace_num_resources(s);
    CHECK(resources >= 1);
    CHECK(omp_get_memspace_pagesize(s) == (size_t)sysconf(_SC_PAGESIZE));
    int some[] = {resources - 1}, none[] = {resources};
    omp_memspace_handle_t sub = omp_get_submemspace(s, 1, some);
    CHECK(sub != omp_null_mem_space && omp_get_memspace_num_resources(sub) == 1);
    CHECK(omp_get_submemspace(s, 1, none) == omp_null_mem_space && omp_get_submemspace(s, 0, some) == omp_null_mem_space);
    omp_allocator_handle_t a = ALLOCATOR(sub, {omp_atk_partition, omp_atv_interleaved});
    CHECK(a != omp_null_allocator);
    char *p = omp_alloc(100000, a);
    CHECK(p);
    memset(p, 1, 100000);
    omp_free(p, a);
    omp_destroy_allocator(a);
  }
  CHECK(omp_get_devices_all_memspace(omp_null_mem_space) == omp_null_mem_space);
  CHECK(omp_get_memspace_num_resources(omp_null_mem_space) == 0 && omp_get_memspace_pagesize(omp_null_mem_space) == 0);
  CHECK(omp_get_dyn_gprivate_ptr(0, omp_access_cgroup) == NULL && omp_get_dyn_gprivate_size(omp_access_pteam) == 0);
  CHECK(omp_get_dyn_gprivate_nofb_ptr(0, omp_access_cgroup) == NULL);
  CHECK(omp_get_dyn_gprivate_memspace(omp_access_cgroup) == omp_null_mem_space);
  CHECK(omp_get_gprivate_limit(omp_initial_device, omp_access_cgroup) == 0);
}

static int computed, released, mode;
static char datum;

static void compute(omp_memspace_handle_t space, size_t size, omp_alloctrait_val_t argument, omp_mempartition_t *partition) {
  computed++;
  CHECK(space == omp_default_mem_space && argument == 77);
  size_t page = omp_get_memspace_pagesize(space), pages = (size + page - 1) / page, first = pages / 2;
  if (mode == 1) return; // no partition at all
  omp_init_mempartition(partition, 2, &datum);
  CHECK(*partition && omp_mempartition_get_user_data(partition) == &datum);
  CHECK(omp_mempartition_set_part(partition, 0, 0, page - 1) == -1);
  CHECK(omp_mempartition_set_part(partition, 0, omp_get_memspace_num_resources(space), page) == -1);
  CHECK(omp_mempartition_set_part(partition, 2, 0, page) == -1);
  CHECK(omp_mempartition_set_part(partition, 0, 0, first * page) == 0);
  if (mode != 2) CHECK(omp_mempartition_set_part(partition, 1, 0, size - first * page) == 0);
}

static void release(omp_mempartition_t *partition) {
  CHECK(omp_mempartition_get_user_data(partition) == &datum);
  released++;
  omp_destroy_mempartition(partition);
}

static void partitioners(void) {
  omp_mempartitioner_t partitioner;
  for (int lifetime = omp_static_mempartition; lifetime <= omp_dynamic_mempartition; lifetime++) {
    computed = released = 0;
    omp_init_mempartitioner(&partitioner, lifetime, compute, release);
    CHECK(partitioner);
    omp_allocator_handle_t a =
        ALLOCATOR(omp_default_mem_space, {omp_atk_partitioner, (omp_alloctrait_val_t)partitioner},
                  {omp_atk_partitioner_arg, 77}, {omp_atk_partition, omp_atv_partitioner},
                  {omp_atk_fallback, omp_atv_null_fb});
    CHECK(a != omp_null_allocator);
    for (int round = 0; round < 3; round++) {
      char *p = omp_alloc(100000, a);
      CHECK(p);
      memset(p, 1, 100000);
      omp_free(p, a);
    }
    int expected = lifetime == omp_dynamic_mempartition ? 3 : 1;
    CHECK(computed == expected);
    omp_free(omp_alloc(200000, a), a);
    CHECK(computed == expected + 1);
    for (mode = 1; mode <= 2; mode++) CHECK(omp_alloc(50000, a) == NULL);
    mode = 0;
    omp_destroy_allocator(a);
    // All but the one that was never made.
    CHECK(computed == expected + 3 && released == expected + 2);
    omp_destroy_mempartitioner(&partitioner);
  }
  omp_init_mempartitioner(&partitioner, 9, compute, release);
  CHECK(!partitioner);
}

static void many(void) {
  FOR_SIZES(n) {
    omp_allocator_handle_t a =
        ALLOCATOR(omp_default_mem_space, {omp_atk_pool_size, 1 << 24}, {omp_atk_fallback, omp_atv_null_fb});
#pragma omp parallel num_threads(n)
    for (int i = 0; i < 2000; i++) {
      size_t size = 1 + i * 37 % 5000;
      char *p = omp_alloc(size, i % 3 ? a : omp_null_allocator);
      CHECK(p);
      memset(p, i, size);
      if (i % 5 == 0) CHECK((p = omp_realloc(p, 2 * size, omp_null_allocator, omp_null_allocator)));
      CHECK(p[0] == (char)i && p[size - 1] == (char)i);
      omp_free(p, omp_null_allocator);
    }
    // All of it is back.
    char *p = omp_alloc((1 << 24) - 1000, a);
    CHECK(p);
    omp_free(p, a);
    omp_destroy_allocator(a);
  }
}

int main(void) {
  predefined();
  defaults();
  traits();
  pinned();
  pools();
  scopes();
  resizing();
  spaces();
  partitioners();
  many();
  return 0;
}
