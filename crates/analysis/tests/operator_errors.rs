//! What users see when an operator that they declare, or use without declaring it, is wrong.

mod common;

use common::errors;

#[test]
fn operators_that_are_not_declared() {
    insta::assert_snapshot!(errors(
        "
omp('declare_reduction(longest : str : omp_out or omp_in)')
@omp
def f(n):
    s = t = u = ''
    with omp('parallel for reduction(longes: s) reduction(mx: t) reduction(strange: u)'):
        for i in range(n):
            s = t = u = str(i)
    return s, t, u
"
    ));
}

#[test]
fn operators_declared_twice() {
    insta::assert_snapshot!(errors(
        "
omp('declare_reduction(most : float, int : max(omp_out, omp_in))')
@omp
def f(n):
    omp('declare_reduction(most : int : max(omp_out, omp_in))')
    omp('declare_reduction(most : float, int : max(omp_out, omp_in))')
    s = 0
    with omp('parallel for reduction(most: s)'):
        for i in range(n):
            s = max(s, i)
    return s
"
    ));
}

#[test]
fn names_that_a_declared_operator_cannot_use() {
    insta::assert_snapshot!(errors(
        "
@omp
def f(n, scale):
    omp('declare_reduction(most : int) combiner(max(omp_out, omp_in * scale)) initializer(omp_priv = omp_in)')
    s = 0
    with omp('parallel for reduction(most: s)'):
        for i in range(n):
            s = max(s, i)
    return s
"
    ));
}

#[test]
fn declarations_without_their_parts() {
    insta::assert_snapshot!(errors(
        "
@omp
def f(n):
    omp('declare_reduction(most : int)')
    omp('declare_reduction(least)')
    s = 0
    with omp('parallel'):
        omp('declare_reduction(other : int : omp_out)')
    return s
"
    ));
}

#[test]
fn variables_that_follow_generated_loops() {
    insta::assert_snapshot!(errors(
        "
@omp
def f(n):
    v = k = s = 0
    with omp('parallel for induction(step(2), +: v) linear(k) reduction(+: s)'):
        with omp('tile sizes(4)'):
            for i in range(n):
                s += v + k
                v += 2
                k += 1
    return s
"
    ));
}
