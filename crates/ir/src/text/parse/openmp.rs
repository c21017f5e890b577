//! OpenMP's instructions.

use super::{Parser, Result};
use crate::ir::*;

impl Parser {
    pub(super) fn openmp(&mut self, word: &str) -> Result<Op> {
        Ok(match word {
            "thread_num" => Op::ThreadNum,
            "team_size" => Op::TeamSize,
            "barrier" => Op::Barrier,
            "flush" => Op::Flush {
                order: self.order()?,
            },
            "watch" => Op::Watch {
                event: self.named(WatchEvent::from_name, "what a thread comes to")?,
                what: self.text()?,
                place: self.text()?,
                region: self.optional_value(),
            },
            "warn" => Op::Warn { text: self.text()? },
            "single" => Op::Single {
                body: self.block()?,
            },
            "copyprivate" => {
                let executed = self.value()?;
                self.expect('(')?;
                Op::CopyPrivate {
                    executed,
                    slots: self.list(')', Parser::slot)?,
                }
            }
            "critical" => Op::Critical {
                name: self.text()?,
                body: self.block()?,
            },
            "combination" => Op::Combine {
                body: self.block()?,
            },
            "ordered" => Op::Ordered {
                body: self.block()?,
            },
            "leavable" => Op::Leavable {
                body: self.block()?,
            },
            "doacross_begin" => Op::DoacrossBegin {
                dims: self
                    .args()?
                    .chunks_exact(3)
                    .map(|dim| [dim[0], dim[1], dim[2]])
                    .collect(),
            },
            "doacross_post" => Op::DoacrossPost {
                iteration: self.args()?,
            },
            "doacross_wait" => Op::DoacrossWait {
                iteration: self.args()?,
            },
            "doacross_end" => Op::DoacrossEnd,
            "cancel" => Op::Cancel {
                kind: self.named(CancelKind::from_name, "a kind of region")?,
                activate: Some(self.value()?),
            },
            "cancellation_point" => Op::Cancel {
                kind: self.named(CancelKind::from_name, "a kind of region")?,
                activate: None,
            },
            "taskgroup" => Op::TaskGroup {
                body: self.block()?,
            },
            "taskwait" => Op::TaskWait {
                nowait: self.accept_word("nowait"),
                depends: self.depends()?,
            },
            "depend_write" => Op::DependWrite {
                list: self.value()?,
                at: self.value()?,
                depend: self.depend()?,
            },
            "depend_object_new" => Op::DependObjectNew {
                depends: self.depends()?,
            },
            "depend_object" => Op::DependObject {
                object: self.value()?,
                action: if self.accept_word("update") {
                    ObjectAction::Update(self.named(DependKind::from_name, "a dependence type")?)
                } else if self.accept_word("destroy") {
                    ObjectAction::Destroy
                } else {
                    ObjectAction::Find
                },
            },
            "taskyield" => Op::TaskYield,
            "task_event" => Op::TaskEvent,
            "task" => {
                let clauses = self.task_clauses()?;
                self.expect_word("locals")?;
                self.expect('(')?;
                Op::Task(Box::new(Task {
                    clauses,
                    locals: self.list(')', Parser::slot)?,
                    body: self.block()?,
                }))
            }
            "spawn" => {
                let func = self.func_id()?;
                self.expect('(')?;
                Op::Spawn(Box::new(Spawn {
                    func,
                    captures: self.list(')', Parser::capture)?,
                    clauses: self.task_clauses()?,
                    joined: self.accept_word("joined"),
                    at_once: self.accept_word("at_once"),
                }))
            }
            "reduce" => {
                let mut items = Vec::new();
                while items.is_empty() || self.accept(',') {
                    let op = self.named(ReduceOp::from_name, "a reduction")?;
                    let shared = self.slot()?;
                    self.expect_word("from")?;
                    items.push(ReduceItem {
                        op,
                        shared,
                        private: self.slot()?,
                    });
                }
                Op::Reduce { items }
            }
            "atomic_load" => Op::AtomicLoad {
                place: self.place()?,
                order: self.order()?,
            },
            "atomic_store" => {
                let (place, value) = self.place_and_value()?;
                Op::AtomicStore {
                    place,
                    value,
                    order: self.order()?,
                }
            }
            "atomic_update" => {
                let op = self.named(BinaryOp::from_name, "an operator")?;
                let (place, value) = self.place_and_value()?;
                let reversed = self.accept_word("reversed");
                Op::AtomicUpdate {
                    place,
                    op,
                    value,
                    reversed,
                    order: self.order()?,
                }
            }
            "atomic_exchange" => {
                let (place, value) = self.place_and_value()?;
                Op::AtomicExchange {
                    place,
                    value,
                    order: self.order()?,
                }
            }
            "atomic_compare_exchange" => {
                let (place, expected) = self.place_and_value()?;
                self.expect(',')?;
                let desired = self.value()?;
                let weak = self.accept_word("weak");
                Op::AtomicCompareExchange {
                    place,
                    expected,
                    desired,
                    order: self.order()?,
                    weak,
                }
            }
            "parallel" => {
                let (num_threads, if_, proc_bind) = self.fork_clauses()?;
                self.expect_word("locals")?;
                self.expect('(')?;
                let locals = self.list(')', Parser::slot)?;
                Op::Parallel {
                    num_threads,
                    if_,
                    proc_bind,
                    locals,
                    body: self.block()?,
                }
            }
            "teams" => {
                let clauses = self.league_clauses()?;
                self.expect_word("locals")?;
                self.expect('(')?;
                Op::Teams(Box::new(Teams {
                    clauses,
                    locals: self.list(')', Parser::slot)?,
                    body: self.block()?,
                }))
            }
            "fork_teams" => Op::ForkTeams {
                func: self.func_id()?,
                captures: self.captures()?,
                clauses: self.league_clauses()?,
            },
            "target" => {
                let clauses = self.target_clauses()?;
                let maps = self.maps()?;
                self.expect_word("locals")?;
                self.expect('(')?;
                Op::Target(Box::new(Target {
                    clauses,
                    maps,
                    locals: self.list(')', Parser::slot)?,
                    body: self.block()?,
                }))
            }
            "offload" => Op::Offload(Box::new(Offload {
                func: self.func_id()?,
                captures: self.captures()?,
                clauses: self.target_clauses()?,
                maps: self.maps()?,
            })),
            "target_data" => Op::TargetData(Box::new(TargetData {
                clauses: self.target_clauses()?,
                maps: self.maps()?,
                body: self.block()?,
            })),
            "target_move" => Op::TargetMove(Box::new(TargetMove {
                kind: self.named(MoveKind::from_name, "`enter`, `exit` or `update`")?,
                clauses: self.target_clauses()?,
                maps: self.maps()?,
            })),
            "device_array" => Op::DeviceArray {
                array: self.value()?,
                device: self.clause("device", Parser::value)?,
            },
            "loop" => {
                let mut dims = vec![self.loop_dim()?];
                while self.accept('*') {
                    dims.push(self.loop_dim()?);
                }
                let range = match self.accept_word("range") {
                    true => Some(self.range()?),
                    false => None,
                };
                let schedule = self.named(ScheduleKind::from_name, "a schedule")?;
                let chunk = self.clause("chunk", Parser::value)?;
                let monotonic = self.monotonic();
                let ordered = self.accept_word("ordered");
                let info = self.loop_info()?;
                let body = self.block()?;
                Op::Loop(Box::new(Worksharing {
                    dims,
                    range,
                    schedule,
                    chunk,
                    monotonic,
                    ordered,
                    info,
                    body,
                }))
            }
            "fork" => {
                let func = self.func_id()?;
                let captures = self.captures()?;
                let (num_threads, if_, proc_bind) = self.fork_clauses()?;
                Op::Fork {
                    func,
                    captures,
                    num_threads,
                    if_,
                    proc_bind,
                }
            }
            "static_init" => Op::StaticInit {
                trip: self.value()?,
                chunk: self.clause("chunk", Parser::value)?,
            },
            "dispatch_init" => {
                let trip = self.value()?;
                let schedule = self.named(ScheduleKind::from_name, "a schedule")?;
                let chunk = self.clause("chunk", Parser::value)?;
                let monotonic = self.monotonic();
                Op::DispatchInit {
                    trip,
                    schedule,
                    chunk,
                    monotonic,
                    ordered: self.accept_word("ordered"),
                }
            }
            "dispatch_next" => Op::DispatchNext {
                ordered: self.accept_word("ordered"),
            },
            "ordered_iteration_end" => Op::OrderedIterationEnd,
            "dispatch_end" => Op::DispatchEnd,
            _ => {
                self.next -= 1;
                return self.expected("an operation");
            }
        })
    }

