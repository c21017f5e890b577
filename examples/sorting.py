"""Sorts an array twice: by quicksort in place, and by merge sort with a second array. The two halves of each step are tasks."""

import sys

import numpy as np
from omply import omp

SMALL = 64


@omp
def insertion_sort(a, low: int, high: int) -> None:
    for i in range(low + 1, high):
        x = a[i]
        j = i - 1
        while j >= low and a[j] > x:
            a[j + 1] = a[j]
            j -= 1
        a[j + 1] = x


@omp
def quicksort(a, low: int, high: int) -> None:
    if high - low <= SMALL:
        insertion_sort(a, low, high)
        return
    x, y, z = a[low], a[(low + high) // 2], a[high - 1]
    pivot = max(min(x, y), min(max(x, y), z))
    i = low
    j = high - 1
    while i <= j:
        while a[i] < pivot:
            i += 1
        while a[j] > pivot:
            j -= 1
        if i <= j:
            a[i], a[j] = a[j], a[i]
            i += 1
            j -= 1
    with omp("task"):
        quicksort(a, low, j + 1)
    with omp("task"):
        quicksort(a, i, high)
    omp("taskwait")


@omp
def merge(a, scratch, low: int, middle: int, high: int) -> None:
    i = low
    j = middle
    for k in range(low, high):
        if j == high or (i < middle and a[i] <= a[j]):
            scratch[k] = a[i]
            i += 1
        else:
            scratch[k] = a[j]
            j += 1
    for k in range(low, high):
        a[k] = scratch[k]


@omp
def merge_sort(a, scratch, low: int, high: int) -> None:
    if high - low <= SMALL:
        insertion_sort(a, low, high)
        return
    middle = (low + high) // 2
    with omp("task"):
        merge_sort(a, scratch, low, middle)
    with omp("task"):
        merge_sort(a, scratch, middle, high)
    omp("taskwait")
    merge(a, scratch, low, middle, high)


@omp
def sort_both(a, b, scratch) -> None:
    with omp("parallel"):
        with omp("single"):
            quicksort(a, 0, len(a))
            merge_sort(b, scratch, 0, len(b))


if __name__ == "__main__":
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    numbers = np.random.default_rng(7).random(n)
    a, b = numbers.copy(), numbers.copy()
    sort_both(a, b, np.empty(n))
    numbers.sort()
    assert (a == numbers).all() and (b == numbers).all()
    print(f"{n} numbers sorted twice")
