// A tool that logs every event, one per line, to the file that OMPT_LOG names: the thread, the event, then its arguments.
// Threads, regions and tasks are numbered as they appear. Loaded in each of the ways that OpenMP knows.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <omp-tools.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *out;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static ompt_set_callback_t set_callback;
static ompt_get_callback_t get_callback;
static ompt_get_thread_data_t get_thread_data;
static ompt_get_state_t get_state;
static ompt_get_task_info_t get_task_info;
static ompt_get_parallel_info_t get_parallel_info;
static ompt_get_unique_id_t get_unique_id;
static ompt_finalize_tool_t finalize_tool;
static unsigned long threads;

static void line(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  ompt_data_t *thread = get_thread_data();
  pthread_mutex_lock(&lock);
  fprintf(out, "%lu ", thread ? (unsigned long)thread->value : 0);
  vfprintf(out, format, arguments);
  fputc('\n', out);
  pthread_mutex_unlock(&lock);
  va_end(arguments);
}

// The file that an address lies in.
static const char *file(const void *code) {
  Dl_info info;
  if (!code) return "none";
  if (!dladdr(code, &info) || !info.dli_fname) return "unknown";
  const char *slash = strrchr(info.dli_fname, '/');
  return slash ? slash + 1 : info.dli_fname;
}

static unsigned long id(const ompt_data_t *data) { return data ? (unsigned long)data->value : 0; }
static const char *end(ompt_scope_endpoint_t endpoint) { return endpoint == ompt_scope_begin ? "begin" : "end"; }

static void thread_begin(ompt_thread_t kind, ompt_data_t *thread) {
  thread->value = __atomic_add_fetch(&threads, 1, __ATOMIC_RELAXED);
  line("thread_begin kind=%d data=%lu same=%d", kind, id(thread), get_thread_data() == thread);
}

static void thread_end(ompt_data_t *thread) { line("thread_end data=%lu", id(thread)); }

static void parallel_begin(ompt_data_t *task, const ompt_frame_t *frame, ompt_data_t *parallel, unsigned requested,
                           int flags, const void *code) {
  parallel->value = get_unique_id();
  line("parallel_begin task=%lu parallel=%lu requested=%u flags=%x enter=%d code=%s", id(task), id(parallel), requested,
       flags, frame->enter_frame.ptr != NULL, file(code));
}

static void parallel_end(ompt_data_t *parallel, ompt_data_t *task, int flags, const void *code) {
  line("parallel_end parallel=%lu task=%lu flags=%x code=%s", id(parallel), id(task), flags, file(code));
}

static void implicit_task(ompt_scope_endpoint_t endpoint, ompt_data_t *parallel, ompt_data_t *task, unsigned size,
                          unsigned index, int flags) {
  if (endpoint == ompt_scope_begin) task->value = get_unique_id();
  line("implicit_task_%s parallel=%lu task=%lu size=%u index=%u flags=%x state=%x", end(endpoint), id(parallel),
       id(task), size, index, flags, get_state(NULL));
}

static void sync_region(ompt_sync_region_t kind, ompt_scope_endpoint_t endpoint, ompt_data_t *parallel,
                        ompt_data_t *task, const void *code) {
  line("sync_%s kind=%d parallel=%lu task=%lu code=%s", end(endpoint), kind, id(parallel), id(task), file(code));
}

static void sync_region_wait(ompt_sync_region_t kind, ompt_scope_endpoint_t endpoint, ompt_data_t *parallel,
                             ompt_data_t *task, const void *code) {
  line("wait_%s kind=%d parallel=%lu task=%lu state=%x code=%s", end(endpoint), kind, id(parallel), id(task),
       get_state(NULL), file(code));
}

static void reduction(ompt_sync_region_t kind, ompt_scope_endpoint_t endpoint, ompt_data_t *parallel,
                      ompt_data_t *task, const void *code) {
  line("reduction_%s kind=%d parallel=%lu task=%lu code=%s", end(endpoint), kind, id(parallel), id(task), file(code));
}

static void work(ompt_work_t kind, ompt_scope_endpoint_t endpoint, ompt_data_t *parallel, ompt_data_t *task,
                 uint64_t count, const void *code) {
  line("work_%s kind=%d parallel=%lu task=%lu count=%lu code=%s", end(endpoint), kind, id(parallel), id(task),
       (unsigned long)count, file(code));
}

static void dispatch(ompt_data_t *parallel, ompt_data_t *task, ompt_dispatch_t kind, ompt_data_t instance) {
  const ompt_dispatch_chunk_t *chunk = kind == ompt_dispatch_section ? NULL : instance.ptr;
  line("dispatch kind=%d parallel=%lu task=%lu start=%lu iterations=%lu", kind, id(parallel), id(task),
       chunk ? (unsigned long)chunk->start : 0, chunk ? (unsigned long)chunk->iterations : 0);
}

