//! Generic access to the parts of an instruction: the values it uses, the values it binds for its blocks, the
//! slots it mentions and the blocks it owns. Passes and the verifier go through here, so that a new operation is
//! described once.

use crate::ir::*;

/// How an instruction itself (not its blocks) touches a slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SlotUse {
    Read,
    Write,
    /// Handed on by address: read or written in ways this function does not show.
    Address,
}

/// One body for the shared and the mutable visitor of operands.
macro_rules! operand_visitor {
    ($name:ident, $value:ty, $place:ident, $iter:ident, $($mutability:tt)?) => {
        /// Visits the values that the instruction itself uses; `While::test`, defined in `cond`, is one of them.
        pub fn $name(& $($mutability)? self, f: &mut dyn FnMut($value)) {
            match self {
                Op::Const(_)
                | Op::SlotLoad { .. }
                | Op::Break
                | Op::Continue
                | Op::LeaveLoop
                | Op::LeaveRegion
                | Op::LeaveTask
                | Op::Leavable { .. }
                | Op::Poll
                | Op::DoacrossEnd
                | Op::ThreadNum
                | Op::TeamSize
                | Op::Barrier
                | Op::Flush { .. }
                | Op::Warn { .. }
                | Op::Single { .. }
                | Op::Critical { .. }
                | Op::Combine { .. }
                | Op::Ordered { .. }
                | Op::TaskGroup { .. }
                | Op::TaskYield
                | Op::TaskEvent
                | Op::Reduce { .. }
                | Op::DispatchNext { .. }
                | Op::OrderedIterationEnd
                | Op::DispatchEnd => {}
                Op::Unary { a, .. } | Op::Cast { a } | Op::ComplexPart { a, .. } => f(a),
                Op::Binary { a, b, .. } | Op::Compare { a, b, .. } => {
                    f(a);
                    f(b);
                }
                Op::Select { cond, then, els } => {
                    f(cond);
                    f(then);
                    f(els);
                }
                Op::Math { args, .. } | Op::Call { args, .. } | Op::Routine { args, .. } | Op::Raise { args, .. } => {
                    args.$iter().for_each(f)
                }
                Op::ComplexNew { re, im } => {
                    f(re);
                    f(im);
                }
                Op::TupleNew { items } => items.$iter().for_each(f),
                Op::TupleGet { tuple, .. } => f(tuple),
                Op::SlotStore { value, .. } => f(value),
                Op::Dim { array, .. } | Op::ArrayCast { array } | Op::Transpose { array } => f(array),
                Op::Load { array, indices, .. } => {
                    f(array);
                    indices.$iter().for_each(f);
                }
                Op::Store { array, indices, value, .. } => {
                    f(array);
                    indices.$iter().for_each(&mut *f);
                    f(value);
                }
                Op::View { array, spec, .. } => {
                    f(array);
                    for item in spec {
                        match item {
                            ViewIndex::Index(index) => f(index),
                            ViewIndex::Slice { start, stop, step } => {
                                [start, stop, step].into_iter().flatten().for_each(&mut *f)
                            }
                            ViewIndex::NewAxis => {}
                        }
                    }
                }
                Op::Alloc { shape, from, .. } => {
                    shape.$iter().for_each(&mut *f);
                    if let Some(AllocateFrom { allocator, align }) = from {
                        f(allocator);
                        f(align);
                    }
                }
                Op::ArrayCopy { dst, src, .. } | Op::ArrayCombine { dst, src, .. } => {
                    f(dst);
                    f(src);
                }
                Op::ArrayFill { dst, value } => {
                    f(dst);
                    f(value);
                }
                Op::If { cond, .. } => f(cond),
                Op::While { test, .. } => f(test),
                Op::For { start, stop, step, .. } => {
                    f(start);
                    f(stop);
                    f(step);
                }
                Op::Return { value } => value.$iter().for_each(f),
                Op::Check { cond, args, .. } => {
                    f(cond);
                    args.$iter().for_each(f);
                }
                Op::CopyPrivate { executed, .. } => f(executed),
                Op::DoacrossBegin { dims } => dims.$iter().flatten().for_each(f),
                Op::DoacrossPost { iteration } | Op::DoacrossWait { iteration } => {
                    iteration.$iter().for_each(f)
                }
                Op::Cancel { activate, .. } => activate.$iter().for_each(f),
                Op::Watch { region, .. } => region.$iter().for_each(f),
                Op::AtomicLoad { place, .. } => place.$place(f),
                Op::AtomicStore { place, value, .. }
                | Op::AtomicUpdate { place, value, .. }
                | Op::AtomicExchange { place, value, .. } => {
                    place.$place(f);
                    f(value);
                }
                Op::AtomicCompareExchange { place, expected, desired, .. } => {
                    place.$place(f);
                    f(expected);
                    f(desired);
                }
                Op::Parallel { num_threads, if_, .. } | Op::Fork { num_threads, if_, .. } => {
                    num_threads.$iter().for_each(&mut *f);
                    if_.$iter().for_each(f);
                }
                Op::TaskWait { depends, .. } | Op::DependObjectNew { depends } => depends.$iter().for_each(|depend| depend.$place(f)),
                Op::DependWrite { list, at, depend } => {
                    f(list);
                    f(at);
                    depend.$place(f);
                }
                Op::DependObject { object, .. } => f(object),
                Op::Task(task) => task.clauses.$place(f),
                Op::Spawn(spawn) => spawn.clauses.$place(f),
                Op::Teams(teams) => teams.clauses.$place(f),
                Op::ForkTeams { clauses, .. } => clauses.$place(f),
                Op::Target(target) => {
                    target.clauses.$place(f);
                    target.maps.$iter().for_each(|item| item.$place(f));
                }
                Op::Offload(offload) => {
                    offload.clauses.$place(f);
                    offload.maps.$iter().for_each(|item| item.$place(f));
                }
                Op::TargetData(data) => {
                    data.clauses.$place(f);
                    data.maps.$iter().for_each(|item| item.$place(f));
                }
                Op::TargetMove(moved) => {
                    moved.clauses.$place(f);
                    moved.maps.$iter().for_each(|item| item.$place(f));
                }
                Op::DeviceArray { array, device } => {
                    f(array);
                    device.$iter().for_each(f);
                }
                Op::Loop(ws) => {
                    if let Some(range) = & $($mutability)? ws.range {
                        f(& $($mutability)? range.lower);
                        f(& $($mutability)? range.upper);
                    }
                    for dim in ws.dims.$iter() {
                        f(& $($mutability)? dim.start);
                        f(& $($mutability)? dim.stop);
                        f(& $($mutability)? dim.step);
                        if let Some(along) = & $($mutability)? dim.along {
                            f(& $($mutability)? along.start);
                            f(& $($mutability)? along.stop);
                        }
                    }
                    ws.chunk.$iter().for_each(&mut *f);
                }
                Op::StaticInit { trip, chunk } | Op::DispatchInit { trip, chunk, .. } => {
                    f(trip);
                    chunk.$iter().for_each(f);
                }
            }
        }
    };
}

