//! Decides for every region who runs it, and makes a function for every way in which one is called.
//!
//! | way | runs it | a `parallel` in it |
//! |---|---|---|
//! | `Team` | the initial thread of a team, every other thread keeping step | is run by all threads of the team, and stays for `team` |
//! | `Parallel` | each thread of a team | is run by the thread that meets it |
//! | `Alone` | one thread, which is a team of its own | likewise |
//!
//! Tasks are executed where they are generated.

use std::collections::HashMap;

use omply_diagnostics::Span;
use omply_ir::*;

use super::share::first_thread;
use super::{Unsupported, combine};
use crate::rename::copy_block;
use crate::worksharing::Expansion;

/// The name of the critical regions in which declared operators combine; no program can have one of that name.
const COMBINE: &str = "omply combine";

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Way {
    Team,
    Parallel,
    Alone,
}

/// The functions that the kernel needs, it comes first; and what each is made from.
pub fn run(module: &Module, index: usize) -> Result<(Vec<Func>, Vec<usize>)> {
    let forks = reaching(module, &|op| matches!(op, Op::Parallel { .. }));
    let asks = reaching(module, &depends_on_team);
    let mut regions = Regions {
        module,
        forks,
        asks,
        made: HashMap::new(),
        funcs: Vec::new(),
        sources: Vec::new(),
    };
    regions.func(index, Way::Team)?;
    let funcs = regions.funcs.into_iter().flatten().collect();
    Ok((funcs, regions.sources))
}

/// The functions that have such an operation, or call one that has.
fn reaching(module: &Module, test: &dyn Fn(&Op) -> bool) -> Vec<bool> {
    let mut found: Vec<bool> = module
        .funcs
        .iter()
        .map(|func| func.body.any(&|inst| test(&inst.op)))
        .collect();
    loop {
        let before = found.clone();
        for (found, func) in found.iter_mut().zip(&module.funcs) {
            *found |= func
                .body
                .any(&|inst| matches!(inst.op, Op::Call { func, .. } if before[func.index()]));
        }
        if found == before {
            return found;
        }
    }
}

fn waits(inst: &Inst) -> bool {
    matches!(inst.op, Op::DoacrossPost { .. } | Op::DoacrossWait { .. })
}

fn depends_on_team(op: &Op) -> bool {
    matches!(
        op,
        Op::Parallel { .. }
            | Op::Loop(_)
            | Op::ThreadNum
            | Op::TeamSize
            | Op::Barrier
            | Op::Single { .. }
            | Op::CopyPrivate { .. }
            | Op::Reduce { .. }
            | Op::Routine { .. }
    )
}

struct Regions<'m> {
    module: &'m Module,
    /// Functions that lead to a parallel region.
    forks: Vec<bool>,
    /// Functions to which it matters who runs them.
    asks: Vec<bool>,
    made: HashMap<(usize, Way), FuncId>,
    /// Absent while it is being made.
    funcs: Vec<Option<Func>>,
    /// What they are made from.
    sources: Vec<usize>,
}

type Result<T> = std::result::Result<T, Unsupported>;

impl Regions<'_> {
    fn func(&mut self, index: usize, way: Way) -> Result<FuncId> {
        let source = &self.module.funcs[index];
        let way = match way {
            Way::Team if source.kind == FuncKind::Target || self.forks[index] => Way::Team,
            Way::Parallel if self.asks[index] => Way::Parallel,
            _ => Way::Alone,
        };
        if let Some(&made) = self.made.get(&(index, way)) {
            if way != Way::Alone && self.funcs[made.index()].is_none() {
                return Err(unsupported(
                    "a function that calls itself and shares work among threads",
                    index,
                    source.span,
                ));
            }
            return Ok(made);
        }
        let id = FuncId(self.funcs.len() as u32);
        self.made.insert((index, way), id);
        self.funcs.push(None);
        self.sources.push(index);
        let mut func = source.clone();
        for slot in &func.slots {
            let what = match slot.storage {
                Storage::Threadprivate { .. } => "threadprivate variables",
                Storage::Groupprivate { .. } => "groupprivate variables",
                _ => continue,
            };
            return Err(unsupported(what, index, slot.span));
        }
        func.name = match way {
            Way::Team | Way::Alone => func.name,
            Way::Parallel => format!("{}.shared", func.name),
        };
        let mut ints = HashMap::new();
        func.body.walk(&mut |inst| {
            if let Op::Const(Const::Int(_, value)) = inst.op {
                ints.insert(inst.results[0], value);
            }
        });
        let (mut b, body) = FuncBuilder::resume(func);
        let body = Walk {
            regions: self,
            source: index,
            ints: &ints,
            in_task: false,
        }
        .block(&mut b, body, way)?;
        b.append(body);
        self.funcs[id.index()] = Some(b.finish());
        Ok(id)
    }
}

