//! The type rules of OpenMP's operations.

use super::Verifier;
use super::types::takes;
use crate::ir::*;

impl<'m> Verifier<'m> {
    pub(super) fn openmp(&mut self, inst: &'m Inst) -> Option<Vec<Type>> {
        Some(match &inst.op {
            Op::ThreadNum | Op::TeamSize => vec![Type::I64],
            Op::Single { .. } => vec![Type::BOOL],
            Op::CopyPrivate { executed, .. } => {
                self.is(*executed, &Type::BOOL);
                vec![]
            }
            Op::Reduce { items } => {
                for item in items {
                    let (shared, private) = (
                        &self.func.slots[item.shared.index()].ty,
                        &self.func.slots[item.private.index()].ty,
                    );
                    let alike = match (shared, private) {
                        (Type::Array(a), Type::Array(b)) => a.elem == b.elem && a.ndim == b.ndim,
                        (a, b) => a == b && a.as_scalar().is_some(),
                    };
                    self.expect(alike, "a reduction's copies differ in type");
                }
                vec![]
            }
            Op::AtomicLoad { place, .. } => vec![self.place_type(place)?],
            Op::AtomicStore { place, value, .. } => {
                let ty = self.place_type(place)?;
                self.is(*value, &ty);
                vec![]
            }
            Op::AtomicUpdate {
                place, op, value, ..
            } => {
                let ty = self.place_type(place)?;
                self.is(*value, &ty);
                let scalar = ty.as_scalar();
                self.expect(
                    scalar.is_some_and(|scalar| takes(*op, scalar)),
                    "the operator does not take this type",
                );
                vec![ty.clone(), ty]
            }
            Op::AtomicExchange { place, value, .. } => {
                let ty = self.place_type(place)?;
                self.is(*value, &ty);
                vec![ty]
            }
            Op::AtomicCompareExchange {
                place,
                expected,
                desired,
                ..
            } => {
                let ty = self.place_type(place)?;
                self.all_are(&[*expected, *desired], &ty);
                vec![Type::BOOL, ty]
            }
            Op::Parallel {
                num_threads, if_, ..
            } => {
                self.fork_clauses(*num_threads, *if_);
                vec![]
            }
            Op::Teams(teams) => {
                self.league_clauses(&teams.clauses);
                vec![]
            }
            Op::ForkTeams {
                func,
                captures,
                clauses,
            } => {
                self.league_clauses(clauses);
                self.captures(*func, FuncKind::Outlined, captures);
                vec![]
            }
            Op::Loop(ws) => {
                if let Some(range) = &ws.range {
                    self.all_are(&[range.lower, range.upper], &Type::I64);
                }
                self.expect(!ws.dims.is_empty(), "no dimension");
                for (depth, dim) in ws.dims.iter().enumerate() {
                    self.all_are(&[dim.start, dim.stop, dim.step], &Type::I64);
                    if let Some(along) = dim.along {
                        self.all_are(&[along.start, along.stop], &Type::I64);
                        self.expect((along.outer as usize) < depth, "bounds along an inner loop");
                    }
                    self.induction_variable(dim.iv);
                }
                self.all_are(ws.chunk.as_slice(), &Type::I64);
                vec![Type::BOOL]
            }
            Op::Fork {
                func,
                captures,
                num_threads,
                if_,
                ..
            } => {
                self.fork_clauses(*num_threads, *if_);
                self.captures(*func, FuncKind::Outlined, captures);
                vec![]
            }
            Op::Task(task) => {
                self.task_clauses(&task.clauses);
                vec![]
            }
            Op::Spawn(spawn) => {
                self.task_clauses(&spawn.clauses);
                self.captures(spawn.func, FuncKind::Task, &spawn.captures);
                vec![]
            }
            Op::TaskWait { depends, .. } => {
                self.depends(depends);
                vec![]
            }
            Op::DependWrite { list, at, depend } => {
                self.depend_list(*list);
                self.all_are(&[*at], &Type::I64);
                self.depends(std::slice::from_ref(depend));
                vec![]
            }
            Op::DependObjectNew { depends } => {
                self.depends(depends);
                vec![Type::I64]
            }
            Op::DependObject { object, .. } => {
                self.all_are(&[*object], &Type::I64);
                vec![Type::BOOL]
            }
            Op::Target(target) => {
                self.target_clauses(&target.clauses);
                self.maps(&target.maps);
                vec![]
            }
            Op::Offload(offload) => {
                self.target_clauses(&offload.clauses);
                self.maps(&offload.maps);
                self.captures(offload.func, FuncKind::Target, &offload.captures);
                vec![]
            }
            Op::TargetData(data) => {
                self.target_clauses(&data.clauses);
                self.maps(&data.maps);
                vec![]
            }
            Op::TargetMove(moved) => {
                self.target_clauses(&moved.clauses);
                self.maps(&moved.maps);
                vec![]
            }
            Op::DeviceArray { array, device } => {
                self.all_are(device.as_slice(), &Type::I64);
                let ty = self.func.values[array.index()].clone();
                self.expect(ty.as_array().is_some(), "the operand is no array");
                vec![ty]
            }
            Op::StaticInit { trip, chunk } => {
                self.is(*trip, &Type::I64);
                self.all_are(chunk.as_slice(), &Type::I64);
                vec![Type::I64, Type::I64, Type::I64, Type::BOOL]
            }
            Op::DispatchInit { trip, chunk, .. } => {
                self.is(*trip, &Type::I64);
                self.all_are(chunk.as_slice(), &Type::I64);
                vec![]
            }
            Op::DispatchNext { .. } => vec![Type::BOOL, Type::I64, Type::I64, Type::BOOL],
            Op::TaskEvent => vec![Type::I64],
            _ => vec![],
        })
    }

