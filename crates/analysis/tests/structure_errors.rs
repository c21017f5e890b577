//! What users see when the structure of a construct is wrong.

mod common;

use common::errors;

/// The errors of a function with that body, which has the parameters `a`, `n` and `k`.
fn body(text: &str) -> String {
    let indented: String = text
        .trim_matches('\n')
        .lines()
        .map(|line| format!("    {line}\n"))
        .collect();
    errors(&format!("@omp\ndef f(a, n, k):\n{indented}"))
}

#[test]
fn a_block_directive_written_as_a_statement() {
    insta::assert_snapshot!(body(
        "
omp('parallel num_threads(2)')
a[0] = 1
"
    ));
}

#[test]
fn a_stand_alone_directive_with_a_block() {
    insta::assert_snapshot!(body(
        "
with omp('parallel'):
    with omp('barrier'):
        a[0] = 1
    with omp('barrier'):
        pass
"
    ));
}

#[test]
fn branches_out_of_a_construct() {
    insta::assert_snapshot!(body(
        "
for i in range(n):
    with omp('parallel'):
        if n > 1:
            break
        if n > 2:
            continue
        if n > 3:
            return a
        for j in range(n):
            break
"
    ));
}

#[test]
fn break_out_of_an_affected_loop_and_continue_of_an_outer_one() {
    insta::assert_snapshot!(body(
        "
with omp('parallel for collapse(2)'):
    for i in range(n):
        for j in range(n):
            if a[i, j]:
                break
            if a[j, i]:
                continue
"
    ));
}

#[test]
fn suspension_inside_of_a_construct() {
    insta::assert_snapshot!(body(
        "
with omp('parallel'):
    x = yield a
with omp('single'):
    yield from a
yield n
"
    ));
}

#[test]
fn a_loop_directive_before_something_else() {
    insta::assert_snapshot!(body(
        "
with omp('parallel for'):
    while n > 0:
        n -= 1
with omp('for'):
    pass
with omp('for'):
    x = 0
    for i in range(n):
        a[i] = x
    k = 1
"
    ));
}

#[test]
fn too_few_loops_to_collapse() {
    insta::assert_snapshot!(body(
        "
with omp('parallel for collapse(3)'):
    for i in range(n):
        for j in range(n):
            a[i, j] = 0
"
    ));
}

#[test]
fn code_between_collapsed_loops() {
    insta::assert_snapshot!(body(
        "
with omp('parallel for collapse(2)'):
    for i in range(n):
        x = a[i]
        for j in range(n):
            a[i, j] = x
        while x > 0:
            x -= 1
        if x > 1:
            continue
        with omp('critical'):
            x = 1
        x = omp_get_thread_num()
with omp('parallel for ordered(2)'):
    for i in range(n):
        x = a[i]
        for j in range(n):
            omp('ordered doacross(source:)')
"
    ));
}

#[test]
fn bounds_that_depend_on_an_outer_loop() {
    insta::assert_snapshot!(body(
        "
with omp('parallel for collapse(2)'):
    for i in range(n):
        for j in range(i * i):
            a[i, j] = 0
with omp('parallel for collapse(2)'):
    for i in range(n):
        for j in range(0, n, i):
            a[i, j] = 0
with omp('parallel for collapse(3)'):
    for i in range(n):
        for j in range(i):
            for l in range(i, j):
                a[i, j] = l
with omp('parallel for collapse(2)'):
    for i in range(n):
        for j in a[i]:
            a[i, j] = 0
with omp('parallel for collapse(2)'):
    for i in a:
        for j in range(i):
            a[i, j] = 0
with omp('parallel for collapse(2) schedule(dynamic)'):
    for i in range(n):
        for j in range(i):
            a[i, j] = 0
"
    ));
}

#[test]
fn an_affected_loop_with_else() {
    insta::assert_snapshot!(body(
        "
with omp('parallel for'):
    for i in range(n):
        a[i] = 0
    else:
        a[n] = 1
"
    ));
}

#[test]
fn an_affected_loop_whose_target_is_no_variable() {
    insta::assert_snapshot!(body(
        "
with omp('parallel for'):
    for a[0] in range(n):
        pass
"
    ));
}

#[test]
fn assignment_to_a_loop_variable() {
    insta::assert_snapshot!(body(
        "
with omp('parallel for collapse(2)'):
    for i in range(n):
        for j in range(n):
            i += 1
            [j for q in a if (j := q)]
with omp('parallel for collapse(2)'):
    for i in range(n):
        for i in range(k):
            pass
"
    ));
}

#[test]
fn iterables_without_a_length() {
    insta::assert_snapshot!(body(
        "
with omp('parallel for collapse(2)'):
    for i in range(n):
        for line in open(a):
            pass
with omp('parallel for'):
    for i, x in enumerate(x * x for x in a):
        pass
with omp('for'):
    for i in range(0, n, 0):
        pass
"
    ));
}

