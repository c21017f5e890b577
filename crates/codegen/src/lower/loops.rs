//! `While` and `For`, and what LLVM is told about them. Loops that the program declares parallel carry an *access group*: the
//! vectoriser then takes it that accesses of different iterations do not conflict. Only arrays that the team shares get it (for
//! `simd` also arrays that the caller passed): a private copy may be touched by every iteration of its thread.

use omply_ir::{Block, FuncKind, LoopInfo, LoopVersion, Unroll, ValueId};

use crate::CodegenError;
use crate::llvm::{Cmp, Flags, Meta, MetaKind, Op2, Value};

use super::ModuleLower;
use super::control::LoopTargets;
use super::func::FuncLower;

impl<'a> FuncLower<'a> {
    pub fn while_(
        &mut self,
        cond: &'a Block,
        test: ValueId,
        body: &'a Block,
    ) -> Result<(), CodegenError> {
        let (head, inside, after) = (
            self.new_block("while"),
            self.new_block("body"),
            self.new_block("after"),
        );
        self.ll.br(head);
        self.ll.at(head);
        self.block(cond)?;
        if !self.ll.terminated() {
            let test = self.value(test)?;
            self.ll.cond_br(test, inside, after);
        }
        self.ll.at(inside);
        self.loops.push(LoopTargets {
            on_break: after,
            on_continue: head,
            scopes: self.scopes.len(),
        });
        self.block(body)?;
        self.loops.pop();
        if !self.ll.terminated() {
            self.ll.br(head);
        }
        self.ll.at(after);
        Ok(())
    }

    pub fn for_(
        &mut self,
        iv: ValueId,
        [start, stop, step]: [ValueId; 3],
        body: &'a Block,
        info: &LoopInfo,
    ) -> Result<(), CodegenError> {
        let [start, stop, step] = [self.value(start)?, self.value(stop)?, self.value(step)?];
        let group = if self.is_parallel(info) {
            self.ll.access_group()
        } else {
            None
        };
        let properties = self.loop_properties(info, group);
        let outer_groups = self.access_groups.clone();
        self.access_groups.extend(group);
        let waits = self.open_deferred(body, info);
        let outer_simdlen = self.simdlen;
        self.simdlen = vector_width(info).or(outer_simdlen);
        let result = if self.ll.as_const_int(step) == Some(1) {
            self.unit_step_loop(iv, start, stop, body, properties)
        } else {
            self.counted_loop(iv, [start, stop, step], body, properties)
        };
        self.access_groups = outer_groups;
        self.simdlen = outer_simdlen;
        if waits {
            self.close_deferred();
        }
        result
    }

    fn unit_step_loop(
        &mut self,
        iv: ValueId,
        start: Value,
        stop: Value,
        body: &'a Block,
        properties: Meta,
    ) -> Result<(), CodegenError> {
        let ll = self.ll;
        let (head, inside) = (self.new_block("for"), self.new_block("body"));
        let (latch, after) = (self.new_block("next"), self.new_block("after"));
        let before = ll.here();
        ll.br(head);
        ll.at(head);
        let number = ll.phi(ll.i64, &[(start, before)]);
        ll.cond_br(ll.icmp(Cmp::LLVMIntSLT, number, stop), inside, after);
        self.define(iv, [number]);
        self.loop_body(body, inside, latch, after)?;
        ll.at(latch);
        // Below `stop`, so that the sum cannot wrap.
        let next = ll.add_nsw(number, ll.c64(1));
        ll.add_incoming(number, &[(next, latch)]);
        ll.attach(ll.br(head), MetaKind::Loop, properties);
        ll.at(after);
        Ok(())
    }

    /// Any step: a counter decides, so that the last step may wrap.
    fn counted_loop(
        &mut self,
        iv: ValueId,
        [start, stop, step]: [Value; 3],
        body: &'a Block,
        properties: Meta,
    ) -> Result<(), CodegenError> {
        let ll = self.ll;
        let trip = self.trip_count(start, stop, step);
        let (head, inside) = (self.new_block("for"), self.new_block("body"));
        let (latch, after) = (self.new_block("next"), self.new_block("after"));
        let before = ll.here();
        ll.br(head);
        ll.at(head);
        let count = ll.phi(ll.i64, &[(ll.c64(0), before)]);
        let number = ll.phi(ll.i64, &[(start, before)]);
        ll.cond_br(ll.icmp(Cmp::LLVMIntULT, count, trip), inside, after);
        self.define(iv, [number]);
        self.loop_body(body, inside, latch, after)?;
        ll.at(latch);
        let next_count = ll.bin(
            Op2::LLVMAdd,
            count,
            ll.c64(1),
            Flags {
                nuw: true,
                ..Flags::NONE
            },
        );
        // The sum after the last iteration may wrap; nobody reads it.
        let next = ll.add_nsw(number, step);
        ll.add_incoming(count, &[(next_count, latch)]);
        ll.add_incoming(number, &[(next, latch)]);
        ll.attach(ll.br(head), MetaKind::Loop, properties);
        ll.at(after);
        Ok(())
    }

