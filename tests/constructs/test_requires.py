"""`requires`, and `begin assumes` with its end, at the top of a module hold for its functions."""

import numpy as np
from omply import omp

omp("requires atomic_default_mem_order(acq_rel) unified_address")
omp("begin assumes no_openmp_routines")


def counted(a):
    with omp("parallel for"):
        for i in range(100):
            with omp("atomic"):
                a[i % 3] += 1


omp("end assumes")


def test_updates_are_complete_whatever_order_is_the_default(program):
    a = np.zeros(3, dtype=np.int64)
    program(counted, a)
    assert a.tolist() == [34, 33, 33]
