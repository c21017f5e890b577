/* Launches an empty kernel and waits for it, again and again, as a program in C would: what a region's launch is compared with. The
   functions are the driver's, looked up by the caller. Returns seconds for each. */
#include <stddef.h>
#include <time.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

double cuda_launches(int (*launch)(void *, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void *, void **,
                                   void **),
                     int (*wait)(void *), void *function, void *stream, void **parameters, int count) {
  double start = now();
  for (int i = 0; i < count; i++)
    if (launch(function, 1, 1, 1, 128, 1, 1, 0, stream, parameters, NULL) || wait(stream)) return -1.0;
  return (now() - start) / count;
}

double opencl_launches(int (*launch)(void *, void *, unsigned, const size_t *, const size_t *, const size_t *, unsigned, void *, void *),
                       int (*wait)(void *), void *kernel, void *queue, int count) {
  size_t threads = 128;
  double start = now();
  for (int i = 0; i < count; i++)
    if (launch(queue, kernel, 1, NULL, &threads, &threads, 0, NULL, NULL) || wait(queue)) return -1.0;
  return (now() - start) / count;
}
