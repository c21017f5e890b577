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

#[test]
fn every_statement_and_expression() {
    insta::assert_snapshot!(hir("
async def f(a, b):
    'a docstring'
    x: int = +a - ~b * (not a) @ b // 2 % 3 ** -4 << 5 >> 6 & 7 | 8 ^ 9 / 1
    y: float
    a.b.c[1:2, ::3, ...] = a[i] = [*b, 1.5, 2j, None, True, 99999999999999999999]
    x //= a < b <= 3 != 4 is not None in b not in a
    while a and b or not x:
        if a:
            continue
        elif b:
            break
        else:
            pass
    else:
        del a[0], b.c
    async for i in a:
        async with b as c, d:
            await c
    try:
        raise ValueError('x') from None
    except* OSError:
        raise
    finally:
        assert a, 'message'
    print(*a, **b, sep=f'{a!r:>{b}}' 'x', end=b'', key=lambda: (yield a))
    s = {**a, 'k': b} if {a, b} else (a, b)
    type Alias = list[a]
    return (yield), (yield from a)
"));
}

#[test]
fn mandelbrot_and_heat() {
    insta::assert_snapshot!(hir("
@omp
def f(image, u, v, limit):
    with omp('parallel for collapse(2) schedule(dynamic, limit // 2)'):
        for y in range(image.shape[0]):
            for x in range(image.shape[1]):
                z = c = complex(x, y)
                while abs(z) < 2:
                    z = z * z + c
                image[y, x] = z.real
    with omp('parallel'):
        with omp('for nowait'):
            for i in range(1, len(u) - 1):
                v[i] = 0.5 * (u[i - 1] + u[i + 1])
        omp('barrier')
        with omp('single copyprivate(u)'):
            u, v = v, u
        with omp('critical(name)'):
            pass
    return u
"));
}

#[test]
fn sections_atomics_and_closures() {
    insta::assert_snapshot!(hir("
@omp
def f(items):
    count = 0
    with omp('parallel sections reduction(+: count)'):
        with omp('section'):
            count += sum(item for item in items)
        with omp('section'):
            def visit(item):
                nonlocal count
                count += item
            for item in items:
                visit(item)
    with omp('atomic capture seq_cst'):
        old = count
        count += 1
    omp('flush(count)')
    return count, old
"));
}
