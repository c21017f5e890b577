//! Combining private copies into shared variables: one or two numbers by atomic operations, anything else under a lock of the
//! reduction's own, or in the order of thread numbers where results must be reproducible.

use omply_ir::{Block, ReduceItem, ReduceOp, Scalar, Type};

use crate::CodegenError;

use super::externals::{self, External};
use super::func::FuncLower;
use super::layout::ArrayParts;

/// Up to this many atomic operations cost less than taking a lock.
const MOST_ATOMICS: usize = 2;

/// Bytes of a lock (`kmp_critical_name`).
const LOCK_BYTES: u64 = 32;

impl<'a> FuncLower<'a> {
    pub fn reduce(&mut self, items: &[ReduceItem]) -> Result<(), CodegenError> {
        if let Some(device) = self.m.device {
            return self.device_reduce(device, items);
        }
        let fits = |item: &ReduceItem| matches!(self.slot_type(item.shared), Type::Scalar(scalar) if !scalar.is_complex());
        let (atomic, locked): (Vec<_>, Vec<_>) = if self.m.options.reproducible {
            (Vec::new(), items.iter().collect())
        } else if self.m.tasks_combine {
            // Others, of other constructs, combine parts into the same variables.
            items.iter().partition(|item| fits(item))
        } else if items.len() <= MOST_ATOMICS && items.iter().all(fits) {
            (items.iter().collect(), Vec::new())
        } else {
            (Vec::new(), items.iter().collect())
        };
        for item in atomic {
            self.reduce_atomically(item)?;
        }
        if !locked.is_empty() {
            self.open_combination();
            for item in locked {
                self.reduce_item(item)?;
            }
            self.close_scope();
        }
        Ok(())
    }

    /// What a declared operator combines.
    pub fn combine(&mut self, body: &'a Block) -> Result<(), CodegenError> {
        self.open_combination();
        self.block(body)?;
        self.close_scope();
        Ok(())
    }

    /// One thread at a time from here to the scope's end, in the order of thread numbers where results must be reproducible.
    fn open_combination(&mut self) {
        let ll = self.ll;
        let gtid = self.gtid();
        let (enter, exit, args): (External, External, Vec<_>) = if self.m.options.reproducible {
            (externals::TURN_ENTER, externals::TURN_EXIT, vec![gtid])
        } else {
            let lock = if self.m.tasks_combine {
                ll.external_global(&format!("{}.tasks", externals::CRITICAL_PREFIX))
            } else {
                ll.private_global(ll.array_type(ll.i8, LOCK_BYTES), 8)
            };
            (
                externals::CRITICAL_ENTER,
                externals::CRITICAL_EXIT,
                vec![gtid, lock],
            )
        };
        let answer = ll.call(self.m.external(enter), &args);
        self.leave_cancelled_if(answer);
        self.open_scope(exit, &args);
    }

    fn reduce_item(&mut self, item: &ReduceItem) -> Result<(), CodegenError> {
        let (shared, private) = (
            self.load_leaves(item.shared)?,
            self.load_leaves(item.private)?,
        );
        match (self.slot_type(item.shared), self.slot_type(item.private)) {
            (Type::Scalar(scalar), _) => {
                let combined = self.reduce_values(item.op, *scalar, &shared, &private)?;
                self.assign(item.shared, &combined)
            }
            (Type::Array(to), Type::Array(from)) => {
                let (to, from) = (
                    ArrayParts::new(*to, &shared),
                    ArrayParts::new(*from, &private),
                );
                self.combine_arrays(item.op, &to, &from)
            }
            _ => Err(self.error("a reduction of something that is neither number nor array")),
        }
    }

    pub fn reduce_atomically(&mut self, item: &ReduceItem) -> Result<(), CodegenError> {
        let scalar = self
            .slot_type(item.shared)
            .as_scalar()
            .unwrap_or(Scalar::I64);
        let value = self.load_leaves(item.private)?;
        let place = self.slot_address(item.shared)?;
        let op: ReduceOp = item.op;
        self.update_in_place(place, scalar, &mut |this, old| {
            this.reduce_values(op, scalar, old, &value)
        })
    }
}
