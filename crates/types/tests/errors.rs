//! What native mode refuses, as the user sees it.

mod common;

use common::{File, array};
use omply_types::{Scalar, Ty};

fn errors(source: &str, types: &[Ty]) -> String {
    File::new(source).errors(types)
}

#[test]
fn values_without_native_type_are_named() {
    insta::assert_snapshot!(errors(
        r#"
@omp
def f(n):
    a = [1, 2, 3]
    b = {"x": n}
    c = "text"
    d = [i for i in range(n)]
    e = lambda: n
    with open("file") as g:
        pass
    try:
        print(n)
    except ValueError:
        pass
    h = os.path
    i = 2 ** 100 + 36893488147419103232
    return a, b
"#,
        &[Ty::Int]
    ));
}

#[test]
fn operands_that_do_not_fit_are_told() {
    insta::assert_snapshot!(errors(
        r#"
@omp
def f(x, c, a):
    p = x & 1
    q = c < 1j
    r = c // 2
    s = ~x
    t = a[0, 0]
    u = a["k"]
    v = math.sqrt(c)
    w = x[0]
    if a:
        pass
    y, z = (1, 2, 3)
    a[0] = c
    return x is c
"#,
        &[Ty::Float, Ty::Complex, array(Scalar::F64, 1)]
    ));
}

#[test]
fn names_with_conflicting_types_are_errors_when_read() {
    insta::assert_snapshot!(errors(
        r#"
@omp
def f(n, a):
    x = 1
    if n > 3:
        x = (1, 2)
    unused = None
    if n:
        unused = 2
    y = x
    return y
"#,
        &[Ty::Int, array(Scalar::F64, 1)]
    ));
}

#[test]
fn results_with_conflicting_types_are_errors() {
    insta::assert_snapshot!(errors(
        "@omp\ndef f(n):\n    if n > 3:\n        return (1, 2)\n    elif n:\n        return n\n",
        &[Ty::Int]
    ));
    insta::assert_snapshot!(errors(
        "@omp\ndef f(n):\n    if n > 3:\n        return n\n",
        &[Ty::Int]
    ));
}

#[test]
fn names_without_a_value_are_errors() {
    insta::assert_snapshot!(errors(
        r#"
@omp
def f(n):
    y = x + 1
    x = 2
    del x
    z = x
    w = nothing_like_it
    return z
"#,
        &[Ty::Int]
    ));
}

#[test]
fn a_name_bound_on_some_paths_only_is_checked_at_run_time() {
    let text =
        File::new("@omp\ndef f(n):\n    if n:\n        x = 1\n    return x\n").ir(&[Ty::Int]);
    assert!(
        text.contains("cannot access local variable 'x' where it is not associated with a value"),
        "{text}"
    );
}

#[test]
fn a_shared_variable_cannot_change_to_a_type_that_does_not_unify() {
    insta::assert_snapshot!(errors(
        r#"
@omp
def f(n):
    x = 0
    with omp("parallel"):
        x = (1, 2)
    return x
"#,
        &[Ty::Int]
    ));
}

#[test]
fn calls_that_do_not_match_are_told() {
    insta::assert_snapshot!(errors(
        r#"
@omp
def g(a, b=1, *, c=2):
    return a + b + c

@omp
def f(n):
    g()
    g(1, 2, 3)
    g(1, d=4)
    g(*n)
    abs(n, n)
    math.sqrt()
    math.fsum(n)
    np.linalg_thing(n)
    np.zeros(n, like=n)
    np.zeros(n, dtype=object)
    f2(n)
    raise ValueError(n)
"#,
        &[Ty::Int]
    ));
}

#[test]
fn a_result_that_only_recursion_gives_has_no_type() {
    insta::assert_snapshot!(errors("@omp\ndef f(n):\n    return f(n - 1)\n", &[Ty::Int]));
}

#[test]
fn clauses_that_are_not_lowered_are_named() {
    insta::assert_snapshot!(errors(
        r#"
@omp
def f(n, a):
    with omp("parallel"):
        own = a.copy()
        with omp("for reduction(original(private), +: own)"):
            for i in range(n):
                own[i] += 1
        a[0] = own[0]
"#,
        &[Ty::Int, array(Scalar::F64, 1)]
    ));
}

#[test]
fn the_copy_of_a_reduction_cannot_become_another_kind_of_array() {
    insta::assert_snapshot!(errors(
        r#"
@omp
def f(keys, counts):
    with omp("parallel for reduction(+: counts)"):
        for k in keys:
            counts = counts / 2
"#,
        &[array(Scalar::I64, 1), array(Scalar::I32, 1)]
    ));
}

#[test]
fn expressions_nest_only_so_deep() {
    // The layers before recurse as well, with larger frames in debug builds.
    let check = || {
        let sum = |terms: usize| format!("@omp\ndef f(n):\n    return n{}\n", " + n".repeat(terms));
        File::new(&sum(900)).ir(&[Ty::Int]);
        assert!(errors(&sum(1100), &[Ty::Int]).contains("nested too deeply"));
    };
    let thread = std::thread::Builder::new()
        .stack_size(64 << 20)
        .spawn(check);
    thread.expect("a thread").join().expect("no panic in it");
}
