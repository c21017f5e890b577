//! Serial programs: the type of their result, and that their IR is well formed.

mod common;

use common::{File, array, numpy_model};
use omply_types::{ArrayType, Layout, Scalar, Ty};

/// The result's type of a function whose body is given line by line.
fn ret(params: &str, body: &str, types: &[Ty]) -> String {
    let body = body
        .lines()
        .map(|line| format!("    {line}\n"))
        .collect::<String>();
    File::new(&format!("@omp\ndef f({params}):\n{body}")).ret(types)
}

/// The result's type of `return expr`.
fn expr(params: &str, expr: &str, types: &[Ty]) -> String {
    ret(params, &format!("return {expr}"), types)
}

const F32: Ty = Ty::Np(Scalar::F32);
const I32: Ty = Ty::Np(Scalar::I32);

#[test]
fn python_numbers_follow_pythons_ladder() {
    let types = [Ty::Int, Ty::Float, Ty::Bool, Ty::Complex];
    for (source, expected) in [
        ("i + i", "int"),
        ("b + b", "int"),
        ("i / i", "float"),
        ("i // i", "int"),
        ("x // i", "float"),
        ("i % x", "float"),
        ("i ** 2", "int"),
        ("i ** -2", "float"),
        ("i ** i", "int"),
        ("x ** 0.5", "float"),
        ("x ** x", "float"),
        ("c * x", "complex"),
        ("c ** 2", "complex"),
        ("i << 3", "int"),
        ("i & b", "int"),
        ("b & b", "bool"),
        ("-b", "int"),
        ("~i", "int"),
        ("not i", "bool"),
        ("i < x <= 3.0", "bool"),
        ("i and x", "float"),
        ("i if b else x", "float"),
        ("(i, x, b)", "(int, float, bool)"),
        ("(i, x)[1]", "float"),
        ("(i, i, i)[i]", "int"),
        ("i is None", "bool"),
        ("i in (1, 2, 3)", "bool"),
        ("(1, 2) == (i, 2)", "bool"),
        ("c.real", "float"),
        ("c.conjugate()", "complex"),
        ("divmod(i, 3)", "(int, int)"),
        ("abs(c)", "float"),
        ("int(x)", "int"),
        ("round(x)", "int"),
        ("float(i)", "float"),
        ("complex(i, x)", "complex"),
        ("bool(x)", "bool"),
        ("min(i, x)", "float"),
        ("max((1, i, 3))", "int"),
        ("sum((1, x, i))", "float"),
        ("pow(i, 3)", "int"),
        ("len((1, 2))", "int"),
        ("(y := i) + y", "int"),
        ("i != 0 and 10 // i > 2", "bool"),
        ("math.sqrt(x)", "float"),
        ("math.floor(x)", "int"),
        ("math.log(x, 2)", "float"),
        ("math.isnan(x)", "bool"),
        ("math.hypot(x, i)", "float"),
        ("math.pi * i", "float"),
        ("math.isqrt(i) + math.gcd(i, 12) + math.factorial(5)", "int"),
        ("cmath.exp(c)", "complex"),
    ] {
        assert_eq!(expr("i, x, b, c", source, &types), expected, "{source}");
    }
}

#[test]
fn numpy_scalars_keep_their_dtype() {
    let types = [
        F32,
        I32,
        Ty::Np(Scalar::U8),
        Ty::Np(Scalar::Bool),
        Ty::Int,
        Ty::Float,
    ];
    for (source, expected) in [
        ("f + x", "np.float32"),
        ("f * 2", "np.float32"),
        ("i + 1", "np.int32"),
        ("i + 1.0", "np.float64"),
        ("i + f", "np.float64"),
        ("i / i", "np.float64"),
        ("u + i", "np.int32"),
        ("u + u", "np.uint8"),
        ("u // 2", "np.uint8"),
        ("t + t", "np.bool"),
        ("t & t", "np.bool"),
        ("t + 1", "np.int64"),
        ("-i", "np.int32"),
        ("i < 3", "np.bool"),
        ("f ** 2", "np.float32"),
        ("i ** n", "np.int32"),
        ("np.sqrt(x)", "np.float64"),
        ("np.sqrt(f)", "np.float32"),
        ("np.sqrt(i)", "np.float64"),
        ("np.sqrt(u)", "np.float16"),
        ("np.minimum(f, 1.0)", "np.float32"),
        ("np.float32(x)", "np.float32"),
        ("np.where(t, f, x)", "np.float32"),
        ("np.abs(i)", "np.int32"),
        ("np.isnan(f)", "np.bool"),
        ("np.clip(x, 0.0, 1.0)", "np.float64"),
        ("np.arctan2(f, f)", "np.float32"),
        ("np.sign(f)", "np.float32"),
        ("min(i, 3)", "np.int32"),
        ("int(f)", "int"),
        ("f.real", "np.float32"),
        ("f if t else 0.0", "np.float32"),
    ] {
        assert_eq!(
            expr("f, i, u, t, n, x", source, &types),
            expected,
            "{source}"
        );
    }
}