static void masked(ompt_scope_endpoint_t endpoint, ompt_data_t *parallel, ompt_data_t *task, const void *code) {
  // The tasks and regions around, and how their frames lie on the stack.
  char around[200] = "";
  ompt_data_t *data, *region;
  ompt_frame_t *frame;
  int flags, thread_num, size;
  for (int level = 0; get_task_info(level, &flags, &data, &frame, &region, &thread_num) == 2 && level < 8; level++)
    sprintf(around + strlen(around), " %lu/%lu/%x/%d/%d%d", id(data), id(region), flags, thread_num,
            frame->exit_frame.ptr != NULL, frame->enter_frame.ptr != NULL);
  strcat(around, " |");
  for (int level = 0; get_parallel_info(level, &region, &size) == 2 && level < 8; level++)
    sprintf(around + strlen(around), " %lu/%d", id(region), size);
  line("masked_%s parallel=%lu task=%lu code=%s around%s", end(endpoint), id(parallel), id(task), file(code), around);
}

static void lock_init(ompt_mutex_t kind, unsigned hint, unsigned impl, ompt_wait_id_t wait, const void *code) {
  line("lock_init kind=%d hint=%u impl=%u wait=%lx code=%s", kind, hint, impl, (unsigned long)wait, file(code));
}

static void lock_destroy(ompt_mutex_t kind, ompt_wait_id_t wait, const void *code) {
  line("lock_destroy kind=%d wait=%lx code=%s", kind, (unsigned long)wait, file(code));
}

static void mutex_acquire(ompt_mutex_t kind, unsigned hint, unsigned impl, ompt_wait_id_t wait, const void *code) {
  line("mutex_acquire kind=%d hint=%u impl=%u wait=%lx code=%s", kind, hint, impl, (unsigned long)wait, file(code));
}

static void mutex_acquired(ompt_mutex_t kind, ompt_wait_id_t wait, const void *code) {
  line("mutex_acquired kind=%d wait=%lx code=%s", kind, (unsigned long)wait, file(code));
}

static void mutex_released(ompt_mutex_t kind, ompt_wait_id_t wait, const void *code) {
  line("mutex_released kind=%d wait=%lx code=%s", kind, (unsigned long)wait, file(code));
}

static void nest_lock(ompt_scope_endpoint_t endpoint, ompt_wait_id_t wait, const void *code) {
  line("nest_lock_%s wait=%lx code=%s", end(endpoint), (unsigned long)wait, file(code));
}

static void flush(ompt_data_t *thread, const void *code) { line("flush data=%lu code=%s", id(thread), file(code)); }

static void cancel(ompt_data_t *task, int flags, const void *code) {
  line("cancel task=%lu flags=%x code=%s", id(task), flags, file(code));
}

static void error(ompt_severity_t severity, const char *message, size_t length, const void *code) {
  line("error severity=%d length=%lu code=%s message=%s", severity, (unsigned long)length, file(code), message);
}

static int control_tool(uint64_t command, uint64_t modifier, void *argument, const void *code) {
  line("control_tool command=%lu modifier=%lu argument=%d code=%s", (unsigned long)command, (unsigned long)modifier,
       argument != NULL, file(code));
  if (command == 4) finalize_tool();
  return 7;
}

static void task_create(ompt_data_t *encountering, const ompt_frame_t *frame, ompt_data_t *task, int flags,
                        int dependences, const void *code) {
  task->value = get_unique_id();
  line("task_create encountering=%lu task=%lu flags=%x dependences=%d enter=%d code=%s", id(encountering), id(task),
       flags, dependences, frame ? frame->enter_frame.ptr != NULL : -1, file(code));
}

static void task_schedule(ompt_data_t *prior, ompt_task_status_t status, ompt_data_t *next) {
  line("task_schedule prior=%lu status=%d next=%lu", id(prior), status, id(next));
}

static void dependences(ompt_data_t *task, const ompt_dependence_t *list, int count) {
  char text[200] = "";
  for (int i = 0; i < count && i < 8; i++)
    sprintf(text + strlen(text), " %d:%lx", list[i].dependence_type, (unsigned long)list[i].variable.value);
  line("dependences task=%lu count=%d list%s", id(task), count, text);
}

static void task_dependence(ompt_data_t *source, ompt_data_t *sink) {
  line("task_dependence source=%lu sink=%lu", id(source), id(sink));
}

#define CALLBACK(name, function) {ompt_callback_##name, (ompt_callback_t)function}
static const struct {
  ompt_callbacks_t event;
  ompt_callback_t function;
} callbacks[] = {
    CALLBACK(thread_begin, thread_begin),     CALLBACK(thread_end, thread_end),
    CALLBACK(parallel_begin, parallel_begin), CALLBACK(parallel_end, parallel_end),
    CALLBACK(implicit_task, implicit_task),   CALLBACK(sync_region, sync_region),
    CALLBACK(sync_region_wait, sync_region_wait), CALLBACK(reduction, reduction),
    CALLBACK(work, work),                     CALLBACK(dispatch, dispatch),
    CALLBACK(masked, masked),                 CALLBACK(lock_init, lock_init),
    CALLBACK(lock_destroy, lock_destroy),     CALLBACK(mutex_acquire, mutex_acquire),
    CALLBACK(mutex_acquired, mutex_acquired), CALLBACK(mutex_released, mutex_released),
    CALLBACK(nest_lock, nest_lock),           CALLBACK(flush, flush),
    CALLBACK(cancel, cancel),                 CALLBACK(error, error),
    CALLBACK(control_tool, control_tool),     CALLBACK(task_create, task_create),
    CALLBACK(task_schedule, task_schedule),   CALLBACK(dependences, dependences),
    CALLBACK(task_dependence, task_dependence),
};

