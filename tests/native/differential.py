"""Random programs, run by CPython and natively, whose results must agree.

`python differential.py [COUNT [SEED]]` runs COUNT programs and prints those on which the two differ. A program is one
function over numbers and arrays. It is made so that CPython's and native arithmetic mean the same: ints stay far below
64 bits, floats that are summed across threads are exact, and no two threads touch the same element.
"""

import contextlib
import io
import itertools
import linecache
import math
import random
import sys
import warnings

import numpy as np
from omply import omp, omp_get_max_threads, omp_set_num_threads

HEADER = "import math\nimport numpy as np\nfrom omply import omp\n\n\n"

# Array parameters by name: element kind, dtype, number of dimensions.
ARRAYS = {
    "a": ("int", "int64", 1),
    "b": ("int", "int64", 1),
    "d": ("int", "int32", 1),
    "u": ("float", "float64", 1),
    "v": ("float", "float64", 1),
    "c": ("float", "float64", 2),
    "g": ("int", "int64", 2),
    # Written atomically by any thread, read by none.
    "e": ("int", "int64", 1),
}
# Values of ints stay within this on assignment, and within 2**62 inside expressions.
WIDE = 1 << 20
LIMIT = 1 << 62


class Generator:
    """Makes the text of one program from a seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.lines = []
        self.indent = 1
        # Names in scope that are certainly bound, by kind: int (with a bound of its size), float, bool.
        self.ints = {"m": 9, "n": 40, "k": 5}
        self.floats = ["x", "y"]
        self.bools = ["p"]
        self.loops = []
        self.fresh = itertools.count()
        self.budget = 26
        # Inside a parallel loop: what may be written.
        self.locked = False
        self.frozen = set()

    # ---- small helpers

    def chance(self, probability):
        return self.random.random() < probability

    def pick(self, items):
        return self.random.choice(list(items))

    def emit(self, text):
        self.lines.append("    " * self.indent + text)

    @contextlib.contextmanager
    def block(self, head):
        self.emit(head)
        self.indent += 1
        names = dict(self.ints), list(self.floats), list(self.bools)
        start = len(self.lines)
        yield
        if len(self.lines) == start:
            self.emit("pass")
        self.indent -= 1
        self.ints, self.floats, self.bools = names

    # ---- expressions; an int expression comes with a bound of its absolute value

    def int_leaf(self):
        choice = self.random.random()
        if choice < 0.25:
            value = self.pick([0, 1, 2, 3, 5, 7, -1, -2, -3, 10, 255])
            return (str(value) if value >= 0 else f"({value})"), abs(value)
        if choice < 0.7:
            name = self.pick(self.ints)
            return name, self.ints[name]
        if choice < 0.8:
            name = self.pick(ARRAYS)
            return (f"len({name})" if self.chance(0.6) else f"{name}.shape[0]"), 64
        if choice < 0.9:
            return f"int({self.pick(self.bools)})", 1
        return self.int_element()

    def int_element(self):
        name = self.pick("ad" if self.locked else "abdg")
        return f"int({name}{self.index(name)})", WIDE

    def index(self, name):
        """A subscript of an array; now and then out of range."""
        if ARRAYS[name][2] == 2:
            one, two = self.subscript(name, 0), self.subscript(name, 1)
            return f"[{one}][{two}]" if self.chance(0.2) else f"[{one}, {two}]"
        return f"[{self.subscript(name, 0)}]"

    def subscript(self, name, axis):
        size = f"{name}.shape[{axis}]" if axis or self.chance(0.3) else f"len({name})"
        variable = self.pick(self.loops) if self.loops and self.chance(0.8) else self.pick(self.ints)
        choice = self.random.random()
        if choice < 0.35:
            return f"{variable} % {size}"
        if choice < 0.5:
            return variable
        if choice < 0.6:
            return f"{variable} {self.pick('+-')} {self.random.randint(0, 3)}"
        if choice < 0.7:
            return f"{size} - 1 - {variable}"
        if choice < 0.78:
            return f"-{variable} - 1"
        if choice < 0.86:
            return f"({variable} * {self.random.randint(-3, 3)} + {self.random.randint(-4, 4)}) % {size}"
        if choice < 0.93:
            return f"a[{variable} % len(a)] % {size}"
        return str(self.random.randint(-3, 3))

    def int_expression(self, depth=2):
        if depth == 0 or self.chance(0.2):
            return self.int_leaf()
        operator = self.pick(
            [
                "+",
                "-",
                "*",
                "*",
                "//",
                "%",
                "&",
                "|",
                "^",
                "<<",
                ">>",
                "neg",
                "~",
                "abs",
                "min",
                "if",
                "and",
                "**",
                "divmod",
                "round",
                "int",
            ]
        )
        left, left_bound = self.int_expression(depth - 1)
        right, right_bound = self.int_expression(depth - 1)
        if operator in ("+", "-"):
            text, bound = f"({left} {operator} {right})", left_bound + right_bound
        elif operator == "*":
            text, bound = f"({left} * {right})", left_bound * right_bound
        elif operator in ("//", "%"):
            # A divisor may be zero, rarely.
            if self.chance(0.8):
                right, right_bound = f"({right} | 1)", right_bound + 1
            text, bound = f"({left} {operator} {right})", max(left_bound, right_bound) + 1
        elif operator in "&|^":
            text = f"({left} {operator} {right})"
            bound = 2 * max(left_bound, right_bound) + 1
        elif operator in ("<<", ">>"):
            count = self.random.randint(0, 6)
            text, bound = f"({left} {operator} {count})", left_bound << count
        elif operator == "neg":
            text, bound = f"(-{left})", left_bound
        elif operator == "~":
            text, bound = f"(~{left})", left_bound + 1
        elif operator == "abs":
            text, bound = f"abs({left})", left_bound
        elif operator == "min":
            text, bound = f"{self.pick(['min', 'max'])}({left}, {right})", max(left_bound, right_bound)
        elif operator == "if":
            text = f"({left} if {self.condition(depth - 1)} else {right})"
            bound = max(left_bound, right_bound)
        elif operator == "and":
            text, bound = f"({left} {self.pick(['and', 'or'])} {right})", max(left_bound, right_bound)
        elif operator == "**":
            power = self.random.randint(0, 3)
            text, bound = f"({left} ** {power})", max(left_bound, 1) ** power
        elif operator == "divmod":
            text = f"divmod({left}, {right} | 1)[{self.random.randint(0, 1)}]"
            bound = max(left_bound, right_bound) + 2
        elif operator == "round":
            text, bound = (
                f"{self.pick(['round', 'int', 'math.floor', 'math.ceil'])}({left} / 4)",
                left_bound + 1,
            )
        else:
            text, bound = f"int({self.comparison(depth - 1)})", 1
        return (text, bound) if bound < LIMIT else (left, left_bound)

    def float_leaf(self):
        choice = self.random.random()
        if choice < 0.25:
            return self.pick(["0.0", "0.5", "1.25", "2.0", "-3.5", "1e3", "-0.0"])
        if choice < 0.7:
            return self.pick(self.floats)
        name = self.pick("u" if self.locked else "uvc")
        return f"float({name}{self.index(name)})" if self.chance(0.6) else f"{name}{self.index(name)}"

    def float_expression(self, depth=2):
        if depth == 0 or self.chance(0.2):
            return self.float_leaf()
        operator = self.pick(
            ["+", "-", "*", "/", "//", "%", "neg", "abs", "min", "if", "math", "int", "mixed", "call"]
        )
        left, right = self.float_expression(depth - 1), self.float_expression(depth - 1)
        if operator in ("+", "-", "*"):
            return f"({left} {operator} {right})"
        if operator in ("/", "//", "%"):
            return f"({left} {operator} {self.pick(['2.0', '0.75', '-1.5', f'(abs({right}) + 1.0)'])})"
        if operator == "neg":
            return f"(-{left})"
        if operator == "abs":
            return f"abs({left})"
        if operator == "min":
            return f"{self.pick(['min', 'max'])}({left}, {right})"
        if operator == "if":
            return f"({left} if {self.condition(depth - 1)} else {right})"
        if operator == "call":
            return f"helper({left}, {self.int_expression(depth - 1)[0]})"
        if operator == "math":
            function = self.pick(["math.fabs", "math.sqrt", "np.sqrt", "np.abs", "np.floor"])
            return f"{function}({f'abs({left})' if 'sqrt' in function else left})"
        whole, _ = self.int_expression(depth - 1)
        return f"float({whole})" if operator == "int" else f"({left} {self.pick('+-*')} {whole})"

    def comparison(self, depth):
        operators = ["<", "<=", ">", ">=", "==", "!="]
        if self.chance(0.6):
            parts = [self.int_expression(depth)[0] for _ in range(self.pick([2, 2, 3]))]
        else:
            parts = [self.float_expression(depth) for _ in range(2)]
        text = parts[0]
        for part in parts[1:]:
            text += f" {self.pick(operators)} {part}"
        return f"({text})"

    def condition(self, depth=1):
        choice = self.random.random()
        if depth <= 0 or choice < 0.6:
            return self.comparison(max(depth, 0))
        if choice < 0.7:
            return self.pick(self.bools)
        if choice < 0.8:
            return f"(not {self.condition(depth - 1)})"
        return f"({self.condition(depth - 1)} {self.pick(['and', 'or'])} {self.condition(depth - 1)})"

    # ---- statements

    def narrow(self):
        """An int expression that fits a variable."""
        text, bound = self.int_expression()
        if bound > WIDE:
            return f"{text} % {self.pick([997, 65521, 8])}", 65521
        return text, bound

    def name_for(self, prefix, names):
        if names and self.chance(0.6):
            return self.pick(names)
        return f"{prefix}{next(self.fresh)}"

    def assign_int(self):
        names = [name for name in self.ints if name not in self.frozen and name not in self.loops]
        text, bound = self.narrow()
        if names and self.chance(0.35):
            name = self.pick(names)
            self.emit(f"{name} {self.pick(['+=', '-=', '^='])} {text}")
            self.emit(f"{name} %= 10007")
            self.ints[name] = max(self.ints[name], 10007)
            return
        name = self.name_for("i", names)
        self.emit(f"{name} = {text}")
        # Around a loop's back edge the larger of the bounds holds.
        self.ints[name] = WIDE if name in names else max(bound, 1)

    def assign_float(self):
        names = [name for name in self.floats if name not in self.frozen]
        name = self.name_for("f", names)
        self.emit(f"{name} = ({self.float_expression()}) % 1024.0")
        if name not in self.floats:
            self.floats.append(name)

    def assign_bool(self):
        names = [name for name in self.bools if name not in self.frozen]
        name = self.name_for("q", names)
        self.emit(f"{name} = {self.condition(2)}")
        if name not in self.bools:
            self.bools.append(name)

    def write_element(self):
        if self.locked:
            return self.assign_int()
        name = self.pick(ARRAYS)
        target = f"{name}{self.index(name)}"
        if ARRAYS[name][0] == "int":
            self.emit(f"{target} = {self.narrow()[0]}")
        else:
            self.emit(f"{target} = ({self.float_expression()}) % 64.0")

    def swap(self):
        names = [n for n in self.floats if n not in self.frozen]
        if len(names) < 2:
            return self.assign_float()
        one, two = self.random.sample(names, 2)
        self.emit(f"{one}, {two} = {two}, {one}")

    def branch(self):
        with self.block(f"if {self.condition(2)}:"):
            self.statements(self.random.randint(1, 3))
        if self.chance(0.3):
            with self.block(f"elif {self.condition(1)}:"):
                self.statements(1)
        if self.chance(0.5):
            with self.block("else:"):
                self.statements(self.random.randint(1, 2))

    def range_text(self):
        return self.pick(
            [
                "range(n)",
                "range(m)",
                "range(len(a))",
                "range(1, len(u) - 1)",
                "range(g.shape[0])",
                "range(c.shape[1])",
                "range(n - 1, -1, -1)",
                f"range({self.random.randint(0, 3)}, n, {self.random.randint(1, 4)})",
                f"range(n, {self.random.randint(-3, 3)}, -{self.random.randint(1, 3)})",
                f"range(k, {self.random.randint(0, 12)})",
                f"range(0, {self.random.randint(1, 9)}, k)",
            ]
        )

    def loop(self):
        if len(self.loops) >= 3:
            return self.assign_int()
        variable = f"j{next(self.fresh)}"
        heads = [f"for {variable} in {self.range_text()}:"] * 3
        heads.append(
            f"for {variable}, e{variable} in enumerate({self.pick('au' if self.locked else 'abuv')}):"
        )
        heads.append(f"for {variable} in reversed({self.range_text()}):")
        head = self.pick(heads)
        with self.block(head):
            self.ints[variable] = 64
            if "enumerate" in head:
                if head.split("(")[1][0] in "uv":
                    self.floats.append(f"e{variable}")
                else:
                    self.emit(f"e{variable} = int(e{variable})")
                    self.ints[f"e{variable}"] = WIDE
            # What a later round of the loop writes must not exceed what this round believes.
            for name in self.ints:
                if name not in self.frozen and name not in self.loops and name != variable:
                    self.ints[name] = WIDE
            self.loops.append(variable)
            if self.chance(0.2):
                with self.block(f"if {self.condition(1)}:"):
                    self.emit(self.pick(["break", "continue"]))
            self.statements(self.random.randint(1, 4))
            self.loops.pop()
        if self.chance(0.15):
            with self.block("else:"):
                self.statements(1)

    def while_loop(self):
        if len(self.loops) >= 2:
            return self.assign_int()
        name = f"w{next(self.fresh)}"
        self.emit(f"{name} = {self.random.randint(0, 12)}")
        with self.block(f"while {name} > 0 and {self.condition(1)}:"):
            self.emit(f"{name} -= {self.random.randint(1, 3)}")
            self.ints[name] = 16
            self.frozen.add(name)
            for other in self.ints:
                if other not in self.frozen and other not in self.loops:
                    self.ints[other] = WIDE
            self.loops.append(name)
            self.statements(self.random.randint(1, 3))
            self.loops.pop()

    def slice(self):
        name = self.pick("au" if self.locked else "abuv")
        view = f"s{next(self.fresh)}"
        ends = ["", "", "1", "-1", "n", "k", "-k", "m - 3", "100"]
        step = self.pick(["", "", ":2", ":-1", ":-2", ":3"])
        self.emit(f"{view} = {name}[{self.pick(ends)}:{self.pick(ends)}{step}]")
        variable = f"j{next(self.fresh)}"
        with self.block(f"for {variable} in range(len({view})):"):
            if self.locked or self.chance(0.5):
                if name in "uv":
                    self.emit("pass" if "x" in self.frozen else f"x = (x + {view}[{variable}]) % 512.0")
                elif "m" not in self.frozen:
                    self.emit(f"m = (m + int({view}[{variable}])) % 8191")
            else:
                self.emit(f"{view}[{variable}] = {view}[len({view}) - 1 - {variable}] + 1")
        if "m" in self.ints and "m" not in self.frozen:
            self.ints["m"] = WIDE

    def statements(self, count):
        for _ in range(count):
            if self.budget <= 0:
                self.assign_int()
                return
            self.budget -= 1
            statement = self.random.choices(
                [
                    self.assign_int,
                    self.assign_float,
                    self.assign_bool,
                    self.write_element,
                    self.branch,
                    self.loop,
                    self.while_loop,
                    self.slice,
                    self.swap,
                ],
                [6, 5, 2, 5, 4, 5, 2, 1, 1],
            )[0]
            statement()

    # ---- parallel loops

    def parallel_loop(self):
        """A loop whose iterations write elements of their own, and reduction variables."""
        collapse = self.chance(0.3)
        clauses, updates = [], []
        for _ in range(self.random.randint(0, 2)):
            name = f"r{next(self.fresh)}"
            operator = self.pick(["+", "+", "-", "min", "max", "&", "|", "^", "and", "or", "*"])
            kind = "float" if operator in ("+", "min", "max") and self.chance(0.5) else "int"
            start = {"*": "1", "&": "-1", "and": "True", "or": "False"}.get(operator, "0")
            self.emit(f"{name} = {start + '.0' if kind == 'float' else start}")
            clauses.append(f"reduction({operator}: {name})")
            updates.append((name, operator, kind))
        schedule = self.pick(
            ["", "static", "static, 1", "static, 3", "dynamic", "dynamic, 2", "guided", "auto"]
        )
        if schedule:
            clauses.append(f"schedule({schedule})")
        if self.chance(0.3):
            clauses.append(f"num_threads({self.pick([1, 2, 3])})")
        shared = []
        for _ in range(self.random.choice([0, 0, 0, 1, 2])):
            name = f"t{next(self.fresh)}"
            self.emit(f"{name} = {self.random.randint(0, 3)}")
            shared.append(name)
        last = self.chance(0.3)
        if last:
            self.ints.pop("z", None)
            self.emit("z = 0")
            clauses.append("lastprivate(z)")
        first = self.chance(0.3)
        if first:
            self.emit(f"h = {self.random.randint(0, 5)}")
            clauses.append("firstprivate(h)")
        if collapse:
            clauses.append("collapse(2)")
            heads = ["for i in range(g.shape[0]):", "for j in range(g.shape[1]):"]
        else:
            start = self.pick(["len(a)", "0, len(a)", "1, len(a), 2", "len(a) - 1, -1, -1", "min(n, len(a))"])
            heads = [f"for i in range({start}):"]
        self.random.shuffle(clauses)
        joiner = self.pick([" ", ", "])
        separate = self.chance(0.3) and not any("num_threads" in c for c in clauses)
        saved_frozen, saved_locked = set(self.frozen), self.locked
        with contextlib.ExitStack() as stack:
            if separate:
                stack.enter_context(self.block('with omp("parallel"):'))
            kind = (
                "for"
                if separate
                else self.pick(["parallel for"] * 4 + ["parallel do simd", "parallel for simd"])
            )
            if "simd" in kind and shared:
                kind = "parallel for"
            stack.enter_context(self.block(f'with omp("{kind} {joiner.join(clauses)}"):'))
            for head in heads:
                stack.enter_context(self.block(head))
            self.frozen |= {*self.ints, *self.floats, *self.bools}
            self.locked = True
            saved_loops, self.loops = self.loops, ["i", "j"] if collapse else ["i"]
            for variable in self.loops:
                self.ints[variable] = 64
            if first:
                self.ints["h"] = 5
                self.frozen.add("h")
            self.statements(self.random.randint(0, 3))
            if last:
                self.emit("z = i + 1")
            place, wrap = ("g[i, j]", "c[i, j]") if collapse else ("b[i]", "v[i]")
            # Elements that other iterations write are not read here: they would depend on the order.
            if self.chance(0.7):
                self.emit(f"{place} = {self.narrow()[0]}")
            if self.chance(0.5):
                self.emit(f"{wrap} = ({self.float_expression()}) % 64.0")
            for update in updates:
                self.emit(self.update(*update))
            for name in shared:
                value = self.narrow()[0]
                if self.chance(0.5):
                    with self.block('with omp("atomic"):'):
                        self.emit(f"{name} {self.pick(['+=', '^=', '-='])} {value}")
                else:
                    with self.block(f'with omp("critical{self.pick(["", "(one)"])}"):'):
                        self.emit(f"{name} = max({name}, {value})")
            if "simd" not in kind and self.chance(0.2):
                with self.block('with omp("atomic"):'):
                    self.emit(f"e[{self.loops[-1]} % 3] += {self.narrow()[0]}")
            self.loops = saved_loops
        self.frozen, self.locked = saved_frozen, saved_locked
        if last:
            self.ints["z"] = 64
        self.results += [*(name for name, *_ in updates), *shared]

    def update(self, name, operator, kind):
        if kind == "float":
            # Multiples of an eighth below 64: their sums are exact in any order.
            value = f"math.floor(({self.float_expression(1)}) % 64.0 * 8.0) / 8.0"
        else:
            value, _ = self.narrow()
        if operator in ("min", "max"):
            return f"{name} = {operator}({name}, {value})"
        if operator in ("and", "or"):
            return f"{name} = {name} {operator} ({value}) != 3"
        if operator == "*":
            return f"{name} *= 1 - 2 * (({value}) % 2)"
        return f"{name} {operator}= {value}"

    def program(self):
        self.results = []
        self.statements(self.random.randint(2, 6))
        for _ in range(self.random.randint(0, 2)):
            self.budget += 8
            self.parallel_loop()
            self.statements(self.random.randint(0, 2))
        results = [*self.ints, *self.floats, *self.bools, *self.results]
        self.emit(f"return {', '.join(dict.fromkeys(results))},")
        parameters = ", ".join([*ARRAYS, "m", "n", "k", "x", "y", "p"])
        body = "\n".join(self.lines)
        return f"{HEADER}{self.helper()}\n\n\ndef f({parameters}):\n{body}\n"

    def helper(self):
        """A function that the program calls: of a float and an int of any size."""
        return self.pick(
            [
                "def helper(x, i):\n    return x if i % 3 == 0 else x * 0.5",
                "def helper(x, i):\n    if x > 3.0:\n        return x - 1.0\n    return 0.25 if i < 0 else 2.0",
                "def helper(x, i):\n    for j in range(i % 5):\n        x = x * 0.5 + j\n    return x",
                "def helper(x, i):\n    return helper(x * 0.5, i // 2 % 64) + 0.5 if i > 0 else abs(x)",
            ]
        )


def arguments(seed):
    """The arguments of a program, made anew at each call."""
    random_ = random.Random(seed)
    rng = np.random.default_rng(seed)
    length = random_.choice([0, 1, 7, 24, 40, 40])
    made = []
    for kind, dtype, ndim in ARRAYS.values():
        shape = (length,) if ndim == 1 else (random_.choice([1, 3, 8]), random_.choice([1, 4, 9]))
        # Integers stay exact where they are turned into floats and summed.
        values = rng.integers(-50, 50, shape) if kind == "int" else rng.integers(-64, 64, shape) / 8
        array = values.astype(dtype)
        layout = random_.randrange(4)
        if layout == 1:
            array = np.repeat(array, 2, axis=-1)[..., ::2]
        elif layout == 2:
            array = array[::-1].copy()[::-1]
        elif layout == 3:
            array = np.asfortranarray(array)
        made.append(array)
    return [*made, random_.randint(0, 9), random_.randint(0, 40), random_.randint(-2, 5), 1.5, -2.25, True]


def outcome(function, seed):
    """What a call gives: the result or the exception, and what became of the arrays."""
    given = arguments(seed)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            result = function(*given)
        except Exception as error:
            return type(error), str(error), given[: len(ARRAYS)]
    return None, result, given[: len(ARRAYS)]


def same(one, two):
    if isinstance(one, float) or isinstance(two, float):
        return one == two or (math.isnan(one) and math.isnan(two))
    return one == two


def difference(expected, got, parallel):
    """Says how two outcomes differ, or None. With several threads an error of any thread may be the one told."""
    if (expected[0] is None) != (got[0] is None):
        return f"expected {expected[:2]}, got {got[:2]}"
    if expected[0] is not None:
        if parallel:
            return None
        if expected[:2] != got[:2]:
            return f"expected {expected[:2]}, got {got[:2]}"
    elif len(expected[1]) != len(got[1]) or not all(map(same, expected[1], got[1])):
        return f"expected {expected[1]}\n     got {got[1]}"
    for name, one, two in zip(ARRAYS, expected[2], got[2], strict=True):
        if not np.array_equal(one, two, equal_nan=True):
            return f"{name}: expected {one.tolist()}\n     got {two.tolist()}"
    return None


def functions(text, filename):
    """The program run by CPython, and the native one, whose helper is native too."""
    made = []
    for decorate in (lambda function: function, omp(mode="native", contract=False)):
        scope = {"__name__": filename}
        exec(compile(text, filename, "exec"), scope)
        scope["helper"] = decorate(scope["helper"])
        made.append(decorate(scope["f"]))
    return made


def check(seed, inputs=4, teams=(1, 2, 4)):
    """Runs the program of a seed every way; returns (text, difference) or None."""
    text = Generator(seed).program()
    filename = f"<program {seed}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    serial, native = functions(text, filename)
    try:
        for number in range(inputs):
            expected = outcome(serial, seed * 100 + number)
            for threads in teams if "parallel" in text else (1,):
                omp_set_num_threads(threads)
                got = outcome(native, seed * 100 + number)
                found = difference(expected, got, parallel=threads > 1 or "num_threads" in text)
                if found:
                    return text, f"seed {seed}, input {number}, {threads} threads: {found}"
    finally:
        linecache.cache.pop(filename, None)
    return None


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    before = omp_get_max_threads()
    failures = 0
    warnings.filterwarnings("ignore", "omply: directive")
    for seed in range(first, first + count):
        with contextlib.redirect_stderr(io.StringIO()):
            found = check(seed)
        if found:
            failures += 1
            text, how = found
            print(f"{text}\n{how}\n{'-' * 80}", flush=True)
    omp_set_num_threads(before)
    print(f"{count} programs, {failures} failures")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