/// One body for the shared and the mutable visitor of blocks.
macro_rules! block_visitor {
    ($name:ident, $($mutability:tt)?) => {
        /// Visits the blocks that the instruction owns, in the order in which they run.
        pub fn $name<'b>(&'b $($mutability)? self, f: &mut dyn FnMut(&'b $($mutability)? Block)) {
            match self {
                Op::If { then, els, .. } => {
                    f(then);
                    f(els);
                }
                Op::While { cond, body, .. } => {
                    f(cond);
                    f(body);
                }
                Op::For { body, .. }
                | Op::Single { body }
                | Op::Critical { body, .. }
                | Op::Combine { body }
                | Op::Ordered { body }
                | Op::Leavable { body }
                | Op::TaskGroup { body }
                | Op::Parallel { body, .. } => f(body),
                Op::Task(task) => f(& $($mutability)? task.body),
                Op::Teams(teams) => f(& $($mutability)? teams.body),
                Op::Target(target) => f(& $($mutability)? target.body),
                Op::TargetData(data) => f(& $($mutability)? data.body),
                Op::Loop(ws) => f(& $($mutability)? ws.body),
                _ => {}
            }
        }
    };
}

impl Op {
    operand_visitor!(for_each_operand, &ValueId, for_each_operand, iter,);
    operand_visitor!(
        for_each_operand_mut,
        &mut ValueId,
        for_each_operand_mut,
        iter_mut,
        mut
    );
    block_visitor!(for_each_block,);
    block_visitor!(for_each_block_mut, mut);

