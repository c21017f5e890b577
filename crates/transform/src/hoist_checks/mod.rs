//! Bounds checks out of loops: a loop whose accesses are linear in its induction variables gets one test in front
//! that all of them are in bounds, and two clones, one without those checks and one with all of them.
//!
//! ```text
//! for i in lo, hi {              all = lo >= 1 and hi - 1 < dim(a) - 1 and ...
//!   ... a[i - 1] check ...       if all {
//!   ... a[i + 1] check ...   ->    for i in lo, hi fast { ... a[i - 1] ... a[i + 1] ... }
//! }                              } else {
//!                                  for i in lo, hi checked { ... unchanged ... }
//!                                }
//! ```
//!
//! The test speaks of accesses that *may* happen, so it is sound whatever branches the body has; where it fails the
//! program runs as it was written, and an error is raised in the very iteration in which it would have been.
//! Loops are taken from the outside in: each access is covered at the outermost loop where its array is invariant
//! and its index has computable bounds; the clone with checks is left alone, so that a nest grows by a copy per
//! level at most. Accesses under an `if` are tested apart: they may be out of bounds exactly where the `if` keeps
//! them from running, and must not cost the others their clone.

mod emit;
mod linear;
mod scope;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use omply_ir::*;

use crate::effects::assigned_before_loops;
use crate::rename::copy_block;
use emit::{Emitter, Group};
use linear::Linear;
use scope::{Definitions, Scope, definitions};

/// Larger loops are not cloned: compiling them twice costs more than their checks.
const MAX_INSTRUCTIONS: usize = 4000;

/// Constants in indices up to here leave room for the arithmetic of the tests.
const MAX_CONSTANT: u64 = 1 << 40;

pub fn run(module: &mut Module) {
    let funcs = std::mem::take(&mut module.funcs);
    module.funcs = funcs.into_iter().map(hoist_func).collect();
}

fn hoist_func(func: Func) -> Func {
    let hoist = Hoist {
        definitions: definitions(&func),
        assigned: assigned_before_loops(&func),
        slots: func.slots.clone(),
        used: used_values(&func),
    };
    let (mut b, body) = FuncBuilder::resume(func);
    let body = hoist.block(&mut b, body);
    b.append(body);
    b.finish()
}

fn used_values(func: &Func) -> HashSet<ValueId> {
    let mut used = HashSet::new();
    func.body.walk(&mut |inst| {
        inst.op.for_each_operand(&mut |&value| {
            used.insert(value);
        });
    });
    used
}

struct Hoist {
    definitions: Definitions,
    assigned: HashMap<ValueId, HashSet<SlotId>>,
    slots: Vec<Slot>,
    used: HashSet<ValueId>,
}

/// A part of an index expression of a checked access.
#[derive(Clone)]
struct Index {
    /// Of all checked accesses in the loop, in order.
    access: usize,
    /// Among the operands that are indices.
    position: usize,
    array: ValueId,
    axis: u8,
    rest: Linear,
    constant: i64,
}

/// The accesses of a loop that a test in front can cover.
#[derive(Default)]
struct Plan {
    always: Vec<Index>,
    /// Accesses that stand under an `if`.
    sometimes: Vec<Index>,
}

impl Hoist {
    fn block(&self, b: &mut FuncBuilder, block: Block) -> Block {
        b.open_block();
        for mut inst in block.insts {
            b.set_span(inst.span);
            if self.is_loop(&inst) {
                self.for_loop(b, inst);
                continue;
            }
            inst.op.for_each_block_mut(&mut |nested| {
                let old = std::mem::take(nested);
                *nested = self.block(b, old);
            });
            b.push(inst);
        }
        b.close_block()
    }

    /// A worksharing loop, which devices still have at this point, is a nest like another; but its clones could not both define
    /// its result.
    fn is_loop(&self, inst: &Inst) -> bool {
        match inst.op {
            Op::For { .. } => true,
            Op::Loop(_) => !self.used.contains(&inst.results[0]),
            _ => false,
        }
    }

    fn for_loop(&self, b: &mut FuncBuilder, inst: Inst) {
        let mut scope = Scope::new(&inst, &self.slots, &self.definitions, &self.assigned);
        let plan = plan(&mut scope, &inst);
        if plan.always.is_empty() && plan.sometimes.is_empty() {
            let inst = self.inner_loops(b, inst);
            b.push(inst);
            return;
        }
        let mut emitter = Emitter::new(b, &mut scope);
        let always = groups(&plan.always);
        let always_holds = emitter.all_in_bounds(&always);
        let always_from_end = from_end(&mut emitter, &plan.always);
        if plan.sometimes.is_empty() {
            let checked = copy_loop(emitter.b, &inst, LoopVersion::Checked);
            let then = self.fast(emitter.b, inst, &always_from_end);
            b.effect(Op::If {
                cond: always_holds,
                then,
                els: checked,
            });
            return;
        }
        emitter.b.open_block();
        let sometimes_hold = emitter.all_in_bounds(&groups(&plan.sometimes));
        let mut all_from_end = from_end(&mut emitter, &plan.sometimes);
        all_from_end.extend(always_from_end.clone());
        let checked = copy_loop(b, &inst, LoopVersion::Checked);
        let mut partly = copy_loop(b, &inst, LoopVersion::Fast);
        partly
            .insts
            .iter_mut()
            .for_each(|inst| uncheck(inst, &always_from_end));
        let fast = self.fast(b, inst, &all_from_end);
        b.effect(Op::If {
            cond: sometimes_hold,
            then: fast,
            els: partly,
        });
        let then = b.close_block();
        b.effect(Op::If {
            cond: always_holds,
            then,
            els: checked,
        });
    }

