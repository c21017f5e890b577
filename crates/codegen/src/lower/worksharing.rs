//! A thread's share of a loop: static schedules computed here, the others asked from the runtime.

use omply_ir::{Block, Inst, ScheduleKind, ValueId};

use crate::CodegenError;
use crate::llvm::{Cmp, Flags, Op2, Value};

use super::externals;
use super::func::FuncLower;

/// The numbers that Clang's ABI gives schedules; `ordered` loops add `ORDERED`.
const STATIC_CHUNKED: i32 = 33;
const STATIC: i32 = 34;
const DYNAMIC: i32 = 35;
const GUIDED: i32 = 36;
const RUNTIME: i32 = 37;
const AUTO: i32 = 38;
const ORDERED: i32 = 32;
const MONOTONIC: i32 = 1 << 29;
const NONMONOTONIC: i32 = 1 << 30;

impl<'a> FuncLower<'a> {
    pub fn static_init(
        &mut self,
        inst: &Inst,
        trip: ValueId,
        chunk: Option<ValueId>,
    ) -> Result<(), CodegenError> {
        let trip = self.value(trip)?;
        let results = match chunk {
            None => self.one_piece(trip),
            Some(chunk) => {
                let chunk = self.value(chunk)?;
                self.first_chunk(trip, chunk)
            }
        };
        for (&id, value) in inst.results.iter().zip(results) {
            self.define(id, [value]);
        }
        Ok(())
    }

    /// Equal pieces; the first `trip % size` threads have one iteration more.
    fn one_piece(&mut self, trip: Value) -> [Value; 4] {
        let (thread, size) = (self.thread_num(), self.team_size());
        let ll = self.ll;
        let share = ll.bin(Op2::LLVMUDiv, trip, size, Flags::NONE);
        let extra = ll.sub(trip, ll.bin(Op2::LLVMMul, share, size, Flags::NO_WRAP));
        let before = ll.call_intrinsic("llvm.umin", &[thread, extra]);
        let lower = ll.bin(
            Op2::LLVMAdd,
            ll.bin(Op2::LLVMMul, thread, share, Flags::NO_WRAP),
            before,
            Flags::NO_WRAP,
        );
        let has_extra = ll.int_cast(ll.icmp(Cmp::LLVMIntULT, thread, extra), ll.i64, false);
        let upper = ll.bin(
            Op2::LLVMAdd,
            ll.bin(Op2::LLVMAdd, lower, share, Flags::NO_WRAP),
            has_extra,
            Flags::NO_WRAP,
        );
        ll.assume(ll.icmp(Cmp::LLVMIntSGE, lower, ll.c64(0)));
        ll.assume(ll.icmp(Cmp::LLVMIntSLE, lower, upper));
        ll.assume(ll.icmp(Cmp::LLVMIntSLE, upper, trip));
        let not_empty = ll.icmp(Cmp::LLVMIntULT, lower, upper);
        let is_last = ll.and(not_empty, ll.icmp(Cmp::LLVMIntEQ, upper, trip));
        [lower, upper, trip, is_last]
    }

    /// Chunks dealt out in turn.
    fn first_chunk(&mut self, trip: Value, chunk: Value) -> [Value; 4] {
        let (thread, size) = (self.thread_num(), self.team_size());
        let ll = self.ll;
        let some = ll.call_intrinsic("llvm.smax", &[trip, ll.c64(1)]);
        let chunk = ll.call_intrinsic("llvm.smax", &[chunk, ll.c64(1)]);
        // A chunk longer than the loop is the loop: products with the team's size stay small.
        let chunk = ll.call_intrinsic("llvm.smin", &[chunk, some]);
        let lower = ll.mul(thread, chunk);
        let upper = ll.add(lower, chunk);
        let stride = ll.mul(size, chunk);
        let last_chunk = ll.bin(Op2::LLVMUDiv, ll.sub(some, ll.c64(1)), chunk, Flags::NONE);
        let owner = ll.bin(Op2::LLVMURem, last_chunk, size, Flags::NONE);
        let not_empty = ll.icmp(Cmp::LLVMIntSGT, trip, ll.c64(0));
        [
            lower,
            upper,
            stride,
            ll.and(not_empty, ll.icmp(Cmp::LLVMIntEQ, owner, thread)),
        ]
    }

    pub fn dispatch_init(
        &mut self,
        trip: ValueId,
        schedule: ScheduleKind,
        chunk: Option<ValueId>,
        monotonic: Option<bool>,
        ordered: bool,
    ) -> Result<(), CodegenError> {
        let ll = self.ll;
        let kind = match schedule {
            ScheduleKind::Static if chunk.is_some() => STATIC_CHUNKED,
            ScheduleKind::Static => STATIC,
            ScheduleKind::Dynamic => DYNAMIC,
            ScheduleKind::Guided => GUIDED,
            ScheduleKind::Runtime => RUNTIME,
            ScheduleKind::Auto => AUTO,
        };
        let modifier = match monotonic {
            None => 0,
            Some(true) => MONOTONIC,
            Some(false) => NONMONOTONIC,
        };
        let schedule = kind + if ordered { ORDERED } else { 0 } + modifier;
        let trip = self.value(trip)?;
        let chunk = match chunk {
            Some(chunk) => self.value(chunk)?,
            None => ll.c64(0),
        };
        let gtid = self.gtid();
        ll.call(
            self.m.external(externals::LOOP_BEGIN),
            &[gtid, ll.c32(schedule), trip, chunk],
        );
        Ok(())
    }

    pub fn dispatch_next(&mut self, inst: &Inst) -> Result<(), CodegenError> {
        let ll = self.ll;
        let places = [ll.i64, ll.i64, ll.i32].map(|ty| self.stack(ty, 8));
        let gtid = self.gtid();
        let args = [gtid, places[0], places[1], places[2]];
        let more = ll.call(self.m.external(externals::LOOP_NEXT), &args);
        let more = ll.icmp(Cmp::LLVMIntNE, more, ll.c32(0));
        // No more chunks: the loop is over, or the team was cancelled.
        let (ended, after) = (self.new_block("ended"), self.new_block("chunk"));
        ll.cond_br(more, after, ended);
        ll.at(ended);
        self.leave_if_cancelled();
        ll.br(after);
        ll.at(after);
        let lower = ll.load(ll.i64, places[0]);
        let last = ll.load(ll.i64, places[1]);
        let upper = ll.add_nsw(last, ll.c64(1));
        let is_last = ll.icmp(Cmp::LLVMIntNE, ll.load(ll.i32, places[2]), ll.c32(0));
        for (&id, value) in inst.results.iter().zip([more, lower, upper, is_last]) {
            self.define(id, [value]);
        }
        Ok(())
    }

    /// Waits for the iteration's turn; leaving the region by an error gives the turn on as well.
    pub fn ordered(&mut self, body: &'a Block) -> Result<(), CodegenError> {
        let gtid = self.gtid();
        let answer = self
            .ll
            .call(self.m.external(externals::ORDERED_ENTER), &[gtid]);
        self.leave_cancelled_if(answer);
        self.scope(body, externals::ORDERED_EXIT, &[gtid])?;
        Ok(())
    }

    pub fn ordered_iteration_end(&mut self) -> Result<(), CodegenError> {
        let gtid = self.gtid();
        self.ll
            .call(self.m.external(externals::ORDERED_ITERATION_END), &[gtid]);
        Ok(())
    }
}
