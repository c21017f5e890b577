"""Tasks of random programs: what each may touch, by data sharing and by dependences, and the wait after them."""

from .names import ARRAYS, BUSY, OPERATORS, OWN, READ, UNSET, State


class Tasks:
    """The part of the generator that makes tasks."""

    def tasks(self):
        place = self.place
        if place.level not in ("top", "strand") or place.depth > 5 or place.times > 20:
            return self.branch()
        number = 1 + self.choices.below(4)
        # Kept by the generating task, read by all, ordered by dependences, one task's alone, updated by any.
        roles = {name: self.choices.below(5) for name in self.names("own")}
        owners = {name: self.choices.below(number) for name, role in roles.items() if role == 3}
        updated = {}
        for name, role in roles.items():
            variable = self.variables[name]
            if role == 4 and variable.kind in ("int", "float") and (not variable.shape or name == "e"):
                operators = [op for op in OPERATORS[variable.kind] if op != "*"]
                updated[name] = State("atomic", self.choices.pick(operators))
        between = {
            name: READ if roles.get(name) == 1 else BUSY if roles.get(name, 0) > 1 else state
            for name, state in self.states.items()
        }
        group = self.choices.chance(3)
        reduced = {}
        if group:
            # Of what any task updates, some is reduced by the group.
            for name in [name for name in updated if not self.variables[name].shape]:
                if self.choices.chance(2):
                    reduced[name] = State("add", updated.pop(name).op)
            graph = not reduced and self.choices.chance(3)
            clauses = [f"task_reduction({state.op}: {name})" for name, state in reduced.items()]
            self.emit(f'with omp("{" ".join(["taskgraph" if graph else "taskgroup", *clauses])}"):')
            self.indent += 1
        with self.scope(between, depth=place.depth + 1):
            for task in range(number):
                self.task(task, roles, owners, updated, reduced)
                if self.choices.chance(4):
                    self.assign()
            if self.choices.chance(6):
                self.emit('omp("taskwait nowait depend(inout: omp_all_memory)")')
            waited = [name for name, role in roles.items() if role == 2]
            if waited and self.choices.chance(4):
                name = self.choices.pick(waited)
                self.emit(f'omp("taskwait depend({self.choices.pick(("inout", "in"))}: {name})")')
                self.states[name] = READ
                # The tasks that read it may still run: it is read here, too, but not written.
                self.assign()
        if group:
            self.indent -= 1
        else:
            self.emit('omp("taskwait")')

    def dependence(self, kind, name):
        """One on a whole variable, or on all elements of an array."""
        if name not in ARRAYS or len(self.variables[name].shape) != 1:
            return f"{kind}: {name}"
        return self.choices.pick(
            (f"{kind}: {name}", f"{kind}: {name}[:]", f"iterator(it = 0:len({name})), {kind}: {name}[it]")
        )

    def task(self, number, roles, owners, updated, reduced):
        clauses, shared, copies, states = [], [], [], {}
        for name, state in self.states.items():
            role = roles.get(name)
            if role is None:
                states[name] = READ if state.what in ("own", "read") else BUSY
                if state.what == "own":
                    # The generating task has bound it since, and may bind it again.
                    clauses.append(f"firstprivate({name})")
                continue
            states[name] = BUSY
            if role == 0 and state == OWN:
                use = self.choices.below(4)
                if use == 1:
                    states[name] = OWN if self.may_copy(name) else READ
                    copies.append(name)
                    clauses.append(f"firstprivate({name})")
                elif use == 2 and self.may_copy(name):
                    states[name] = UNSET
                    copies.append(name)
                    clauses.append(f"private({name})")
            elif role == 1:
                states[name] = READ
                if self.choices.chance(3):
                    clauses.append(f"{self.choices.pick(('shared', 'firstprivate'))}({name})")
            elif role == 2 and self.choices.below(3):
                kind = self.choices.pick(("in", "inout", "out", "inout"))
                states[name] = READ if kind == "in" else OWN
                clauses.append(f"depend({self.dependence(kind, name)})")
                shared.append(name)
            elif role == 3 and owners[name] == number:
                states[name] = OWN
                shared.append(name)
            elif name in updated:
                states[name] = updated[name]
                shared.append(name)
            elif name in reduced and self.choices.chance(2):
                states[name] = reduced[name]
                clauses.append(f"in_reduction({reduced[name].op}: {name})")
        if shared:
            clauses.append(f"shared({', '.join(shared)})")
        clauses += self.choices.pick(
            (
                [],
                [],
                ["untied"],
                ["priority(2)"],
                ["transparent"],
                [f"if({self.bool(1)})"],
                [f"final({self.bool(1)})"],
            )
        )
        # What is shared has a value again when the tasks are complete.
        kept = self.place.kept | set(shared)
        with self.scope(states, copies, level="strand", once=True, depth=self.place.depth + 1, kept=kept):
            with self.block(f'with omp("{" ".join(["task", *clauses])}"):'):
                self.statements()
