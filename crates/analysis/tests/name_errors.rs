//! What users see when a clause's names or the sharing of data is wrong.

mod common;

use common::errors;

#[test]
fn names_that_do_not_exist() {
    insta::assert_snapshot!(errors(
        "
@omp
def f(values, n):
    total = 0
    with omp('parallel for reduction(+: totl) private(vales) shared(strange) num_threads(N)'):
        for i in range(n):
            total += values[i]
    return total
"
    ));
}

#[test]
fn default_none_reports_every_missing_name() {
    insta::assert_snapshot!(errors(
        "
import numpy as np
@omp
def f(a, b, n):
    s = 0.0
    with omp('parallel for default(none) shared(a) reduction(+: s)'):
        for i in range(n):
            x = np.sqrt(b[i])
            s += x * scale(a[i])
            last = i
    return s, last
"
    ));
}

#[test]
fn loop_variables_in_clauses() {
    insta::assert_snapshot!(errors(
        "
@omp
def f(n):
    i = 0
    with omp('parallel for reduction(+: i)'):
        for i in range(n):
            pass
    with omp('parallel for firstprivate(i)'):
        for i in range(n):
            pass
    with omp('parallel for shared(i)'):
        for i in range(n):
            pass
    with omp('parallel for lastprivate(i)'):
        for i in range(n):
            pass
    return i
"
    ));
}

#[test]
fn private_copies_read_before_they_have_a_value() {
    insta::assert_snapshot!(errors(
        "
@omp
def f(a, n):
    x = 1
    y = 2
    z = 3
    with omp('parallel private(x, y)'):
        a[0] = x
        if n:
            y = 3
        a[1] = y
    w = 4
    with omp('parallel for private(y, w) lastprivate(z)'):
        for i in range(n):
            if i > 0:
                a[i] = y
            y = a[i]
            z += 1
            for j in range(i):
                a[j] = w if j else 0
                w = j
    with omp('parallel'):
        count += 1
    return x, y, z
"
    ));
}

#[test]
fn a_clause_that_starts_from_a_value_that_is_not_there() {
    insta::assert_snapshot!(errors(
        "
@omp
def f(a, n):
    with omp('parallel for reduction(+: total) firstprivate(seed)'):
        for i in range(n):
            total += a[i] * seed
            seed = 1
    return total
"
    ));
}

#[test]
fn worksharing_clauses_on_private_variables() {
    insta::assert_snapshot!(errors(
        "
@omp
def f(a, n):
    x = 0
    with omp('parallel private(x)'):
        x = 1
        s = 0
        with omp('for reduction(+: s) lastprivate(x)'):
            for i in range(n):
                x = a[i]
                s += x
        a[0] = s
    return x
"
    ));
}

#[test]
fn copyin_and_threadprivate() {
    insta::assert_snapshot!(errors(
        "
counter = 0
omp('threadprivate(counter)')
other = 0
@omp
def f(n):
    global counter
    with omp('parallel copyin(n, other) private(counter)'):
        counter = n + other
"
    ));
}

#[test]
fn copyprivate_of_a_shared_variable() {
    insta::assert_snapshot!(errors(
        "
@omp
def f(a, n):
    x = 0
    with omp('parallel'):
        with omp('single copyprivate(x)'):
            x = a[0]
        a[n] = x
    with omp('parallel'):
        with omp('single copyprivate(y)'):
            y = a[0]
        a[n] = y
    with omp('single copyprivate(z)'):
        z = a[0]
    return x + z
"
    ));
}

#[test]
fn lastprivate_of_a_name_that_is_never_assigned() {
    insta::assert_snapshot!(errors(
        "
@omp
def f(a, n):
    with omp('parallel for lastprivate(table)'):
        for i in range(n):
            a[i] = table[i]
"
    ));
}

#[test]
fn reads_after_a_construct_that_assigned_copies_only() {
    insta::assert_snapshot!(errors(
        "
@omp
def f(a, n):
    with omp('parallel for'):
        for i in range(n):
            a[i] = 0
    with omp('parallel private(x)'):
        x = 1
    with omp('simd'):
        for j in range(n):
            a[j] = 0
    return i + x + j
"
    ));
}

#[test]
fn a_value_that_one_thread_of_the_team_has() {
    insta::assert_snapshot!(errors(
        "
@omp
def f(a, n):
    with omp('parallel'):
        with omp('single'):
            scale = a[0]
        with omp('single copyprivate(shift)'):
            shift = a[1]
        with omp('masked'):
            first = 1
            a[2] = first
        with omp('for'):
            for i in range(n):
                a[i] = scale * i + shift
        a[1] = first
"
    ));
}

#[test]
fn directives_outside_of_the_function_that_no_mode_runs() {
    insta::assert_snapshot!(errors(
        "
omp('requires unified_address')
@omp('declare_mapper(float v) map(v)')
def f(n):
    pass
"
    ));
}

#[test]
fn declare_simd_lists_parameters_and_stands_at_its_function() {
    insta::assert_snapshot!(errors(
        "
omp('declare_simd')
omp('declare_simd(f) uniform(m)')
@omp('declare_simd uniform(sclae) linear(i: 2) aligned(b: 32)')
@omp('declare_simd(g)')
def f(x, scale):
    return x * scale
"
    ));
}

#[test]
fn all_errors_of_a_function_come_together() {
    insta::assert_snapshot!(errors(
        "
@omp
def f(a, n):
    with omp('parallel for reductoin(+: s)'):
        for i in range(n):
            s += a[i]
    with omp('paralel'):
        pass
    with omp('for schedule(statc)'):
        for i in range(n):
            break
"
    ));
}