fn unsupported(what: impl Into<String>, func: usize, span: Span) -> Unsupported {
    Unsupported {
        what: what.into(),
        func,
        span,
    }
}

/// The translation of one function.
struct Walk<'r, 'm> {
    regions: &'r mut Regions<'m>,
    /// The function's number in the module.
    source: usize,
    ints: &'r HashMap<ValueId, i64>,
    /// In a task of a region that threads share.
    in_task: bool,
}

impl Walk<'_, '_> {
    fn block(&mut self, b: &mut FuncBuilder, block: Block, way: Way) -> Result<Block> {
        b.open_block();
        self.insts(b, block, way)?;
        Ok(b.close_block())
    }

    /// The block's instructions, in the block that is open.
    fn insts(&mut self, b: &mut FuncBuilder, block: Block, way: Way) -> Result<()> {
        for inst in block.insts {
            b.set_span(inst.span);
            self.inst(b, inst, way)?;
        }
        Ok(())
    }

    fn inst(&mut self, b: &mut FuncBuilder, inst: Inst, way: Way) -> Result<()> {
        let Inst {
            mut results,
            op,
            span,
        } = inst;
        let source = self.source;
        let refuse = |what: &str| Err(unsupported(what, source, span));
        match op {
            Op::Parallel {
                num_threads,
                if_,
                locals,
                body,
                ..
            } => match way {
                Way::Team => return self.fork(b, num_threads, if_, locals, body),
                _ => self.insts(b, body, Way::Alone)?,
            },
            Op::Teams(teams) => self.insts(b, teams.body, way)?,
            Op::Task(task) => {
                if task.clauses.detach.is_some() {
                    return refuse("tasks with detach");
                }
                // Other threads know nothing of it.
                let outer = std::mem::replace(&mut self.in_task, true);
                self.insts(b, task.body, way)?;
                self.in_task = outer;
            }
            Op::TaskGroup { body } => self.insts(b, body, way)?,
            Op::TaskWait { .. } | Op::TaskYield | Op::Poll => {}
            Op::Loop(mut ws) => {
                let in_order = ws.ordered || ws.body.any(&waits);
                ws.body = self.block(b, ws.body, way)?;
                let shared = way == Way::Parallel && !ws.range.is_some_and(|range| range.alone);
                if shared && in_order {
                    self.in_order(b, *ws, results[0]);
                } else if shared {
                    b.define(Op::Loop(ws), results);
                } else {
                    self.alone(b, *ws, results[0]);
                }
            }
            Op::Ordered { body } => self.insts(b, body, way)?,
            Op::Single { body } => {
                if way == Way::Parallel {
                    let me = b.emit(Op::ThreadNum, Type::I64);
                    let first = b.int(0);
                    let (op, a) = (CompareOp::Eq, me);
                    b.define(Op::Compare { op, a, b: first }, results.clone());
                    let then = self.block(b, body, way)?;
                    b.effect(Op::If {
                        cond: results[0],
                        then,
                        els: Block::default(),
                    });
                } else {
                    b.define(Op::Const(Const::Bool(true)), results);
                    self.insts(b, body, way)?;
                }
            }
            Op::CopyPrivate { executed, slots } => {
                if way == Way::Parallel {
                    copy_private(b, executed, &slots);
                }
            }
            Op::Barrier => {
                if way == Way::Parallel {
                    b.effect(Op::Barrier);
                }
            }
            Op::Reduce { items } => self.reduce(b, items, way)?,
            Op::ThreadNum if way != Way::Parallel => b.define(number(0), results),
            Op::TeamSize if way != Way::Parallel => b.define(number(1), results),
            Op::Routine { routine, .. } => self.routine(b, routine, results.pop(), way, span)?,
            Op::Call { func, args } => {
                let func = self.regions.func(func.index(), way)?;
                b.define(Op::Call { func, args }, results);
            }
            Op::Combine { body } => {
                let body = self.block(b, body, way)?;
                let name = COMBINE.to_owned();
                b.effect(Op::Critical { name, body });
            }
            // A device's cancel-var is false: nothing is ever cancelled, and nothing left.
            Op::Cancel { .. } => b.define(Op::Const(Const::Bool(false)), results),
            Op::LeaveLoop | Op::LeaveRegion | Op::LeaveTask => {}
            // Where iterations may wait for each other, one thread runs them in their order.
            Op::DoacrossBegin { .. }
            | Op::DoacrossPost { .. }
            | Op::DoacrossWait { .. }
            | Op::DoacrossEnd => {}
            mut op => {
                let mut failed = None;
                op.for_each_block_mut(&mut |nested| {
                    let old = std::mem::take(nested);
                    match self.block(b, old, way) {
                        Ok(new) => *nested = new,
                        Err(why) => failed = Some(why),
                    }
                });
                if let Some(why) = failed {
                    return Err(why);
                }
                b.define(op, results);
            }
        }
        Ok(())
    }