    /// Visits the values that the instruction binds for its blocks (induction variables).
    pub fn for_each_bound(&self, f: &mut dyn FnMut(ValueId)) {
        match self {
            Op::For { iv, .. } => f(*iv),
            Op::Loop(ws) => ws.dims.iter().for_each(|dim| f(dim.iv)),
            _ => {}
        }
    }

    /// As `for_each_bound`, to rename them.
    pub fn for_each_bound_mut(&mut self, f: &mut dyn FnMut(&mut ValueId)) {
        match self {
            Op::For { iv, .. } => f(iv),
            Op::Loop(ws) => ws.dims.iter_mut().for_each(|dim| f(&mut dim.iv)),
            _ => {}
        }
    }

    /// Visits the slots that the instruction itself touches. The lists `locals` are no use.
    pub fn for_each_slot(&self, f: &mut dyn FnMut(SlotId, SlotUse)) {
        match self {
            Op::SlotLoad { slot } => f(*slot, SlotUse::Read),
            Op::SlotStore { slot, .. } => f(*slot, SlotUse::Write),
            Op::CopyPrivate { slots, .. } => {
                slots.iter().for_each(|&slot| f(slot, SlotUse::Address))
            }
            Op::Reduce { items } => {
                for item in items {
                    f(item.shared, SlotUse::Address);
                    f(item.private, SlotUse::Address);
                }
            }
            Op::Fork { captures, .. } | Op::ForkTeams { captures, .. } => captured(captures, f),
            Op::Spawn(spawn) => {
                captured(&spawn.captures, f);
                spawn.clauses.for_each_slot(f);
            }
            Op::Task(task) => task.clauses.for_each_slot(f),
            Op::TaskWait { depends, .. } | Op::DependObjectNew { depends } => {
                depends.iter().for_each(|depend| depend.for_each_slot(f))
            }
            Op::DependWrite { depend, .. } => depend.for_each_slot(f),
            Op::Offload(offload) => {
                captured(&offload.captures, f);
                offload.maps.iter().for_each(|item| item.for_each_slot(f));
            }
            Op::Target(target) => target.maps.iter().for_each(|item| item.for_each_slot(f)),
            Op::TargetData(data) => data.maps.iter().for_each(|item| item.for_each_slot(f)),
            Op::TargetMove(moved) => moved.maps.iter().for_each(|item| item.for_each_slot(f)),
            _ => {
                if let Some(Place::Slot(slot)) = self.place() {
                    f(*slot, SlotUse::Address);
                }
            }
        }
    }

