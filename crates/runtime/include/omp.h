/* The OpenMP 6.0 routines, types and constants for C and C++, with what is known of 6.1.
 *
 * Types have the size and alignment that the compiler's own header gives them (gcc's libgomp, otherwise LLVM's libomp), so
 * that objects compiled with either header can be linked together. Section headings name the chapters of the specification.
 */
#ifndef OMPLY_OMP_H
#define OMPLY_OMP_H
/* The guards of the compilers' own headers: of several headers, the first one included counts. */
#if !defined(__OMP_H) && !defined(_OMP_H)
#define __OMP_H
#define _OMP_H 1

#pragma GCC system_header

#include <stddef.h>
#include <stdint.h>
#ifndef __cplusplus
#include <stdbool.h>
#endif

#if defined(__GNUC__) && !defined(__clang__)
#define OMPLY_GCC_LAYOUT 1
#endif

/* Underlying type of enumerations as wide as a pointer: named in C++, in C forced by a last enumerator. */
#if defined(__cplusplus) && __cplusplus >= 201103L
#define OMPLY_POINTER_WIDE : omp_uintptr_t
#else
#define OMPLY_POINTER_WIDE
#endif

#ifdef __cplusplus
#define OMPLY_DEFAULT(value) = value
#if __cplusplus >= 201103L
#define OMPLY_NOTHROW noexcept
#else
#define OMPLY_NOTHROW throw()
#endif
extern "C" {
#else
#define OMPLY_DEFAULT(value)
#define OMPLY_NOTHROW __attribute__((__nothrow__))
#endif

/* ---- Types and constants (chapter 20) ---- */

typedef intptr_t omp_intptr_t;
typedef uintptr_t omp_uintptr_t;

typedef enum omp_sched_t {
  omp_sched_static = 1,
  omp_sched_dynamic = 2,
  omp_sched_guided = 3,
  omp_sched_auto = 4,
  omp_sched_monotonic = (int)0x80000000u
} omp_sched_t;

typedef enum omp_proc_bind_t {
  omp_proc_bind_false = 0,
  omp_proc_bind_true = 1,
  omp_proc_bind_primary = 2,
  omp_proc_bind_master = omp_proc_bind_primary, /* deprecated */
  omp_proc_bind_close = 3,
  omp_proc_bind_spread = 4
} omp_proc_bind_t;

/* Given by omp_get_thread_num to a thread that has no number in the team. */
enum { omp_unassigned_thread = -2 };

/* Device numbers with a meaning of their own; omp_default_device is of 6.1. */
enum {
  omp_initial_device = -1,
  omp_invalid_device = -2,
  omp_default_device = -5
};

typedef enum omp_event_handle_t OMPLY_POINTER_WIDE {
  omply_event_handle_widest = UINTPTR_MAX
} omp_event_handle_t;

#ifdef OMPLY_GCC_LAYOUT
typedef struct omp_depend_t {
  void *omply_address, *omply_kind;
} omp_depend_t;
#else
typedef void *omp_depend_t;
#endif

typedef enum omp_impex_t {
  omp_not_impex = 0,
  omp_import = 1,
  omp_export = 2,
  omp_impex = 3
} omp_impex_t;

typedef enum omp_interop_property_t {
  omp_ipr_fr_id = -1,
  omp_ipr_fr_name = -2,
  omp_ipr_vendor = -3,
  omp_ipr_vendor_name = -4,
  omp_ipr_device_num = -5,
  omp_ipr_platform = -6,
  omp_ipr_device = -7,
  omp_ipr_device_context = -8,
  omp_ipr_targetsync = -9,
  omp_ipr_first = omp_ipr_targetsync
} omp_interop_property_t;

typedef enum omp_interop_rc_t {
  omp_irc_no_value = 1,
  omp_irc_success = 0,
  omp_irc_empty = -1,
  omp_irc_out_of_range = -2,
  omp_irc_type_int = -3,
  omp_irc_type_ptr = -4,
  omp_irc_type_str = -5,
  omp_irc_other = -6
} omp_interop_rc_t;

typedef enum omp_interop_fr_t {
  omp_ifr_cuda = 1,
  omp_ifr_cuda_driver = 2,
  omp_ifr_opencl = 3,
  omp_ifr_sycl = 4,
  omp_ifr_hip = 5,
  omp_ifr_level_zero = 6,
  omp_ifr_hsa = 7,
  omp_ifr_last = omp_ifr_hsa
} omp_interop_fr_t;

#ifdef OMPLY_GCC_LAYOUT
typedef enum omp_interop_t OMPLY_POINTER_WIDE {
  omp_interop_none = 0,
  omply_interop_widest = UINTPTR_MAX
} omp_interop_t;
#else
typedef void *omp_interop_t;
#define omp_interop_none ((omp_interop_t)0)
#endif

typedef enum omp_memspace_handle_t OMPLY_POINTER_WIDE {
  omp_null_mem_space = 0,
  omp_default_mem_space = 99,
  omp_large_cap_mem_space = 1,
  omp_const_mem_space = 2,
  omp_high_bw_mem_space = 3,
  omp_low_lat_mem_space = 4,
  omp_cgroup_mem_space = 5, /* 6.1 */
  omply_memspace_handle_widest = UINTPTR_MAX
} omp_memspace_handle_t;

typedef enum omp_allocator_handle_t OMPLY_POINTER_WIDE {
  omp_null_allocator = 0,
  omp_default_mem_alloc = 1,
  omp_large_cap_mem_alloc = 2,
  omp_const_mem_alloc = 3,
  omp_high_bw_mem_alloc = 4,
  omp_low_lat_mem_alloc = 5,
  omp_cgroup_mem_alloc = 6,
  omp_pteam_mem_alloc = 7,
  omp_thread_mem_alloc = 8,
  omply_allocator_handle_widest = UINTPTR_MAX
} omp_allocator_handle_t;

typedef enum omp_alloctrait_key_t {
  omp_atk_sync_hint = 1,
  omp_atk_alignment = 2,
  omp_atk_access = 3,
  omp_atk_pool_size = 4,
  omp_atk_fallback = 5,
  omp_atk_fb_data = 6,
  omp_atk_pinned = 7,
  omp_atk_partition = 8,
  omp_atk_pin_device = 9,
  omp_atk_preferred_device = 10,
  omp_atk_device_access = 11,
  omp_atk_target_access = 12,
  omp_atk_atomic_scope = 13,
  omp_atk_part_size = 14,
  omp_atk_partitioner = 15,
  omp_atk_partitioner_arg = 16
} omp_alloctrait_key_t;

typedef enum omp_alloctrait_value_t {
  omp_atv_false = 0,
  omp_atv_true = 1,
  omp_atv_contended = 3,
  omp_atv_uncontended = 4,
  omp_atv_serialized = 5,
  omp_atv_sequential = omp_atv_serialized, /* deprecated */
  omp_atv_private = 6,
  omp_atv_device = 7,
  omp_atv_thread = 8,
  omp_atv_pteam = 9,
  omp_atv_cgroup = 10,
  omp_atv_default_mem_fb = 11,
  omp_atv_null_fb = 12,
  omp_atv_abort_fb = 13,
  omp_atv_allocator_fb = 14,
  omp_atv_environment = 15,
  omp_atv_nearest = 16,
  omp_atv_blocked = 17,
  omp_atv_interleaved = 18,
  omp_atv_all = 19,
  omp_atv_single = 20,
  omp_atv_multiple = 21,
  omp_atv_memspace = 22,
  omp_atv_partitioner = 23
} omp_alloctrait_value_t;
#define omp_atv_default ((omp_uintptr_t)-1)

typedef omp_uintptr_t omp_alloctrait_val_t;

typedef struct omp_alloctrait_t {
  omp_alloctrait_key_t key;
  omp_alloctrait_val_t value;
} omp_alloctrait_t;

/* Which threads share memory of a dyn_groupprivate clause (6.1). */
typedef enum omp_access_t {
  omp_access_cgroup = 0,
  omp_access_pteam = 1
} omp_access_t;

typedef void *omp_mempartition_t;
typedef void *omp_mempartitioner_t;

typedef enum omp_mempartitioner_lifetime_t {
  omp_static_mempartition = 1,
  omp_allocator_mempartition = 2,
  omp_dynamic_mempartition = 3
} omp_mempartitioner_lifetime_t;

typedef void (*omp_mempartitioner_compute_proc_t)(omp_memspace_handle_t memspace, size_t allocation_size,
                                                  omp_alloctrait_val_t partitioner_arg, omp_mempartition_t *partition);
typedef void (*omp_mempartitioner_release_proc_t)(omp_mempartition_t *partition);

typedef enum omp_sync_hint_t {
  omp_sync_hint_none = 0,
  omp_sync_hint_uncontended = 1,
  omp_sync_hint_contended = 2,
  omp_sync_hint_nonspeculative = 4,
  omp_sync_hint_speculative = 8,
  /* The names before 5.0. */
  omp_lock_hint_none = omp_sync_hint_none,
  omp_lock_hint_uncontended = omp_sync_hint_uncontended,
  omp_lock_hint_contended = omp_sync_hint_contended,
  omp_lock_hint_nonspeculative = omp_sync_hint_nonspeculative,
  omp_lock_hint_speculative = omp_sync_hint_speculative
} omp_sync_hint_t;
typedef omp_sync_hint_t omp_lock_hint_t;

#ifdef OMPLY_GCC_LAYOUT
typedef struct omp_lock_t {
  int omply_word;
} omp_lock_t;
typedef struct omp_nest_lock_t {
  uint64_t omply_words[2];
} omp_nest_lock_t;
#else
typedef struct omp_lock_t {
  void *omply_word;
} omp_lock_t;
typedef struct omp_nest_lock_t {
  void *omply_word;
} omp_nest_lock_t;
#endif

typedef enum omp_pause_resource_t {
  omp_pause_soft = 1,
  omp_pause_hard = 2,
  omp_pause_stop_tool = 3
} omp_pause_resource_t;

typedef enum omp_control_tool_t {
  omp_control_tool_start = 1,
  omp_control_tool_pause = 2,
  omp_control_tool_flush = 3,
  omp_control_tool_end = 4
} omp_control_tool_t;

typedef enum omp_control_tool_result_t {
  omp_control_tool_notool = -2,
  omp_control_tool_nocallback = -1,
  omp_control_tool_success = 0,
  omp_control_tool_ignored = 1
} omp_control_tool_result_t;

/* ---- Parallel regions (chapter 21) ---- */

extern void omp_set_num_threads(int num_threads) OMPLY_NOTHROW;
extern int omp_get_num_threads(void) OMPLY_NOTHROW;
extern int omp_get_max_threads(void) OMPLY_NOTHROW;
extern int omp_get_thread_num(void) OMPLY_NOTHROW;
extern int omp_get_num_procs(void) OMPLY_NOTHROW;
extern int omp_get_thread_limit(void) OMPLY_NOTHROW;
extern int omp_in_parallel(void) OMPLY_NOTHROW;
extern void omp_set_dynamic(int dynamic_threads) OMPLY_NOTHROW;
extern int omp_get_dynamic(void) OMPLY_NOTHROW;
extern void omp_set_nested(int nested) OMPLY_NOTHROW; /* deprecated */
extern int omp_get_nested(void) OMPLY_NOTHROW;        /* deprecated */
extern void omp_set_schedule(omp_sched_t kind, int chunk_size) OMPLY_NOTHROW;
extern void omp_get_schedule(omp_sched_t *kind, int *chunk_size) OMPLY_NOTHROW;
extern int omp_get_supported_active_levels(void) OMPLY_NOTHROW;
extern void omp_set_max_active_levels(int max_levels) OMPLY_NOTHROW;
extern int omp_get_max_active_levels(void) OMPLY_NOTHROW;
extern int omp_get_level(void) OMPLY_NOTHROW;
extern int omp_get_active_level(void) OMPLY_NOTHROW;
extern int omp_get_ancestor_thread_num(int level) OMPLY_NOTHROW;
extern int omp_get_team_size(int level) OMPLY_NOTHROW;

/* ---- Teams (chapter 22) ---- */

extern int omp_get_num_teams(void) OMPLY_NOTHROW;
extern int omp_get_team_num(void) OMPLY_NOTHROW;
extern void omp_set_num_teams(int num_teams) OMPLY_NOTHROW;
extern int omp_get_max_teams(void) OMPLY_NOTHROW;
extern void omp_set_teams_thread_limit(int thread_limit) OMPLY_NOTHROW;
extern int omp_get_teams_thread_limit(void) OMPLY_NOTHROW;

/* Several dimensions (6.1). */
extern int omp_get_num_teams_dim(int dim) OMPLY_NOTHROW;
extern int omp_get_team_num_dim(int dim) OMPLY_NOTHROW;
extern int omp_get_num_threads_dim(int dim) OMPLY_NOTHROW;
extern int omp_get_thread_num_dim(int dim) OMPLY_NOTHROW;
extern int omp_get_thread_limit_dim(int dim) OMPLY_NOTHROW;
extern int omp_get_supported_active_league_dims(int device_num, bool native_support) OMPLY_NOTHROW;
extern int omp_get_supported_active_team_dims(int device_num, bool native_support) OMPLY_NOTHROW;
extern int omp_get_supported_teams_dim(int device_num, int dim) OMPLY_NOTHROW;
extern int omp_get_supported_threads_dim(int device_num, int dim) OMPLY_NOTHROW;

/* ---- Tasks (chapter 23) ---- */

extern int omp_get_max_task_priority(void) OMPLY_NOTHROW;
extern int omp_in_explicit_task(void) OMPLY_NOTHROW;
extern int omp_in_final(void) OMPLY_NOTHROW;
extern int omp_is_free_agent(void) OMPLY_NOTHROW;
extern int omp_ancestor_is_free_agent(int level) OMPLY_NOTHROW;
extern void omp_fulfill_event(omp_event_handle_t event) OMPLY_NOTHROW;

/* ---- Devices (chapter 24) ---- */

extern void omp_set_default_device(int device_num) OMPLY_NOTHROW;
extern int omp_get_default_device(void) OMPLY_NOTHROW;
extern int omp_get_num_devices(void) OMPLY_NOTHROW;
extern int omp_get_device_num(void) OMPLY_NOTHROW;
extern int omp_get_initial_device(void) OMPLY_NOTHROW;
extern int omp_is_initial_device(void) OMPLY_NOTHROW;
extern int omp_get_max_progress_width(int device_num) OMPLY_NOTHROW;
extern int omp_get_device_from_uid(const char *uid) OMPLY_NOTHROW;
extern const char *omp_get_uid_from_device(int device_num) OMPLY_NOTHROW;
extern int omp_get_device_num_teams(int device_num) OMPLY_NOTHROW;
extern void omp_set_device_num_teams(int num_teams, int device_num) OMPLY_NOTHROW;
extern int omp_get_device_teams_thread_limit(int device_num) OMPLY_NOTHROW;
extern void omp_set_device_teams_thread_limit(int thread_limit, int device_num) OMPLY_NOTHROW;

extern void omp_get_device_distances(int ndevs, const int *devs, int *distances) OMPLY_NOTHROW; /* 6.1 */

/* ---- Memory of devices (chapter 25). The copies may execute tasks, so they may throw. ---- */

extern void *omp_target_alloc(size_t size, int device_num) OMPLY_NOTHROW;
extern void omp_target_free(void *device_ptr, int device_num) OMPLY_NOTHROW;
extern int omp_target_is_present(const void *ptr, int device_num) OMPLY_NOTHROW;
extern int omp_target_is_accessible(const void *ptr, size_t size, int device_num) OMPLY_NOTHROW;
extern void *omp_get_mapped_ptr(const void *ptr, int device_num) OMPLY_NOTHROW;
extern int omp_target_memcpy(void *dst, const void *src, size_t length, size_t dst_offset, size_t src_offset,
                             int dst_device_num, int src_device_num);
extern int omp_target_memcpy_rect(void *dst, const void *src, size_t element_size, int num_dims, const size_t *volume,
                                  const size_t *dst_offsets, const size_t *src_offsets, const size_t *dst_dimensions,
                                  const size_t *src_dimensions, int dst_device_num, int src_device_num);
extern int omp_target_memcpy_async(void *dst, const void *src, size_t length, size_t dst_offset, size_t src_offset,
                                   int dst_device_num, int src_device_num, int depobj_count OMPLY_DEFAULT(0),
                                   omp_depend_t *depobj_list OMPLY_DEFAULT(NULL));
extern int omp_target_memcpy_rect_async(void *dst, const void *src, size_t element_size, int num_dims,
                                        const size_t *volume, const size_t *dst_offsets, const size_t *src_offsets,
                                        const size_t *dst_dimensions, const size_t *src_dimensions, int dst_device_num,
                                        int src_device_num, int depobj_count OMPLY_DEFAULT(0),
                                        omp_depend_t *depobj_list OMPLY_DEFAULT(NULL));
extern void *omp_target_memset(void *ptr, int val, size_t count, int device_num);
extern void *omp_target_memset_async(void *ptr, int val, size_t count, int device_num, int depobj_count OMPLY_DEFAULT(0),
                                     omp_depend_t *depobj_list OMPLY_DEFAULT(NULL));
extern int omp_target_associate_ptr(const void *host_ptr, const void *device_ptr, size_t size, size_t device_offset,
                                    int device_num) OMPLY_NOTHROW;
extern int omp_target_disassociate_ptr(const void *ptr, int device_num) OMPLY_NOTHROW;

/* ---- Interoperability (chapter 26) ---- */

extern int omp_get_num_interop_properties(const omp_interop_t interop) OMPLY_NOTHROW;
extern omp_intptr_t omp_get_interop_int(const omp_interop_t interop, omp_interop_property_t property_id,
                                        int *ret_code OMPLY_DEFAULT(NULL)) OMPLY_NOTHROW;
extern void *omp_get_interop_ptr(const omp_interop_t interop, omp_interop_property_t property_id,
                                 int *ret_code OMPLY_DEFAULT(NULL)) OMPLY_NOTHROW;
extern const char *omp_get_interop_str(const omp_interop_t interop, omp_interop_property_t property_id,
                                       int *ret_code OMPLY_DEFAULT(NULL)) OMPLY_NOTHROW;
extern const char *omp_get_interop_name(const omp_interop_t interop, omp_interop_property_t property_id) OMPLY_NOTHROW;
extern const char *omp_get_interop_type_desc(const omp_interop_t interop,
                                             omp_interop_property_t property_id) OMPLY_NOTHROW;
extern const char *omp_get_interop_rc_desc(const omp_interop_t interop, omp_interop_rc_t ret_code) OMPLY_NOTHROW;

/* ---- Memory management (chapter 27) ---- */

extern omp_memspace_handle_t omp_get_devices_memspace(int ndevs, const int *devs,
                                                      omp_memspace_handle_t memspace) OMPLY_NOTHROW;
extern omp_memspace_handle_t omp_get_device_memspace(int dev, omp_memspace_handle_t memspace) OMPLY_NOTHROW;
extern omp_memspace_handle_t omp_get_devices_and_host_memspace(int ndevs, const int *devs,
                                                               omp_memspace_handle_t memspace) OMPLY_NOTHROW;
extern omp_memspace_handle_t omp_get_device_and_host_memspace(int dev, omp_memspace_handle_t memspace) OMPLY_NOTHROW;
extern omp_memspace_handle_t omp_get_devices_all_memspace(omp_memspace_handle_t memspace) OMPLY_NOTHROW;
extern int omp_get_memspace_num_resources(omp_memspace_handle_t memspace) OMPLY_NOTHROW;
extern size_t omp_get_memspace_pagesize(omp_memspace_handle_t memspace) OMPLY_NOTHROW;
extern omp_memspace_handle_t omp_get_submemspace(omp_memspace_handle_t memspace, int num_resources,
                                                 int *resources) OMPLY_NOTHROW;

extern void omp_init_mempartitioner(omp_mempartitioner_t *partitioner, omp_mempartitioner_lifetime_t lifetime,
                                    omp_mempartitioner_compute_proc_t compute_proc,
                                    omp_mempartitioner_release_proc_t release_proc) OMPLY_NOTHROW;
extern void omp_destroy_mempartitioner(const omp_mempartitioner_t *partitioner) OMPLY_NOTHROW;
extern void omp_init_mempartition(omp_mempartition_t *partition, size_t nparts, const void *user_data) OMPLY_NOTHROW;
extern void omp_destroy_mempartition(const omp_mempartition_t *partition) OMPLY_NOTHROW;
extern int omp_mempartition_set_part(omp_mempartition_t *partition, size_t part, int resource,
                                     size_t size) OMPLY_NOTHROW;
extern void *omp_mempartition_get_user_data(const omp_mempartition_t *partition) OMPLY_NOTHROW;

extern omp_allocator_handle_t omp_init_allocator(omp_memspace_handle_t memspace, int ntraits,
                                                 const omp_alloctrait_t traits[]) OMPLY_NOTHROW;
extern void omp_destroy_allocator(omp_allocator_handle_t allocator) OMPLY_NOTHROW;
extern omp_allocator_handle_t omp_get_devices_allocator(int ndevs, const int *devs,
                                                        omp_memspace_handle_t memspace) OMPLY_NOTHROW;
extern omp_allocator_handle_t omp_get_device_allocator(int dev, omp_memspace_handle_t memspace) OMPLY_NOTHROW;
extern omp_allocator_handle_t omp_get_devices_and_host_allocator(int ndevs, const int *devs,
                                                                 omp_memspace_handle_t memspace) OMPLY_NOTHROW;
extern omp_allocator_handle_t omp_get_device_and_host_allocator(int dev, omp_memspace_handle_t memspace) OMPLY_NOTHROW;
extern omp_allocator_handle_t omp_get_devices_all_allocator(omp_memspace_handle_t memspace) OMPLY_NOTHROW;
extern void omp_set_default_allocator(omp_allocator_handle_t allocator) OMPLY_NOTHROW;
extern omp_allocator_handle_t omp_get_default_allocator(void) OMPLY_NOTHROW;

extern void *omp_alloc(size_t size, omp_allocator_handle_t allocator OMPLY_DEFAULT(omp_null_allocator)) OMPLY_NOTHROW
    __attribute__((__malloc__, __alloc_size__(1)));
extern void *omp_aligned_alloc(size_t alignment, size_t size,
                               omp_allocator_handle_t allocator OMPLY_DEFAULT(omp_null_allocator)) OMPLY_NOTHROW
    __attribute__((__malloc__, __alloc_size__(2)));
extern void *omp_calloc(size_t nmemb, size_t size,
                        omp_allocator_handle_t allocator OMPLY_DEFAULT(omp_null_allocator)) OMPLY_NOTHROW
    __attribute__((__malloc__, __alloc_size__(1, 2)));
extern void *omp_aligned_calloc(size_t alignment, size_t nmemb, size_t size,
                                omp_allocator_handle_t allocator OMPLY_DEFAULT(omp_null_allocator)) OMPLY_NOTHROW
    __attribute__((__malloc__, __alloc_size__(2, 3)));
extern void *omp_realloc(void *ptr, size_t size, omp_allocator_handle_t allocator OMPLY_DEFAULT(omp_null_allocator),
                         omp_allocator_handle_t free_allocator OMPLY_DEFAULT(omp_null_allocator)) OMPLY_NOTHROW
    __attribute__((__alloc_size__(2)));
extern void omp_free(void *ptr, omp_allocator_handle_t allocator OMPLY_DEFAULT(omp_null_allocator)) OMPLY_NOTHROW;

/* The block of a dyn_groupprivate clause (6.1). */
extern void *omp_get_dyn_gprivate_ptr(size_t offset OMPLY_DEFAULT(0),
                                      omp_access_t access_group OMPLY_DEFAULT(omp_access_cgroup)) OMPLY_NOTHROW;
extern void *omp_get_dyn_gprivate_nofb_ptr(size_t offset OMPLY_DEFAULT(0),
                                           omp_access_t access_group OMPLY_DEFAULT(omp_access_cgroup)) OMPLY_NOTHROW;
extern size_t omp_get_dyn_gprivate_size(omp_access_t access_group OMPLY_DEFAULT(omp_access_cgroup)) OMPLY_NOTHROW;
extern omp_memspace_handle_t
omp_get_dyn_gprivate_memspace(omp_access_t access_group OMPLY_DEFAULT(omp_access_cgroup)) OMPLY_NOTHROW;
extern size_t omp_get_gprivate_limit(int device_num,
                                     omp_access_t access_group OMPLY_DEFAULT(omp_access_cgroup)) OMPLY_NOTHROW;

/* ---- Locks (chapter 28) ---- */

extern void omp_init_lock(omp_lock_t *lock) OMPLY_NOTHROW;
extern void omp_init_lock_with_hint(omp_lock_t *lock, omp_sync_hint_t hint) OMPLY_NOTHROW;
extern void omp_destroy_lock(omp_lock_t *lock) OMPLY_NOTHROW;
extern void omp_set_lock(omp_lock_t *lock) OMPLY_NOTHROW;
extern void omp_unset_lock(omp_lock_t *lock) OMPLY_NOTHROW;
extern int omp_test_lock(omp_lock_t *lock) OMPLY_NOTHROW;
extern void omp_init_nest_lock(omp_nest_lock_t *lock) OMPLY_NOTHROW;
extern void omp_init_nest_lock_with_hint(omp_nest_lock_t *lock, omp_sync_hint_t hint) OMPLY_NOTHROW;
extern void omp_destroy_nest_lock(omp_nest_lock_t *lock) OMPLY_NOTHROW;
extern void omp_set_nest_lock(omp_nest_lock_t *lock) OMPLY_NOTHROW;
extern void omp_unset_nest_lock(omp_nest_lock_t *lock) OMPLY_NOTHROW;
extern int omp_test_nest_lock(omp_nest_lock_t *lock) OMPLY_NOTHROW;

/* ---- Affinity (chapter 29) ---- */

extern omp_proc_bind_t omp_get_proc_bind(void) OMPLY_NOTHROW;
extern int omp_get_num_places(void) OMPLY_NOTHROW;
extern int omp_get_place_num_procs(int place_num) OMPLY_NOTHROW;
extern void omp_get_place_proc_ids(int place_num, int *ids) OMPLY_NOTHROW;
extern int omp_get_place_num(void) OMPLY_NOTHROW;
extern int omp_get_partition_num_places(void) OMPLY_NOTHROW;
extern void omp_get_partition_place_nums(int *place_nums) OMPLY_NOTHROW;
extern void omp_set_affinity_format(const char *format) OMPLY_NOTHROW;
extern size_t omp_get_affinity_format(char *buffer, size_t size) OMPLY_NOTHROW;
extern void omp_display_affinity(const char *format) OMPLY_NOTHROW;
extern size_t omp_capture_affinity(char *buffer, size_t size, const char *format) OMPLY_NOTHROW;

/* ---- Execution control (chapter 30) and tools (chapter 31) ---- */

extern int omp_get_cancellation(void) OMPLY_NOTHROW;
extern int omp_pause_resource(omp_pause_resource_t kind, int device_num) OMPLY_NOTHROW;
extern int omp_pause_resource_all(omp_pause_resource_t kind) OMPLY_NOTHROW;
extern double omp_get_wtime(void) OMPLY_NOTHROW;
extern double omp_get_wtick(void) OMPLY_NOTHROW;
extern void omp_display_env(int verbose) OMPLY_NOTHROW;
extern int omp_control_tool(int command, int modifier, void *arg) OMPLY_NOTHROW;

#ifdef __cplusplus
}
#endif