    /// A parallel region that all threads of the team run. Where fewer are asked for, one is enough: the others could not meet the
    /// region's barriers.
    fn fork(
        &mut self,
        b: &mut FuncBuilder,
        num_threads: Option<ValueId>,
        if_: Option<ValueId>,
        locals: Vec<SlotId>,
        body: Block,
    ) -> Result<()> {
        let asked = num_threads.map(|wanted| {
            let size = b.emit(Op::TeamSize, Type::I64);
            b.compare(CompareOp::Ge, wanted, size)
        });
        let cond = match (asked, if_) {
            (Some(asked), Some(if_)) => Some(b.binary(BinaryOp::And, asked, if_)),
            (asked, if_) => asked.or(if_),
        };
        // One thread's variables are not every thread's.
        let alone = cond.map(|_| {
            let mut copy = copy_block(b, &body);
            let mut own = HashMap::new();
            for &local in &locals {
                let slot = b.func().slots[local.index()].clone();
                own.insert(local, b.add_slot(slot));
            }
            copy.walk_mut(&mut |inst| {
                inst.op.for_each_slot_mut(&mut |slot| {
                    if let Some(&new) = own.get(slot) {
                        *slot = new;
                    }
                });
            });
            copy
        });
        let all = Op::Parallel {
            num_threads: None,
            if_: None,
            proc_bind: None,
            locals,
            body: self.block(b, body, Way::Parallel)?,
        };
        match cond.zip(alone) {
            None => b.effect(all),
            Some((cond, alone)) => {
                let then = b.block(|b| b.effect(all));
                let els = self.block(b, alone, Way::Alone)?;
                b.effect(Op::If { cond, then, els });
            }
        }
        Ok(())
    }

    /// A worksharing loop that nobody shares with the thread.
    fn alone(&mut self, b: &mut FuncBuilder, ws: Worksharing, last: ValueId) {
        let expansion = Expansion {
            ints: self.ints,
            last: Some(last),
        };
        let range = ws.range.unwrap_or_else(|| {
            let (_, upper) = expansion.trips(b, &ws);
            IterationRange {
                lower: b.int(0),
                upper,
                alone: true,
            }
        });
        expansion.expand(
            b,
            Worksharing {
                range: Some(IterationRange {
                    alone: true,
                    ..range
                }),
                ordered: false,
                ..ws
            },
        );
    }