    /// Visits every slot id that the instruction itself holds, to rename it; the lists `locals` included.
    pub fn for_each_slot_mut(&mut self, f: &mut dyn FnMut(&mut SlotId)) {
        match self {
            Op::SlotLoad { slot } | Op::SlotStore { slot, .. } => f(slot),
            Op::CopyPrivate { slots, .. } | Op::Parallel { locals: slots, .. } => {
                slots.iter_mut().for_each(f)
            }
            Op::Reduce { items } => {
                for item in items {
                    f(&mut item.shared);
                    f(&mut item.private);
                }
            }
            Op::Teams(teams) => teams.locals.iter_mut().for_each(f),
            Op::Fork { captures, .. } | Op::ForkTeams { captures, .. } => {
                captures.iter_mut().for_each(|capture| f(&mut capture.slot))
            }
            Op::Spawn(spawn) => {
                spawn
                    .captures
                    .iter_mut()
                    .for_each(|capture| f(&mut capture.slot));
                spawn.clauses.for_each_slot_mut(f);
            }
            Op::Task(task) => {
                task.locals.iter_mut().for_each(&mut *f);
                task.clauses.for_each_slot_mut(f);
            }
            Op::DependWrite { depend, .. } => depend.for_each_slot_mut(f),
            Op::TaskWait { depends, .. } | Op::DependObjectNew { depends } => depends
                .iter_mut()
                .for_each(|depend| depend.for_each_slot_mut(f)),
            Op::Target(target) => {
                target.locals.iter_mut().for_each(&mut *f);
                target
                    .maps
                    .iter_mut()
                    .for_each(|item| f(item.on.slot_mut()));
            }
            Op::Offload(offload) => {
                let captures = offload.captures.iter_mut();
                captures.for_each(|capture| f(&mut capture.slot));
                offload
                    .maps
                    .iter_mut()
                    .for_each(|item| f(item.on.slot_mut()));
            }
            Op::TargetData(data) => data.maps.iter_mut().for_each(|item| f(item.on.slot_mut())),
            Op::TargetMove(moved) => moved.maps.iter_mut().for_each(|item| f(item.on.slot_mut())),
            Op::AtomicLoad { place, .. }
            | Op::AtomicStore { place, .. }
            | Op::AtomicUpdate { place, .. }
            | Op::AtomicExchange { place, .. }
            | Op::AtomicCompareExchange { place, .. } => {
                if let Place::Slot(slot) = place {
                    f(slot);
                }
            }
            _ => {}
        }
    }

    /// The location of an atomic operation.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Op::AtomicLoad { place, .. }
            | Op::AtomicStore { place, .. }
            | Op::AtomicUpdate { place, .. }
            | Op::AtomicExchange { place, .. }
            | Op::AtomicCompareExchange { place, .. } => Some(place),
            _ => None,
        }
    }

    /// Whether control never reaches the instruction after this one.
    pub fn is_terminator(&self) -> bool {
        matches!(
            self,
            Op::Break
                | Op::Continue
                | Op::LeaveLoop
                | Op::LeaveRegion
                | Op::LeaveTask
                | Op::Return { .. }
                | Op::Raise { .. }
        )
    }
}

impl LeagueClauses {
    fn for_each_operand(&self, f: &mut dyn FnMut(&ValueId)) {
        let Self {
            lower,
            upper,
            thread_limit,
            if_,
        } = self;
        [lower, upper, thread_limit, if_]
            .into_iter()
            .flatten()
            .for_each(f);
    }

    fn for_each_operand_mut(&mut self, f: &mut dyn FnMut(&mut ValueId)) {
        let Self {
            lower,
            upper,
            thread_limit,
            if_,
        } = self;
        [lower, upper, thread_limit, if_]
            .into_iter()
            .flatten()
            .for_each(f);
    }
}

impl Place {
    fn for_each_operand(&self, f: &mut dyn FnMut(&ValueId)) {
        if let Place::Element { array, indices, .. } = self {
            f(array);
            indices.iter().for_each(f);
        }
    }

    fn for_each_operand_mut(&mut self, f: &mut dyn FnMut(&mut ValueId)) {
        if let Place::Element { array, indices, .. } = self {
            f(array);
            indices.iter_mut().for_each(f);
        }
    }
}

fn captured(captures: &[Capture], f: &mut dyn FnMut(SlotId, SlotUse)) {
    for capture in captures {
        let by = match capture.by {
            CaptureBy::Value => SlotUse::Read,
            CaptureBy::Reference => SlotUse::Address,
        };
        f(capture.slot, by);
    }
}

/// The visitors of operands for what tasks carry.
macro_rules! task_operands {
    ($name:ident, $value:ty, $iter:ident, $($mutability:tt)?) => {
        impl TaskClauses {
            fn $name(& $($mutability)? self, f: &mut dyn FnMut($value)) {
                for value in [
                    & $($mutability)? self.if_,
                    & $($mutability)? self.final_,
                    & $($mutability)? self.priority,
                    & $($mutability)? self.detach,
                    & $($mutability)? self.transparent,
                ] {
                    value.$iter().for_each(&mut *f);
                }
                self.depends.$iter().for_each(|depend| depend.$name(f));
            }
        }

        impl Depend {
            fn $name(& $($mutability)? self, f: &mut dyn FnMut($value)) {
                match & $($mutability)? self.on {
                    DependOn::Variable(_) | DependOn::AllMemory => {}
                    DependOn::Array(value) | DependOn::List(value) | DependOn::Object(value) => f(value),
                    DependOn::Element { array, indices, .. } => {
                        f(array);
                        indices.$iter().for_each(f);
                    }
                }
            }
        }
    };
}