#[test]
fn worksharing_inside_of_worksharing() {
    insta::assert_snapshot!(body(
        "
with omp('parallel'):
    with omp('for'):
        for i in range(n):
            with omp('single'):
                a[i] = 0
            omp('barrier')
            with omp('parallel'):
                omp('barrier')
    with omp('critical'):
        with omp('for'):
            for i in range(n):
                a[i] = 1
    with omp('single'):
        with omp('masked'):
            a[0] = 0
"
    ));
}

#[test]
fn critical_inside_of_the_same_critical() {
    insta::assert_snapshot!(body(
        "
with omp('critical(lock)'):
    with omp('critical(other)'):
        with omp('critical(lock)'):
            a[0] = 1
with omp('critical'):
    with omp('critical'):
        a[0] = 1
"
    ));
}

#[test]
fn directives_inside_of_simd_and_order_concurrent() {
    insta::assert_snapshot!(body(
        "
with omp('simd'):
    for i in range(n):
        with omp('critical'):
            a[i] = 0
        with omp('ordered'):
            a[i] = 0
        with omp('ordered simd'):
            a[i] = 0
with omp('for order(concurrent)'):
    for i in range(n):
        with omp('critical'):
            a[i] = 0
"
    ));
}

#[test]
fn ordered_without_a_loop_that_asks_for_it() {
    insta::assert_snapshot!(body(
        "
with omp('parallel for schedule(dynamic)'):
    for i in range(n):
        with omp('ordered'):
            a[i] = 0
with omp('parallel'):
    with omp('ordered'):
        a[0] = 0
with omp('ordered'):
    a[0] = 0
"
    ));
}

#[test]
fn sections_with_other_statements() {
    insta::assert_snapshot!(body(
        "
with omp('parallel sections'):
    a[0] = 1
    with omp('section'):
        a[1] = 1
    a[2] = 1
    if n:
        with omp('section'):
            a[3] = 1
with omp('section'):
    a[4] = 1
"
    ));
}

#[test]
fn atomic_statements_of_no_known_form() {
    insta::assert_snapshot!(body(
        "
with omp('atomic'):
    a[0] = a[1] + 1
with omp('atomic'):
    k += k
with omp('atomic'):
    k += 1
    n += 1
with omp('atomic read'):
    k += 1
with omp('atomic write'):
    a[0:2] = 1
with omp('atomic capture'):
    k = n
    a[0] += 1
with omp('atomic compare'):
    if k <= n:
        k = n
"
    ));
}

#[test]
fn declarations_in_the_middle_of_code() {
    insta::assert_snapshot!(body(
        "
import os
omp('threadprivate(n)')
x = 0
omp('threadprivate(G)')
omp('declare_simd')
return G + x
"
    ));
}

#[test]
fn a_variable_of_the_enclosing_function_named_in_a_directive_only() {
    insta::assert_snapshot!(errors(
        "
def outer():
    threads = 4
    @omp
    def f(a):
        with omp('parallel num_threads(threads)'):
            a[0] = 1
    return f
"
    ));
}

#[test]
fn loop_transformations_that_do_not_find_their_loops() {
    insta::assert_snapshot!(body(
        "
with omp('tile sizes(4, 4)'):
    for i in range(n):
        a[i, 0] = 1
        for j in range(n):
            a[i, j] = 0
with omp('interchange'):
    for i in range(n):
        for j in range(i):
            a[i, j] = 0
with omp('reverse'):
    a[0] = 1
with omp('fuse'):
    for i in range(n):
        a[i] = 0
with omp('parallel for'):
    with omp('split counts(2, omp_fill)'):
        for i in range(n):
            a[i] = 0
"
    ));
}

#[test]
fn unrolled_loops_that_others_would_affect() {
    insta::assert_snapshot!(body(
        "
with omp('parallel for'):
    with omp('unroll'):
        for i in range(n):
            a[i] = 0
with omp('unroll full'):
    for i in range(n):
        a[i] = 0
with omp('unroll partial(k)'):
    for i in range(n):
        a[i] = 0
"
    ));
}

#[test]
fn arguments_of_loop_transformations_that_do_not_fit() {
    insta::assert_snapshot!(body(
        "
with omp('fuse looprange(2, 2)'):
    for i in range(n):
        a[i] = 0
    for i in range(n):
        a[i] = 1
with omp('tile sizes(2) apply(reverse)'):
    for i in range(n):
        a[i] = 0
with omp('reverse apply(reversed(2): unroll)'):
    for i in range(n):
        a[i] = 0
with omp('reverse apply(simd)'):
    for i in range(n):
        a[i] = 0
with omp('parallel for ordered(1)'):
    with omp('reverse'):
        for i in range(n):
            a[i] = 0
with omp('parallel for collapse(2) lastprivate(k)'):
    with omp('tile sizes(2)'):
        for i in range(n):
            k = i
with omp('tile sizes(2)'):
    for i in range(n):
        if i > 2:
            break
"
    ));
}
