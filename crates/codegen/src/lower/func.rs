//! The state of one function's translation, and the dispatch from operations to the files beside this one.

use std::collections::HashSet;

use omply_ir::{ArrayType, Block, Func, FuncKind, Inst, Op, Scalar, SlotId, Type, ValueId};

use crate::CodegenError;
use crate::llvm::{Bb, Llvm, Meta, Ty, Value};
use crate::support::{STATUS_CANCELLED, STATUS_TASK_LEFT};

use super::cancel::Leavable;
use super::contract::{self, Products};
use super::control::{LoopTargets, Scope};
use super::defer::Deferred;
use super::layout::{ArrayParts, Leaves, leaves_of};
use super::{Declared, ModuleLower, device, slots};

pub struct FuncLower<'a> {
    pub m: &'a ModuleLower<'a>,
    pub ll: &'a Llvm,
    pub f: &'a Func,
    pub index: usize,
    pub llvm: Declared,
    /// Holds the variables and what is computed once; branches to the body when that is finished.
    pub entry: Bb,
    /// Every path out of the function leads here.
    pub exit: Bb,
    /// Status that the function will return.
    pub status: Value,
    /// The leaves of the value that the function will return, each in memory.
    pub results: Vec<(Ty, Value)>,
    values: Vec<Option<Leaves>>,
    /// Values that are arrays which this thread does not own alone: see `loops`.
    pub shared_arrays: Vec<bool>,
    /// Each slot's address.
    pub slots: Vec<Option<Value>>,
    pub scopes: Vec<Scope>,
    pub leavables: Vec<Leavable>,
    pub loops: Vec<LoopTargets>,
    /// The parallel loops that the current instruction stands in, innermost last.
    pub access_groups: Vec<Meta>,
    /// Global thread number, thread number, team size: known or computed at first use.
    pub team: [Option<Value>; 3],
    /// Hidden variables, each holding a reference for a value that needs one.
    pub temporaries: Vec<Value>,
    /// The temporaries of each open block.
    pub block_temporaries: Vec<Vec<Value>>,
    /// Open blocks, each with the place of the current instruction.
    pub open_blocks: Vec<(&'a Block, usize)>,
    /// Products that contraction may take into a sum; empty when it is off.
    pub products: Products,
    /// Variables that tasks may use at any time.
    pub task_shared: HashSet<SlotId>,
    /// Devices: where failing paths go, see `device`.
    pub steps: device::Steps,
    /// How many conditions the current instruction stands under.
    pub conditions: usize,
    /// What the innermost loop, or a lane, waits with.
    pub deferred: Option<Deferred>,
    /// How many iterations at once the innermost loop that says so wants.
    pub simdlen: Option<u32>,
    /// Translates a lane: see `declare_simd`.
    pub is_lane: bool,
}

impl<'a> FuncLower<'a> {
    /// Of a function's body, for the function that `llvm` is.
    pub fn of(m: &'a ModuleLower<'a>, index: usize, llvm: Declared) -> Self {
        let f = &m.module.funcs[index];
        let ll = &m.ll;
        let entry = ll.block(llvm.function, "entry");
        let exit = ll.block(llvm.function, "exit");
        ll.at(entry);
        let status = ll.alloca(ll.i32, 0);
        ll.store(ll.c32(0), status);
        let results = match f.kind {
            FuncKind::Outlined | FuncKind::Task | FuncKind::Target => Vec::new(),
            FuncKind::Normal => leaves_of(&f.ret)
                .into_iter()
                .map(|leaf| {
                    let ty = leaf.ty(ll);
                    let place = ll.alloca(ty, 0);
                    ll.store(ll.zero(ty), place);
                    (ty, place)
                })
                .collect(),
        };
        let team = match f.kind {
            FuncKind::Outlined => [0, 1, 2].map(|number| Some(ll.param(llvm.function, number))),
            _ if m.device.is_some() => [None; 3],
            FuncKind::Task | FuncKind::Target => [Some(ll.param(llvm.function, 0)), None, None],
            FuncKind::Normal => [None; 3],
        };
        let mut this = Self {
            m,
            ll,
            f,
            index,
            llvm,
            entry,
            exit,
            status,
            results,
            values: vec![None; f.values.len()],
            shared_arrays: vec![false; f.values.len()],
            slots: vec![None; f.slots.len()],
            scopes: Vec::new(),
            leavables: Vec::new(),
            loops: Vec::new(),
            access_groups: Vec::new(),
            team,
            temporaries: Vec::new(),
            block_temporaries: Vec::new(),
            open_blocks: Vec::new(),
            products: if m.options.contract {
                contract::products(f)
            } else {
                Products::new()
            },
            task_shared: slots::shared_with_tasks(f),
            steps: device::Steps::default(),
            conditions: 0,
            deferred: None,
            simdlen: None,
            is_lane: false,
        };
        if llvm.hidden.gtid {
            let place = this.own_params() + usize::from(llvm.hidden.limit);
            this.team[0] = Some(ll.param(llvm.function, place));
        }
        if m.device.is_some() {
            this.begin_device();
        }
        this
    }

