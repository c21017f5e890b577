//! Prints operations.

use std::fmt;

use super::{Clause, Flag, List, Printer, monotonic};
use crate::ir::*;

impl Printer<'_, '_> {
    pub(super) fn op(&mut self, op: &Op) -> fmt::Result {
        match op {
            Op::Const(value) => write!(self.out, "const {value}"),
            Op::Unary { op, a } => write!(self.out, "{} {a}", op.name()),
            Op::Binary { op, a, b, reassoc } => {
                write!(
                    self.out,
                    "{} {a}, {b}{}",
                    op.name(),
                    Flag("reassoc", *reassoc)
                )
            }
            Op::Compare { op, a, b } => write!(self.out, "cmp {} {a}, {b}", op.name()),
            Op::Cast { a } => write!(self.out, "cast {a}"),
            Op::Select { cond, then, els } => write!(self.out, "select {cond}, {then}, {els}"),
            Op::Math {
                func,
                args,
                reassoc,
            } => {
                write!(
                    self.out,
                    "math {}({}){}",
                    func.name(),
                    List(args),
                    Flag("reassoc", *reassoc)
                )
            }
            Op::ComplexNew { re, im } => write!(self.out, "complex {re}, {im}"),
            Op::ComplexPart { a, imag } => {
                write!(self.out, "{} {a}", if *imag { "imag" } else { "real" })
            }
            Op::TupleNew { items } => write!(self.out, "tuple({})", List(items)),
            Op::TupleGet { tuple, index } => write!(self.out, "get {tuple}, {index}"),

            Op::SlotLoad { slot } => write!(self.out, "load {}", self.slot(*slot)),
            Op::SlotStore { slot, value } => {
                write!(self.out, "store {}, {value}", self.slot(*slot))
            }
            Op::Dim { array, axis } => write!(self.out, "dim {array}, {axis}"),
            Op::Load {
                array,
                indices,
                check,
            } => write!(self.out, "load {array}[{}]{check}", List(indices)),
            Op::Store {
                array,
                indices,
                value,
                check,
            } => {
                write!(self.out, "store {array}[{}]{check}, {value}", List(indices))
            }
            Op::View { array, spec, check } => {
                let spec: Vec<String> = spec.iter().map(view_index).collect();
                write!(self.out, "view {array}[{}]{check}", spec.join(", "))
            }
            Op::Alloc {
                shape,
                init,
                from,
                site,
            } => {
                write!(self.out, "alloc({}) {}", List(shape), init.name())?;
                if let Some(AllocateFrom { allocator, align }) = from {
                    write!(self.out, " from {allocator} align {align}")?;
                }
                write!(self.out, " {site}")
            }
            Op::ArrayCopy { dst, src, site } => write!(self.out, "copy {dst}, {src} {site}"),
            Op::ArrayFill { dst, value } => write!(self.out, "fill {dst}, {value}"),
            Op::ArrayCombine { op, dst, src } => {
                write!(self.out, "combine {} {dst}, {src}", op.name())
            }
            Op::ArrayCast { array } => write!(self.out, "arraycast {array}"),
            Op::Transpose { array } => write!(self.out, "transpose {array}"),

            Op::Break => self.out.write_str("break"),
            Op::Continue => self.out.write_str("continue"),
            Op::LeaveLoop => self.out.write_str("leave_loop"),
            Op::LeaveRegion => self.out.write_str("leave_region"),
            Op::LeaveTask => self.out.write_str("leave_task"),
            Op::Return { value: None } => self.out.write_str("return"),
            Op::Return { value: Some(value) } => write!(self.out, "return {value}"),
            Op::Check { cond, site, args } => {
                write!(self.out, "check {cond} {site}({})", List(args))
            }
            Op::Raise { site, args } => write!(self.out, "raise {site}({})", List(args)),
            Op::Call { func, args } => write!(self.out, "call {func}({})", List(args)),
            Op::Poll => self.out.write_str("poll"),
            Op::Routine { routine, args } => {
                write!(self.out, "routine {}({})", routine.name(), List(args))
            }
            Op::If { .. } | Op::While { .. } | Op::For { .. } => self.control(op),
            _ => self.openmp(op),
        }
    }

    pub(super) fn control(&mut self, op: &Op) -> fmt::Result {
        match op {
            Op::If { cond, then, els } => {
                write!(self.out, "if {cond}")?;
                self.braces(then)?;
                if els.insts.is_empty() {
                    return Ok(());
                }
                self.out.write_str(" else")?;
                self.braces(els)
            }
            Op::While { cond, test, body } => {
                self.out.write_str("while")?;
                self.braces(cond)?;
                write!(self.out, " test {test}")?;
                self.braces(body)
            }
            Op::For {
                iv,
                start,
                stop,
                step,
                body,
                info,
            } => {
                write!(self.out, "for {iv} in {start}, {stop}, {step}{info}")?;
                self.braces(body)
            }
            _ => Err(fmt::Error),
        }
    }