task_operands!(for_each_operand, &ValueId, iter,);
task_operands!(for_each_operand_mut, &mut ValueId, iter_mut, mut);

impl TaskClauses {
    fn for_each_slot(&self, f: &mut dyn FnMut(SlotId, SlotUse)) {
        self.depends
            .iter()
            .for_each(|depend| depend.for_each_slot(f));
    }

    fn for_each_slot_mut(&mut self, f: &mut dyn FnMut(&mut SlotId)) {
        self.depends
            .iter_mut()
            .for_each(|depend| depend.for_each_slot_mut(f));
    }
}

impl Depend {
    fn for_each_slot(&self, f: &mut dyn FnMut(SlotId, SlotUse)) {
        if let DependOn::Variable(slot) = self.on {
            f(slot, SlotUse::Address);
        }
    }

    fn for_each_slot_mut(&mut self, f: &mut dyn FnMut(&mut SlotId)) {
        if let DependOn::Variable(slot) = &mut self.on {
            f(slot);
        }
    }
}

/// The visitors of operands for what `target` constructs carry.
macro_rules! target_operands {
    ($name:ident, $value:ty, $($mutability:tt)?) => {
        impl TargetClauses {
            fn $name(& $($mutability)? self, f: &mut dyn FnMut($value)) {
                let Self { device, if_, teams: [lower, upper], thread_limit, num_threads, trip } = self;
                let all = [device, if_, lower, upper, thread_limit, num_threads, trip];
                all.into_iter().flatten().for_each(f);
            }
        }

        impl MapItem {
            fn $name(& $($mutability)? self, f: &mut dyn FnMut($value)) {
                if let MapOn::Section { section, .. } = & $($mutability)? self.on {
                    f(section);
                }
            }
        }
    };
}

target_operands!(for_each_operand, &ValueId,);
target_operands!(for_each_operand_mut, &mut ValueId, mut);

impl MapItem {
    fn for_each_slot(&self, f: &mut dyn FnMut(SlotId, SlotUse)) {
        match self.on {
            MapOn::Scalar(slot) => f(slot, SlotUse::Address),
            MapOn::Array(slot) | MapOn::Section { array: slot, .. } => f(slot, SlotUse::Read),
        }
    }
}

impl MapOn {
    fn slot_mut(&mut self) -> &mut SlotId {
        match self {
            MapOn::Scalar(slot) | MapOn::Array(slot) | MapOn::Section { array: slot, .. } => slot,
        }
    }
}

impl Block {
    /// Visits every instruction of the block and of the blocks nested in it, outer before inner.
    pub fn walk<'b>(&'b self, f: &mut dyn FnMut(&'b Inst)) {
        for inst in &self.insts {
            f(inst);
            inst.op.for_each_block(&mut |block| block.walk(f));
        }
    }

    /// As `walk`, for changes in place.
    pub fn walk_mut(&mut self, f: &mut dyn FnMut(&mut Inst)) {
        for inst in &mut self.insts {
            f(inst);
            inst.op.for_each_block_mut(&mut |block| block.walk_mut(f));
        }
    }

    /// Whether an instruction here or in a nested block satisfies `test`.
    pub fn any(&self, test: &dyn Fn(&Inst) -> bool) -> bool {
        let mut found = false;
        self.walk(&mut |inst| found = found || test(inst));
        found
    }

    /// Whether the block cannot run to its end: its last instruction leaves it.
    pub fn diverges(&self) -> bool {
        self.insts
            .last()
            .is_some_and(|inst| inst.op.is_terminator())
    }
}