    /// Translates the function with checks that wait until it returns.
    pub fn lower_lane(mut self) -> Result<(), CodegenError> {
        self.is_lane = true;
        if let Some(waiting) = self.m.waiting(self.f, &self.f.body, true) {
            self.deferred = Some(self.flags_of(&waiting));
        }
        self.lower()
    }

    /// Translates the function.
    pub fn lower(mut self) -> Result<(), CodegenError> {
        self.make_slots();
        let body = self.ll.block(self.llvm.function, "body");
        self.ll.at(body);
        self.check_stack();
        self.receive_params();
        self.clear_flag();
        let f = self.f;
        self.block(&f.body)?;
        if !self.ll.terminated() {
            self.ll.br(self.exit);
        }
        self.ll.at(self.exit);
        self.leave();
        self.ll.at(self.entry);
        self.ll.br(body);
        Ok(())
    }

    /// The exit block: releases what the function holds and returns.
    fn leave(&mut self) {
        let ll = self.ll;
        self.await_children();
        self.release_all();
        let status = match self.returns_bits() {
            Some(bits) => bits,
            None => ll.load(ll.i32, self.status),
        };
        if self.f.kind == FuncKind::Outlined {
            self.report_failure(status);
            ll.ret(status);
            return;
        }
        if self.f.kind == FuncKind::Target && self.m.device.is_some() {
            ll.ret_void();
            return;
        }
        if matches!(self.f.kind, FuncKind::Task | FuncKind::Target) {
            ll.ret(status);
            return;
        }

        let mut fields = vec![ll.i32];
        fields.extend(self.results.iter().map(|(ty, _)| *ty));
        let mut result = ll.insert(ll.poison(ll.struct_type(&fields)), status, 0);
        for (index, &(ty, place)) in self.results.iter().enumerate() {
            result = ll.insert(result, ll.load(ty, place), index + 1);
        }
        ll.ret(result);
    }

    // ---- values ------------------------------------------------------------------------------------------------

    pub fn leaves(&self, value: ValueId) -> Result<Leaves, CodegenError> {
        self.values[value.index()]
            .clone()
            .ok_or_else(|| self.error(format!("%{} is used before it is defined", value.0)))
    }

    /// The one leaf of a real number.
    pub fn value(&self, value: ValueId) -> Result<Value, CodegenError> {
        self.leaves(value)?
            .first()
            .copied()
            .ok_or_else(|| self.error(format!("%{} is no number", value.0)))
    }

    pub fn complex(&self, value: ValueId) -> Result<[Value; 2], CodegenError> {
        match self.leaves(value)?[..] {
            [re, im] => Ok([re, im]),
            _ => Err(self.error(format!("%{} is no complex number", value.0))),
        }
    }

    pub fn array(&self, value: ValueId) -> Result<ArrayParts, CodegenError> {
        Ok(ArrayParts::new(
            self.array_type(value)?,
            &self.leaves(value)?,
        ))
    }

    pub fn array_type(&self, value: ValueId) -> Result<ArrayType, CodegenError> {
        self.ty(value)
            .as_array()
            .ok_or_else(|| self.error(format!("%{} is no array", value.0)))
    }

