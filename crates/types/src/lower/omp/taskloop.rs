//! `taskloop`: the encountering thread cuts the iterations of a loop nest into tasks. Each task runs a piece of the nest
//! with its own copies; a reduction's copy is combined with the variable when its task ends, and what `lastprivate` leaves
//! comes from the task with the last piece.

use super::super::function::Lowerer;
use super::Construct;
use super::nest::Nest;
use super::sharing::Copies;
use super::worksharing::loop_info;
use omply_analysis::facts::{Nowait, Region, Sharing, TaskCount};
use omply_ir::{
    BinaryOp, CompareOp, ErrorKind, IterationRange, LoopInfo, Op, ScheduleKind, Task, Type,
    ValueId, Worksharing,
};
use omply_spec::LeafKind;
use omply_syntax::hir::{Expr, NameRef};

/// Tasks for each thread of the team where no clause says how many.
const PER_THREAD: i64 = 8;

/// How iterations are divided: the number of tasks; the first `larger` have one iteration more than `size`.
struct Division {
    trip: ValueId,
    tasks: ValueId,
    size: ValueId,
    larger: ValueId,
}

impl Lowerer<'_, '_> {
    pub(super) fn taskloop(&mut self, construct: Construct<'_>, k: usize) {
        let region = &construct.facts.regions[k];
        let group = !matches!(region.nogroup, Nowait::Yes);
        if group {
            self.b.open_block();
        }
        self.taskloop_tasks(construct, k);
        if group {
            let body = self.b.close_block();
            self.b.set_span(construct.directive.head_span);
            self.b.effect(Op::TaskGroup { body });
        }
    }

    fn taskloop_tasks(&mut self, construct: Construct<'_>, k: usize) {
        let regions = &construct.facts.regions;
        let region = &regions[k];
        let dir = construct.facts.id;
        let simd = regions
            .get(k + 1)
            .filter(|inner| inner.leaf == LeafKind::Simd);
        if let Some(other) = regions.get(k + 1 + usize::from(simd.is_some())) {
            return self.unsupported_directive(other.leaf, other.span);
        }
        let Some(nest) = self.nest(construct, region.collapse.max(1)) else {
            return;
        };
        let clauses = self.task_clauses(region);
        let division = self.division(region, &nest);

        let mut pinned = self.pin_task_shared(construct, k);
        for fact in regions[k..].iter().flat_map(|region| &region.vars) {
            let NameRef::Var(var) = fact.name else {
                continue;
            };
            match &fact.sharing {
                Sharing::Reduction { .. } => {
                    self.fix_type(var, dir, fact.span);
                    self.flow.forget(var);
                    pinned.push((var, self.scope_of[var.index()]));
                }
                Sharing::Lastprivate { .. } => {
                    self.pin_shared(var, dir, fact.span, &mut pinned);
                }
                _ => {}
            }
        }

        let entry = self.flow.clone();
        let number = self.b.value(Type::I64);
        self.b.open_block();
        self.flow.forget_values();
        let [first, end] = self.piece_bounds(&division, number);
        let starts = self.starts(region);

        self.b.open_block();
        self.locals.push(Vec::new());
        self.flow.forget_values();
        let mut copies = Copies::default();
        self.open_starts(starts, &mut copies);
        for region in &regions[k..] {
            self.open_copies(dir, region, &mut copies);
        }
        self.private_loop_names(&nest, &mut copies);
        self.enter_locals(construct);
        self.iterations(construct, k, nest, (first, end), copies);
        self.live = true;
        let locals = self.locals.pop().unwrap_or_default();
        let body = self.b.close_block();
        self.b.set_span(construct.directive.head_span);
        self.b.effect(Op::Task(Box::new(Task {
            clauses,
            locals,
            body,
        })));

        let body = self.b.close_block();
        let (start, step) = (self.b.int(0), self.b.int(1));
        self.b.effect(Op::For {
            iv: number,
            start,
            stop: division.tasks,
            step,
            body,
            info: LoopInfo::default(),
        });
        self.after_shared(entry, pinned.iter().map(|(var, _)| *var));
    }