    fn capture(&mut self) -> Result<Capture> {
        let by = self.named(CaptureBy::from_name, "`value` or `reference`")?;
        Ok(Capture {
            slot: self.slot()?,
            by,
        })
    }

    fn task_clauses(&mut self) -> Result<TaskClauses> {
        Ok(TaskClauses {
            if_: self.clause("if", Parser::value)?,
            final_: self.clause("final", Parser::value)?,
            priority: self.clause("priority", Parser::value)?,
            depends: self.depends()?,
            detach: self.clause("detach", Parser::value)?,
            transparent: self.clause("transparent", Parser::value)?,
        })
    }

    fn depends(&mut self) -> Result<Vec<Depend>> {
        if !self.accept_word("depend") {
            return Ok(Vec::new());
        }
        self.expect('(')?;
        self.list(')', Parser::depend)
    }

    fn depend(&mut self) -> Result<Depend> {
        let kind = self.named(DependKind::from_name, "a dependence type")?;
        let on = if self.accept_word("all_memory") {
            DependOn::AllMemory
        } else if self.accept_word("array") {
            DependOn::Array(self.value()?)
        } else if self.accept_word("list") {
            DependOn::List(self.value()?)
        } else if self.accept_word("object") {
            DependOn::Object(self.value()?)
        } else {
            match self.place()? {
                Place::Slot(slot) => DependOn::Variable(slot),
                Place::Element {
                    array,
                    indices,
                    check,
                } => DependOn::Element {
                    array,
                    indices,
                    check,
                },
            }
        };
        Ok(Depend { kind, on })
    }