    pub fn ty(&self, value: ValueId) -> &'a Type {
        &self.f.values[value.index()]
    }

    pub fn scalar(&self, value: ValueId) -> Result<Scalar, CodegenError> {
        self.ty(value)
            .as_scalar()
            .ok_or_else(|| self.error(format!("%{} is no scalar", value.0)))
    }

    pub fn slot_type(&self, slot: SlotId) -> &'a Type {
        &self.f.slots[slot.index()].ty
    }

    pub fn define(&mut self, value: ValueId, leaves: impl IntoIterator<Item = Value>) {
        self.values[value.index()] = Some(leaves.into_iter().collect());
    }

    /// Defines the only result of an instruction, if anybody wants it.
    pub fn define_result(&mut self, inst: &Inst, leaves: impl IntoIterator<Item = Value>) {
        if let Some(&result) = inst.results.first() {
            self.define(result, leaves);
        }
    }

    pub fn result_type(&self, inst: &Inst) -> Result<&'a Type, CodegenError> {
        inst.results
            .first()
            .map(|&result| self.ty(result))
            .ok_or_else(|| self.error("an operation without its result"))
    }

    pub fn result_scalar(&self, inst: &Inst) -> Result<Scalar, CodegenError> {
        self.result_type(inst)?
            .as_scalar()
            .ok_or_else(|| self.error("a result that is no scalar"))
    }

    pub fn error(&self, message: impl Into<String>) -> CodegenError {
        CodegenError {
            message: format!("in {}: {}", self.f.name, message.into()),
            place: None,
        }
    }

    // ---- places to build at ------------------------------------------------------------------------------------

    pub fn new_block(&self, name: &str) -> Bb {
        self.ll.block(self.llvm.function, name)
    }

    /// Builds in the entry block, which dominates everything.
    pub fn at_entry<T>(&mut self, build: impl FnOnce(&mut Self) -> T) -> T {
        let here = self.ll.here();
        self.ll.at(self.entry);
        let made = build(self);
        self.ll.at(here);
        made
    }

    /// Memory of the function's activation.
    pub fn stack(&mut self, ty: Ty, align: u32) -> Value {
        self.at_entry(|this| this.ll.alloca(ty, align))
    }

    // ---- instructions ------------------------------------------------------------------------------------------

    /// Translates a block; the builder is left where control goes on.
    pub fn block(&mut self, block: &'a Block) -> Result<(), CodegenError> {
        self.open_blocks.push((block, 0));
        self.block_temporaries.push(Vec::new());
        for (place, inst) in block.insts.iter().enumerate() {
            if let Some(open) = self.open_blocks.last_mut() {
                open.1 = place;
            }
            if self.m.device.is_some() {
                self.device_inst(inst).map_err(|mut error| {
                    error.place.get_or_insert((self.index, inst.span));
                    error
                })?;
            } else {
                self.inst(inst)?;
            }
            if self.ll.terminated() {
                break;
            }
        }
        self.end_of_steps();
        self.open_blocks.pop();
        let temporaries = self.block_temporaries.pop().unwrap_or_default();
        if !self.ll.terminated() {
            self.release_temporaries(&temporaries);
        }
        Ok(())
    }

    pub fn inst(&mut self, inst: &'a Inst) -> Result<(), CodegenError> {
        match &inst.op {
            Op::Const(constant) => self.constant(inst, *constant),
            Op::Unary { op, a } => self.unary(inst, *op, *a),
            Op::Binary { op, a, b, reassoc } => self.binary(inst, *op, *a, *b, *reassoc),
            Op::Compare { op, a, b } => self.compare(inst, *op, *a, *b),
            Op::Cast { a } => self.cast(inst, *a),
            Op::Select { cond, then, els } => self.select(inst, *cond, *then, *els),
            Op::Math {
                func,
                args,
                reassoc,
            } => self.math(inst, *func, args, *reassoc),
            Op::ComplexNew { re, im } => {
                let parts = [self.value(*re)?, self.value(*im)?];
                self.define_result(inst, parts);
                Ok(())
            }
            Op::ComplexPart { a, imag } => {
                let part = self.complex(*a)?[*imag as usize];
                self.define_result(inst, [part]);
                Ok(())
            }
            Op::TupleNew { items } => self.tuple_new(inst, items),
            Op::TupleGet { tuple, index } => self.tuple_get(inst, *tuple, *index),

            Op::SlotLoad { slot } => self.slot_load(inst, *slot),
            Op::SlotStore { slot, value } => self.slot_store(*slot, *value),
            Op::Dim { array, axis } => {
                let dim = self.array(*array)?.dims[*axis as usize];
                self.define_result(inst, [dim]);
                Ok(())
            }
            Op::Load {
                array,
                indices,
                check,
            } => self.element_load(inst, *array, indices, *check),
            Op::Store {
                array,
                indices,
                value,
                check,
            } => self.element_store(*array, indices, *value, *check),
            Op::View { array, spec, check } => self.view(inst, *array, spec, *check),
            Op::Alloc {
                shape,
                init,
                from,
                site,
            } => self.alloc(inst, shape, *init, *from, *site),
            Op::ArrayCopy { dst, src, site } => self.array_copy(*dst, *src, *site),
            Op::ArrayFill { dst, value } => self.array_fill(*dst, *value),
            Op::ArrayCombine { op, dst, src } => self.array_combine(*op, *dst, *src),
            Op::ArrayCast { array } => self.array_cast(inst, *array),
            Op::Transpose { array } => self.transpose(inst, *array),

            Op::If { cond, then, els } => self.if_(*cond, then, els),
            Op::While { cond, test, body } => self.while_(cond, *test, body),
            Op::For {
                iv,
                start,
                stop,
                step,
                body,
                info,
            } => self.for_(*iv, [*start, *stop, *step], body, info),
            Op::Break => self.leave_loop(true),
            Op::Continue => self.leave_loop(false),
            Op::Return { value } => self.return_(*value),
            Op::Check { cond, site, args } => self.check(*cond, *site, args),
            Op::Raise { site, args } => self.raise(*site, args),
            Op::Call { func, args } => self.call(inst, *func, args),
            Op::Poll => self.poll(),
            Op::Routine { routine, args } => self.routine(inst, *routine, args),

            Op::ThreadNum => {
                let number = self.thread_num();
                self.define_result(inst, [number]);
                Ok(())
            }
            Op::TeamSize => {
                let size = self.team_size();
                self.define_result(inst, [size]);
                Ok(())
            }
            Op::DoacrossBegin { dims } => self.doacross_begin(dims),
            Op::DoacrossPost { iteration } => self.doacross_post(iteration),
            Op::DoacrossWait { iteration } => self.doacross_wait(iteration),
            Op::DoacrossEnd => self.doacross_end(),
            Op::Cancel { kind, activate } => self.cancel(inst, *kind, *activate),
            Op::LeaveLoop => self.leave_worksharing(),
            Op::LeaveRegion => {
                self.leave_with(self.ll.c32(STATUS_CANCELLED));
                Ok(())
            }
            Op::LeaveTask => {
                self.leave_with(self.ll.c32(STATUS_TASK_LEFT));
                Ok(())
            }
            Op::Leavable { body } => self.leavable(body),
            Op::Barrier => self.barrier(),
            Op::Flush { order } => self.flush(*order),
            Op::Warn { text } => self.warn(text),
            Op::Watch {
                event,
                region,
                what,
                place,
            } => self.watch(inst, *event, *region, what, place),
            Op::Single { body } => self.single(inst, body),
            Op::CopyPrivate { executed, slots } => self.copy_private(*executed, slots),
            Op::Critical { name, body } => self.critical(name, body),
            Op::Combine { body } => self.combine(body),
            Op::Ordered { body } => self.ordered(body),
            Op::Reduce { items } => self.reduce(items),
            Op::AtomicLoad { place, order } => self.atomic_load(inst, place, *order),
            Op::AtomicStore {
                place,
                value,
                order,
            } => self.atomic_store(place, *value, *order),
            Op::AtomicUpdate {
                place,
                op,
                value,
                reversed,
                order,
            } => self.atomic_update(inst, place, *op, *value, *reversed, *order),
            Op::AtomicExchange {
                place,
                value,
                order,
            } => self.atomic_exchange(inst, place, *value, *order),
            Op::AtomicCompareExchange {
                place,
                expected,
                desired,
                order,
                weak,
            } => self.atomic_compare_exchange(inst, place, [*expected, *desired], *order, *weak),

            Op::TaskGroup { body } => self.task_group(body),
            Op::TaskWait { depends, nowait } => self.task_wait(depends, *nowait),
            Op::DependWrite { list, at, depend } => self.depend_write(*list, *at, depend),
            Op::DependObjectNew { depends } => self.depend_object_new(inst, depends),
            Op::DependObject { object, action } => self.depend_object(inst, *object, *action),
            Op::TaskYield => self.task_yield(),
            Op::TaskEvent => self.task_event(inst),
            Op::Spawn(spawn) => self.spawn(spawn),
            Op::Parallel { .. } | Op::Teams(_) | Op::Task(_) | Op::Target(_) | Op::Loop(_) => {
                Err(self.error("a region that was not outlined"))
            }
            Op::Offload(offload) => self.offload(offload),
            Op::TargetData(data) => self.target_data(data),
            Op::TargetMove(moved) => self.target_move(moved),
            Op::DeviceArray { array, device } => self.device_array(inst, *array, *device),
            Op::ForkTeams {
                func,
                captures,
                clauses,
            } => self.fork_teams(*func, captures, clauses),
            Op::Fork {
                func,
                captures,
                num_threads,
                if_,
                proc_bind,
            } => self.fork(*func, captures, *num_threads, *if_, *proc_bind),
            Op::StaticInit { trip, chunk } => self.static_init(inst, *trip, *chunk),
            Op::DispatchInit {
                trip,
                schedule,
                chunk,
                monotonic,
                ordered,
            } => self.dispatch_init(*trip, *schedule, *chunk, *monotonic, *ordered),
            Op::DispatchNext { .. } => self.dispatch_next(inst),
            Op::OrderedIterationEnd => self.ordered_iteration_end(),
            // The runtime ends a loop by itself, when it has no chunk left for the thread.
            Op::DispatchEnd => Ok(()),
        }
    }
}
