// Merge sort: four quarters sorted by tasks, merged in pairs by tasks that split at the median; short pieces are sorted and
// merged by the task that meets them.  usage: sort [elements] [samples]
#include "program.h"

enum { SORT_SHORT = 2048, MERGE_SHORT = 2048, INSERTION = 20 };

static void insertion_sort(int *data, long n) {
  for (long i = 1; i < n; i++) {
    int value = data[i];
    long j = i;
    for (; j > 0 && data[j - 1] > value; j--) data[j] = data[j - 1];
    data[j] = value;
  }
}

static void quick_sort(int *data, long n) {
  while (n > INSERTION) {
    int a = data[0], b = data[n / 2], c = data[n - 1];
    int pivot = a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b);
    long low = 0, high = n - 1;
    while (low <= high) {
      while (data[low] < pivot) low++;
      while (data[high] > pivot) high--;
      if (low <= high) {
        int kept = data[low];
        data[low++] = data[high];
        data[high--] = kept;
      }
    }
    // The shorter side by recursion, the longer one in the loop.
    if (high + 1 < n - low) {
      quick_sort(data, high + 1);
      data += low, n -= low;
    } else {
      quick_sort(data + low, n - low);
      n = high + 1;
    }
  }
  insertion_sort(data, n);
}

static void merge_short(const int *a, long na, const int *b, long nb, int *to) {
  while (na > 0 && nb > 0)
    if (*b < *a) *to++ = *b++, nb--;
    else *to++ = *a++, na--;
  memcpy(to, a, na * sizeof *a);
  memcpy(to + na, b, nb * sizeof *b);
}

// How many of the sorted elements are smaller than the value.
static long rank(const int *data, long n, int value) {
  long low = 0;
  while (n > 0) {
    long half = n / 2;
    if (data[low + half] < value) low += half + 1, n -= half + 1;
    else n = half;
  }
  return low;
}

static void merge(const int *a, long na, const int *b, long nb, int *to) {
  if (na < nb) {
    const int *p = a;
    a = b, b = p;
    long n = na;
    na = nb, nb = n;
  }
  if (na + nb <= MERGE_SHORT) {
    merge_short(a, na, b, nb, to);
    return;
  }
  long half = na / 2, split = rank(b, nb, a[half]);
#pragma omp task
  merge(a, half, b, split, to);
#pragma omp task
  merge(a + half, na - half, b + split, nb - split, to + half + split);
#pragma omp taskwait
}

static void sort(int *data, int *scratch, long n) {
  if (n <= SORT_SHORT) {
    quick_sort(data, n);
    return;
  }
  long quarter = n / 4, last = n - 3 * quarter;
#pragma omp task
  sort(data, scratch, quarter);
#pragma omp task
  sort(data + quarter, scratch + quarter, quarter);
#pragma omp task
  sort(data + 2 * quarter, scratch + 2 * quarter, quarter);
#pragma omp task
  sort(data + 3 * quarter, scratch + 3 * quarter, last);
#pragma omp taskwait
#pragma omp task
  merge(data, quarter, data + quarter, quarter, scratch);
#pragma omp task
  merge(data + 2 * quarter, quarter, data + 3 * quarter, last, scratch + 2 * quarter);
#pragma omp taskwait
  merge(scratch, 2 * quarter, scratch + 2 * quarter, quarter + last, data);
}

int main(int argc, char **argv) {
  long n = argument(argc, argv, 1, 4 << 20);
  int samples = argument(argc, argv, 2, 1);
  double seconds[MAX_SAMPLES];
  print_library();
  int *data = malloc(n * sizeof *data), *scratch = malloc(n * sizeof *scratch);
  for (int s = 0; s < samples && s < MAX_SAMPLES; s++) {
    unsigned long long state = 42;
    // Each value once, in random order.
    for (long i = 0; i < n; i++) data[i] = (int)i;
    for (long i = n - 1; i > 0; i--) {
      long j = random_number(&state) % (i + 1);
      int kept = data[i];
      data[i] = data[j];
      data[j] = kept;
    }
    double start = omp_get_wtime();
#pragma omp parallel
#pragma omp single
    sort(data, scratch, n);
    seconds[s] = omp_get_wtime() - start;
    for (long i = 0; i < n; i++) require(data[i] == i, "sorted");
  }
  print_samples("sort", seconds, samples);
}