    /// A loop of the team whose iterations depend on each other's order: its first thread runs all of them.
    fn in_order(&mut self, b: &mut FuncBuilder, ws: Worksharing, last: ValueId) {
        let flag = b.slot("is last", Type::BOOL);
        let no = b.bool(false);
        b.store_slot(flag, no);
        let first = first_thread(b);
        b.if_(
            first,
            |b| {
                let own = b.value(Type::BOOL);
                self.alone(b, ws, own);
                b.store_slot(flag, own);
            },
            |_| {},
        );
        b.define(Op::SlotLoad { slot: flag }, vec![last]);
    }

    fn reduce(&mut self, b: &mut FuncBuilder, items: Vec<ReduceItem>, way: Way) -> Result<()> {
        let mut together = Vec::new();
        for item in items {
            match b.slot_type(item.shared) {
                Type::Array(_) => combine::arrays(b, &item),
                _ if way == Way::Parallel && self.in_task => combine::number_of_task(b, &item),
                _ if way == Way::Parallel => together.push(item),
                _ => combine::numbers(b, &item),
            }
        }
        if !together.is_empty() {
            b.effect(Op::Reduce { items: together });
        }
        Ok(())
    }

    fn routine(
        &mut self,
        b: &mut FuncBuilder,
        routine: Routine,
        result: Option<ValueId>,
        way: Way,
        span: Span,
    ) -> Result<()> {
        let Some(result) = result else {
            // ICVs of a device's threads: nothing that they control can change.
            return Ok(());
        };
        let parallel = way == Way::Parallel;
        let op = match routine {
            Routine::GetThreadNum if parallel => Op::ThreadNum,
            Routine::GetNumThreads if parallel => Op::TeamSize,
            Routine::GetThreadNum | Routine::GetProcBind | Routine::GetNumPlaces => number(0),
            Routine::GetNumThreads
            | Routine::GetMaxActiveLevels
            | Routine::GetSupportedActiveLevels => number(1),
            Routine::GetLevel | Routine::GetActiveLevel => number(parallel.into()),
            Routine::GetPlaceNum => number(-1),
            Routine::GetMaxThreads | Routine::GetNumProcs | Routine::GetThreadLimit => Op::TeamSize,
            Routine::InParallel => Op::Const(Const::Bool(parallel)),
            Routine::GetDynamic
            | Routine::GetCancellation
            | Routine::IsInitialDevice
            | Routine::InFinal
            | Routine::InExplicitTask => Op::Const(Const::Bool(false)),
            Routine::GetNumTeams | Routine::GetTeamNum => Op::Routine {
                routine,
                args: Vec::new(),
            },
            other => {
                let what = format!("the routine {}", c_name(other));
                return Err(unsupported(what, self.source, span));
            }
        };
        b.define(op, vec![result]);
        Ok(())
    }
}

/// `GetWtime` is `omp_get_wtime`.
fn c_name(routine: Routine) -> String {
    let mut name = String::from("omp");
    for letter in format!("{routine:?}").chars() {
        if letter.is_uppercase() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

fn number(value: i64) -> Op {
    Op::Const(Const::Int(Scalar::I64, value))
}

/// Through variables of the team. The second barrier keeps the next values from overtaking.
fn copy_private(b: &mut FuncBuilder, executed: ValueId, slots: &[SlotId]) {
    let shown: Vec<SlotId> = slots
        .iter()
        .map(|&slot| {
            let slot = Slot {
                storage: Storage::Team,
                ..b.func().slots[slot.index()].clone()
            };
            b.add_slot(slot)
        })
        .collect();
    b.if_(
        executed,
        |b| {
            for (&slot, &shown) in slots.iter().zip(&shown) {
                let value = b.load_slot(slot);
                b.store_slot(shown, value);
            }
        },
        |_| {},
    );
    b.effect(Op::Barrier);
    for (&slot, &shown) in slots.iter().zip(&shown) {
        let value = b.load_slot(shown);
        b.store_slot(slot, value);
    }
    b.effect(Op::Barrier);
}
