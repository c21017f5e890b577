//! The HIR of small functions, as text.

mod common;

use common::hir;

#[test]
fn names_are_resolved_by_pythons_rules() {
    insta::assert_snapshot!(hir("
import numpy as np
N = 3

def outer(k):
    free = 1
    def f(a, b: np.ndarray = N, /, c=1, *rest, d, **more) -> int:
        global G
        nonlocal free
        free = k
        G = N
        e = d2 = a
        (g, *h), b[c] = rest
        for i, j in enumerate(more):
            e += (w := i)
        try:
            import os.path, sys as system
            from math import pi as PI
        except (ValueError, OSError) as err:
            del e
        with open(a) as file:
            pass
        match b:
            case [first, *others] if first > 0:
                pass
            case {'key': value, **tail}:
                pass
        def inner(p=a):
            nonlocal e
            e = p + g + free
            return [q + k for q in h]
        return lambda z: z + x1 + e
    return f
"));
}

#[test]
fn comprehensions_and_lambdas_are_scopes_of_their_own() {
    insta::assert_snapshot!(hir("
def f(n, rows):
    x = [i * n for i in rows if (last := i) for j in range(n)]
    y = {k: v for k, v in rows}
    z = sum(x for x in rows)
    g = lambda a, b=n: a + b + n
    class C(g):
        n = n
        def m(self):
            return n, x
    return x, last
"));
}

#[test]
fn pi() {
    insta::assert_snapshot!(hir("
from omply import omp

@omp
def f(n: int) -> float:
    w = 1.0 / n
    s = 0.0
    with omp('parallel for reduction(+: s) num_threads(n + 1) if(n > 1000)'):
        for i in range(n):
            x = (i + 0.5) * w
            s += 4.0 / (1.0 + x * x)
    return s * w
"));
}
