/* A driver of streams for tests: CUDA's interface, or HIP's with -DHIP. Its device's memory is the host's, displaced by a constant, so that
   a host's address given for a device's is a fault. Work is queued and done when its stream is waited for. Calls are logged, one at a time.
   Kernels: `saxpy` (x, y, a, n, record), which fails a check when n is negative, faults when n is 99, and counts its teams in the record's
   heap. After mock_meet(n), lines begin with their stream's number, and kernels only run once n of them have been launched. */
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef HIP
#define NAME(cuda, hip) hip
#else
#define NAME(cuda, hip) cuda
#endif
#define DISPLACEMENT ((uint64_t)1 << 50)
#define EXPORT __attribute__((visibility("default")))

typedef struct {
  int32_t status, site;
  int64_t args[3];
  uint64_t heap, heap_bytes, heap_used, spare;
} Record;

typedef struct Work {
  enum { COPY, FILL, KERNEL } what;
  void *to;
  const void *from;
  size_t bytes, pitch, rows;
  unsigned teams, threads;
  uint64_t words[5];
  struct Work *next;
} Work;

typedef struct { Work *first, **last; int number; } Stream;

static char text[1 << 16];
static size_t used;
static uint64_t left = 1 << 20;
static __thread void *current;
static int broken, silent, streams, to_meet, launched, ticks;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

EXPORT const char *mock_log(void) { return text; }
EXPORT void mock_forget(void) { used = 0, text[0] = 0; }
EXPORT void mock_memory(uint64_t bytes) { left = bytes; }
EXPORT void mock_silence(int be_silent) { silent = be_silent; }
EXPORT void mock_meet(int kernels) { to_meet = kernels, launched = 0; }

static void note_of(const Stream *stream, const char *format, ...) {
  if (silent) return;
  if (stream && to_meet) used += (size_t)sprintf(text + used, "%d: ", stream->number);
  va_list list;
  va_start(list, format);
  used += (size_t)vsnprintf(text + used, sizeof text - used, format, list);
  va_end(list);
  if (used > sizeof text / 2) abort();
}

#define note(...) note_of(NULL, __VA_ARGS__)

static void *host(uint64_t address) {
  if (address < DISPLACEMENT) abort();
  return (void *)(uintptr_t)(address - DISPLACEMENT);
}
static uint64_t device(void *pointer) { return (uint64_t)(uintptr_t)pointer + DISPLACEMENT; }

EXPORT int NAME(cuInit, hipInit)(unsigned flags) { return (int)flags; }
EXPORT int NAME(cuDriverGetVersion, hipDriverGetVersion)(int *version) {
  *version = NAME(12090, 60443483);
  return 0;
}
EXPORT int NAME(cuDeviceGetCount, hipGetDeviceCount)(int *count) { return *count = 1, 0; }
EXPORT int NAME(cuDeviceGet, hipDeviceGet)(int *device, int ordinal) { return *device = ordinal + 7, 0; }
EXPORT int NAME(cuDeviceGetName, hipDeviceGetName)(char *name, int size, int device) {
  snprintf(name, (size_t)size, "mock %d", device);
  return 0;
}
EXPORT int NAME(cuDeviceGetUuid, hipDeviceGetUuid)(char *uuid, int device) { return memset(uuid, device, 16), 0; }
EXPORT int NAME(cuDeviceTotalMem_v2, hipDeviceTotalMem)(size_t *bytes, int device) { return *bytes = 1 << 20, device != 7; }
EXPORT int NAME(cuDeviceGetAttribute, hipDeviceGetAttribute)(int *value, int what, int device) {
  switch (what) {
    case NAME(1, 56): *value = 256; break;
    case NAME(10, 87): *value = 32; break;
    case NAME(16, 63): *value = 4; break;
    case NAME(75, -75): *value = 9; break;
    default: *value = 0;
  }
  return device != 7;
}
#ifdef HIP
EXPORT int hipGetDevicePropertiesR0600(char *properties, int device) {
  memset(properties, 0, 1472);
  strcpy(properties, "mock");
  strcpy(properties + 1160, "gfx90a:sramecc+:xnack-");
  return device != 7;
}
#endif
EXPORT int NAME(cuDevicePrimaryCtxRetain, hipDevicePrimaryCtxRetain)(void **context, int device) {
  return *context = text, device != 7;
}
EXPORT int NAME(cuCtxSetCurrent, hipCtxSetCurrent)(void *context) { return current = context, 0; }

static int take_turn(void) { return pthread_mutex_lock(&turn); }
static void give_turn(int *taken) {
  if (*taken == 0) pthread_mutex_unlock(&turn);
}

/* All below need the context, and take turns. */
#define IN_CONTEXT \
  __attribute__((cleanup(give_turn), unused)) int taken = take_turn(); \
  if (current != text) return 201; \
  if (broken) return 700