    pub(super) fn openmp(&mut self, op: &Op) -> fmt::Result {
        match op {
            Op::ThreadNum => self.out.write_str("thread_num"),
            Op::TeamSize => self.out.write_str("team_size"),
            Op::Barrier => self.out.write_str("barrier"),
            Op::Flush { order } => write!(self.out, "flush {}", order.name()),
            Op::Watch {
                event,
                region,
                what,
                place,
            } => {
                write!(self.out, "watch {} {what:?} {place:?}", event.name())?;
                region
                    .iter()
                    .try_for_each(|value| write!(self.out, " {value}"))
            }
            Op::Warn { text } => write!(self.out, "warn {text:?}"),
            Op::Single { body } => {
                self.out.write_str("single")?;
                self.braces(body)
            }
            Op::CopyPrivate { executed, slots } => {
                write!(self.out, "copyprivate {executed} ({})", self.slots(slots))
            }
            Op::Critical { name, body } => {
                write!(self.out, "critical {name:?}")?;
                self.braces(body)
            }
            Op::Combine { body } => {
                self.out.write_str("combination")?;
                self.braces(body)
            }
            Op::Ordered { body } => {
                self.out.write_str("ordered")?;
                self.braces(body)
            }
            Op::Leavable { body } => {
                self.out.write_str("leavable")?;
                self.braces(body)
            }
            Op::DoacrossBegin { dims } => {
                let dims: Vec<String> = dims.iter().map(|dim| format!("{}", List(dim))).collect();
                write!(self.out, "doacross_begin({})", dims.join(", "))
            }
            Op::DoacrossPost { iteration } => {
                write!(self.out, "doacross_post({})", List(iteration))
            }
            Op::DoacrossWait { iteration } => {
                write!(self.out, "doacross_wait({})", List(iteration))
            }
            Op::DoacrossEnd => self.out.write_str("doacross_end"),
            Op::Cancel { kind, activate } => {
                let what = if activate.is_some() {
                    "cancel"
                } else {
                    "cancellation_point"
                };
                write!(self.out, "{what} {}", kind.name())?;
                activate
                    .iter()
                    .try_for_each(|value| write!(self.out, " {value}"))
            }
            Op::TaskGroup { body } => {
                self.out.write_str("taskgroup")?;
                self.braces(body)
            }
            Op::TaskWait { depends, nowait } => {
                self.out.write_str("taskwait")?;
                if *nowait {
                    self.out.write_str(" nowait")?;
                }
                self.depends(depends)
            }
            Op::DependWrite { list, at, depend } => {
                let depend = self.depend(depend);
                write!(self.out, "depend_write {list} {at} {depend}")
            }
            Op::DependObjectNew { depends } => {
                self.out.write_str("depend_object_new")?;
                self.depends(depends)
            }
            Op::DependObject { object, action } => {
                write!(self.out, "depend_object {object}")?;
                match action {
                    ObjectAction::Find => Ok(()),
                    ObjectAction::Update(kind) => write!(self.out, " update {}", kind.name()),
                    ObjectAction::Destroy => self.out.write_str(" destroy"),
                }
            }
            Op::TaskYield => self.out.write_str("taskyield"),
            Op::TaskEvent => self.out.write_str("task_event"),
            Op::Task(task) => {
                self.out.write_str("task")?;
                self.task_clauses(&task.clauses)?;
                write!(self.out, " locals({})", self.slots(&task.locals))?;
                self.braces(&task.body)
            }
            Op::Spawn(spawn) => {
                write!(
                    self.out,
                    "spawn {}({})",
                    spawn.func,
                    self.captures(&spawn.captures)
                )?;
                self.task_clauses(&spawn.clauses)?;
                write!(
                    self.out,
                    "{}{}",
                    Flag("joined", spawn.joined),
                    Flag("at_once", spawn.at_once)
                )
            }
            Op::Reduce { items } => {
                self.out.write_str("reduce")?;
                for (index, item) in items.iter().enumerate() {
                    let separator = if index == 0 { "" } else { "," };
                    let (shared, private) = (self.slot(item.shared), self.slot(item.private));
                    write!(
                        self.out,
                        "{separator} {} {shared} from {private}",
                        item.op.name()
                    )?;
                }
                Ok(())
            }
            Op::AtomicLoad { place, order } => {
                write!(
                    self.out,
                    "atomic_load {} {}",
                    self.place(place),
                    order.name()
                )
            }
            Op::AtomicStore {
                place,
                value,
                order,
            } => {
                write!(
                    self.out,
                    "atomic_store {}, {value} {}",
                    self.place(place),
                    order.name()
                )
            }
            Op::AtomicUpdate {
                place,
                op,
                value,
                reversed,
                order,
            } => {
                let reversed = Flag("reversed", *reversed);
                let place = self.place(place);
                write!(
                    self.out,
                    "atomic_update {} {place}, {value}{reversed} {}",
                    op.name(),
                    order.name()
                )
            }
            Op::AtomicExchange {
                place,
                value,
                order,
            } => {
                write!(
                    self.out,
                    "atomic_exchange {}, {value} {}",
                    self.place(place),
                    order.name()
                )
            }
            Op::AtomicCompareExchange {
                place,
                expected,
                desired,
                order,
                weak,
            } => {
                let (place, weak) = (self.place(place), Flag("weak", *weak));
                write!(
                    self.out,
                    "atomic_compare_exchange {place}, {expected}, {desired}{weak} {}",
                    order.name()
                )
            }
            Op::Parallel {
                num_threads,
                if_,
                proc_bind,
                locals,
                body,
            } => {
                self.out.write_str("parallel")?;
                self.fork_clauses(num_threads, if_, *proc_bind)?;
                write!(self.out, " locals({})", self.slots(locals))?;
                self.braces(body)
            }
            Op::Teams(teams) => {
                self.out.write_str("teams")?;
                self.league_clauses(&teams.clauses)?;
                write!(self.out, " locals({})", self.slots(&teams.locals))?;
                self.braces(&teams.body)
            }
            Op::ForkTeams {
                func,
                captures,
                clauses,
            } => {
                write!(self.out, "fork_teams {func}({})", self.captures(captures))?;
                self.league_clauses(clauses)
            }
            Op::Target(target) => {
                self.out.write_str("target")?;
                self.target_clauses(&target.clauses)?;
                self.maps(&target.maps)?;
                write!(self.out, " locals({})", self.slots(&target.locals))?;
                self.braces(&target.body)
            }
            Op::Offload(offload) => {
                let captures = self.captures(&offload.captures);
                write!(self.out, "offload {}({captures})", offload.func)?;
                self.target_clauses(&offload.clauses)?;
                self.maps(&offload.maps)
            }
            Op::TargetData(data) => {
                self.out.write_str("target_data")?;
                self.target_clauses(&data.clauses)?;
                self.maps(&data.maps)?;
                self.braces(&data.body)
            }
            Op::TargetMove(moved) => {
                write!(self.out, "target_move {}", moved.kind.name())?;
                self.target_clauses(&moved.clauses)?;
                self.maps(&moved.maps)
            }
            Op::DeviceArray { array, device } => {
                write!(self.out, "device_array {array}{}", Clause("device", device))
            }
            Op::Loop(ws) => {
                let Worksharing {
                    dims,
                    range,
                    schedule,
                    chunk,
                    monotonic: modifier,
                    ordered,
                    info,
                    body,
                } = &**ws;
                self.out.write_str("loop")?;
                for (
                    index,
                    LoopDim {
                        iv,
                        start,
                        stop,
                        step,
                        along,
                    },
                ) in dims.iter().enumerate()
                {
                    let separator = if index == 0 { "" } else { " *" };
                    write!(self.out, "{separator} {iv} in {start}, {stop}, {step}")?;
                    if let Some(Along { outer, start, stop }) = along {
                        write!(self.out, " along {outer} ({start}, {stop})")?;
                    }
                }
                if let Some(IterationRange {
                    lower,
                    upper,
                    alone,
                }) = range
                {
                    let alone = if *alone { " alone" } else { "" };
                    write!(self.out, " range({lower}, {upper}){alone}")?;
                }
                write!(
                    self.out,
                    " {}{}{}",
                    schedule.name(),
                    Clause("chunk", chunk),
                    monotonic(*modifier)
                )?;
                write!(self.out, "{}{info}", Flag("ordered", *ordered))?;
                self.braces(body)
            }
            Op::Fork {
                func,
                captures,
                num_threads,
                if_,
                proc_bind,
            } => {
                write!(self.out, "fork {func}({})", self.captures(captures))?;
                self.fork_clauses(num_threads, if_, *proc_bind)
            }
            Op::StaticInit { trip, chunk } => {
                write!(self.out, "static_init {trip}{}", Clause("chunk", chunk))
            }
            Op::DispatchInit {
                trip,
                schedule,
                chunk,
                monotonic: modifier,
                ordered,
            } => {
                write!(
                    self.out,
                    "dispatch_init {trip} {}{}",
                    schedule.name(),
                    Clause("chunk", chunk)
                )?;
                write!(
                    self.out,
                    "{}{}",
                    monotonic(*modifier),
                    Flag("ordered", *ordered)
                )
            }
            Op::DispatchNext { ordered } => {
                write!(self.out, "dispatch_next{}", Flag("ordered", *ordered))
            }
            Op::OrderedIterationEnd => self.out.write_str("ordered_iteration_end"),
            Op::DispatchEnd => self.out.write_str("dispatch_end"),
            _ => Err(fmt::Error),
        }
    }