static ompt_interface_fn_t need(ompt_function_lookup_t lookup, const char *name) {
  ompt_interface_fn_t function = lookup(name);
  if (!function) fprintf(out, "0 missing %s\n", name);
  return function;
}

static int initialize(ompt_function_lookup_t lookup, int host, ompt_data_t *data) {
  set_callback = (ompt_set_callback_t)need(lookup, "ompt_set_callback");
  get_callback = (ompt_get_callback_t)need(lookup, "ompt_get_callback");
  get_thread_data = (ompt_get_thread_data_t)need(lookup, "ompt_get_thread_data");
  get_state = (ompt_get_state_t)need(lookup, "ompt_get_state");
  get_task_info = (ompt_get_task_info_t)need(lookup, "ompt_get_task_info");
  get_parallel_info = (ompt_get_parallel_info_t)need(lookup, "ompt_get_parallel_info");
  get_unique_id = (ompt_get_unique_id_t)need(lookup, "ompt_get_unique_id");
  finalize_tool = (ompt_finalize_tool_t)need(lookup, "ompt_finalize_tool");
  ompt_enumerate_states_t states = (ompt_enumerate_states_t)need(lookup, "ompt_enumerate_states");
  ompt_enumerate_mutex_impls_t impls = (ompt_enumerate_mutex_impls_t)need(lookup, "ompt_enumerate_mutex_impls");
  ompt_get_num_procs_t procs = (ompt_get_num_procs_t)need(lookup, "ompt_get_num_procs");
  ompt_get_num_places_t places = (ompt_get_num_places_t)need(lookup, "ompt_get_num_places");
  ompt_get_place_proc_ids_t place_ids = (ompt_get_place_proc_ids_t)need(lookup, "ompt_get_place_proc_ids");
  ompt_get_proc_id_t proc = (ompt_get_proc_id_t)need(lookup, "ompt_get_proc_id");
  ompt_get_num_devices_t devices = (ompt_get_num_devices_t)need(lookup, "ompt_get_num_devices");
  ompt_get_target_info_t target = (ompt_get_target_info_t)need(lookup, "ompt_get_target_info");
  ompt_get_task_memory_t memory = (ompt_get_task_memory_t)need(lookup, "ompt_get_task_memory");
  need(lookup, "ompt_get_place_num");
  need(lookup, "ompt_get_partition_place_nums");
  if (lookup("ompt_no_such_function")) fprintf(out, "0 found what does not exist\n");
  const char *name;
  int state = ompt_state_undefined, count = 0, impl = ompt_mutex_impl_none, ids[1024];
  while (states(state, &state, &name)) count += strncmp(name, "ompt_state_", 11) == 0;
  fprintf(out, "0 states %d impls %d procs %d proc %d devices %d host %d", count, impls(impl, &impl, &name), procs() > 0,
          proc() >= 0, devices(), host);
  uint64_t device, target_id, op;
  void *address;
  size_t size;
  fprintf(out, " target %d memory %d data %d thread %d", target(&device, &target_id, &op), memory(&address, &size, 0),
          (int)data->value, get_thread_data() != NULL);
  for (int place = 0; place < places(); place++)
    if (place_ids(place, 1024, ids) < 1 || place_ids(place, 0, NULL) < 1) fprintf(out, " place without processors");
  fprintf(out, "\n");
  fprintf(out, "0 set error %d never", set_callback(0, NULL) + set_callback(1000, NULL));
  for (int event = 1; event <= ompt_callback_error; event++)
    if (set_callback(event, NULL) == ompt_set_never) fprintf(out, " %d", event);
  ompt_callback_t function;
  fprintf(out, " got %d", get_callback(ompt_callback_error, &function));
  for (size_t i = 0; i < sizeof callbacks / sizeof *callbacks; i++)
    set_callback(callbacks[i].event, callbacks[i].function);
  fprintf(out, " %d %d\n", get_callback(ompt_callback_error, &function), function == (ompt_callback_t)error);
  data->value = 42;
  return getenv("OMPT_DECLINE") == NULL;
}

static void finalize(ompt_data_t *data) {
  fprintf(out, "0 finalize data %d\n", (int)data->value);
  fclose(out);
}

ompt_start_tool_result_t *ompt_start_tool(unsigned version, const char *runtime) {
  static ompt_start_tool_result_t result = {initialize, finalize, {0}};
  const char *log = getenv("OMPT_LOG");
  out = log ? fopen(log, "w") : NULL;
  if (!out) return NULL;
  fprintf(out, "0 start version %u runtime %s\n", version, runtime);
  return &result;
}