    pub(super) fn monotonic(&mut self) -> Option<bool> {
        if self.accept_word("monotonic") {
            Some(true)
        } else if self.accept_word("nonmonotonic") {
            Some(false)
        } else {
            None
        }
    }

    /// `word(item)`, if it is there.
    pub(super) fn clause<T>(
        &mut self,
        word: &str,
        item: fn(&mut Parser) -> Result<T>,
    ) -> Result<Option<T>> {
        if !self.accept_word(word) {
            return Ok(None);
        }
        self.expect('(')?;
        let value = item(self)?;
        self.expect(')')?;
        Ok(Some(value))
    }

    #[allow(
        clippy::type_complexity,
        reason = "the three clauses that `parallel` and `fork` share"
    )]
    fn captures(&mut self) -> Result<Vec<Capture>> {
        self.expect('(')?;
        self.list(')', Parser::capture)
    }

    fn range(&mut self) -> Result<IterationRange> {
        self.expect('(')?;
        let lower = self.value()?;
        self.expect(',')?;
        let upper = self.value()?;
        self.expect(')')?;
        Ok(IterationRange {
            lower,
            upper,
            alone: self.accept_word("alone"),
        })
    }

    fn league_clauses(&mut self) -> Result<LeagueClauses> {
        Ok(LeagueClauses {
            lower: self.clause("lower", Parser::value)?,
            upper: self.clause("upper", Parser::value)?,
            thread_limit: self.clause("thread_limit", Parser::value)?,
            if_: self.clause("if", Parser::value)?,
        })
    }

    fn target_clauses(&mut self) -> Result<TargetClauses> {
        Ok(TargetClauses {
            device: self.clause("device", Parser::value)?,
            if_: self.clause("if", Parser::value)?,
            teams: [
                self.clause("lower", Parser::value)?,
                self.clause("upper", Parser::value)?,
            ],
            thread_limit: self.clause("thread_limit", Parser::value)?,
            num_threads: self.clause("num_threads", Parser::value)?,
            trip: self.clause("trip", Parser::value)?,
        })
    }

    /// `map(to from "name" $0, to "name" section $1 v2)`.
    fn maps(&mut self) -> Result<Vec<MapItem>> {
        self.expect_word("map")?;
        self.expect('(')?;
        self.list(')', |parser| {
            let mut flags = MapFlags::NONE;
            while let Some(flag) = parser.map_flag() {
                flags = flags | flag;
            }
            if parser.accept_word("of") {
                flags = flags | MapFlags::memory_of(parser.number()?);
            }
            let name = parser.text()?;
            let on = if parser.accept_word("scalar") {
                MapOn::Scalar(parser.slot()?)
            } else if parser.accept_word("section") {
                MapOn::Section {
                    array: parser.slot()?,
                    section: parser.value()?,
                }
            } else {
                MapOn::Array(parser.slot()?)
            };
            Ok(MapItem { name, flags, on })
        })
    }

    fn map_flag(&mut self) -> Option<MapFlags> {
        let (_, flag) = MapFlags::NAMED
            .iter()
            .find(|(name, _)| self.accept_word(name))?;
        Some(*flag)
    }

    pub(super) fn fork_clauses(
        &mut self,
    ) -> Result<(Option<ValueId>, Option<ValueId>, Option<ProcBind>)> {
        let num_threads = self.clause("num_threads", Parser::value)?;
        let if_ = self.clause("if", Parser::value)?;
        let proc_bind = self.clause("proc_bind", |parser| {
            parser.named(ProcBind::from_name, "a binding")
        })?;
        Ok((num_threads, if_, proc_bind))
    }
}
