"""Quicksort and merge sort of examples/sorting.py, each in a team of its own."""

from omply import omp

from sorting import merge_sort, quicksort


@omp
def quick(a) -> None:
    with omp("parallel"):
        with omp("single"):
            quicksort(a, 0, len(a))


@omp
def merging(a, scratch) -> None:
    with omp("parallel"):
        with omp("single"):
            merge_sort(a, scratch, 0, len(a))