#[test]
fn arrays_are_indexed_and_sliced() {
    let fortran = Ty::Array(ArrayType {
        elem: Scalar::F64,
        ndim: 2,
        layout: Layout::F,
    });
    let types = [
        array(Scalar::F64, 2),
        array(Scalar::I32, 1),
        fortran,
        Ty::Int,
    ];
    for (source, expected) in [
        ("a[i, i]", "np.float64"),
        ("a[-1, 0]", "np.float64"),
        ("a[i]", "float64[::1]"),
        ("a[i][i]", "np.float64"),
        ("a[1:, :]", "float64[:, ::1]"),
        ("a[:, 1:]", "float64[:, :]"),
        ("a[::2]", "float64[:, :]"),
        ("a[:, i]", "float64[:]"),
        ("a[..., 0]", "float64[:]"),
        ("a[None, 0]", "float64[:, :]"),
        ("g[:, i]", "float64[::1]"),
        ("g[i]", "float64[:]"),
        ("b[2:i]", "int32[::1]"),
        ("b[::-1]", "int32[:]"),
        ("a.shape", "(int, int)"),
        ("a.shape[1]", "int"),
        ("a.size + a.ndim + len(b)", "int"),
        ("b.copy()", "int32[::1]"),
        ("np.zeros((i, i))", "float64[:, ::1]"),
        ("np.zeros(i, dtype=np.int8)", "int8[::1]"),
        ("np.ones((i,), dtype=\"f4\")", "float32[::1]"),
        ("np.full(i, 7)", "int64[::1]"),
        ("np.empty_like(a, dtype=b.dtype)", "int32[:, ::1]"),
        ("np.zeros((i, i), order=\"F\")", "float64[::1, :]"),
        ("a + 1", "float64[:, ::1]"),
        ("a[0] * b", "float64[::1]"),
        ("b + b", "int32[::1]"),
        ("b < 3", "bool[::1]"),
        ("np.sin(b)", "float64[::1]"),
        ("a.sum()", "np.float64"),
        ("b.sum()", "np.int64"),
        ("b.max()", "np.int32"),
        ("sum(b)", "np.int32"),
        ("max(b)", "np.int32"),
        ("np.mean(b)", "np.float64"),
        ("b.astype(np.float32)", "float32[::1]"),
        ("a[(i, 0)]", "np.float64"),
    ] {
        assert_eq!(expr("a, b, g, i", source, &types), expected, "{source}");
    }
}

#[test]
fn a_name_changes_type_along_the_flow() {
    let int = [Ty::Int];
    assert_eq!(ret("n", "x = 1\nx = x / 2\nreturn x", &int), "float");
    assert_eq!(
        ret("n", "x = 1\nif n > 2:\n    x = 2.5\nreturn x", &int),
        "float"
    );
    assert_eq!(
        ret(
            "n",
            "x = 0\nfor i in range(n):\n    x = x / 2\nreturn x",
            &int
        ),
        "float"
    );
    assert_eq!(
        ret("n", "x = 0\nwhile x < n:\n    x += 0.5\nreturn x", &int),
        "float"
    );
    assert_eq!(ret("n", "if n:\n    return 1\nreturn 2.0", &int), "float");
    assert_eq!(
        ret(
            "n",
            "x = None\nwhile True:\n    x = n\n    break\nreturn x",
            &int
        ),
        "int"
    );
    assert_eq!(
        ret("n", "for i in range(n):\n    x = i\nreturn x", &int),
        "int"
    );
    assert_eq!(
        ret(
            "n",
            "a = 0\nb = 1\nfor i in range(n):\n    for j in range(i):\n        a, b = b, a + 0.5\nreturn a, b",
            &int
        ),
        "(float, float)"
    );
}

#[test]
fn a_sum_from_an_integer_literal_takes_the_elements_dtype() {
    let body = "s = 0\nfor i in range(len(a)):\n    s += a[i]\nreturn s";
    assert_eq!(ret("a", body, &[array(Scalar::F32, 1)]), "np.float32");
    assert_eq!(ret("a", body, &[array(Scalar::I16, 1)]), "np.int16");
    let unknown = "s = n\nfor x in a:\n    s = x\nreturn s";
    assert_eq!(
        ret("a, n", unknown, &[array(Scalar::I16, 1), Ty::Int]),
        "np.int64"
    );
}