    fn captures(&self, captures: &[Capture]) -> String {
        let captures: Vec<String> = captures
            .iter()
            .map(|c| format!("{} {}", c.by.name(), self.slot(c.slot)))
            .collect();
        captures.join(", ")
    }

    fn task_clauses(&mut self, clauses: &TaskClauses) -> fmt::Result {
        write!(
            self.out,
            "{}{}{}",
            Clause("if", &clauses.if_),
            Clause("final", &clauses.final_),
            Clause("priority", &clauses.priority)
        )?;
        self.depends(&clauses.depends)?;
        write!(
            self.out,
            "{}{}",
            Clause("detach", &clauses.detach),
            Clause("transparent", &clauses.transparent)
        )
    }

    fn depends(&mut self, depends: &[Depend]) -> fmt::Result {
        if depends.is_empty() {
            return Ok(());
        }
        let items: Vec<String> = depends.iter().map(|depend| self.depend(depend)).collect();
        write!(self.out, " depend({})", items.join(", "))
    }

    fn depend(&self, depend: &Depend) -> String {
        let on = match &depend.on {
            DependOn::AllMemory => "all_memory".to_owned(),
            DependOn::Array(array) => format!("array {array}"),
            DependOn::List(list) => format!("list {list}"),
            DependOn::Object(object) => format!("object {object}"),
            DependOn::Variable(slot) => self.slot(*slot).to_string(),
            DependOn::Element {
                array,
                indices,
                check,
            } => format!("{array}[{}]{check}", List(indices)),
        };
        format!("{} {on}", depend.kind.name())
    }