    fn loop_body(
        &mut self,
        body: &'a Block,
        inside: crate::llvm::Bb,
        latch: crate::llvm::Bb,
        after: crate::llvm::Bb,
    ) -> Result<(), CodegenError> {
        self.ll.at(inside);
        self.loops.push(LoopTargets {
            on_break: after,
            on_continue: latch,
            scopes: self.scopes.len(),
        });
        self.block(body)?;
        self.loops.pop();
        if !self.ll.terminated() {
            self.ll.br(latch);
        }
        Ok(())
    }

    /// `len(range(start, stop, step))`, unsigned: the distance may exceed what I64 holds.
    fn trip_count(&mut self, start: Value, stop: Value, step: Value) -> Value {
        let ll = self.ll;
        let up = ll.icmp(Cmp::LLVMIntSGT, step, ll.c64(0));
        let (low, high) = (ll.select(up, start, stop), ll.select(up, stop, start));
        let stride = ll.select(up, step, ll.neg(step));
        // A step of zero has been refused before; the division must not see it even speculatively.
        let stride = ll.select(
            ll.icmp(Cmp::LLVMIntEQ, stride, ll.c64(0)),
            ll.c64(1),
            stride,
        );
        let some = ll.icmp(Cmp::LLVMIntSLT, low, high);
        let distance = ll.sub(ll.sub(high, low), ll.c64(1));
        let trip = ll.add(
            ll.bin(Op2::LLVMUDiv, distance, stride, Flags::NONE),
            ll.c64(1),
        );
        ll.select(some, trip, ll.c64(0))
    }

    pub fn leave_loop(&mut self, stop: bool) -> Result<(), CodegenError> {
        let Some(targets) = self.loops.last() else {
            return Err(self.error("a break or continue outside of a loop"));
        };
        if targets.scopes != self.scopes.len() {
            return Err(self.error("a break or continue that leaves a critical or ordered region"));
        }
        self.ll.br(if stop {
            targets.on_break
        } else {
            targets.on_continue
        });
        Ok(())
    }

    // ---- what LLVM is told -------------------------------------------------------------------------------------

    fn is_parallel(&self, info: &LoopInfo) -> bool {
        let team_shared = info.independent && self.f.kind == FuncKind::Outlined;
        (info.simd && info.safelen.is_none()) || team_shared
    }

    fn loop_properties(&self, info: &LoopInfo, group: Option<Meta>) -> Meta {
        let ll = self.ll;
        let mut properties = vec![ll.node(&[ll.meta_text("llvm.loop.mustprogress")])];
        let flag =
            |name: &str, value: bool| ll.node(&[ll.meta_text(name), ll.meta_value(ll.bool(value))]);
        if let Some(group) = group {
            properties.push(ll.node(&[ll.meta_text("llvm.loop.parallel_accesses"), group]));
        }
        if let Some(place) = self.m.place_of(&self.f.name, info) {
            properties.push(ll.loop_place(place));
        }
        if info.version == LoopVersion::Checked {
            properties.push(flag("llvm.loop.vectorize.enable", false));
            properties.push(ll.node(&[ll.meta_text("llvm.loop.unroll.disable")]));
        } else if info.simd {
            properties.push(flag("llvm.loop.vectorize.enable", true));
            if let Some(width) = vector_width(info) {
                properties.push(ll.node(&[
                    ll.meta_text("llvm.loop.vectorize.width"),
                    ll.meta_value(ll.c32(width as i32)),
                ]));
            }
        }
        match info.unroll.filter(|_| info.version != LoopVersion::Checked) {
            None => {}
            Some(Unroll::Full) => {
                properties.push(ll.node(&[ll.meta_text("llvm.loop.unroll.full")]));
            }
            Some(Unroll::By(factor)) => properties.push(ll.node(&[
                ll.meta_text("llvm.loop.unroll.count"),
                ll.meta_value(ll.c32(i32::try_from(factor).unwrap_or(i32::MAX))),
            ])),
            Some(Unroll::Compiler) => {
                properties.push(ll.node(&[ll.meta_text("llvm.loop.unroll.enable")]));
            }
        }
        ll.distinct_node(&properties)
    }

    /// Marks an access to an element as part of the parallel loops around it.
    pub fn mark_parallel(&self, access: Value, array: ValueId) {
        if self.access_groups.is_empty() || !self.shared_arrays[array.index()] {
            return;
        }
        let groups = match self.access_groups[..] {
            [group] => group,
            _ => self.ll.node(&self.access_groups),
        };
        self.ll.attach(access, MetaKind::AccessGroup, groups);
    }
}

impl ModuleLower<'_> {
    /// The number by which LLVM's messages are to name a loop: its place in `explain::wanted`, from 1.
    fn place_of(&self, function: &str, info: &LoopInfo) -> Option<u32> {
        let told = self.options.explain && info.version != LoopVersion::Checked;
        let span = info.wanted.filter(|_| told)?;
        let mut wanted = self.wanted.iter();
        let index = wanted.position(|(name, other, _)| name == function && *other == span)?;
        Some(index as u32 + 1)
    }
}

/// How many iterations of a loop run at once, where the program says so.
fn vector_width(info: &LoopInfo) -> Option<u32> {
    let width = match (info.simdlen, info.safelen) {
        (Some(simdlen), Some(safelen)) => Some(simdlen.min(safelen)),
        (simdlen, safelen) => simdlen.or(safelen),
    };
    // LLVM takes powers of two, and none that no target has.
    let width = width.filter(|width| info.simd && *width > 0)?;
    Some((1 << width.ilog2()).min(64))
}