    fn fork_clauses(&mut self, num_threads: Option<ValueId>, if_: Option<ValueId>) {
        self.all_are(num_threads.as_slice(), &Type::I64);
        self.all_are(if_.as_slice(), &Type::BOOL);
    }

    fn task_clauses(&mut self, clauses: &TaskClauses) {
        self.all_are(clauses.if_.as_slice(), &Type::BOOL);
        self.all_are(clauses.final_.as_slice(), &Type::BOOL);
        self.all_are(clauses.priority.as_slice(), &Type::I64);
        self.depends(&clauses.depends);
        self.all_are(clauses.detach.as_slice(), &Type::I64);
        self.all_are(clauses.transparent.as_slice(), &Type::I64);
    }

    fn depends(&mut self, depends: &[Depend]) {
        for depend in depends {
            match &depend.on {
                DependOn::Variable(_) | DependOn::AllMemory => {}
                DependOn::List(list) => self.depend_list(*list),
                DependOn::Object(object) => self.all_are(&[*object], &Type::I64),
                DependOn::Array(array) => {
                    let is_array = self.func.values[array.index()].as_array().is_some();
                    self.expect(is_array, "a dependence on no array");
                }
                DependOn::Element { array, indices, .. } => {
                    let ndim = self.func.values[array.index()]
                        .as_array()
                        .map(|array| array.ndim as usize);
                    self.expect(ndim == Some(indices.len()), "one index per axis is needed");
                    self.all_are(indices, &Type::I64);
                }
            }
        }
    }

    fn depend_list(&mut self, list: ValueId) {
        let plain = ArrayType {
            elem: Scalar::I64,
            ndim: 1,
            layout: Layout::C,
        };
        let ty = self.func.values[list.index()].as_array();
        self.expect(ty == Some(plain), "a list of dependences in another array");
    }

    fn league_clauses(&mut self, clauses: &LeagueClauses) {
        for count in [clauses.lower, clauses.upper, clauses.thread_limit] {
            self.all_are(count.as_slice(), &Type::I64);
        }
        self.all_are(clauses.if_.as_slice(), &Type::BOOL);
    }

    fn target_clauses(&mut self, clauses: &TargetClauses) {
        let TargetClauses {
            device,
            if_,
            teams: [lower, upper],
            thread_limit,
            num_threads,
            trip,
        } = clauses;
        for number in [device, lower, upper, thread_limit, num_threads, trip] {
            self.all_are(number.as_slice(), &Type::I64);
        }
        self.all_are(if_.as_slice(), &Type::BOOL);
    }

    fn maps(&mut self, maps: &[MapItem]) {
        for item in maps {
            let ty = &self.func.slots[item.on.slot().index()].ty;
            let fits = match &item.on {
                MapOn::Scalar(_) => ty.as_scalar().is_some(),
                MapOn::Array(_) => matches!(ty, Type::Array(_) | Type::Tuple(_)),
                MapOn::Section { section, .. } => {
                    let part = self.func.values[section.index()].as_array();
                    ty.as_array()
                        .zip(part)
                        .is_some_and(|(whole, part)| whole.elem == part.elem)
                }
            };
            if !fits {
                self.error(format!("the map of {} does not fit", item.name));
            }
        }
    }

    fn captures(&mut self, func: FuncId, kind: FuncKind, captures: &[Capture]) {
        let Some(callee) = self.module.funcs.get(func.index()) else {
            self.error("the outlined function is out of range");
            return;
        };
        self.expect(
            callee.kind == kind,
            match kind {
                FuncKind::Task => "only bodies of tasks are spawned",
                FuncKind::Target => "only bodies of target regions are offloaded",
                _ => "only outlined functions are forked",
            },
        );
        self.expect(
            captures.len() == callee.params.len(),
            "one capture per parameter is needed",
        );
        for (capture, param) in captures.iter().zip(&callee.params) {
            let Some(slot) = callee.slots.get(param.index()) else {
                continue;
            };
            let storage = match capture.by {
                CaptureBy::Value => Storage::Local,
                CaptureBy::Reference => Storage::Reference,
            };
            let fits =
                slot.storage == storage && slot.ty == self.func.slots[capture.slot.index()].ty;
            if !fits {
                self.error(format!("the capture of {} does not fit", capture.slot));
            }
        }
    }
}
