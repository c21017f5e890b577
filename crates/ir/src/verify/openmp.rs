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
            Op::Loop(ws) => {
                self.expect(!ws.dims.is_empty(), "no dimension");
                for dim in &ws.dims {
                    self.all_are(&[dim.start, dim.stop, dim.step], &Type::I64);
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
                self.fork(*func, captures);
                vec![]
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
            _ => vec![],
        })
    }

    fn fork_clauses(&mut self, num_threads: Option<ValueId>, if_: Option<ValueId>) {
        self.all_are(num_threads.as_slice(), &Type::I64);
        self.all_are(if_.as_slice(), &Type::BOOL);
    }

    fn fork(&mut self, func: FuncId, captures: &[Capture]) {
        let Some(callee) = self.module.funcs.get(func.index()) else {
            self.error("the outlined function is out of range");
            return;
        };
        self.expect(
            callee.kind == FuncKind::Outlined,
            "only outlined functions are forked",
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
