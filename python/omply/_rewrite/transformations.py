"""Loop transformations: the loops that the analysis says are generated, over the numbers of the source loops' iterations, around
the user's own statements."""

import ast
import copy

from .nodes import assign, call, clause_expression, constant, load, place_of, store, team, tuple_of
from .scopes import bound_names

OPERATORS = {"+": ast.Add, "-": ast.Sub, "*": ast.Mult, "//": ast.FloorDiv, "%": ast.Mod}


def transformation(rewriter, directive, leaves, body):
    """A loop transformation that stands alone."""
    nest = GeneratedNest(directive, body)
    statements = nest.prepare() + nest.nodes(rewriter, nest.facts["body"])
    return statements + nest.last_values()


class GeneratedNest:
    """The generated loops of a construct. `affected` are those that the construct divides."""

    def __init__(self, directive, body):
        self.directive = directive
        self.fors, self.spaces = [], [("range",)]
        self.facts = directive.generated
        self.number = directive.id
        found = {
            place_of(node): node for part in body for node in ast.walk(part) if isinstance(node, ast.For)
        }
        self.found = found
        self.sources = [found[level["place"]] for level in directive.nest]
        self.targets = bound_names([node.target for node in self.sources])

    # What is evaluated before the loops is one value: `given`, which `taken` takes apart.

    @property
    def given(self):
        return f".given{self.number}"

    def name(self, kind, which):
        return f".{kind}{self.number}.{which}"

    def prepare(self):
        from .loops import space_of

        spaces = [
            space_of(copy.deepcopy(node.iter), level["space"])
            for node, level in zip(self.sources, self.directive.nest, strict=True)
        ]
        values = [
            call("at_least", constant(least), clause_expression(value), constant(clause))
            for value, clause, least in self.facts["values"]
        ]
        return [assign(self.given, call("given", tuple_of(spaces), tuple_of(values))), *self.taken()]

    def taken(self):
        names = [self.name(kind, which) for kind in ("space", "count") for which in range(len(self.sources))]
        names += [self.name("value", which) for which in range(len(self.facts["values"]))]
        return [ast.Assign([ast.Tuple([store(name) for name in names], ast.Store())], load(self.given))]

    # The construct's own loops.

    def space(self):
        levels = [self.range(header) for header in self.facts["affected"]]
        return levels[0] if len(levels) == 1 else call("Nest", *levels)

    def over_chunks(self, rewriter, chunk):
        """The affected loops over the part of the iteration space that the variable `chunk` holds."""
        before = rewriter.scope.definite
        headers = self.facts["affected"]
        inner = [part for header in headers for part in self.bound(header[0], header[4])]
        inner += self.nodes(rewriter, self.facts["body"])
        for level in reversed(range(len(headers))):
            target = store(self.name("at", headers[level][0]))
            if level + 1 < len(headers):
                target = ast.Tuple([target, store(f".row{level}")], ast.Store())
            inner = [ast.For(target, load(f".row{level - 1}" if level else chunk), inner, [])]
        rewriter.scope.definite = before
        return self.taken() + inner, before

    # Generated code.

    def nodes(self, rewriter, nodes):
        made = []
        for kind, *parts in nodes:
            made += getattr(self, kind + "_")(rewriter, *parts)
        return made

    def loop_(self, rewriter, headers, body):
        inner = self.nodes(rewriter, body)
        for header in reversed(headers):
            target = store(self.name("at", header[0]))
            inner = [ast.For(target, self.range(header), self.bound(header[0], header[4]) + inner, [])]
        return inner

    def let_(self, rewriter, var, value, source, body):
        here = [assign(self.name("at", var), self.index(value)), *self.bound(var, source)]
        return here + self.nodes(rewriter, body)

    def if_(self, rewriter, less, body):
        test = ast.Compare(self.index(less[0]), [ast.Lt()], [self.index(less[1])])
        return [ast.If(test, self.nodes(rewriter, body), [])]

    def once_(self, rewriter, body):
        return [ast.For(store(".once"), tuple_of([constant(0)]), self.nodes(rewriter, body), [])]

    def body_(self, rewriter, place):
        # A body may stand in several generated loops.
        made, _ = rewriter.branch(copy.deepcopy(self.found[place].body), self.targets)
        return made

    def range(self, header):
        return self.builtin("range", map(self.index, header[1:4]))

    def bound(self, var, source):
        """Binds the target of the source loop whose iteration the variable numbers."""
        return [] if source is None else [self.item(source, load(self.name("at", var)))]

    def item(self, source, number):
        target = copy.deepcopy(self.sources[source].target)
        return ast.Assign([target], ast.Subscript(load(self.name("space", source)), number, ast.Load()))

    def last_values(self):
        """After loops that run in another order: their variables have the values that the loops as written leave behind."""
        made = []
        for source, around in enumerate(self.facts["within"]):
            ran = [load(self.name("count", each)) for each in (source, *around)]
            test = ast.BoolOp(ast.And(), ran) if len(ran) > 1 else ran[0]
            last = ast.BinOp(load(self.name("count", source)), ast.Sub(), constant(1))
            made.append(ast.If(test, [self.item(source, last)], []))
        return made

    def index(self, index):
        if isinstance(index, int):
            return constant(index)
        kind, *parts = index
        if kind in ("count", "value"):
            return load(self.name(kind, parts[0]))
        if kind == "var":
            return load(self.name("at", parts[0]))
        operands = [self.index(part) for part in parts]
        if kind in OPERATORS:
            return ast.BinOp(operands[0], OPERATORS[kind](), operands[1])
        return self.builtin(kind, operands)

    def builtin(self, name, arguments):
        return ast.Call(ast.Attribute(team("builtins"), name, ast.Load()), list(arguments), [])