    fn league_clauses(&mut self, clauses: &LeagueClauses) -> fmt::Result {
        write!(
            self.out,
            "{}{}{}{}",
            Clause("lower", &clauses.lower),
            Clause("upper", &clauses.upper),
            Clause("thread_limit", &clauses.thread_limit),
            Clause("if", &clauses.if_)
        )
    }

    fn target_clauses(&mut self, clauses: &TargetClauses) -> fmt::Result {
        let TargetClauses {
            device,
            if_,
            teams: [lower, upper],
            thread_limit,
            num_threads,
            trip,
        } = clauses;
        for (name, value) in [
            ("device", device),
            ("if", if_),
            ("lower", lower),
            ("upper", upper),
            ("thread_limit", thread_limit),
            ("num_threads", num_threads),
            ("trip", trip),
        ] {
            write!(self.out, "{}", Clause(name, value))?;
        }
        Ok(())
    }

    fn maps(&mut self, maps: &[MapItem]) -> fmt::Result {
        let items: Vec<String> = maps
            .iter()
            .map(|item| {
                let mut flags: String = MapFlags::NAMED
                    .iter()
                    .filter(|(_, flag)| item.flags.has(*flag))
                    .map(|(name, _)| format!("{name} "))
                    .collect();
                if let Some(device) = item.flags.home() {
                    flags += &format!("of {device} ");
                }
                let slot = self.slot(item.on.slot());
                let on = match &item.on {
                    MapOn::Scalar(_) => format!("scalar {slot}"),
                    MapOn::Array(_) => slot.to_string(),
                    MapOn::Section { section, .. } => format!("section {slot} {section}"),
                };
                format!("{flags}{:?} {on}", item.name)
            })
            .collect();
        write!(self.out, " map({})", items.join(", "))
    }

    pub(super) fn fork_clauses(
        &mut self,
        num_threads: &Option<ValueId>,
        if_: &Option<ValueId>,
        proc_bind: Option<ProcBind>,
    ) -> fmt::Result {
        let proc_bind = proc_bind.map(ProcBind::name);
        write!(
            self.out,
            "{}{}",
            Clause("num_threads", num_threads),
            Clause("if", if_)
        )?;
        write!(self.out, "{}", Clause("proc_bind", &proc_bind))
    }
}

fn view_index(index: &ViewIndex) -> String {
    match index {
        ViewIndex::Index(value) => value.to_string(),
        ViewIndex::Slice { start, stop, step } => {
            let bound =
                |value: &Option<ValueId>| value.map_or(String::new(), |value| value.to_string());
            let step = step.map_or(String::new(), |step| format!(":{step}"));
            format!("{}:{}{step}", bound(start), bound(stop))
        }
        ViewIndex::NewAxis => "newaxis".to_string(),
    }
}