EXPORT int NAME(cuMemAlloc_v2, hipMalloc)(uint64_t *address, size_t bytes) {
  IN_CONTEXT;
  if (bytes > left) return 2;
  left -= bytes;
  size_t *block = malloc(bytes + 16);
  *block = bytes;
  memset(block + 2, 0xee, bytes);
  *address = device(block + 2);
  note("allocate %zu\n", bytes);
  return 0;
}
EXPORT int NAME(cuMemFree_v2, hipFree)(uint64_t address) {
  IN_CONTEXT;
  size_t *block = (size_t *)host(address) - 2;
  note("free %zu\n", *block);
  left += *block;
  free(block);
  return 0;
}
EXPORT int NAME(cuMemHostAlloc, hipHostMalloc)(void **pointer, size_t bytes, unsigned flags) {
  IN_CONTEXT;
  *pointer = malloc(bytes);
  return flags != 3;
}
EXPORT int NAME(cuMemFreeHost, hipHostFree)(void *pointer) { return free(pointer), 0; }
EXPORT int NAME(cuMemHostGetDevicePointer_v2, hipHostGetDevicePointer)(uint64_t *address, void *pointer, unsigned flags) {
  IN_CONTEXT;
  return *address = device(pointer), (int)flags;
}
EXPORT int NAME(cuPointerGetAttribute, hipPointerGetAttribute)(int *ordinal, int what, uint64_t address) {
  IN_CONTEXT;
  if (what != 9 || address < DISPLACEMENT) return 1;
  return *ordinal = 0, 0;
}
EXPORT int NAME(cuStreamCreate, hipStreamCreateWithFlags)(Stream **stream, unsigned flags) {
  IN_CONTEXT;
  *stream = calloc(1, sizeof **stream);
  (*stream)->last = &(*stream)->first;
  (*stream)->number = streams++;
  note("stream\n");
  return flags != 1;
}

EXPORT int NAME(cuEventCreate, hipEventCreateWithFlags)(int **event, unsigned flags) {
  IN_CONTEXT;
  *event = calloc(1, sizeof **event);
  return flags != 0;
}
EXPORT int NAME(cuEventDestroy_v2, hipEventDestroy)(int *event) { return free(event), 0; }
EXPORT int NAME(cuEventRecord, hipEventRecord)(int *event, Stream *stream) {
  IN_CONTEXT;
  *event = ++ticks;
  note_of(stream, "mark\n");
  return 0;
}
EXPORT int NAME(cuEventElapsedTime, hipEventElapsedTime)(float *milliseconds, const int *from, const int *to) {
  IN_CONTEXT;
  *milliseconds = (float)(*to - *from);
  return 0;
}

static void add(Stream *stream, Work work) {
  Work *made = malloc(sizeof *made);
  *made = work;
  made->next = NULL;
  *stream->last = made;
  stream->last = &made->next;
}

static void saxpy(const Work *work) {
  int64_t n = (int64_t)work->words[3];
  Record *record = host(work->words[4]);
  if (n == 99) {
    broken = 1;
    return;
  }
  if (n < 0) {
    *record = (Record){.status = 3, .site = 7, .args = {n, work->teams, work->threads}};
    return;
  }
  if (record->heap) {
    if (record->heap_used != 0 || record->heap_bytes < 4096) abort();
    uint64_t *count = host(record->heap);
    *count = work->teams;
    record->heap_used = 8;
    record->args[0] = (int64_t)*count;
  }
  double a, *x = n ? host(work->words[0]) : NULL, *y = n ? host(work->words[1]) : NULL;
  memcpy(&a, &work->words[2], 8);
  for (int64_t i = 0; i < n; i++) y[i] += a * x[i];
}

/* Kernels that are never launched together are waited for in vain. */
static void meet(const Stream *stream) {
  const Work *work = stream->first;
  while (work && work->what != KERNEL) work = work->next;
  for (int tries = 0; work && tries < 10000; tries++) {
    take_turn();
    int all = launched >= to_meet;
    pthread_mutex_unlock(&turn);
    if (all) return;
    usleep(1000);
  }
  if (work) abort();
}

EXPORT int NAME(cuStreamSynchronize, hipStreamSynchronize)(Stream *stream) {
  meet(stream);
  IN_CONTEXT;
  for (Work *work = stream->first, *next; work; work = next) {
    next = work->next;
    for (size_t row = 0; row < work->rows; row++) {
      char *to = (char *)work->to + row * work->pitch;
      if (work->what == COPY) memmove(to, (const char *)work->from + row * work->pitch, work->bytes);
      if (work->what == FILL) memset(to, (int)work->teams, work->bytes);
    }
    if (work->what == KERNEL) saxpy(work);
    free(work);
  }
  stream->first = NULL;
  stream->last = &stream->first;
  note_of(stream, "wait\n");
  return broken ? 700 : 0;
}
EXPORT int NAME(cuStreamDestroy_v2, hipStreamDestroy)(Stream *stream) {
  IN_CONTEXT;
  free(stream);
  note("end of stream\n");
  return 0;
}

