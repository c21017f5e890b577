"""Regions of random programs: parallel, teams, and what stands in them: single, masked, sections, scope, critical, atomic."""

from .names import BUSY, IDEMPOTENT, OPERATORS, OWN, READ, TEAM, UNSET, State


class Regions:
    """The part of the generator that makes regions."""

    def parallel(self):
        place = self.place
        if place.level not in ("top", "strand", "team") or place.depth > 3 or place.times > 10:
            return self.loop_construct()
        states, clauses, team = self.region_names("parallel")
        if self.choices.chance(2) or place.level != "top":
            clauses.append(f"num_threads({self.choices.pick((2, 3, 4))})")
        if self.choices.chance(8):
            clauses.append(f"if({self.bool(1)})")
        inner = {"level": "team", "once": False, "depth": place.depth + 1, "team": frozenset(team)}
        with self.scope(*states, **inner) as (touched, written):
            with self.block(f'with omp("{" ".join(["parallel", *clauses])}"):'):
                self.statements()
            used = touched, written
        self.leave(*used, synchronised=False)

    def teams(self):
        if self.place.level != "top":
            return self.parallel()
        states, clauses, team = self.region_names("teams")
        if self.choices.chance(2):
            clauses.append(f"num_teams({self.choices.pick((2, 3))})")
        with self.scope(*states, level="league", once=False, depth=1, team=frozenset(team)):
            with self.block(f'with omp("{" ".join(["teams", *clauses])}"):'):
                self.statements()

    def region_names(self, directive):
        """What a region does with the names around it: their states in it, the clauses, and the names shared by its team."""
        states, clauses, team, copies = {}, [], [], []
        listed = []
        for name, state in self.states.items():
            variable = self.variables[name]
            states[name] = {"own": TEAM, "read": READ, "team": READ, "seen": READ}.get(state.what, BUSY)
            if state != OWN:
                if state.what in ("read", "team", "seen"):
                    listed.append(name)
                continue
            use = self.choices.below(8) if not variable.shape or directive == "parallel" else 0
            if use == 1 and (variable.kind in ("int", "float") and not variable.shape):
                op = self.choices.pick(OPERATORS[variable.kind])
                states[name] = State("add", op)
                clauses.append(f"reduction({op}: {name})")
            elif use == 2 and self.may_copy(name):
                states[name] = UNSET
                copies.append(name)
                clauses.append(f"private({name})")
            elif use == 3:
                states[name] = OWN if self.may_copy(name) else READ
                copies.append(name)
                clauses.append(f"firstprivate({name})")
            elif use == 4:
                clauses.append(f"shared({name})")
            else:
                listed.append(name)
            if states[name] == TEAM:
                team.append(name)
        if self.choices.chance(6):
            # All names that may be referenced are listed.
            clauses.append("default(none)")
            listed += [variable for variable, _ in self.place.loops]
            if listed:
                clauses.append(f"shared({', '.join(listed)})")
        elif self.choices.chance(8):
            clauses.append("default(shared)")
        return (states, copies), clauses, team

    def strand(self, given):
        """States in a block that one thread of a team executes, to which some names are given."""
        states = {
            name: state if state.what in ("add", "atomic") else self.inside(state)
            for name, state in self.states.items()
        }
        return states | dict.fromkeys(given, OWN)

    def single(self):
        place = self.place
        if place.level not in ("team", "top") or place.depth > 4:
            return self.branch()
        clauses, kept, copies = [], [], []
        free = self.names("team" if place.level == "team" else "own")
        given = [name for name in free if self.choices.below(4)]
        states = self.strand(given)
        masked = place.level == "team" and self.choices.chance(3)
        if masked:
            clauses += self.choices.pick(([], ["filter(0)"]))
        else:
            for name in given:
                if self.may_copy(name) and self.choices.chance(8):
                    use = self.choices.pick(("private", "firstprivate"))
                    states[name] = UNSET if use == "private" else OWN
                    copies.append(name)
                    clauses.append(f"{use}({name})")
            scalars = list(self.names("own", array=False)) if place.level == "team" else []
            for name in scalars:
                if self.choices.chance(3):
                    states[name] = OWN
                    kept.append(name)
                    clauses.append(f"copyprivate({name})")
            if not kept and self.choices.chance(3):
                clauses.append("nowait")
        directive = "masked" if masked else "single"
        with self.scope(states, copies, level="strand", once=True, depth=place.depth + 1) as (
            touched,
            written,
        ):
            with self.block(f'with omp("{" ".join([directive, *clauses])}"):'):
                self.statements()
            used = touched, written
        self.leave(*used, synchronised=place.level == "team" and not masked and "nowait" not in clauses)

    def sections(self):
        place = self.place
        if place.level not in ("team", "top", "strand") or place.depth > 3:
            return self.branch()
        directive = "sections" if place.level == "team" else "parallel sections"
        free = self.names("team" if place.level == "team" else "own")
        number = 1 + self.choices.below(4)
        owner = {name: self.choices.below(number + 1) - 1 for name in free}
        clauses, last, reduced = [], [], {}
        for name in free:
            variable = self.variables[name]
            if owner[name] >= 0 and not variable.shape:
                use = self.choices.below(6)
                if use == 1:
                    last.append(name)
                    clauses.append(f"lastprivate({name})")
                elif use == 2:
                    reduced[name] = State("add", self.choices.pick(OPERATORS[variable.kind]))
                    clauses.append(f"reduction({reduced[name].op}: {name})")
        if place.level == "team" and self.choices.chance(4):
            clauses.append("nowait")
        used = set(), set()
        with self.block(f'with omp("{" ".join([directive, *clauses])}"):'):
            for section in range(number):
                given = [name for name in free if owner[name] == section]
                # What another section may write is not read here.
                states = self.strand(given) | {
                    name: BUSY for name in free if owner[name] not in (-1, section)
                }
                states |= reduced | dict.fromkeys(last, UNSET)
                with self.scope(states, level="strand", once=True, depth=place.depth + 2) as (
                    touched,
                    written,
                ):
                    with self.block('with omp("section"):'):
                        for name in last:
                            self.emit(f"{name} = {self.value(self.variables[name].kind)}")
                            self.write(name)
                        for name, state in reduced.items():
                            self.emit(self.update(name, state.op))
                        self.statements(least=0)
                    used[0].update(touched)
                    used[1].update(written)
        self.leave(*used, synchronised=place.level == "team" and "nowait" not in clauses)

    def scope_construct(self):
        place = self.place
        if place.level != "team" or place.depth > 4:
            return self.branch()
        clauses, copies, states = [], [], dict(self.states)
        for name in self.names("team", array=False):
            use = self.choices.below(8)
            idempotent = [op for op in OPERATORS[self.variables[name].kind] if op in IDEMPOTENT]
            if use == 1 and idempotent:
                states[name] = State("add", self.choices.pick(idempotent))
                clauses.append(f"reduction({states[name].op}: {name})")
            elif use in (2, 3) and self.may_copy(name):
                states[name] = UNSET if use == 2 else OWN
                copies.append(name)
                clauses.append(f"{'private' if use == 2 else 'firstprivate'}({name})")
        # Worksharing regions may not stand in it: its copies are what it is for.
        states = {
            name: self.inside(state) if state.what in ("team", "seen") else state
            for name, state in states.items()
        }
        with self.scope(states, copies, level="scope", depth=place.depth + 1):
            with self.block(f'with omp("{" ".join(["scope", *clauses])}"):'):
                self.statements()
        self.quiet()

    # ---- protected updates

    def protected(self, name):
        """An update that several threads may be doing at once."""
        state = self.states[name]
        variable = self.variables[name]
        target = f"{name}{self.index(name)}" if variable.shape else name
        text = self.update(name, state.op, target)
        # A variable is protected in one way throughout: atomic updates and critical regions do not exclude each other.
        ways = [f"critical(of_{name})", "critical"]
        if variable.kind in ("int", "float"):
            ways.insert(0, "atomic")
        way = self.protection.setdefault(name, self.choices.pick(ways))
        if way == "atomic":
            way = self.choices.pick(
                ("atomic", "atomic update", "atomic seq_cst", "atomic relaxed", "atomic acq_rel")
            )
        with self.block(f'with omp("{way}"):'):
            self.emit(text)

    def protect(self):
        """A protected update: of a name that is in use so already, or one of the team's."""
        known = self.protectable()
        if known:
            return self.protected(self.choices.pick(known))
        if self.place.level == "team":
            free = [name for name in self.names("team") if self.variables[name].kind in ("int", "float")]
            free = [name for name in free if not self.variables[name].shape or name == "e"]
            if free:
                name = self.choices.pick(free)
                operators = [op for op in OPERATORS[self.variables[name].kind] if op in IDEMPOTENT]
                self.states[name] = State("atomic", self.choices.pick(operators))
                return self.protected(name)
        return self.assign()

    def protectable(self):
        return [
            name
            for name, state in self.states.items()
            if state.what == "atomic" and (self.place.once or state.op in IDEMPOTENT)
        ]

    def captured(self):
        """Atomic forms on a name that nobody else touches: their values are certain."""
        names = self.names("own", kind="int", array=False)
        if len(names) < 2:
            return self.assign()
        one = self.read(self.choices.pick(names))
        two = self.choices.pick([name for name in names if name != one])
        # What is added depends on neither of the two.
        self.states[one] = self.states[two] = BUSY
        value = self.addend("int")
        self.states[one] = self.states[two] = OWN
        self.write(one)
        self.write(two)
        form = self.choices.below(4)
        if form == 0:
            with self.block('with omp("atomic capture"):'):
                self.emit(f"{two} = {one}")
                self.emit(f"{one} += {value}")
        elif form == 1:
            with self.block('with omp("atomic capture"):'):
                self.emit(f"{one} ^= {value}")
                self.emit(f"{two} = {one}")
        elif form == 2:
            with self.block('with omp("atomic read"):'):
                self.emit(f"{two} = {one}")
        else:
            self.emit(f"{two} = {value}")
            with self.block('with omp("atomic compare"):'):
                with self.block(f"if {two} < {one}:"):
                    self.emit(f"{one} = {two}")
