/* The programs of examples/devices, written by hand with the same algorithms: what Omply's kernels are compared with. CUDA C; the
   macros also let OpenCL's compilers read it, so that the comparison can be tried where there is no GPU. */
#ifdef __OPENCL_VERSION__
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#pragma OPENCL EXTENSION cl_khr_int64_base_atomics : enable
#define KERNEL __kernel void
#define GLOBAL __global
#define SHARED __local
#define THREAD_X ((int)get_local_id(0))
#define THREAD_Y ((int)get_local_id(1))
#define THREADS_X ((int)get_local_size(0))
#define INDEX_X ((integer)get_global_id(0))
#define INDEX_Y ((integer)get_global_id(1))
#define ALL_X ((integer)get_global_size(0))
#define MEET barrier(CLK_LOCAL_MEM_FENCE)
#define ROOT sqrt
typedef long integer;
static void count(GLOBAL integer *at) { atom_inc(at); }
static void add(GLOBAL double *at, double value) {
  for (;;) {
    integer before = *(volatile GLOBAL integer *)at;
    if (atom_cmpxchg((volatile GLOBAL integer *)at, before, as_long(as_double(before) + value)) == before) return;
  }
}
#else
#define KERNEL extern "C" __global__ void
#define GLOBAL
#define SHARED __shared__
#define THREAD_X ((int)threadIdx.x)
#define THREAD_Y ((int)threadIdx.y)
#define THREADS_X ((int)blockDim.x)
#define INDEX_X ((integer)blockIdx.x * blockDim.x + threadIdx.x)
#define INDEX_Y ((integer)blockIdx.y * blockDim.y + threadIdx.y)
#define ALL_X ((integer)gridDim.x * blockDim.x)
#define MEET __syncthreads()
#define ROOT sqrt
typedef long long integer;
static __device__ void count(integer *at) { atomicAdd((unsigned long long *)at, 1ull); }
static __device__ void add(double *at, double value) {
#if __CUDA_ARCH__ >= 600
  atomicAdd(at, value);
#else
  unsigned long long before = *(volatile unsigned long long *)at, seen;
  do {
    seen = before;
    before = atomicCAS((unsigned long long *)at, seen, __double_as_longlong(__longlong_as_double(seen) + value));
  } while (before != seen);
#endif
}
#endif

#define TILE 16
#define MOST_THREADS 1024

KERNEL nothing(GLOBAL double *x) {}

KERNEL saxpy(double a, GLOBAL const double *x, GLOBAL double *y, integer n) {
  integer i = INDEX_X;
  if (i < n) y[i] = a * x[i] + y[i];
}

KERNEL dot(GLOBAL const double *x, GLOBAL const double *y, GLOBAL double *result, integer n) {
  SHARED double sums[MOST_THREADS];
  double s = 0.0;
  for (integer i = INDEX_X; i < n; i += ALL_X) s += x[i] * y[i];
  sums[THREAD_X] = s;
  for (int left = THREADS_X / 2; left > 0; left /= 2) {
    MEET;
    if (THREAD_X < left) sums[THREAD_X] += sums[THREAD_X + left];
  }
  if (THREAD_X == 0) add(result, sums[0]);
}

KERNEL heat(GLOBAL const double *from, GLOBAL double *to, integer rows, integer columns, double rate) {
  integer j = INDEX_X + 1, i = INDEX_Y + 1;
  if (i >= rows - 1 || j >= columns - 1) return;
  GLOBAL const double *at = from + i * columns + j;
  double around = at[-columns] + at[columns] + at[-1] + at[1];
  to[i * columns + j] = at[0] + rate * (around - 4.0 * at[0]);
}

KERNEL matmul(GLOBAL const double *a, GLOBAL const double *b, GLOBAL double *c, integer rows, integer columns, integer depth) {
  SHARED double tile_a[TILE][TILE], tile_b[TILE][TILE];
  int i = THREAD_Y, j = THREAD_X;
  integer row = INDEX_Y, column = INDEX_X;
  double s = 0.0;
  for (integer start = 0; start < depth; start += TILE) {
    tile_a[i][j] = row < rows && start + j < depth ? a[row * depth + start + j] : 0.0;
    tile_b[i][j] = start + i < depth && column < columns ? b[(start + i) * columns + column] : 0.0;
    MEET;
    for (int k = 0; k < TILE; k++) s += tile_a[i][k] * tile_b[k][j];
    MEET;
  }
  if (row < rows && column < columns) c[row * columns + column] = s;
}

KERNEL attract(GLOBAL const double *position, GLOBAL double *velocity, GLOBAL const double *mass, integer n, double dt) {
  integer i = INDEX_X;
  if (i >= n) return;
  double ax = 0.0, ay = 0.0, az = 0.0;
  double x = position[3 * i], y = position[3 * i + 1], z = position[3 * i + 2];
  for (integer j = 0; j < n; j++) {
    double dx = position[3 * j] - x, dy = position[3 * j + 1] - y, dz = position[3 * j + 2] - z;
    double r2 = dx * dx + dy * dy + dz * dz + 1e-6;
    double pull = mass[j] / (r2 * ROOT(r2));
    ax += pull * dx;
    ay += pull * dy;
    az += pull * dz;
  }
  velocity[3 * i] += dt * ax;
  velocity[3 * i + 1] += dt * ay;
  velocity[3 * i + 2] += dt * az;
}

KERNEL drift(GLOBAL double *position, GLOBAL const double *velocity, integer n, double dt) {
  integer i = INDEX_X;
  if (i < 3 * n) position[i] += dt * velocity[i];
}

KERNEL mandelbrot(GLOBAL int *counts, integer height, integer width, integer limit) {
  integer column = INDEX_X, row = INDEX_Y;
  if (row >= height || column >= width) return;
  double b = 2.5 * row / height - 1.25, a = 3.5 * column / width - 2.5;
  double x = 0.0, y = 0.0;
  integer n = 0;
  while (n < limit && x * x + y * y <= 4.0) {
    double next = x * x - y * y + a;
    y = 2.0 * x * y + b;
    x = next;
    n++;
  }
  counts[row * width + column] = (int)n;
}

KERNEL exchange(GLOBAL double *a, integer pairs, integer run, integer distance) {
  integer pair = INDEX_X;
  if (pair >= pairs) return;
  integer i = pair / distance * 2 * distance + pair % distance, j = i + distance;
  double x = a[i], y = a[j];
  if ((x > y) == ((i & run) == 0)) {
    a[i] = y;
    a[j] = x;
  }
}

KERNEL histogram(GLOBAL const double *values, integer n, double low, double high, GLOBAL integer *counts, integer bins) {
  integer i = INDEX_X;
  if (i >= n) return;
  integer k = (integer)((values[i] - low) / (high - low) * bins);
  count(&counts[k < 0 ? 0 : k >= bins ? bins - 1 : k]);
}

KERNEL sparse(GLOBAL const integer *first, GLOBAL const integer *column, GLOBAL const double *value, GLOBAL const double *x,
              GLOBAL double *y, integer rows) {
  integer i = INDEX_X;
  if (i >= rows) return;
  double s = 0.0;
  for (integer k = first[i]; k < first[i + 1]; k++) s += value[k] * x[column[k]];
  y[i] = s;
}