EXPORT int NAME(cuMemcpyHtoDAsync_v2, hipMemcpyHtoDAsync)(uint64_t to, const void *from, size_t bytes, Stream *stream) {
  IN_CONTEXT;
  note_of(stream, "in %zu\n", bytes);
  add(stream, (Work){.what = COPY, .to = host(to), .from = from, .bytes = bytes, .rows = 1});
  return 0;
}
EXPORT int NAME(cuMemcpyDtoHAsync_v2, hipMemcpyDtoHAsync)(void *to, uint64_t from, size_t bytes, Stream *stream) {
  IN_CONTEXT;
  note_of(stream, "out %zu\n", bytes);
  add(stream, (Work){.what = COPY, .to = to, .from = host(from), .bytes = bytes, .rows = 1});
  return 0;
}
EXPORT int NAME(cuMemcpyDtoDAsync_v2, hipMemcpyDtoDAsync)(uint64_t to, uint64_t from, size_t bytes, Stream *stream) {
  IN_CONTEXT;
  note_of(stream, "within %zu\n", bytes);
  add(stream, (Work){.what = COPY, .to = host(to), .from = host(from), .bytes = bytes, .rows = 1});
  return 0;
}
EXPORT int NAME(cuMemsetD8Async, hipMemsetD8Async)(uint64_t to, unsigned char value, size_t bytes, Stream *stream) {
  IN_CONTEXT;
  note_of(stream, "fill %zu\n", bytes);
  add(stream, (Work){.what = FILL, .to = host(to), .teams = value, .bytes = bytes, .rows = 1});
  return 0;
}

#ifdef HIP
EXPORT int hipMemcpy2DAsync(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width, size_t height,
                            int kind, Stream *stream) {
  IN_CONTEXT;
  if (to_pitch != from_pitch) return 1;
  note_of(stream, "%s %zu rows of %zu, %zu apart\n", kind == 1 ? "in" : "out", height, width, to_pitch);
  if (kind == 1) to = host((uint64_t)(uintptr_t)to);
  else from = host((uint64_t)(uintptr_t)from);
  add(stream, (Work){.what = COPY, .to = to, .from = from, .bytes = width, .pitch = to_pitch, .rows = height});
  return 0;
}
#else
typedef struct {
  size_t x, y;
  unsigned kind;
  void *host;
  uint64_t device;
  void *array;
  size_t pitch;
} Side;
typedef struct { Side from, to; size_t width, height; } Rows;
EXPORT int cuMemcpy2DAsync_v2(const Rows *rows, Stream *stream) {
  IN_CONTEXT;
  if (rows->from.pitch != rows->to.pitch || rows->from.kind + rows->to.kind != 3) return 1;
  int in = rows->from.kind == 1;
  note_of(stream, "%s %zu rows of %zu, %zu apart\n", in ? "in" : "out", rows->height, rows->width, rows->to.pitch);
  add(stream, (Work){.what = COPY,
                     .to = in ? host(rows->to.device) : rows->to.host,
                     .from = in ? rows->from.host : host(rows->from.device),
                     .bytes = rows->width, .pitch = rows->to.pitch, .rows = rows->height});
  return 0;
}
#endif

EXPORT int NAME(cuModuleLoadDataEx, hipModuleLoadDataEx)(void **module, const char *image, unsigned count, int *options,
                                                         void **values) {
  IN_CONTEXT;
  if (!strcmp(image, "broken")) {
    if (count == 2 && options[0] == 5 && options[1] == 6)
      snprintf(values[0], (size_t)(uintptr_t)values[1], "line 1: syntax error\n");
    return 218;
  }
  note("load %s\n", image);
  *module = strdup(image);
  return 0;
}
EXPORT int NAME(cuModuleUnload, hipModuleUnload)(void *module) {
  IN_CONTEXT;
  note("unload\n");
  free(module);
  return 0;
}
EXPORT int NAME(cuModuleGetFunction, hipModuleGetFunction)(void **function, void *module, const char *name) {
  IN_CONTEXT;
  *function = module;
  return strcmp(name, "saxpy") ? 500 : 0;
}
EXPORT int NAME(cuFuncGetAttribute, hipFuncGetAttribute)(int *value, int what, void *function) {
  IN_CONTEXT;
  (void)function;
  return *value = what == 0 ? 192 : what == 4 ? 24 : 0, 0;
}
EXPORT int NAME(cuLaunchKernel, hipModuleLaunchKernel)(void *function, unsigned x, unsigned y, unsigned z, unsigned threads,
                                                       unsigned ty, unsigned tz, unsigned shared, Stream *stream,
                                                       uint64_t **parameters, void **extra) {
  IN_CONTEXT;
  if (!function || y != 1 || z != 1 || ty != 1 || tz != 1 || shared || extra) return 1;
  if (threads > 192) return 701;
  note_of(stream, "launch %u x %u\n", x, threads);
  Work work = {.what = KERNEL, .teams = x, .threads = threads};
  for (int i = 0; i < 5; i++) work.words[i] = *parameters[i];
  add(stream, work);
  launched++;
  return 0;
}
EXPORT int NAME(cuGetErrorString, hipDrvGetErrorString)(int code, const char **said) {
  *said = code == 2 ? "out of memory" : code == 218 ? "a PTX JIT compilation failed" : code == 700 ? "an illegal memory access" : NULL;
  return *said == NULL;
}
