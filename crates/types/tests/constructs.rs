//! The IR of OpenMP constructs.

mod common;

use common::{File, array};
use omply_types::{GlobalValue, Options, Scalar, Ty};

fn ir(source: &str, types: &[Ty]) -> String {
    File::new(source).ir(types)
}

const F64_1: fn() -> Ty = || array(Scalar::F64, 1);

#[test]
fn pi_is_a_worksharing_loop_with_a_reassociated_reduction() {
    insta::assert_snapshot!(ir(
        r#"
@omp
def pi(n: int) -> float:
    w = 1.0 / n
    s = 0.0
    with omp("parallel for reduction(+: s)"):
        for i in range(n):
            x = (i + 0.5) * w
            s += 4.0 / (1.0 + x * x)
    return s * w
"#,
        &[Ty::Int]
    ));
}

#[test]
fn reproducible_reductions_are_not_reassociated() {
    let source = r#"
@omp
def f(n):
    s = 0.0
    with omp("parallel for reduction(+: s)"):
        for i in range(n):
            s += 1.0
    return s
"#;
    let options = Options {
        reproducible: true,
        ..Options::default()
    };
    assert!(File::new(source).ir(&[Ty::Int]).contains("reassoc"));
    assert!(
        !File::with_options(source, options)
            .ir(&[Ty::Int])
            .contains("reassoc")
    );
}

#[test]
fn mandelbrot_keeps_row_variables_private() {
    insta::assert_snapshot!(ir(
        r#"
@omp
def mandelbrot(counts, limit):
    height, width = counts.shape
    with omp("parallel for schedule(dynamic, 4)"):
        for row in range(height):
            b = 2.5 * row / height - 1.25
            for column in range(width):
                a = 3.5 * column / width - 2.5
                x = 0.0
                y = 0.0
                n = 0
                while n < limit and x * x + y * y <= 4.0:
                    x, y = x * x - y * y + a, 2.0 * x * y + b
                    n += 1
                counts[row, column] = n
"#,
        &[array(Scalar::I32, 2), Ty::Int]
    ));
}

#[test]
fn heat_indexes_with_loop_variables() {
    insta::assert_snapshot!(ir(
        r#"
@omp
def step(old, new, rate):
    rows, columns = old.shape
    with omp("parallel for"):
        for i in range(1, rows - 1):
            for j in range(1, columns - 1):
                around = old[i - 1, j] + old[i + 1, j] + old[i, j - 1] + old[i, j + 1]
                new[i, j] = old[i, j] + rate * (around - 4.0 * old[i, j])
"#,
        &[array(Scalar::F64, 2), array(Scalar::F64, 2), Ty::Float]
    ));
}

#[test]
fn collapse_and_schedule_reach_the_loop() {
    insta::assert_snapshot!(ir(
        r#"
@omp
def f(a, chunk):
    n, m = a.shape
    with omp("parallel num_threads(4, 2) if(n > 10) proc_bind(spread)"):
        with omp("for collapse(2) schedule(nonmonotonic: guided, chunk) nowait"):
            for i in range(n):
                for j in range(0, m, 2):
                    a[i, j] = i * j
        with omp("for schedule(static) ordered"):
            for i in range(n):
                with omp("ordered"):
                    a[i, 0] = i
"#,
        &[array(Scalar::F64, 2), Ty::Int]
    ));
}

#[test]
fn copies_are_explicit() {
    insta::assert_snapshot!(ir(
        r#"
@omp
def f(a, n):
    t = 1.5
    u = 2
    last = 0
    with omp("parallel firstprivate(a, t) private(u)"):
        u = 3
        a[0] = t + u
        with omp("for lastprivate(last)"):
            for i in range(n):
                last = i * 2
    return last, u
"#,
        &[F64_1(), Ty::Int]
    ));
}

#[test]
fn a_shared_variable_has_one_type_throughout() {
    insta::assert_snapshot!(ir(
        r#"
@omp
def f(n):
    x = 0
    with omp("parallel"):
        with omp("single"):
            x = 2.5
        y = x + 1
        with omp("critical(sum)"):
            n += y
    return x, n
"#,
        &[Ty::Int]
    ));
}

#[test]
fn single_hands_out_copyprivate_values() {
    insta::assert_snapshot!(ir(
        r#"
@omp
def f(n):
    total = 0
    with omp("parallel private(x) reduction(+: total)"):
        with omp("single copyprivate(x)"):
            x = n * 2
        total += x
        with omp("single nowait"):
            x = 0
    return total
"#,
        &[Ty::Int]
    ));
}

#[test]
fn sections_are_a_loop_over_their_numbers() {
    insta::assert_snapshot!(ir(
        r#"
@omp
def f(a):
    with omp("parallel sections"):
        with omp("section"):
            a[0] = 1
        with omp("section"):
            a[1] = 2
        with omp("section"):
            a[2] = 3
"#,
        &[F64_1()]
    ));
}

#[test]
fn masked_barrier_and_flush_stand_where_they_are() {
    insta::assert_snapshot!(ir(
        r#"
@omp
def f(a, k):
    with omp("parallel"):
        with omp("masked"):
            a[0] = 1
        omp("barrier")
        with omp("masked filter(k)"):
            a[1] = 2
        omp("flush")
        omp("flush acquire")
"#,
        &[F64_1(), Ty::Int]
    ));
}