#[test]
fn loops_run_over_sequences() {
    let types = [array(Scalar::F64, 1), array(Scalar::I32, 2)];
    for (source, expected) in [
        ("for x in a:\n    s += x", "np.float64"),
        (
            "for row in b:\n    for x in row:\n        s += x",
            "np.int32",
        ),
        ("for i, x in enumerate(a):\n    s += i * x", "np.float64"),
        ("for i, x in enumerate(a, start=1):\n    s += i", "int"),
        ("for x, y in zip(a, b[0]):\n    s += x * y", "np.float64"),
        ("for x in reversed(a):\n    s -= x", "np.float64"),
        ("for i in reversed(range(10)):\n    s += i", "int"),
        ("for i in range(10, 0, -3):\n    s += i", "int"),
        ("for x in (1, 2.5, True):\n    s += x", "float"),
        (
            "for i in range(3):\n    if i == 1:\n        continue\n    if i == 2:\n        break\n    s += 1\nelse:\n    s = 7",
            "int",
        ),
        ("while s < 5:\n    s += 1\nelse:\n    s = 2", "int"),
    ] {
        let body = format!("s = 0\n{source}\nreturn s");
        assert_eq!(ret("a, b", &body, &types), expected, "{source}");
    }
}

#[test]
fn arrays_are_assigned_in_place() {
    for source in [
        "a[0] = 1",
        "a[-1] += 2.5",
        "a[:] = 0",
        "a[1:] = a[:-1]",
        "a[::2] = b[::2]",
        "a += 1",
        "a[1:3] *= b[1:3]",
        "a.fill(3)",
        "a[0], a[1] = a[1], a[0]",
        "x, y = a[0:2]\na[0] = x + y",
    ] {
        let types = [array(Scalar::F64, 1), array(Scalar::I32, 1)];
        assert_eq!(ret("a, b", source, &types), "None", "{source}");
    }
}

#[test]
fn functions_call_each_other() {
    let file = File::new(
        r#"
@omp
def scale(x, factor=2, *, shift=0.0):
    return x * factor + shift

@omp
def f(n, x):
    return scale(n), scale(x, 3), scale(n, shift=1.5)
"#,
    );
    assert_eq!(file.ret(&[Ty::Int, Ty::Float]), "(float, float, float)");
}

#[test]
fn recursion_finds_its_result() {
    let fib = File::new(
        "@omp\ndef fib(n):\n    if n < 2:\n        return n\n    return fib(n - 1) + fib(n - 2)\n",
    );
    assert_eq!(fib.ret(&[Ty::Int]), "int");
    let late = File::new("@omp\ndef f(n):\n    return f(n - 1) * 0.5 if n > 0 else 1.0\n");
    assert_eq!(late.ret(&[Ty::Int]), "float");
    let mutual = File::new(
        r#"
@omp
def odd(n):
    if n == 0:
        return False
    return even(n - 1)

@omp
def even(n):
    if n == 0:
        return True
    return odd(n - 1)
"#,
    );
    assert_eq!(mutual.ret(&[Ty::Int]), "bool");
}

#[test]
fn errors_are_raised_and_asserted() {
    let body = "if n < 0:\n    raise ValueError(\"n is negative\")\nif n == 7:\n    raise RuntimeError\nassert n < 100, \"too large\"\nassert n\nreturn n";
    assert_eq!(ret("n", body, &[Ty::Int]), "int");
}

#[test]
fn the_numpy_error_model_checks_no_divisor() {
    let source = "@omp\ndef f(x, y):\n    return x / y, x // y, x % y\n";
    assert!(
        File::new(source)
            .ir(&[Ty::Int, Ty::Int])
            .contains("zero_division")
    );
    assert!(
        !File::with_options(source, numpy_model())
            .ir(&[Ty::Int, Ty::Int])
            .contains("zero_division")
    );
}

#[test]
fn a_divisor_known_not_to_be_zero_is_not_checked() {
    for (source, checked) in [
        ("1.0 / (1.0 + x * x)", false),
        ("1.0 / (x + 1.0)", true),
        ("1 // 3", false),
        ("n // 3 + n % 7", false),
        ("sum((1.0 / (i + 1), 2))", true),
    ] {
        let body = format!("i = n\nreturn {source}");
        let file = File::new(&format!(
            "@omp\ndef f(x, n):\n    {}\n",
            body.replace('\n', "\n    ")
        ));
        assert_eq!(
            file.ir(&[Ty::Float, Ty::Int]).contains("zero_division"),
            checked,
            "{source}"
        );
    }
    let harmonic = "@omp\ndef f(n):\n    s = 0.0\n    for i in range(n):\n        s += 1.0 / (2 * i + 1)\n    return s\n";
    assert!(!File::new(harmonic).ir(&[Ty::Int]).contains("zero_division"));
}

#[test]
fn a_constant_condition_leaves_one_branch() {
    let body = "if x is None:\n    return 0\nreturn x + 1";
    assert_eq!(ret("x", body, &[Ty::None]), "int");
    assert_eq!(ret("x", body, &[Ty::Float]), "float");
}