    /// The loop without the checks of the accesses in `covered`; its inner loops get their own turn.
    fn fast(&self, b: &mut FuncBuilder, mut inst: Inst, covered: &Covered) -> Block {
        uncheck(&mut inst, covered);
        if let Some(info) = loop_info(&mut inst.op) {
            info.version = LoopVersion::Fast;
        }
        b.open_block();
        let inst = self.inner_loops(b, inst);
        b.push(inst);
        b.close_block()
    }

    fn inner_loops(&self, b: &mut FuncBuilder, mut inst: Inst) -> Inst {
        inst.op.for_each_block_mut(&mut |nested| {
            let old = std::mem::take(nested);
            *nested = self.block(b, old);
        });
        b.set_span(inst.span);
        inst
    }
}

/// Accesses to uncheck by number, each with the indices that are to be replaced: position and new value.
pub type Covered = BTreeMap<usize, Vec<(usize, ValueId)>>;

/// The accesses of `indices`; constants that count from the end get the index they stand for.
fn from_end(emitter: &mut Emitter<'_, '_>, indices: &[Index]) -> Covered {
    let mut covered = Covered::new();
    for index in indices {
        let replaced = covered.entry(index.access).or_default();
        if index.rest == Linear::default() && index.constant < 0 {
            replaced.push((
                index.position,
                emitter.index_from_end(index.array, index.axis, index.constant),
            ));
        }
    }
    covered
}

/// A copy of the loop and of everything in it, marked as `version`.
fn copy_loop(b: &mut FuncBuilder, inst: &Inst, version: LoopVersion) -> Block {
    let mut copy = copy_block(
        b,
        &Block {
            insts: vec![inst.clone()],
        },
    );
    let mut outermost = true;
    copy.walk_mut(&mut |inst| {
        if let Some(info) = loop_info(&mut inst.op)
            && (outermost || version == LoopVersion::Checked)
        {
            info.version = version;
            outermost = false;
        }
    });
    copy
}

fn loop_info(op: &mut Op) -> Option<&mut LoopInfo> {
    match op {
        Op::For { info, .. } => Some(info),
        Op::Loop(ws) => Some(&mut ws.info),
        _ => None,
    }
}

// ---- accesses --------------------------------------------------------------------------------------------------

/// The array and the indices with their axes, of an instruction that checks them.
pub fn checked_access(op: &Op) -> Option<(ValueId, Vec<(u8, ValueId)>)> {
    let elements = |indices: &[ValueId]| {
        indices
            .iter()
            .enumerate()
            .map(|(axis, &index)| (axis as u8, index))
            .collect()
    };
    match op {
        Op::Load {
            array,
            indices,
            check: IndexCheck::Python(_),
        }
        | Op::Store {
            array,
            indices,
            check: IndexCheck::Python(_),
            ..
        } => Some((*array, elements(indices))),
        Op::View {
            array,
            spec,
            check: IndexCheck::Python(_),
        } => {
            let axes = spec.iter().filter(|item| **item != ViewIndex::NewAxis);
            let indices = axes.zip(0..).filter_map(|(item, axis)| match item {
                ViewIndex::Index(index) => Some((axis, *index)),
                _ => None,
            });
            Some((*array, indices.collect()))
        }
        _ => match op.place()? {
            Place::Element {
                array,
                indices,
                check: IndexCheck::Python(_),
            } => Some((*array, elements(indices))),
            _ => None,
        },
    }
}

