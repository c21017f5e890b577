// Quicksort and merge sort whose halves are tasks: examples/sorting.py in C.
enum { SMALL = 64 };

static void insertion_sort(double *a, long low, long high) {
    for (long i = low + 1; i < high; i++) {
        double x = a[i];
        long j = i - 1;
        for (; j >= low && a[j] > x; j--)
            a[j + 1] = a[j];
        a[j + 1] = x;
    }
}

static double smaller(double x, double y) { return y < x ? y : x; }
static double larger(double x, double y) { return y > x ? y : x; }

static void sort_part(double *a, long low, long high) {
    if (high - low <= SMALL) {
        insertion_sort(a, low, high);
        return;
    }
    double x = a[low], y = a[(low + high) / 2], z = a[high - 1];
    double pivot = larger(smaller(x, y), smaller(larger(x, y), z));
    long i = low, j = high - 1;
    while (i <= j) {
        while (a[i] < pivot)
            i++;
        while (a[j] > pivot)
            j--;
        if (i <= j) {
            double swapped = a[i];
            a[i++] = a[j];
            a[j--] = swapped;
        }
    }
    #pragma omp task
    sort_part(a, low, j + 1);
    #pragma omp task
    sort_part(a, i, high);
    #pragma omp taskwait
}

static void merge(double *a, double *scratch, long low, long middle, long high) {
    long i = low, j = middle;
    for (long k = low; k < high; k++) {
        if (j == high || (i < middle && a[i] <= a[j]))
            scratch[k] = a[i++];
        else
            scratch[k] = a[j++];
    }
    for (long k = low; k < high; k++)
        a[k] = scratch[k];
}

static void merge_sort(double *a, double *scratch, long low, long high) {
    if (high - low <= SMALL) {
        insertion_sort(a, low, high);
        return;
    }
    long middle = (low + high) / 2;
    #pragma omp task
    merge_sort(a, scratch, low, middle);
    #pragma omp task
    merge_sort(a, scratch, middle, high);
    #pragma omp taskwait
    merge(a, scratch, low, middle, high);
}

void quicksort(double *a, long n) {
    #pragma omp parallel
    #pragma omp single
    sort_part(a, 0, n);
}

void mergesort(double *a, long n, double *scratch, long scratch_size) {
    #pragma omp parallel
    #pragma omp single
    merge_sort(a, scratch, 0, n);
}