#[test]
fn every_form_of_atomic_is_one_operation() {
    insta::assert_snapshot!(ir(
        r#"
@omp
def f(a, i):
    n = 0
    best = 0.0
    with omp("parallel"):
        with omp("atomic"):
            n += 1
        with omp("atomic update seq_cst"):
            a[i] = 2.0 - a[i]
        with omp("atomic read acquire"):
            v = a[0]
        with omp("atomic write release"):
            a[1] = v
        with omp("atomic capture"):
            k = n
            n += 2
        with omp("atomic capture"):
            a[2] *= 2
            v = a[2]
        with omp("atomic"):
            best = max(best, v)
        with omp("atomic compare"):
            if n == 3:
                n = k
    return n, best
"#,
        &[F64_1(), Ty::Int]
    ));
}

#[test]
fn an_atomic_update_widens_the_variable() {
    let text = ir(
        r#"
@omp
def f(n):
    s = 0
    with omp("parallel for"):
        for i in range(n):
            with omp("atomic"):
                s += 0.5
    return s
"#,
        &[Ty::Int],
    );
    assert!(text.contains("-> f64"), "{text}");
}

#[test]
fn simd_loops_keep_their_accumulator_to_themselves() {
    insta::assert_snapshot!(ir(
        r#"
@omp
def f(a):
    s = 0.0
    with omp("simd simdlen(8) reduction(+: s)"):
        for i in range(len(a)):
            s += a[i]
    with omp("parallel for simd reduction(max: s)"):
        for x in a:
            s = max(s, x)
    return s
"#,
        &[F64_1()]
    ));
}

#[test]
fn an_array_reduction_starts_with_identities() {
    insta::assert_snapshot!(ir(
        r#"
@omp
def f(keys, counts):
    with omp("parallel for reduction(+: counts)"):
        for k in keys:
            counts[k] += 1
"#,
        &[array(Scalar::I64, 1), array(Scalar::I32, 1)]
    ));
}

#[test]
fn every_reduction_operator_has_its_identity() {
    for (op, update, identity) in [
        ("+", "s += i", "const i64 0"),
        ("*", "s *= i", "const i64 1"),
        ("&", "s &= i", "const i64 -1"),
        ("|", "s |= i", "const i64 0"),
        ("^", "s ^= i", "const i64 0"),
        ("min", "s = min(s, i)", "const i64 9223372036854775807"),
        ("max", "s = max(s, i)", "const i64 -9223372036854775808"),
        ("and", "s = s and i > 3", "const i64 1"),
        ("or", "s = s or i > 3", "const i64 0"),
    ] {
        let source = format!(
            "@omp\ndef f(n, s):\n    with omp(\"parallel for reduction({op}: s)\"):\n        for i in range(n):\n            {update}\n    return s\n"
        );
        let text = ir(&source, &[Ty::Int, Ty::Int]);
        assert!(text.contains(identity), "{op}: {text}");
    }
}

#[test]
fn threadprivate_globals_live_in_their_own_storage() {
    let mut file = File::new(
        r#"
omp("threadprivate(counter)")
counter = 5

@omp
def f(n):
    global counter
    with omp("parallel copyin(counter)"):
        counter += n
    return counter
"#,
    );
    file.globals
        .insert("counter".to_owned(), GlobalValue::Int(5));
    insta::assert_snapshot!(file.ir(&[Ty::Int]));
}

#[test]
fn routines_are_called_by_their_c_names() {
    let text = ir(
        "@omp\ndef f():\n    omp_set_num_threads(2)\n    return omp_get_thread_num(), omply.omp_get_wtime(), omp_in_parallel()\n",
        &[],
    );
    assert!(text.contains("-> (i64, f64, bool)"), "{text}");
}

#[test]
fn orphaned_worksharing_converts_names_like_a_serial_loop() {
    let text = ir(
        r#"
@omp
def f(a):
    x = 0
    with omp("for"):
        for i in range(len(a)):
            y = a[i] * 2
            a[i] = y
    return x
"#,
        &[F64_1()],
    );
    assert!(text.contains("barrier"), "{text}");
}

#[test]
fn nested_parallel_regions_keep_their_locals_apart() {
    insta::assert_snapshot!(ir(
        r#"
@omp
def f(n):
    total = 0
    with omp("parallel num_threads(2) reduction(+: total)"):
        mine = 0
        with omp("parallel for reduction(+: mine)"):
            for i in range(n):
                mine += i
        total += mine
    return total
"#,
        &[Ty::Int]
    ));
}

#[test]
fn linear_variables_follow_the_iterations() {
    insta::assert_snapshot!(ir(
        r#"
@omp
def f(a, n):
    k = 5
    with omp("parallel for linear(k: 2)"):
        for i in range(n):
            a[i] = k
            k += 2
    with omp("simd linear(k)"):
        for i in range(n):
            a[i] = k
            k += 1
    return k
"#,
        &[F64_1(), Ty::Int]
    ));
}

#[test]
fn an_if_that_does_not_hold_for_certain_promises_nothing_of_a_simd_loop() {
    let source = |cond: &str| {
        format!(
            "@omp\ndef f(a):\n    with omp(\"simd if({cond})\"):\n        for i in range(len(a)):\n            a[i] = 0\n"
        )
    };
    assert!(!ir(&source("len(a) > 8"), &[F64_1()]).contains(" simd {"));
    assert!(!ir(&source("False"), &[F64_1()]).contains(" simd {"));
    assert!(ir(&source("True"), &[F64_1()]).contains(" simd {"));
}