/// Removes the checks of the accesses in `covered`.
pub fn uncheck(inst: &mut Inst, covered: &Covered) {
    let mut next = 0;
    let mut each = |inst: &mut Inst| {
        if checked_access(&inst.op).is_none() {
            return;
        }
        if let Some(replaced) = covered.get(&next) {
            match &mut inst.op {
                Op::Load { indices, check, .. }
                | Op::Store { indices, check, .. }
                | Op::AtomicLoad {
                    place: Place::Element { indices, check, .. },
                    ..
                }
                | Op::AtomicStore {
                    place: Place::Element { indices, check, .. },
                    ..
                }
                | Op::AtomicUpdate {
                    place: Place::Element { indices, check, .. },
                    ..
                }
                | Op::AtomicExchange {
                    place: Place::Element { indices, check, .. },
                    ..
                }
                | Op::AtomicCompareExchange {
                    place: Place::Element { indices, check, .. },
                    ..
                } => {
                    *check = IndexCheck::None;
                    replaced
                        .iter()
                        .for_each(|&(position, value)| indices[position] = value);
                }
                Op::View { spec, check, .. } => {
                    *check = IndexCheck::None;
                    let mut indices = spec
                        .iter_mut()
                        .filter(|item| matches!(item, ViewIndex::Index(_)));
                    let mut at = 0;
                    for &(position, value) in replaced {
                        if let Some(index) = indices.nth(position - at) {
                            *index = ViewIndex::Index(value);
                        }
                        at = position + 1;
                    }
                }
                _ => {}
            }
        }
        next += 1;
    };
    inst.op
        .for_each_block_mut(&mut |block| block.walk_mut(&mut each));
}

// ---- what can be covered ---------------------------------------------------------------------------------------

fn plan(scope: &mut Scope<'_>, inst: &Inst) -> Plan {
    let mut plan = Plan::default();
    let mut size = 0;
    let mut next = 0;
    inst.op.for_each_block(&mut |body| {
        visit(body, false, &mut |inst, conditional| {
            size += 1;
            let Some((array, indices)) = checked_access(&inst.op) else {
                return;
            };
            let access = next;
            next += 1;
            let indices: Option<Vec<Index>> = indices
                .iter()
                .enumerate()
                .map(|(position, &(axis, index))| {
                    let array = scope.invariant(array)?;
                    let (rest, constant) = linear_index(scope, index)?;
                    Some(Index {
                        access,
                        position,
                        array,
                        axis,
                        rest,
                        constant,
                    })
                })
                .collect();
            let kind = if conditional {
                &mut plan.sometimes
            } else {
                &mut plan.always
            };
            kind.extend(indices.unwrap_or_default());
        })
    });
    if size > MAX_INSTRUCTIONS {
        return Plan::default();
    }
    if plan.always.is_empty() {
        std::mem::swap(&mut plan.always, &mut plan.sometimes);
    } else {
        implied_by_others(&mut plan);
    }
    plan
}

/// Calls `each` for every instruction in the order of `Block::walk`, and says whether it stands under a condition.
fn visit(block: &Block, conditional: bool, each: &mut dyn FnMut(&Inst, bool)) {
    for inst in &block.insts {
        each(inst, conditional);
        let conditional = conditional || matches!(inst.op, Op::If { .. } | Op::While { .. });
        inst.op
            .for_each_block(&mut |nested| visit(nested, conditional, each));
    }
}

/// The index as a linear form whose extremes can be computed in front of the loop, apart from its constant.
fn linear_index(scope: &mut Scope<'_>, index: ValueId) -> Option<(Linear, i64)> {
    let linear = scope.linear(index)?;
    let variables = linear.variables();
    for &iv in &variables {
        scope.range(iv)?.bits()?;
        // Taken apart, `j` and `i` in `j - i` with `j` starting at `i` have extremes that never meet.
        let outer = scope.depends_on(iv)?;
        let mut known = outer.iter();
        if known.any(|outer| variables.contains(outer)) {
            return None;
        }
        for outer in outer {
            scope.range(outer)?.bits()?;
        }
    }
    let (rest, constant) = linear.split_constant();
    rest.bits()?;
    (constant.unsigned_abs() <= MAX_CONSTANT).then_some((rest, constant))
}

/// Moves accesses under an `if` to those that always run, when the test for these covers them as well.
fn implied_by_others(plan: &mut Plan) {
    let always = groups(&plan.always);
    let implied = |index: &Index| {
        always.iter().any(|group| {
            (group.array, group.axis, &group.rest) == (index.array, index.axis, &index.rest)
                && (group.min..=group.max).contains(&index.constant)
        })
    };
    let open: BTreeSet<usize> = plan
        .sometimes
        .iter()
        .filter(|index| !implied(index))
        .map(|index| index.access)
        .collect();
    let (sometimes, free) = plan
        .sometimes
        .drain(..)
        .partition(|index| open.contains(&index.access));
    plan.sometimes = sometimes;
    plan.always.extend::<Vec<Index>>(free);
}

fn groups(indices: &[Index]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for Index {
        array,
        axis,
        rest,
        constant,
        ..
    } in indices
    {
        let same =
            |group: &&mut Group| (group.array, group.axis, &group.rest) == (*array, *axis, rest);
        match groups.iter_mut().find(same) {
            Some(group) => {
                group.min = group.min.min(*constant);
                group.max = group.max.max(*constant);
            }
            None => groups.push(Group {
                array: *array,
                axis: *axis,
                rest: rest.clone(),
                min: *constant,
                max: *constant,
            }),
        }
    }
    groups
}