/* ---- Allocators for C++ containers ---- */

#if defined(__cplusplus) && __cplusplus >= 201103L
#include <limits>
#include <new>

namespace omp {
namespace allocator {
namespace omply {

/* An allocator without state whose memory comes from one predefined allocator. Derived is the allocator's own template. */
template <template <class> class Derived, class T, omp_allocator_handle_t Handle> struct predefined {
  typedef T value_type;
  template <class U> struct rebind {
    typedef Derived<U> other;
  };

  T *allocate(std::size_t count) {
    void *memory = nullptr;
    if (count <= std::numeric_limits<std::size_t>::max() / sizeof(T))
      memory = omp_aligned_alloc(alignof(T), count * sizeof(T), Handle);
    if (memory == nullptr)
      throw std::bad_alloc();
    return static_cast<T *>(memory);
  }
  void deallocate(T *memory, std::size_t) noexcept { omp_free(memory, Handle); }

  template <class U> friend bool operator==(const Derived<T> &, const Derived<U> &) noexcept { return true; }
  template <class U> friend bool operator!=(const Derived<T> &, const Derived<U> &) noexcept { return false; }
};

} // namespace omply

#define OMPLY_ALLOCATOR(name, handle)                                                             \
  template <class T> struct name : omply::predefined<name, T, handle> {                           \
    name() noexcept = default;                                                                    \
    template <class U> name(const name<U> &) noexcept {}                                          \
  };
OMPLY_ALLOCATOR(null_allocator, omp_null_allocator)
OMPLY_ALLOCATOR(default_mem, omp_default_mem_alloc)
OMPLY_ALLOCATOR(large_cap_mem, omp_large_cap_mem_alloc)
OMPLY_ALLOCATOR(const_mem, omp_const_mem_alloc)
OMPLY_ALLOCATOR(high_bw_mem, omp_high_bw_mem_alloc)
OMPLY_ALLOCATOR(low_lat_mem, omp_low_lat_mem_alloc)
OMPLY_ALLOCATOR(cgroup_mem, omp_cgroup_mem_alloc)
OMPLY_ALLOCATOR(pteam_mem, omp_pteam_mem_alloc)
OMPLY_ALLOCATOR(thread_mem, omp_thread_mem_alloc)
#undef OMPLY_ALLOCATOR

} // namespace allocator
} // namespace omp
#endif

#undef OMPLY_DEFAULT
#undef OMPLY_NOTHROW
#undef OMPLY_POINTER_WIDE
#undef OMPLY_GCC_LAYOUT

#endif
#endif
