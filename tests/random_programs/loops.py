"""Loop constructs of random programs: the nest, its clauses, which names each iteration has for itself, its body."""

from .names import BUSY, OPERATORS, READ, SEEN, TEAM, TURN, UNSET, State

# Loop directives by where they may stand; their leaves are joined by spaces.
LOOPS = {
    "top": (
        "parallel for",
        "simd",
        "parallel for simd",
        "parallel loop",
        "taskloop",
        "taskloop simd",
        "for",
        "teams distribute parallel for",
        "teams distribute",
        "teams distribute simd",
        "teams distribute parallel for simd",
        "teams loop",
        "parallel masked taskloop",
    ),
    "strand": ("parallel for", "simd", "taskloop", "parallel for simd", "taskloop simd", "parallel loop"),
    "team": ("for", "for simd", "loop", "masked taskloop"),
    "league": ("distribute", "distribute parallel for", "distribute simd", "distribute parallel for simd"),
}
NESTS = (("n",), ("p", "q"), ("p",), ("q",))


class Loops:
    """The part of the generator that makes loop constructs."""

    def serial_loop(self):
        place = self.place
        if place.times > 40 or place.depth > 4:
            return self.assign()
        extent = self.choices.pick(("q", "p", "n"))
        variable = self.fresh("j")
        head = self.head(extent, variable)
        team = place.level == "team"
        if team:
            # Around the back edge: what a later round finds must be what the first one found.
            self.barrier()
        states, level = self.states, place.level
        if level == "league":
            states, level = {name: self.inside(state) for name, state in states.items()}, "plain"
        inner = {
            "level": level,
            "depth": place.depth + 1,
            "times": place.times * 8,
            "kept": place.kept | set(states),
        }
        with self.scope(states, **inner, loops=(*place.loops, (variable, extent))) as (touched, written):
            with self.block(head):
                self.statements()
                if team:
                    self.barrier()
        self.leave(touched, written, synchronised=team)

    def loop_construct(self):
        place = self.place
        if place.level not in LOOPS or place.times > 20 or place.depth > 3:
            return self.serial_loop()
        leaves = self.choices.pick(LOOPS[place.level]).split()
        extents = self.choices.pick(NESTS)
        variables = [self.fresh("j") for _ in extents]
        taken, clauses = self.loop_names(leaves)
        if len(extents) > 1:
            clauses.append("collapse(2)")
        # What a leaf has copies of is read in no clause of the leaves inside of it.
        with self.scope(self.states | dict.fromkeys(taken, BUSY)) as used:
            clauses += self.loop_clauses(leaves, clauses)
        self.leave(*used, synchronised=False)
        states = {name: self.inside(state, leaves) for name, state in self.states.items()} | taken
        self.index_cells(states, taken, extents, variables)
        heads = [self.head(extent, variable) for extent, variable in zip(extents, variables, strict=True)]
        plain = bool({"simd", "loop"} & set(leaves)) or "order(concurrent)" in clauses
        self.emit(f'with omp("{" ".join([*leaves, *clauses])}"):')
        with self.scope(
            states,
            [name for name in taken if f"private({name})" in clauses],
            level="plain" if plain else "strand",
            once=True,
            depth=place.depth + 2,
            times=place.times * (8 if len(extents) == 1 else 16),
            loops=(*place.loops, *zip(variables, extents, strict=True)),
        ) as (touched, written):
            self.indent += 1
            for head in heads:
                self.emit(head)
                self.indent += 1
            before = len(self.lines)
            self.iteration(taken, [name for name in taken if f"lastprivate({name})" in clauses])
            if len(self.lines) == before:
                self.emit("pass")
            self.indent -= 1 + len(heads)
            touched.update(taken)
            written.update(name for name, state in taken.items() if state != READ)
        self.leave(
            touched, written, place.level == "team" and leaves[0] != "masked" and "nowait" not in clauses
        )

    def inside(self, state, leaves=()):
        """What an iteration may do with a name that the construct does not mention."""
        if state.what in ("own", "team", "seen", "read"):
            return READ
        # A reduction of the region around: its copies belong to the threads that share out the iterations.
        if state.what == "add" and leaves in (["for"], ["distribute"]):
            return state
        # A task gets a copy of what it does not list.
        return state if state.what == "atomic" and "taskloop" not in leaves else BUSY

    def loop_names(self, leaves):
        """Chooses what the construct does with names; returns their states in an iteration, and the clauses."""
        taken, clauses = {}, []
        shared = self.place.level in ("team", "league")
        reduces = self.place.level != "league"
        for name in self.names("team" if shared else "own"):
            variable = self.variables[name]
            operators = OPERATORS[variable.kind]
            use = self.choices.below(7)
            if name == "e" or (use == 1 and not variable.shape):
                if reduces and use in (1, 2):
                    op = self.choices.pick(operators)
                    taken[name] = State("add", op)
                    clauses.append(f"reduction({op}: {name})")
            elif variable.shape:
                if use in (1, 2, 3):
                    taken[name] = State("cell")
            elif use == 2 and "loop" not in leaves:
                taken[name] = UNSET
                clauses.append(f"lastprivate({name})")
            elif use == 3 and self.may_copy(name):
                taken[name] = UNSET
                clauses.append(f"private({name})")
            elif use == 4 and "simd" not in leaves and "loop" not in leaves:
                taken[name] = READ
                clauses.append(f"firstprivate({name})")
            elif use == 5 and leaves in (["for"], ["parallel", "for"]) and variable.kind == "int":
                if "ordered" not in clauses:
                    taken[name] = TURN
                    clauses.append("ordered")
            elif use == 6 and leaves[-1] in ("for", "taskloop") and variable.kind != "complex":
                taken[name] = State(
                    "atomic", self.choices.pick([op for op in operators if op not in ("or", "and")] or ["or"])
                )
                if leaves[-1] == "taskloop":
                    clauses.append(f"shared({name})")
        return taken, clauses

    def loop_clauses(self, leaves, given):
        """Clauses that say how, not what."""
        clauses, pick, chance = [], self.choices.pick, self.choices.chance
        ordered = "ordered" in given
        if "for" in leaves:
            kind = pick(("", "static", "dynamic", "guided", "auto", "runtime"))
            chunk = pick(("", ", 1", ", 3", ", k + 1")) if kind in ("static", "dynamic", "guided") else ""
            modifier = pick(("", "", "monotonic: ", "nonmonotonic: "))
            if modifier.startswith("non") and (kind == "static" or ordered):
                modifier = ""
            if kind:
                clauses.append(f"schedule({modifier}{kind}{chunk})")
        if "distribute" in leaves and chance(3):
            clauses.append(f"dist_schedule(static{pick(('', ', 1', ', k + 2'))})")
        if "parallel" in leaves and chance(3):
            clauses.append(f"num_threads({pick((2, 3, 1))})")
        if "parallel" in leaves and "teams" not in leaves and chance(6):
            clauses.append(f"if(parallel: {self.bool(1)})")
        if "teams" in leaves and chance(3):
            clauses.append(f"num_teams({pick((2, 3))})")
        if "taskloop" in leaves:
            clauses += pick(([], ["grainsize(2)"], ["num_tasks(3)"], ["grainsize(strict: 3)"], ["untied"]))
        if leaves in (["for"], ["for", "simd"]) and chance(4):
            clauses.append("nowait")
        if "simd" in leaves:
            clauses += pick(([], ["simdlen(4)"], ["safelen(8)"], ["safelen(8)", "simdlen(2)"]))
        far = not any("safelen" in clause for clause in clauses)
        if leaves[-1] in ("simd", "for", "loop") and not ordered and far and chance(8):
            clauses.append("order(concurrent)")
        return clauses

    def index_cells(self, states, taken, extents, variables):
        """Gives each taken array the elements that belong to one iteration; one that has no such elements is only read."""
        place = dict(zip(extents, variables, strict=True))
        for name, state in list(taken.items()):
            if state.what != "cell":
                continue
            shape = self.variables[name].shape
            if not set(extents) <= set(shape):
                states[name] = taken[name] = READ
                continue
            parts = []
            for extent in shape:
                i = place.get(extent)
                forms = (i, f"{extent} - 1 - {i}", f"({i} + 2) % {extent}", f"-1 - {i}")
                parts.append(i and self.choices.pick(forms))
            states[name] = taken[name] = State("cell", "", tuple(parts))

    def iteration(self, taken, last):
        """The statements of an iteration."""
        for name in last:
            self.emit(f"{name} = {self.value(self.variables[name].kind)}")
            self.write(name)
        for name, state in taken.items():
            variable = self.variables[name]
            target = f"{name}{self.index(name)}" if variable.shape else name
            if state.what == "add":
                self.emit(self.update(name, state.op, target))
            elif state.what == "cell" and self.choices.below(3) < 2:
                self.emit(f"{target} = {self.value(variable.kind, variable.dtype)}")
                self.write(name)
            elif state.what == "atomic" and self.place.level == "strand":
                self.protected(name)
        self.statements(least=0)
        for name in taken:
            if taken[name] == TURN:
                if self.choices.chance(4):
                    with self.block(f"if {self.bool(1)}:"):
                        self.turn(name)
                else:
                    self.turn(name)

    def turn(self, name):
        with self.block('with omp("ordered"):'):
            self.emit(f"{self.write(name)} = ({name} * 3 + {self.int(1)}) % 10007")

    def doacross(self):
        """A recurrence over a distance, whose iterations wait for those that they read."""
        level = self.place.level
        arrays = [
            name
            for name in self.names({"team": "team", "top": "own"}.get(level, "-"), array=True)
            if self.variables[name].kind in ("int", "float") and name != "e"
        ]
        if not arrays:
            return self.loop_construct()
        name = self.choices.pick(arrays)
        variable = self.variables[name]
        states = {other: self.inside(state) for other, state in self.states.items()} | {name: BUSY}
        directive = "for" if level == "team" else "parallel for"
        distance = self.choices.pick((1, 2, 3))
        schedule = self.choices.pick(
            ("", " schedule(dynamic)", " schedule(static, 1)", " schedule(dynamic, 3)")
        )
        one, two = self.fresh("j"), self.fresh("j")
        with self.scope(states, level="plain", once=True, depth=9) as (touched, written):
            if len(variable.shape) == 1:
                at, sink, before = f"[{one}]", f"doacross(sink: {one} - {distance})", f"[{one} - {distance}]"
                heads = [f"for {one} in range({distance}, n):"]
            else:
                at, before = f"[{one}, {two}]", f"[{one} - 1, {two} - 1]"
                sink = f"doacross(sink: {one} - 1, {two}) doacross(sink: {one}, {two} - 1)"
                heads = [f"for {one} in range(1, p):", f"for {two} in range(1, q):"]
            cast = variable.kind
            limit = "97" if cast == "int" else "64.0"
            with self.block(f'with omp("{directive} ordered({len(heads)}){schedule}"):'):
                for head in heads:
                    self.emit(head)
                    self.indent += 1
                self.emit(f'omp("ordered {sink}")')
                value = self.value(cast)
                self.emit(f"{name}{at} = ({cast}({name}{before}) + {cast}({name}{at}) + {value}) % {limit}")
                self.emit('omp("ordered doacross(source:)")')
                self.indent -= len(heads)
            touched.add(name)
            written.add(name)
        self.leave(touched, written, synchronised=True)

    def leave(self, touched, written, synchronised):
        """After a construct of a team: what its threads may still be reading and writing."""
        if synchronised:
            self.quiet()
        else:
            for name in touched:
                if self.states.get(name) in (TEAM, SEEN):
                    self.states[name] = BUSY if name in written else SEEN

    def quiet(self):
        """After a barrier nothing of a team is in use any more."""
        for name in self.place.team:
            if self.states[name].what in ("seen", "busy", "atomic"):
                self.states[name] = TEAM

    def barrier(self):
        self.emit('omp("barrier")')
        self.quiet()