    /// One task's part: the piece of the nest, then what becomes of the copies.
    fn iterations(
        &mut self,
        construct: Construct<'_>,
        k: usize,
        nest: Nest<'_>,
        piece: (ValueId, ValueId),
        copies: Copies,
    ) {
        let regions = &construct.facts.regions;
        let simd = regions
            .get(k + 1)
            .filter(|inner| inner.leaf == LeafKind::Simd);
        let body = self.iteration_block(construct, &nest, &copies);
        let dependent = self.has_array_copies(&copies) || self.has_ordered_block(construct);
        let last = self.b.emit(
            Op::Loop(Box::new(Worksharing {
                dims: nest.dims,
                schedule: ScheduleKind::Static,
                chunk: None,
                range: Some(IterationRange {
                    lower: piece.0,
                    upper: piece.1,
                    alone: true,
                }),
                monotonic: None,
                ordered: false,
                info: loop_info(simd, &regions[k], dependent),
                body,
            })),
            Type::BOOL,
        );
        self.finish_copies(copies, last);
    }

    // ---- division ----------------------------------------------------------------------------------------------

    fn division(&mut self, region: &Region, nest: &Nest<'_>) -> Division {
        let trip = self.trip(nest);
        let one = self.b.int(1);
        let tasks = match (&region.grainsize, &region.num_tasks) {
            (Some(TaskCount { expr, strict }), _) => {
                let grain = self.positive_count(expr, "grainsize");
                if *strict {
                    let all = self.b.binary(BinaryOp::Add, trip, grain);
                    let all = self.b.binary(BinaryOp::Sub, all, one);
                    let tasks = self.b.binary(BinaryOp::FloorDiv, all, grain);
                    let larger = self.b.int(0);
                    return Division {
                        trip,
                        tasks,
                        size: grain,
                        larger,
                    };
                }
                // Each task has at least that many, but fewer than twice as many iterations.
                self.b.binary(BinaryOp::FloorDiv, trip, grain)
            }
            (None, Some(TaskCount { expr, .. })) => self.positive_count(expr, "num_tasks"),
            (None, None) => {
                let threads = self.b.emit(Op::TeamSize, Type::I64);
                let factor = self.b.int(PER_THREAD);
                self.b.binary(BinaryOp::Mul, threads, factor)
            }
        };
        let tasks = self.b.binary(BinaryOp::Max, tasks, one);
        let tasks = self.b.binary(BinaryOp::Min, tasks, trip);
        // An empty loop is cut into no tasks; what it is divided by does not matter.
        let divisor = self.b.binary(BinaryOp::Max, tasks, one);
        Division {
            trip,
            tasks,
            size: self.b.binary(BinaryOp::FloorDiv, trip, divisor),
            larger: self.b.binary(BinaryOp::Mod, trip, divisor),
        }
    }

    /// The value of a clause that must be positive.
    fn positive_count(&mut self, expr: &Expr, clause: &str) -> ValueId {
        let value = self.expr(expr);
        let Some(value) = self.index_value(&value, expr.span) else {
            return self.b.int(1);
        };
        let id = self.id(&value);
        if value.range.lo < 1.0 {
            let zero = self.b.int(0);
            let positive = self.b.compare(CompareOp::Gt, id, zero);
            let message = format!("{clause} must be positive");
            self.check(positive, ErrorKind::Value, &message, expr.span, Vec::new());
        }
        id
    }

    /// The numbers of the iterations of task `number`: from the first to before the second.
    fn piece_bounds(&mut self, division: &Division, number: ValueId) -> [ValueId; 2] {
        let Division {
            trip, size, larger, ..
        } = *division;
        let before = self.b.binary(BinaryOp::Mul, number, size);
        let extra = self.b.binary(BinaryOp::Min, number, larger);
        let first = self.b.binary(BinaryOp::Add, before, extra);
        let is_larger = self.b.compare(CompareOp::Lt, number, larger);
        let (zero, one) = (self.b.int(0), self.b.int(1));
        let more = self.b.select(is_larger, one, zero);
        let length = self.b.binary(BinaryOp::Add, size, more);
        let end = self.b.binary(BinaryOp::Add, first, length);
        [first, self.b.binary(BinaryOp::Min, end, trip)]
    }
}
