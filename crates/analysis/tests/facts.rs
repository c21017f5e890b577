//! The facts of functions that are right, in their compact text.

mod common;

use common::facts;

#[test]
fn pi() {
    insta::assert_snapshot!(facts(
        "
@omp
def f(n):
    w = 1.0 / n
    s = 0.0
    with omp('parallel for reduction(+: s)'):
        for i in range(n):
            x = (i + 0.5) * w
            s += 4.0 / (1.0 + x * x)
    return s * w
"
    ));
}

#[test]
fn mandelbrot() {
    insta::assert_snapshot!(facts("
@omp
def f(image, width, height, limit):
    with omp('parallel for collapse(2) schedule(dynamic, 8) num_threads(width // 2) if(width > 16)'):
        for y in range(height):
            for x in range(width):
                c = complex(x, y)
                z = 0j
                count = 0
                while abs(z) < 2 and count < limit:
                    z = z * z + c
                    count += 1
                image[y, x] = count
"));
}

#[test]
fn heat_stencil() {
    insta::assert_snapshot!(facts(
        "
@omp
def f(u, v, steps):
    n, m = u.shape
    with omp('parallel'):
        for step in range(steps):
            with omp('for nowait'):
                for i in range(1, n - 1):
                    for j in range(1, m - 1):
                        v[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j])
            omp('barrier')
            with omp('single'):
                u, v = v, u
    return u
"
    ));
}

#[test]
fn nested_parallel() {
    insta::assert_snapshot!(facts(
        "
@omp
def f(a, n):
    total = 0
    with omp('parallel num_threads(2) private(t) firstprivate(n)'):
        t = omp_get_thread_num()
        part = 0
        with omp('parallel for reduction(+: part) lastprivate(last)'):
            for i in range(n):
                part += a[t, i]
                last = i
        with omp('critical(sum)'):
            total += part + last
    return total
"
    ));
}

#[test]
fn two_regions_with_a_temporary_of_one_name_have_one_each() {
    insta::assert_snapshot!(facts(
        "
@omp
def f(a, b, n):
    with omp('parallel for'):
        for i in range(n):
            x = a[i]
            b[i] = x * x
    with omp('parallel for'):
        for i in range(n):
            x = b[i]
            a[i] = x + 1
"
    ));
}

#[test]
fn a_name_passed_from_one_region_to_the_next_is_shared() {
    insta::assert_snapshot!(facts(
        "
@omp
def f(a, n):
    with omp('parallel'):
        with omp('single'):
            scale = a.max()
    with omp('parallel for'):
        for i in range(n):
            a[i] /= scale
"
    ));
}

#[test]
fn sections_single_masked_critical() {
    insta::assert_snapshot!(facts(
        "
@omp
def f(a, k):
    with omp('parallel'):
        with omp('sections lastprivate(z) nowait'):
            z = a[0]
            with omp('section'):
                z = a[1]
        with omp('single copyprivate(seed)'):
            seed = a[2]
        with omp('masked filter(k + 1)'):
            a[3] = seed
        with omp('critical(name) hint(0)'):
            a[4] += 1
    return z
"
    ));
}

#[test]
fn atomic_forms() {
    insta::assert_snapshot!(facts(
        "
@omp
def f(a, i, e, d):
    x = 0
    with omp('parallel'):
        with omp('atomic read'):
            v = a[i]
        with omp('atomic write seq_cst'):
            x = e
        with omp('atomic'):
            x += e
        with omp('atomic update'):
            x = e - x
        with omp('atomic'):
            a[i] = max(a[i], e)
        with omp('atomic capture acq_rel'):
            v = x
            x += 1
        with omp('atomic capture'):
            x *= 2
            v = x
        with omp('atomic capture'):
            v, x = x, x + e
        with omp('atomic capture'):
            v, x = x, e
        with omp('atomic capture'):
            v = (x := x | e)
        with omp('atomic compare'):
            if x == d:
                x = e
        with omp('atomic compare'):
            if x < e:
                x = e
        with omp('atomic compare weak fail(relaxed)'):
            x = e if x == d else x
        with omp('atomic compare capture'):
            v = x
            if x == d:
                x = e
        with omp('atomic compare capture'):
            r = x == d
            if r:
                x = e
    return x
"
    ));
}

#[test]
fn ordered_simd_flush() {
    insta::assert_snapshot!(facts(
        "
@omp
def f(a, n):
    s = 0
    with omp('parallel for ordered schedule(monotonic: dynamic, n // 2)'):
        for i in range(0, n, 2):
            with omp('ordered'):
                a.append(i)
            omp('flush(s)')
    with omp('simd simdlen(4) safelen(8) reduction(max: s) linear(k: 2) aligned(a)'):
        for j in range(n):
            s = max(s, a[j] + k)
    return s, j, k
    k = 0
"
    ));
}

#[test]
fn comprehensions_closures_and_any_statement() {
    insta::assert_snapshot!(facts(
        "
@omp
def f(rows, path):
    words = []
    seen = {}
    with omp('parallel'):
        with omp('for'):
            for row in rows:
                cells = [cell for cell in row if cell]
                try:
                    with open(path) as file:
                        text = file.read()
                except OSError as error:
                    print(error)
                    continue
                key = lambda cell: (seen, cell)
                def add(word):
                    words.append(word)
                for cell in sorted(cells, key=key):
                    add(cell + text)
    return words
"
    ));
}

#[test]
fn inner_serial_loops_have_their_own_variable() {
    insta::assert_snapshot!(facts(
        "
@omp
def f(a, n):
    for j in range(3):
        print(j)
    with omp('parallel'):
        for j in range(n):
            a[j] = j
    with omp('for'):
        for i in range(n):
            for j in range(n):
                a[i, j] = 0
    return j
"
    ));
}

#[test]
fn loops_over_sequences() {
    insta::assert_snapshot!(facts(
        "
@omp
def f(xs, ys):
    with omp('parallel'):
        with omp('for'):
            for i, (x, y) in enumerate(zip(xs, reversed(ys)), start=1):
                use(i, x, y)
        with omp('for schedule(dynamic)'):
            for line in open('name'):
                use(line)
        with omp('for'):
            for y in sorted(ys):
                use(y)
"
    ));
}

#[test]
fn globals_and_threadprivate() {
    insta::assert_snapshot!(facts(
        "
count = 0
table = []
omp('threadprivate(count)')

@omp
def f(n):
    global count, total
    with omp('parallel copyin(count) default(none) firstprivate(table) shared(n)'):
        count += n
        total = len(table)
    return total
"
    ));
}

#[test]
fn tasks_take_copies_of_what_is_not_shared_all_the_way() {
    insta::assert_snapshot!(facts(
        "
@omp
def f(a):
    out = []
    with omp('parallel'):
        with omp('single'):
            for i in range(4):
                with omp('task'):
                    t = a[i]
                    out.append(t)
"
    ));
}
