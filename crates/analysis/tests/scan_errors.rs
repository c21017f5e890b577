//! What users see when a `scan` and its loop do not fit each other.

mod common;

use common::errors;

#[test]
fn a_scan_that_separates_nothing() {
    insta::assert_snapshot!(errors(
        "
@omp
def f(a, n):
    s = 0
    omp('scan inclusive(s)')
    with omp('parallel for reduction(+: s)'):
        for i in range(n):
            s += a[i]
            omp('scan inclusive(s)')
    with omp('parallel for reduction(inscan, +: s)'):
        for i in range(n):
            if a[i] > 0:
                s += a[i]
                omp('scan inclusive(s)')
    return s
"
    ));
}

#[test]
fn a_loop_without_one_scan() {
    insta::assert_snapshot!(errors(
        "
@omp
def f(a, n):
    s = 0
    with omp('parallel for reduction(inscan, +: s)'):
        for i in range(n):
            s += a[i]
    with omp('for reduction(inscan, +: s)'):
        for i in range(n):
            s += a[i]
            omp('scan inclusive(s)')
            a[i] = s
            omp('scan exclusive(s)')
    with omp('for reduction(inscan, +: s)'):
        for i in range(n):
            s += a[i]
            omp('scan inclusive(s)')
            a[i] = s
            omp('scan init_complete')
    return s
"
    ));
}

#[test]
fn variables_that_only_one_of_them_lists() {
    insta::assert_snapshot!(errors(
        "
@omp
def f(a, n):
    s = t = u = 0
    with omp('parallel for reduction(inscan, +: s, t)'):
        for i in range(n):
            s += a[i]
            omp('scan inclusive(s, u)')
            a[i] = s
    return s
"
    ));
}
